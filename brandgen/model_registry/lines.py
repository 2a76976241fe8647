"""A model as the pages show it: what it is, how its files are, who may use it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from brandgen.jobs.models import Worker
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.models import CommercialLicense, ModelState

DRAWING_QUEUES = frozenset({"prior", "decoder"})


@dataclass(frozen=True)
class Line:
    """One model."""

    entry: Entry
    state: ModelState | None
    is_in_use: bool
    licenses: list[CommercialLicense]
    """Those that count today."""

    @property
    def files_state(self) -> str:
        """Name how its files are, for a badge: whole, damaged, unchecked, absent."""
        if self.state is not None:
            return "damaged" if self.state.problem else "whole"
        return "unchecked" if self.entry.is_here else "absent"

    @property
    def size_bytes(self) -> int:
        """How much it holds, or would; 0 where nobody knows."""
        if self.state is not None and self.state.files:
            return self.state.size_bytes
        return self.entry.expected_size_bytes

    @property
    def may_fetch(self) -> bool:
        """Whether somebody has said where it is fetched from."""
        return bool(self.entry.sources)


def make_lines(
    entries: dict[str, Entry], *, in_use: Entry | None, on: date
) -> list[Line]:
    """Bring each model together with its state and its licenses, in three questions."""
    states = {state.key: state for state in ModelState.objects.filter(key__in=entries)}
    valid = list(CommercialLicense.objects.valid(on=on).select_related("brand"))
    return [
        Line(
            entry=entry,
            state=states.get(entry.key),
            is_in_use=entry == in_use,
            licenses=[row for row in valid if row.lifts(entry)],
        )
        for entry in entries.values()
    ]


def find_drawing_workers(*, at: datetime) -> list[Worker]:
    """Return the workers that load models, each from its own ENGINE_BUNDLE."""
    alive = Worker.objects.alive(at=at)
    return [worker for worker in alive if DRAWING_QUEUES & set(worker.queues)]


def bundle_in_use() -> str:
    """Return the folder that ENGINE_BUNDLE names here."""
    return str(settings.ENGINE_BUNDLE)
