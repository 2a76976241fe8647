"""Kinds of destinations: one module each, found by name here."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings

from brandgen.exports.destinations import folder
from brandgen.exports.destinations.protocol import (
    ConfigField,
    Connector,
    DestinationError,
)


@dataclass(frozen=True)
class Kind:
    """A kind of destination, as people choose it."""

    name: str
    label: str
    summary: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("folder", "Folder", "A folder on the server, or a share mounted there."),
        Kind("s3", "S3 bucket", "Amazon S3, Ceph, MinIO or any S3-compatible store."),
    )
}


def config_fields(kind: str) -> tuple[ConfigField, ...]:
    """Return what must be known about a destination of a kind.

    Raises:
        DestinationError: no such kind, or its library is not installed.
    """
    fields: tuple[ConfigField, ...] = _load(kind).FIELDS
    return fields


def open_connector(
    *, kind: str, brand_slug: str, config: dict[str, str], secrets: dict[str, str]
) -> Connector:
    """Return what delivers to a destination; nothing is contacted yet.

    A folder lies below EXPORT_DIR and the brand's own name, so that no brand reaches
    another's files.

    Raises:
        DestinationError: no such kind, or its library is not installed.
    """
    module = _load(kind)
    connector: Connector
    if kind == "folder":
        root = Path(settings.EXPORT_DIR) / brand_slug / config.get("folder", "out")
        connector = folder.FolderConnector(root)
    else:
        connector = module.S3Connector(module.read_place(config, secrets))
    return connector


def _load(kind: str):  # type: ignore[no-untyped-def]
    """Import a kind's module only when it is used: boto3 takes half a second."""
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise DestinationError(
            f"There is no kind of destination {kind!r}. Use one of: {known}.",
            permanent=True,
        )
    try:
        return import_module(f"brandgen.exports.destinations.{kind}")
    except ModuleNotFoundError as error:
        raise DestinationError(
            f"{error.name} is not installed. Install brandgen[{kind}].", permanent=True
        ) from error
