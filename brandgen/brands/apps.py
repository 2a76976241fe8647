"""Names the app for Django."""

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.brands"
