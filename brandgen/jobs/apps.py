"""Names the app for Django."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class JobsConfig(AppConfig):
    """Registers the app and its check of the installation."""

    name = "brandgen.jobs"

    def ready(self) -> None:
        """Have `manage.py check` look at the SQLite in use."""
        from brandgen.jobs.health import check_sqlite

        register(check_sqlite, Tags.compatibility)
