"""Names the app for Django."""

from django.apps import AppConfig


class PresetsConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.presets"
