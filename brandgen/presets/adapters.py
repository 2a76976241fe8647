"""The LoRA adapters of this installation: safetensors files in one folder."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

ENDING = ".safetensors"


class NoSuchAdapterError(Exception):
    """A preset names an adapter that is not there. The message is fit to show."""


@dataclass(frozen=True)
class AdapterFile:
    """An adapter to choose: its name is that of its file, without the ending."""

    name: str
    path: Path
    size_bytes: int

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hex; computed once for each change of the file."""
        stat = self.path.stat()
        return _hash_file(self.path, stat.st_size, stat.st_mtime_ns)


def list_adapters() -> list[AdapterFile]:
    """Return the adapters of the installation, by name; none where no folder is set."""
    folder = settings.ENGINE_ADAPTERS_DIR
    if not folder or not Path(folder).is_dir():
        return []
    files = (path for path in Path(folder).iterdir() if path.suffix == ENDING)
    return [
        AdapterFile(path.stem, path, path.stat().st_size)
        for path in sorted(files)
        if path.is_file()
    ]


def get_adapter(name: str) -> AdapterFile:
    """Return the adapter of a name.

    Raises:
        NoSuchAdapterError: it is not there.
    """
    known = {adapter.name: adapter for adapter in list_adapters()}
    if name not in known:
        raise NoSuchAdapterError(
            f"There is no adapter {name!r} on this installation. Ask an admin to put "
            f"{name}{ENDING} into ENGINE_ADAPTERS_DIR, or take it out of the preset."
        )
    return known[name]


@lru_cache(maxsize=64)
def _hash_file(path: Path, size_bytes: int, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
