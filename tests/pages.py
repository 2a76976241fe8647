"""Browse the pages of an installation without a browser."""

from django.test import Client

from brandgen.accounts.models import User
from tests.factories import make_user


def enter(person: User | None = None) -> Client:
    """Sign somebody in: a marketer, where nobody is named."""
    client = Client()
    client.force_login(person or make_user())
    return client
