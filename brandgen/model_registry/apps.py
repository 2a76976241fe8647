"""Names the app for Django."""

from django.apps import AppConfig
from django.core import checks

from brandgen.model_registry.catalog import check_catalog


class ModelRegistryConfig(AppConfig):
    """Registers the app and its check of the installation's list of models."""

    name = "brandgen.model_registry"
    verbose_name = "model registry"

    def ready(self) -> None:
        """Read the list of models at every start."""
        checks.register(check_catalog)
