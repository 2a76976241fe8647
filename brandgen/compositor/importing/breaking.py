"""Lines of texts, and where those break that a file does not say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

_SHORTEST, _LONGEST = 4, 400


@dataclass(frozen=True)
class Piece:
    """Letters in one look, with no break in them; its reader knows the look."""

    text: str
    style: Any


@dataclass(frozen=True)
class Line:
    """Pieces on one line, how it is aligned, how high it is and its font's size."""

    pieces: Sequence[Piece]
    anchor: str
    leading: float
    size: float

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)


def wrap(lines: Sequence[Line], count: int) -> list[Line]:
    """Break lines at spaces into so many as are seen, as evenly long as that needs."""
    filled = [line for line in lines if line.text.strip()]
    if count <= len(lines) or not filled:
        return list(lines)
    found = filled
    for most in range(_SHORTEST, _LONGEST):
        found = [part for line in filled for part in _broken(line, most)]
        if len(found) <= count:
            break
    return found


def _broken(line: Line, most: int) -> Iterator[Line]:
    """Part a line at spaces, into lines of at most so many letters."""
    pieces: list[Piece] = []
    length = 0
    for piece in line.pieces:
        for word in re.findall(r"\S+\s*|\s+", piece.text):
            if pieces and length + len(word.rstrip()) > most:
                yield replace(line, pieces=tuple(pieces))
                pieces, length = [], 0
            if pieces and pieces[-1].style is piece.style:
                pieces[-1] = Piece(pieces[-1].text + word, piece.style)
            else:
                pieces.append(Piece(word, piece.style))
            length += len(word)
    yield replace(line, pieces=tuple(pieces))
