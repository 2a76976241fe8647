"""The key that signs sessions, and the keys that encrypt secrets at rest."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from brandgen.config import env

SHORTEST_KEY = 50


def load_or_make_secret_key(data_dir: Path, *, is_required: bool) -> str:
    """Read SECRET_KEY; while developing, make one once and keep it beside the data.

    Raises:
        SettingError: required and missing, or too short to be safe.
    """
    key = env.read_text("SECRET_KEY", "")
    if is_required and len(key) < SHORTEST_KEY:
        raise env.SettingError(
            f"SECRET_KEY has {len(key)} characters. With DEBUG off it needs "
            f"{SHORTEST_KEY} or more random ones."
        )
    if key:
        return key
    return _keep_once(data_dir / "secret_key", secrets.token_urlsafe(64))


def load_or_make_encryption_key(data_dir: Path) -> str:
    """Read the development key that encrypts secrets at rest; make it once."""
    return _keep_once(data_dir / "encryption_key", Fernet.generate_key().decode())


def _keep_once(path: Path, value: str) -> str:
    """Write a value if the file is not there yet; return what the file holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        # link() refuses an existing name, so of two first starts exactly one wins.
        if not path.exists():
            with suppress(FileExistsError):
                path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    print(Fernet.generate_key().decode())  # noqa: T201
