"""How allauth is told that people are invited, never self-registered."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up: an admin makes accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False
