"""Run Django's deployment checks under the production profile."""

import os
import secrets
import sys
import tempfile

import django
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import SystemCheckError


def production_environment(data_dir: str) -> dict[str, str]:
    """Return the smallest environment that the production profile accepts."""
    return {
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "brandgen.example",
        "PUBLIC_URL": "https://brandgen.example",
        "BRANDGEN_DATA_DIR": data_dir,
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
    }


def main() -> int:
    """Run the checks; any warning fails."""
    with tempfile.TemporaryDirectory() as data_dir:
        os.environ.update(production_environment(data_dir))
        django.setup()
        try:
            call_command("check", "--deploy", "--fail-level", "WARNING")
        except SystemCheckError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
