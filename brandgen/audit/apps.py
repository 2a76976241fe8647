"""Names the app for Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.audit"
