"""Secrets at rest: encrypted under ENCRYPTION_KEYS, never under SECRET_KEY.

The first key seals, every key opens: to change keys, put the new one in front, run
``manage.py reseal_secrets``, then drop the old one.
"""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretsError(Exception):
    """Secrets can't be opened with the keys at hand. The message is fit to show."""


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt named secrets into one text for the database; nothing stays nothing."""
    if not secrets:
        return ""
    text = json.dumps(dict(secrets), sort_keys=True)
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Decrypt what seal() made.

    Raises:
        SecretsError: sealed under a key that ENCRYPTION_KEYS no longer has, or changed.
    """
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken:
        raise SecretsError(
            "The stored keys were encrypted under another ENCRYPTION_KEYS. Add the old "
            "key to that setting, or enter the keys again."
        ) from None
    return opened


def reseal(sealed: str) -> str:
    """Encrypt again under the first key.

    Raises:
        SecretsError: none of the keys opens it.
    """
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
    except ValueError as error:
        raise SecretsError(
            "ENCRYPTION_KEYS holds something that is no key. Make one with "
            "`python -m brandgen.config.secrets`."
        ) from error
