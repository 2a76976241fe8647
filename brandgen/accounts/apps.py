"""Names the app for Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app."""

    name = "brandgen.accounts"
