"""Encrypt all stored secrets again, after ENCRYPTION_KEYS changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from brandgen.exports.services import reseal_destinations
from brandgen.lib.secrets_box import SecretsError
from brandgen.links.services import reseal_addresses


class Command(BaseCommand):
    """Encrypts under the first of ENCRYPTION_KEYS; then the others may go."""

    help = "Encrypt stored secrets under the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal all or none, and say how many."""
        try:
            with transaction.atomic():
                destinations, addresses = reseal_destinations(), reseal_addresses()
        except SecretsError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(
            f"The secrets of {destinations} destinations and {addresses} signed "
            "addresses are encrypted under the first key."
        )
