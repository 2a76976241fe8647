"""The only code that knows every app."""

from brandgen.config.celery import app as celery_app

__all__ = ["celery_app"]
