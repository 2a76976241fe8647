"""Long lists in pages: by key, never by offset."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from brandgen.exports.models import Export, ExportQuerySet


@dataclass(frozen=True)
class Page:
    """One page of exports, and the key that the next one starts after."""

    rows: list[Export]
    next: str
    is_first: bool


def page_of(exports: ExportQuerySet, *, after: str, size: int) -> Page:
    """Return the page after a key; the first one for a key that is none."""
    key = _read_key(after)
    if key is not None:
        at, id_ = key
        exports = exports.filter(
            Q(requested_at__lt=at) | Q(requested_at=at, id__lt=id_)
        )
    # Counting groups the rows, and grouped rows lose the order of their model.
    rows = list(exports.order_by("-requested_at", "-id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return Page(
        rows=rows[:size],
        next=f"{last.requested_at.isoformat()}_{last.id}" if last else "",
        is_first=key is None,
    )


def _read_key(text: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _, id_ = text.partition("_")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        return (at.astimezone(UTC), uuid.UUID(id_)) if at.tzinfo else None
    except (OverflowError, ValueError):
        return None
