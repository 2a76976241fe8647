"""Reads the lists of models: the shipped one, and the installation's own."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from brandgen.model_registry.entries import Entry, Kind, License, Origin, Source

SHIPPED = Path(__file__).with_name("models.toml")
FORMAT = 1
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}\Z", re.ASCII)
SAFE_PATH = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*\Z", re.ASCII)
"""A path below a folder: no step up, no hidden file, nothing absolute."""


class CatalogError(Exception):
    """A list of models can't be read. The message is fit to show."""


def read_catalogs() -> dict[str, Entry]:
    """Read both lists; the installation's own entries replace shipped ones by key.

    Raises:
        CatalogError: MODELS_FILE names no such list.
    """
    models_dir: Path = settings.MODELS_DIR
    changed_at = SHIPPED.stat().st_mtime_ns
    entries = _read_cached(SHIPPED, changed_at, models_dir, Origin.SHIPPED)
    if not settings.MODELS_FILE:
        return dict(entries)
    own = Path(settings.MODELS_FILE)
    try:
        changed_at = own.stat().st_mtime_ns
    except OSError as error:
        raise CatalogError(
            f"MODELS_FILE names {own}, which can't be read: {error.strerror}. Correct "
            "the path, or leave it out."
        ) from error
    return {**entries, **_read_cached(own, changed_at, models_dir, Origin.FILE)}


def check_catalog(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """Refuse to start with a list of models that can't be read; a system check."""
    try:
        read_catalogs()
    except CatalogError as error:
        yield Error(str(error), id="model_registry.E001")


@lru_cache(maxsize=8)
def _read_cached(
    path: Path, changed_at: int, models_dir: Path, origin: Origin
) -> dict[str, Entry]:
    return read_catalog(path, origin=origin)


def read_catalog(path: Path, *, origin: Origin) -> dict[str, Entry]:
    """Read one list, by key.

    Raises:
        CatalogError: no TOML, an unknown or missing name, or a value of another kind.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if data.pop("format", None) != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        rows = data.pop("model", [])
        _refuse_unknown(data, "the file")
        entries = [_read_entry(row, path, origin) for row in rows]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CatalogError(
            f"The list of models {path} can't be read: {error}. See docs/how-to/"
            "models.md for its format."
        ) from error
    return {entry.key: entry for entry in entries}


def _read_entry(row: dict[str, Any], path: Path, origin: Origin) -> Entry:
    row = dict(row)
    key = _take(row, "key", str)
    if not KEY.match(key):
        raise ValueError(f"the key {key!r} is not made of a-z, 0-9 and -")
    try:
        entry = Entry(
            key=key,
            name=_take(row, "name", str),
            kind=Kind(_take(row, "kind", str, "model")),
            family=_take(row, "family", str),
            folder=_folder(_take(row, "folder", str, ""), key, path),
            license=_read_license(_take(row, "license", dict)),
            origin=origin,
            sources=tuple(_read_source(s) for s in _take(row, "source", list, [])),
            sha256=_read_hashes(_take(row, "sha256", dict, {})),
            expected_size_bytes=_take(row, "expected_size_bytes", int, 0),
            is_demonstration=_take(row, "is_demonstration", bool, False),
            learned_tokens=_texts(_take(row, "learned_tokens", list, [])),
            about=_take(row, "about", str, ""),
        )
        _refuse_unknown(row, "the model")
    except ValueError as error:
        raise ValueError(f"of {key!r}: {error}") from error
    return entry


def _folder(text: str, key: str, path: Path) -> Path:
    """Return where a model lies: below its list's folder, or in MODELS_DIR."""
    return (path.parent / text).resolve() if text else settings.MODELS_DIR / key


def _read_license(row: dict[str, Any]) -> License:
    row = dict(row)
    license_ = License(
        name=_take(row, "name", str),
        url=_take(row, "url", str, ""),
        purpose=_take(row, "purpose", str),
        is_commercial_use_allowed=_take(row, "commercial_use", bool),
        are_derivatives_allowed=_take(row, "derivatives", bool),
    )
    _refuse_unknown(row, "the license")
    return license_


def _read_source(row: dict[str, Any]) -> Source:
    row = dict(row)
    source = Source(
        repository=_take(row, "repository", str),
        revision=_take(row, "revision", str, "main"),
        folder=_take(row, "folder", str, ""),
        parts=_texts(_take(row, "parts", list, [])),
        files=_texts(_take(row, "files", list, [])),
        variant=_take(row, "variant", str, ""),
    )
    _refuse_unknown(row, "the source")
    if not REPOSITORY.match(source.repository):
        raise ValueError(f"the repository {source.repository!r} is not OWNER/NAME")
    for name in (source.folder, *source.parts, *source.files, source.revision):
        if name and not SAFE_PATH.match(name):
            raise ValueError(f"{name!r} is no plain path below a folder")
    return source


def _read_hashes(row: dict[str, Any]) -> Mapping[str, str]:
    for name, sha256 in row.items():
        if not (isinstance(sha256, str) and SHA256.match(sha256)):
            raise ValueError(f"the SHA-256 of {name!r} is not 64 digits in hex")
        if not SAFE_PATH.match(name):
            raise ValueError(f"{name!r} is no plain path below a folder")
    return dict(row)


def _take(row: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    if name not in row and default is not None:
        return default
    value = row.pop(name, None)
    if value is None:
        raise ValueError(f"{name!r} is missing")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name!r} is {value!r}, not a {kind.__name__}")
    return value


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{values!r} holds something that is no text")
    return tuple(values)


def _refuse_unknown(row: dict[str, Any], what: str) -> None:
    if row:
        raise ValueError(f"{what} has {next(iter(row))!r}, which is not known here")
