"""The contact sheets of a brand, newest first, page by page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from django.db.models import Q

from brandgen.accounts.models import Brand
from brandgen.generation.models import Generation

PAGE_SIZE = 24


@dataclass(frozen=True)
class Key:
    """Where a page starts: behind one row, whatever comes or goes meanwhile."""

    at: datetime
    id: UUID

    @classmethod
    def find(cls, text: str) -> Self | None:
        """Read a key from an address; None if it is none."""
        moment, _, row = text.partition("_")
        try:
            at = datetime.fromisoformat(moment)
            return cls(at.astimezone(UTC), UUID(row)) if at.tzinfo else None
        except (OverflowError, ValueError):
            return None

    @classmethod
    def of(cls, generation: Generation) -> Self:
        """Return the key of a row."""
        return cls(generation.requested_at, generation.id)

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"


@dataclass(frozen=True)
class Page:
    """Some rows, and the keys of the pages beside them."""

    rows: list[Generation]
    newer: Key | None = None
    older: Key | None = None


def get_page(
    brand: Brand,
    *,
    after: Key | None = None,
    before: Key | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the sheets older than ``after``, or newer than ``before``."""
    rows = (
        Generation.objects.of_brand(brand)
        .select_related("preset_version__preset", "source", "requested_by", "brand")
        .prefetch_related("candidates__decodings__asset")
    )
    if before is not None:
        later = Q(requested_at=before.at, id__gt=before.id)
        rows = rows.filter(Q(requested_at__gt=before.at) | later)
        found = list(rows.order_by("requested_at", "id")[: size + 1])
        has_more, found = len(found) > size, found[:size][::-1]
        return Page(
            found,
            newer=Key.of(found[0]) if has_more else None,
            older=Key.of(found[-1]) if found else None,
        )
    if after is not None:
        sooner = Q(requested_at=after.at, id__lt=after.id)
        rows = rows.filter(Q(requested_at__lt=after.at) | sooner)
    found = list(rows.order_by("-requested_at", "-id")[: size + 1])
    has_more, found = len(found) > size, found[:size]
    return Page(
        found,
        newer=Key.of(found[0]) if after is not None and found else None,
        older=Key.of(found[-1]) if has_more else None,
    )
