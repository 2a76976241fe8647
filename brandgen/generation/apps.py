"""Names the app for Django."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.generation"
