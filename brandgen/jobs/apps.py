"""Names the app for Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.jobs"
