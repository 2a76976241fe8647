"""What happened to an asset, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from brandgen.audit.models import Entry

# Action: what to say, and the state whose color and shape it has.
WORDS = {
    "asset.kept": ("kept it in the library", "draft"),
    "asset.described": ("changed title or description", "draft"),
    "asset.cutout_requested": ("asked for it without its background", "draft"),
    "asset.focal_point_set": ("set the focal point", "draft"),
    "asset.submitted": ("sent it to review", "in_review"),
    "asset.withdrawn_from_review": ("withdrew it from review", "withdrawn"),
    "asset.archived": ("archived it", "archived"),
    "asset.restored": ("restored it", "draft"),
    "asset.collected": ("put it into a collection", "draft"),
    "asset.taken_out": ("took it out of a collection", "draft"),
    "review.approved": ("approved it", "approved"),
    "review.changes_requested": ("asked for changes", "changes_requested"),
    "review.rejected": ("rejected it", "rejected"),
    "review.answer_withdrawn": ("took the answer back", "withdrawn"),
}


@dataclass(frozen=True)
class Event:
    """One line of a history."""

    who: str
    what: str
    state: str
    why: str
    at: datetime


def tell(entries: Iterable[Entry]) -> list[Event]:
    """Turn rows of the trail into lines that people read."""
    return [_tell(entry) for entry in entries]


def _tell(entry: Entry) -> Event:
    plain = entry.action.replace(".", ": ").replace("_", " ")
    what, state = WORDS.get(entry.action, (plain, "draft"))
    return Event(entry.actor_name, what, state, _why(entry.data), entry.at)


def _why(data: dict[str, Any]) -> str:
    reason = str(data.get("reason", "")).replace("_", " ").capitalize()
    words = str(data.get("comment") or data.get("message") or "")
    return ": ".join(part for part in (reason, words) if part)
