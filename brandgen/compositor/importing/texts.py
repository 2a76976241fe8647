"""Letters that stand somewhere on a page, as lines and texts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from brandgen.compositor.svg.geometry import Matrix

SAME_LINE = 0.2
"""Ems between baselines up to which letters stand on one line."""
COLUMN = 1.6
"""Ems between letters from which on they are texts of their own."""
WORD = 0.15
"""Ems between letters from which on a space is between them."""
TRACKED = 0.008
"""Ems between letters from which on they are set apart on purpose."""
SAME_SIZE = 0.03
LOOSE = 1.9
"""Ems between baselines from which on lines are texts of their own."""
EVEN = 0.15
"""Ems that the lines of one text may differ in how far they are apart."""


@dataclass(frozen=True)
class Look:
    """How a letter looks: the name of its font, weight and slant, color and size."""

    font: str
    weight: int
    is_italic: bool
    color: str
    opacity: float
    size: float


@dataclass(frozen=True)
class Letter:
    """A letter on a page, in its units from the top left corner; `y` is its baseline.

    `order` says when it is painted.
    """

    text: str
    x: float
    y: float
    right: float
    look: Look
    order: int


@dataclass
class Row:
    """Letters on one baseline, from left to right."""

    letters: list[Letter]

    @property
    def x(self) -> float:
        """Where it begins."""
        return self.letters[0].x

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(letter.right for letter in self.letters)

    @property
    def y(self) -> float:
        """Its baseline."""
        return self.letters[0].y

    @property
    def look(self) -> Look:
        """The look of most of its letters."""
        looks = [letter.look for letter in self.letters if letter.text.strip()]
        return max(looks, key=looks.count, default=self.letters[0].look)

    @property
    def spacing(self) -> float:
        """How far letters stand apart beyond what their font says."""
        gaps = sorted(
            b.x - a.right
            for a, b in pairwise(self.letters)
            if a.text.strip() and b.text.strip() and a.look == b.look
        )
        if len(gaps) < 3:
            return 0.0
        middle = gaps[len(gaps) // 2]
        return middle if abs(middle) > TRACKED * self.look.size else 0.0

    def runs(self) -> Iterator[tuple[str, float, Look]]:
        """Give its words by look, with where they begin and spaces between them."""
        text, start, look = "", self.x, self.letters[0].look
        before: Letter | None = None
        spacing = max(0.0, self.spacing)
        for letter in self.letters:
            gap = letter.x - before.right - spacing if before else 0.0
            if gap > WORD * look.size and not text.endswith(" ") and text:
                text += "" if letter.text == " " else " "
            if letter.look != look and letter.text.strip():
                if text.strip():
                    yield text, start, look
                    text = ""
                text, start, look = text + letter.text, letter.x, letter.look
            else:
                text += letter.text
            before = letter
        if text.strip():
            yield text, start, look


@dataclass
class Block:
    """Rows that are one text; `side` is where they are aligned."""

    rows: list[Row]
    side: str = "start"

    @property
    def order(self) -> int:
        """When its first letter is painted."""
        return min(letter.order for row in self.rows for letter in row.letters)

    @property
    def text(self) -> str:
        """What it says."""
        return " ".join("".join(run[0] for run in row.runs()) for row in self.rows)

    def place_of(self, row: Row) -> float:
        """Give where a row is held."""
        return {"start": row.x, "middle": (row.x + row.right) / 2, "end": row.right}[
            self.side
        ]


def turn(angle_deg: float) -> Matrix:
    """Give the map that turns around the corner, clockwise as it is seen."""
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    return Matrix(cos, sin, -sin, cos)


def upright(block: Block, angle_deg: float) -> Block:
    """Set a text upright that is turned: it begins where it did on the page."""
    first = block.rows[0]
    x, y = turn(angle_deg).point(first.x, first.y)
    right, down = x - first.x, y - first.y
    rows = [
        Row(
            [
                replace(n, x=n.x + right, right=n.right + right, y=n.y + down)
                for n in row.letters
            ]
        )
        for row in block.rows
    ]
    return Block(rows, block.side)


def gather_blocks(letters: Sequence[Letter]) -> list[Block]:
    """Gather letters into texts, in the order of painting."""
    rows = [row for row in _rows(letters) if any(n.text.strip() for n in row.letters)]
    rows.sort(key=lambda row: (row.y, row.x))
    blocks: list[Block] = []
    for row in rows:
        home = next((b for b in reversed(blocks) if _follows(b, row)), None)
        if home:
            home.rows.append(row)
        else:
            blocks.append(Block([row]))
    for block in blocks:
        block.side = _side(block.rows)
    return sorted(blocks, key=lambda block: block.order)


def _rows(letters: Sequence[Letter]) -> list[Row]:
    """Gather letters by their baseline, and part them where a column's room is free."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: (round(one.y, 1), one.x)):
        near = SAME_LINE * letter.look.size
        line = next((n for n in lines[-12:] if abs(n[0].y - letter.y) <= near), None)
        if line is None:
            lines.append([letter])
        else:
            line.append(letter)
    rows: list[Row] = []
    for line in lines:
        line.sort(key=lambda one: one.x)
        row = [line[0]]
        for before, letter in pairwise(line):
            size = min(before.look.size, letter.look.size)
            is_other = abs(before.look.size - letter.look.size) > SAME_SIZE * size
            gap = letter.x - max(one.right for one in row)
            if gap > COLUMN * size or (is_other and gap > WORD * size):
                rows.append(Row(row))
                row = []
            row.append(letter)
        rows.append(Row(row))
    for found in rows:
        letters = found.letters
        while len(letters) > 1 and not letters[0].text.strip():
            letters.pop(0)
        while len(letters) > 1 and not letters[-1].text.strip():
            letters.pop()
    return rows


def _follows(block: Block, row: Row) -> bool:
    """Say whether a row goes on with a text: alike, below its last row, beside none."""
    last, size = block.rows[-1], row.look.size
    gap = row.y - last.y
    if abs(size - last.look.size) > SAME_SIZE * size or not 0.5 < gap / size <= LOOSE:
        return False
    if (row.look.font, row.look.color) != (last.look.font, last.look.color):
        return False
    if len(block.rows) > 1:
        before = last.y - block.rows[-2].y
        if abs(before - gap) > EVEN * size:
            return False
    near = 0.3 * size
    starts = abs(row.x - last.x) <= near
    ends = abs(row.right - last.right) <= near
    centers = abs(row.x + row.right - last.x - last.right) <= 2 * near
    return starts or ends or centers


def _side(rows: Sequence[Row]) -> str:
    """Say where rows are aligned: at the start, unless only elsewhere they are."""
    if len(rows) < 2:
        return "start"
    near = 0.2 * rows[0].look.size
    places = {
        "start": [row.x for row in rows],
        "middle": [(row.x + row.right) / 2 for row in rows],
        "end": [row.right for row in rows],
    }
    for side, values in places.items():
        if max(values) - min(values) <= near:
            return side
    return "start"
