"""Names the app for Django."""

from django.apps import AppConfig


class CreativesConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.creatives"
