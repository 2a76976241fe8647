"""Names the app for Django."""

from django.apps import AppConfig
from django.core import checks

from brandgen.safety.filters import check_settings


class SafetyConfig(AppConfig):
    """Registers the app and its check of the settings."""

    name = "brandgen.safety"

    def ready(self) -> None:
        """Look at the names of the filters at every start."""
        checks.register(check_settings)
