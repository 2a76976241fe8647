"""Names the app for Django."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.review"
