"""The LoRA adapters that presets may use: those of the registry, and no others."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from brandgen.engine.protocol import Capability
from brandgen.model_registry.abilities import find_family, find_lack
from brandgen.model_registry.catalog import CatalogError
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.models import ModelState
from brandgen.model_registry.registry import find_entries


class AdapterUnavailableError(Exception):
    """A preset names an adapter that can't be used here. The message is fit to show."""


@dataclass(frozen=True)
class RegisteredAdapter:
    """An adapter of the registry, and whether the installed model can use it."""

    entry: Entry
    sha256: str
    """Of its file, as somebody said or a check has found; empty where neither."""
    lack: str
    """Why it can't be used now, in a sentence; empty where it can."""


class Adapters:
    """The adapters of the registry, read in two questions."""

    @cached_property
    def by_key(self) -> dict[str, RegisteredAdapter]:
        """Each by its key, in the order of their names."""
        try:
            entries = find_entries()
        except CatalogError:  # said by a check at the start, and on the page of models
            return {}
        found = {key: entry for key, entry in entries.items() if entry.is_adapter}
        states = {s.key: s for s in ModelState.objects.filter(key__in=found)}
        lack, family = find_lack(Capability.ADAPTERS), find_family()
        return {
            key: _judge(entry, states.get(key), family=family, lack=lack)
            for key, entry in found.items()
        }

    def get(self, key: str) -> RegisteredAdapter:
        """Return an adapter that can be used now.

        Raises:
            AdapterUnavailableError: it is not registered, or can't be used.
        """
        adapter = self.by_key.get(key)
        if adapter is None:
            raise AdapterUnavailableError(
                f"There is no adapter {key[:60]!r} in the registry of models. Ask an "
                "admin to add it, or take it out of the preset."
            )
        if adapter.lack:
            raise AdapterUnavailableError(
                f"The adapter {adapter.entry.name} can't be used now. {adapter.lack}"
            )
        return adapter

    def find_file(self, *, sha256: str, key: str) -> Path:
        """Say where the file of a kept hash lies, under whatever key it is now.

        Raises:
            AdapterUnavailableError: none is registered.
        """
        for adapter in self.by_key.values():
            if adapter.sha256 == sha256:
                return adapter.entry.folder
        return self.get(key).entry.folder


def _judge(
    entry: Entry, state: ModelState | None, *, family: str, lack: str
) -> RegisteredAdapter:
    said = {**(state.sha256 if state else {}), **entry.sha256}
    sha256 = next(iter(said.values()), "")
    if not lack and state is not None and state.problem:
        lack = f"Its file is not as it should be: {state.problem}"
    elif not lack and family and entry.family != family:
        lack = (
            f"It was made for models of the family {entry.family}; the one in use is "
            f"{family}."
        )
    elif not lack and not sha256:
        lack = "Nobody has checked its file yet. Ask an admin: Admin, Models."
    return RegisteredAdapter(entry, sha256, lack)
