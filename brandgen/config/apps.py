"""Names the app that holds the project's own commands and page parts."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds what knows every app: settings, addresses, commands, the page shell."""

    name = "brandgen.config"
    label = "config"
