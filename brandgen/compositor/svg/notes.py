"""What an import could not take over as it was drawn, said to the designer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MOST_NOTES = 60
NoteKind = Literal["taken", "changed", "left out"]
_LEFT_OUT = ("left out", "not kept")


class SvgError(ValueError):
    """The file is no drawing that can be imported. The message is fit to show."""


class UnreadableError(ValueError):
    """A part of the drawing can't be read; the message says why, for its note."""


@dataclass(frozen=True)
class Note:
    """Something that was changed or left out: of what, why, and what to do."""

    element: str
    problem: str
    advice: str = ""
    kind: NoteKind = "changed"

    def __str__(self) -> str:
        return f"{self.element}: {self.problem} {self.advice}".strip()


class Notes:
    """Notes of one import; equal ones are kept once, and not more than a page."""

    def __init__(self, before: Iterable[Note] = ()) -> None:
        self._found: dict[Note, None] = {}
        self._more = 0
        for note in before:
            self.add(note.element, note.problem, note.advice)

    def add(self, element: str, problem: str, advice: str = "") -> None:
        """Keep a note."""
        is_lost = any(words in problem for words in _LEFT_OUT)
        kind: NoteKind = "left out" if is_lost else "changed"
        note = Note(element[:80], problem[:300], advice[:300], kind)
        if note in self._found:
            return
        if len(self._found) < MOST_NOTES:
            self._found[note] = None
        else:
            self._more += 1

    def all(self) -> tuple[Note, ...]:
        """Give the notes in their order, the last one counting those that are cut."""
        if not self._more:
            return tuple(self._found)
        end = Note(
            "The drawing",
            f"{self._more} more of such places are not listed.",
            "Simplify the drawing and import it again.",
        )
        return (*self._found, end)
