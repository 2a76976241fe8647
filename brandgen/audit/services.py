"""Find entries of the trail, and write them out for others to check."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Q
from django.utils import timezone

from brandgen.accounts.models import Brand, User
from brandgen.audit.models import Entry, EntryQuerySet

CHUNK = 500
# A spreadsheet that splits a line at commas must not find a formula behind one.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_FORMULA = re.compile(r"([,;|]\s*)([=+\-@])")


@dataclass(frozen=True)
class Filters:
    """What a person looks for in the trail; empty values ask nothing."""

    actor: int | None = None
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


def find_entries(*, user: User, brand: Brand | None, filters: Filters) -> EntryQuerySet:
    """Return the entries a person may read, newest first; all brands' if brand is None.

    ``subject`` is a name, an id, or a SHA-256 as it stands in an entry's data.
    """
    rows = Entry.objects.visible_to(user)
    if brand is not None:
        rows = rows.of_brand(brand)
    if filters.actor is not None:
        rows = rows.filter(actor_id=filters.actor)
    if filters.action:
        rows = rows.filter(action__startswith=filters.action)
    if filters.subject:
        rows = rows.filter(_about(filters.subject))
    if filters.since:
        rows = rows.filter(at__gte=_midnight(filters.since))
    if filters.until:
        rows = rows.filter(at__lt=_midnight(filters.until + timedelta(days=1)))
    return rows.order_by("-id")


def _about(text: str) -> Q:
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return Q(data__sha256=text) | Q(subject_id=text)
    return Q(subject_id=text) | Q(subject_name__icontains=text)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def as_line(entry: Entry) -> str:
    """Write an entry as one line of JSON: all that its hash covers, and the hash.

    Text that a spreadsheet might run is written with JSON escapes, so that every value
    reads back exactly and the hashes can be checked by anybody.
    """
    facts: dict[str, Any] = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "brand": entry.brand_id,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "subject_name": entry.subject_name,
        "data": entry.data,
        "previous": entry.previous_hash,
        "hash": entry.hash,
    }
    return _TEXT.sub(_defuse, json.dumps(facts)) + "\n"


def _defuse(text: re.Match[str]) -> str:
    return _FORMULA.sub(lambda hit: f"{hit[1]}\\u{ord(hit[2]):04x}", text[0])


async def stream_lines(rows: EntryQuerySet) -> AsyncIterator[bytes]:
    """Yield entries as JSON Lines, oldest first, a few hundred rows at a time."""
    after = 0
    while chunk := await sync_to_async(_read_chunk)(rows, after):
        yield "".join(as_line(entry) for entry in chunk).encode()
        after = chunk[-1].id


def _read_chunk(rows: EntryQuerySet, after: int) -> list[Entry]:
    return list(rows.filter(id__gt=after).order_by("id")[:CHUNK])
