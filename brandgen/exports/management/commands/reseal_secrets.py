"""Encrypt the secrets of all destinations again, after ENCRYPTION_KEYS changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brandgen.exports.services import reseal_destinations
from brandgen.lib.secrets_box import SecretsError


class Command(BaseCommand):
    """Encrypts under the first of ENCRYPTION_KEYS; then the others may go."""

    help = "Encrypt stored secrets under the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal all or none, and say how many."""
        try:
            count = reseal_destinations()
        except SecretsError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(f"{count} destinations are encrypted under the first key.")
