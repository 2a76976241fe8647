"""Names the app for Django."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.links"
