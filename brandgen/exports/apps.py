"""Names the app for Django."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.exports"
