"""Prove that the trail is whole: every row follows from the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from brandgen.audit.models import FIRST_HASH, Entry

CHUNK = 2000


class Break(StrEnum):
    """What can be wrong with a row. The value completes "Entry 7 ..."."""

    CHANGED = "was changed after it was written"
    MISSING = "is missing"
    OUT_OF_PLACE = "does not follow from the entry before: rows were inserted or moved"


@dataclass(frozen=True)
class Verdict:
    """How far the trail is whole, and where it breaks first."""

    checked: int
    head_hash: str
    broken_at: int | None = None
    what: Break | None = None

    @property
    def is_whole(self) -> bool:
        """Whether no break was found."""
        return self.broken_at is None

    def __str__(self) -> str:
        if self.what is None:
            noun = "entry" if self.checked == 1 else "entries"
            return f"{self.checked} {noun}, unbroken. Head: {self.head_hash}"
        return f"Entry {self.broken_at} {self.what.value}."


def verify_chain(*, head: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole trail from the first row.

    A chain alone can't tell that its newest rows were cut off, or that all of it was
    written anew; a head that was noted down earlier can.

    Args:
        head: id and hash of an entry that must be in the trail as it was.
    """
    verdict = walk(Entry.objects.order_by("id").iterator(chunk_size=CHUNK))
    if head is None or not verdict.is_whole:
        return verdict
    row_id, row_hash = head
    found = Entry.objects.filter(id=row_id).values_list("hash", flat=True).first()
    if found is None:
        return Verdict(verdict.checked, verdict.head_hash, row_id, Break.MISSING)
    if found != row_hash:
        return Verdict(verdict.checked, verdict.head_hash, row_id, Break.CHANGED)
    return verdict


def walk(entries: Iterable[Entry]) -> Verdict:
    """Check rows in order of their ids, starting with 1; stop at the first break."""
    at, previous = 0, FIRST_HASH
    for entry in entries:
        if entry.id != at + 1:
            return Verdict(at, previous, at + 1, Break.MISSING)
        if entry.seal() != entry.hash:
            return Verdict(at, previous, entry.id, Break.CHANGED)
        if entry.previous_hash != previous:
            return Verdict(at, previous, entry.id, Break.OUT_OF_PLACE)
        at, previous = entry.id, entry.hash
    return Verdict(at, previous)
