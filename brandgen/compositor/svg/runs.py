"""Runs of letters in a text of SVG, and the lines that they stand in."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import to_px
from brandgen.compositor.svg.notes import Notes, UnreadableError

MOST_RUNS = 400
DEEPEST_SPANS = 12
ADVICE = "Set it in the editor, or turn it into paths before the export."
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LOOSE = 2.2
"""Ems between baselines from which on lines are texts of their own."""


@dataclass(frozen=True)
class Run:
    """Letters of one style; `x` is given where they are placed anew."""

    text: str
    style: Style
    x: float | None
    y: float
    breaks: bool

    @property
    def mark(self) -> tuple[str, ...]:
        """What emphasis may change of it: its cut and its color."""
        keys = ("font-family", "font-weight", "font-style", "fill", "fill-opacity")
        return tuple(self.style.get(key, "") for key in keys)


@dataclass
class Line:
    """Runs that stand on one baseline."""

    x: float
    y: float
    size: float
    runs: list[Run]

    @property
    def main(self) -> Run:
        """The run with the most letters, which the line is set as."""
        return max(self.runs, key=lambda run: len(run.text))

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(run.text for run in self.runs).strip()


class Pen:
    """Walks a text element and gives its runs, each where it stands."""

    def __init__(self, sheet: Sheet, notes: Notes, name: str) -> None:
        self._sheet, self._notes, self._name = sheet, notes, name
        self._found: list[Run] = []
        self._x: float | None = 0.0
        self._y = 0.0

    def runs(self, element: Element, style: Style) -> list[Run]:
        """Give the runs of a text element."""
        self._move(element, style)
        self._x = 0.0 if self._x is None else self._x
        self._walk(element, style, DEEPEST_SPANS)
        return self._found

    def _walk(self, element: Element, style: Style, deepest: int) -> None:
        keeps = element.get(_SPACE) == "preserve"
        keeps |= style.get("white-space", "").startswith("pre")
        inner = {**style, "white-space": "pre"} if keeps else style
        self._write(element.text or "", inner)
        for child in element:
            tag = local(child.tag)
            if tag in ("tspan", "a") and deepest:
                own = self._sheet.computed(child, inner)
                if own.get("display") != "none":
                    self._move(child, own)
                    self._walk(child, own, deepest - 1)
            elif tag not in ("title", "desc"):
                self._notes.add(
                    self._name,
                    f"{tag} in a text is left out: {''.join(child.itertext())[:60]!r}.",
                    "Set its words as a text of their own.",
                )
            self._write(child.tail or "", inner, is_between=True)

    def _move(self, element: Element, style: Style) -> None:
        em = font_size(style)
        for name in ("textLength", "rotate"):
            if element.get(name, "0") != "0":
                self._notes.add(self._name, f"{name} is left out.", ADVICE)
        x, y = self._first(element, "x", em), self._first(element, "y", em)
        self._x = x if x is not None else self._x
        self._y = y if y is not None else self._y
        dx, dy = self._first(element, "dx", em), self._first(element, "dy", em)
        if dx and self._x is not None:
            self._x += dx
        self._y += dy or 0.0

    def _first(self, element: Element, name: str, em: float) -> float | None:
        """Give the first of the places of an attribute; the rest follow the font."""
        parts = element.get(name, "").replace(",", " ").split()
        if not parts:
            return None
        if len(parts) > 1:
            self._notes.add(
                self._name,
                "Its letters are placed one by one; they are set as the font does.",
                "Compare it with the drawing.",
            )
        return to_px(parts[0], em=em)

    def _write(self, text: str, style: Style, *, is_between: bool = False) -> None:
        keeps = style.get("white-space", "") == "pre"
        if not text or (is_between and not text.strip() and "\n" in text):
            return
        breaks = keeps and text.rstrip(" ").endswith(("\n", "\u2028"))
        text = re.sub(r"\s+", " ", text)
        if not text.strip() and not self._found:
            return
        if len(self._found) >= MOST_RUNS:
            raise UnreadableError(f"it has more than {MOST_RUNS} pieces.")
        self._found.append(Run(text, style, self._x, self._y, breaks))
        self._x = None


def font_size(style: Style) -> float:
    """Give a style's font size in pixels."""
    words = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
    text = style.get("font-size", "16")
    try:
        return words.get(text) or to_px(text, of=16.0)
    except UnreadableError:
        return 16.0


def gather_lines(runs: Iterable[Run]) -> list[Line]:
    """Gather runs into lines, by where they stand."""
    found: list[Line] = []
    for run in runs:
        size = font_size(run.style)
        if found and abs(run.y - found[-1].y) < 0.35 * max(size, found[-1].size):
            found[-1].runs.append(run)
        else:
            x = run.x if run.x is not None else (found[-1].x if found else 0.0)
            found.append(Line(x, run.y, size, [run]))
    lines = [line for line in found if line.text]
    for line in lines:
        line.size = font_size(line.main.style)
    return lines


def part_blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Part lines where the size changes, or where they stand far apart."""
    block: list[Line] = []
    for line in lines:
        if block:
            last = block[-1]
            gap = line.y - last.y
            is_other = abs(line.size - last.size) > 0.02 * last.size
            if is_other or not 0 < gap <= _LOOSE * line.size:
                yield block
                block = []
        block.append(line)
    yield block
