"""Every model that is known here, from the lists and from the rows."""

from pathlib import Path

from django.conf import settings

from brandgen.model_registry.catalog import CatalogError, read_catalogs
from brandgen.model_registry.entries import Entry, License
from brandgen.model_registry.models import AddedModel


class UnknownModelError(Exception):
    """No model of that key is registered. The message is fit to show."""


def find_entries() -> dict[str, Entry]:
    """Return every model by key, the demonstration model first, then by name.

    Raises:
        CatalogError: the installation's own list can't be read.
    """
    entries = read_catalogs() | {
        row.key: row.as_entry() for row in AddedModel.objects.all()
    }
    ordered = sorted(
        entries.values(), key=lambda e: (not e.is_demonstration, e.is_adapter, e.name)
    )
    return {entry.key: entry for entry in ordered}


def get_entry(key: str) -> Entry:
    """Return one model.

    Raises:
        UnknownModelError: there is none of that key.
        CatalogError: the installation's own list can't be read.
    """
    entries = find_entries()
    if key not in entries:
        raise UnknownModelError(
            f"There is no model {key[:60]!r}. Use one of: {', '.join(entries)}."
        )
    return entries[key]


def find_in_use(entries: dict[str, Entry]) -> Entry | None:
    """Return the model that ENGINE_BUNDLE names; None if it is not registered."""
    folder = Path(settings.ENGINE_BUNDLE).resolve()
    used = (entry for entry in entries.values() if entry.folder.resolve() == folder)
    return next(used, None)


def is_demonstration_in_use() -> bool:
    """Say whether pictures are made by the small model that only shows the way.

    Asks no database: the demonstration model stands in a list.
    """
    try:
        used = find_in_use(read_catalogs())
    except CatalogError:
        return False
    return used is not None and used.is_demonstration


def find_license(name: str, entries: dict[str, Entry]) -> License | None:
    """Return the license of that name, as any registered model states it."""
    licenses = (entry.license for entry in entries.values())
    return next((one for one in licenses if one.name == name), None)


def find_unregistered_adapters(entries: dict[str, Entry]) -> list[Path]:
    """Return the files of ENGINE_ADAPTERS_DIR that nobody has added yet."""
    folder = Path(settings.ENGINE_ADAPTERS_DIR or "/nowhere")
    if not folder.is_dir():
        return []
    known = {entry.folder.resolve() for entry in entries.values()}
    files = sorted(folder.glob("*.safetensors"))
    return [path for path in files if path.resolve() not in known]
