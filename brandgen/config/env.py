"""Strict readers of environment variables: a bad value stops the start, with its name.

Every reader accepts ``NAME_FILE`` in place of ``NAME``: the path of a file that holds
the value, as container secrets are mounted.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class SettingError(Exception):
    """A setting has a value that can't be used."""


def read_text(
    name: str,
    default: str | None = None,
    *,
    choices: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """Read a text; without a default it must be given.

    Raises:
        SettingError: missing, not one of the choices, or given twice.
    """
    value = environ.get(name)
    if path := environ.get(f"{name}_FILE"):
        if value is not None:
            raise SettingError(f"Set {name} or {name}_FILE, not both.")
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(
                f"{name}_FILE names {path}: {error.strerror}."
            ) from error
    if value is None or value == "":
        if default is None:
            raise SettingError(f"{name} is not set. Set it, or {name}_FILE.")
        return default
    if choices is not None and value not in choices:
        allowed = ", ".join(choices)
        raise SettingError(f"{name} is {value!r}. Use one of: {allowed}.")
    return value


def read_folder(name: str, *, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Read the path of a folder that is there; None where nothing is given.

    Raises:
        SettingError: there is no such folder.
    """
    value = read_text(name, "", environ=environ)
    if not value:
        return None
    folder = Path(value).resolve()
    if not folder.is_dir():
        raise SettingError(
            f"{name} is {value!r}, which is no folder. Make it, or unset."
        )
    return folder


def read_flag(
    name: str, default: bool, *, environ: Mapping[str, str] = os.environ
) -> bool:
    """Read a yes or no.

    Raises:
        SettingError: not one of 1, 0, true, false, yes, no, on, off.
    """
    value = read_text(name, str(default), environ=environ).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}. Use true or false.")


def read_number_or(
    name: str,
    default: int,
    *,
    word: str,
    low: int,
    high: int,
    environ: Mapping[str, str] = os.environ,
) -> int | str:
    """Read a whole number from low to high, or one word.

    Raises:
        SettingError: neither, or outside the range.
    """
    if read_text(name, str(default), environ=environ) == word:
        return word
    try:
        return read_number(name, default, low=low, high=high, environ=environ)
    except SettingError as error:
        raise SettingError(f"{error} Or use {word}.") from None


def read_number(
    name: str,
    default: int,
    *,
    low: int,
    high: int,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Read a whole number from low to high.

    Raises:
        SettingError: not a whole number, or outside the range.
    """
    value = read_text(name, str(default), environ=environ)
    try:
        number = int(value)
    except ValueError:
        raise SettingError(f"{name} is {value!r}. Use a whole number.") from None
    if not low <= number <= high:
        raise SettingError(f"{name} is {number}. Use {low} to {high}.")
    return number


def read_list(
    name: str, default: Sequence[str] = (), *, environ: Mapping[str, str] = os.environ
) -> list[str]:
    """Read values separated by commas."""
    value = read_text(name, ",".join(default), environ=environ)
    return [item.strip() for item in value.split(",") if item.strip()]


def read_database(
    name: str, *, default_path: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, object]:
    """Read a database URL: ``sqlite:///path`` or ``postgresql://user:pass@host:port/db``.

    Raises:
        SettingError: another scheme, or no database name.
    """
    url = read_text(name, f"sqlite:///{default_path}", environ=environ)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingError(
            f"{name} starts with {parts.scheme!r}. Use sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise SettingError(f"{name} names no database. End it with /NAME.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Under ASGI a kept connection belongs to a thread that may never come back.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "connect_timeout": 10,
            "options": "-c statement_timeout=60000",
            **dict(parse_qsl(parts.query)),
        },
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # IMMEDIATE takes the write lock at BEGIN, where the timeout is honored: by
        # default a read that turns into a write fails at once: "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA synchronous=FULL; PRAGMA mmap_size=0; "
                "PRAGMA cache_size=-20000; PRAGMA journal_size_limit=67108864;"
            ),
        },
        # A file, as in service: in-memory databases hide every locking mistake.
        "TEST": {"NAME": path.with_name(f"test-{path.name}")},
    }
