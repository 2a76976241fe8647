"""Names the app for Django."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.library"
