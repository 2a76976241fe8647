"""Reads what weights say about their own license, before anybody relies on it."""

from collections.abc import Mapping
from typing import Any

from brandgen.engine.protocol import ModelLicense

LONGEST_NAME = 200
LONGEST_URL = 500


def read_license(data: Mapping[str, Any]) -> ModelLicense:
    """Read a license as a manifest or an adapter states it.

    Raises:
        ValueError: a value is no text, too long, or no plain yes or no.
        TypeError: a value is missing, or there is one that is not known.
    """
    license_ = ModelLicense(**data)
    for text, longest in ((license_.name, LONGEST_NAME), (license_.url, LONGEST_URL)):
        if not isinstance(text, str) or len(text) > longest:
            raise ValueError(f"its license is no text of at most {longest} characters")
    if not isinstance(license_.is_commercial_use_allowed, bool):
        raise ValueError("it does not say plainly whether commercial use is allowed")
    return license_
