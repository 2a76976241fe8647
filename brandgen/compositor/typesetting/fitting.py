"""Choose the size of a text in a box, and cut it where even the smallest is too large.

Widths grow in proportion to the size, so that one shaped paragraph answers for all.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from brandgen.compositor.typesetting.fonts import Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import Line, Paragraph

ELLIPSIS = "…"
_BEFORE_ELLIPSIS = " \n,;:.-\u2013\u2014\u3001\u3002\uff0c"
_BALANCE_STEPS = 12


@dataclass(frozen=True)
class TextStyle:
    """How a text is set; sizes in pixels of the format.

    `align` is start, center or end of the text's own direction, or left or right. With
    `emphasis`, `*words*` of the text have that look. `direction` auto follows the first
    strong letter; "rtl" and "ltr" hold where the text has letters of both. With
    `step_px` sizes are the smallest and so many steps more, else whole pixels.
    """

    look: Look
    largest_px: float
    smallest_px: float
    max_lines: int = 1
    line_height: float = 1.2
    letter_spacing_em: float = 0.0
    align: str = "start"
    balance: bool = False
    overflow: Literal["ellipsis", "visible"] = "ellipsis"
    emphasis: Look | None = None
    hyphenate: bool = False
    language: str = ""
    direction: Literal["auto", "ltr", "rtl"] = "auto"
    step_px: float = 0.0


class Fitting:
    """One text in one box: sizes tried, and the text cut where none fits."""

    def __init__(
        self,
        shape: Callable[[MarkedText], Paragraph],
        marked: MarkedText,
        style: TextStyle,
        width: float,
        height: float,
    ) -> None:
        self._shape, self._marked, self._style = shape, marked, style
        self._width, self._height = width, height
        self.paragraph = shape(marked)

    def lines(self, size: float) -> list[Line]:
        """Break the text at a size."""
        return self.paragraph.lines(self._width / size)

    def fits(self, lines: Sequence[Line], size: float) -> bool:
        """Say whether lines of a size fit the box."""
        height = len(lines) * size * self._style.line_height
        return len(lines) <= self._style.max_lines and height <= self._height + 0.5

    def choose_size(self) -> float:
        """Give the largest size that fits, or the smallest where none does."""
        style = self._style
        bound = max(self._bound(), style.smallest_px)
        if style.step_px:
            return self._choose_step(bound)
        if self.fits(self.lines(bound), bound):
            return bound
        least, most = math.ceil(style.smallest_px), math.ceil(bound) - 1
        size = find_largest(least, most, lambda n: self.fits(self.lines(n), n))
        return float(size or min(least, bound))

    def _choose_step(self, bound: float) -> float:
        smallest, step = self._style.smallest_px, self._style.step_px
        # A hair more, so that a size on a step is not lost to rounding.
        most = int((bound - smallest) / step + 1e-6)

        def size_at(count: int) -> float:
            return smallest + count * step

        def fits(count: int) -> bool:
            return self.fits(self.lines(size_at(count)), size_at(count))

        return size_at(find_largest(0, most, fits) or 0)

    def _bound(self) -> float:
        """Bound the size by the longest word, and by all lines together."""
        style, width = self._style, self._width + 0.5
        bound = width / max(self.paragraph.longest_word, 0.01)
        if "\n" not in self._marked.text:
            bound = min(
                bound, style.max_lines * width / max(self.paragraph.width, 0.01)
            )
        if bound >= style.largest_px:
            return style.largest_px
        return bound if style.step_px else math.floor(bound)

    def cut(self, size: float) -> tuple[MarkedText, Paragraph, list[Line]]:
        """Cut the text after a word, or in its first, and end it with an ellipsis."""
        letters = self.paragraph.letter_cuts()
        end = self._last_that_fits(self.paragraph.cuts(), size)
        end = end or self._last_that_fits(letters, size)
        return self._cut_at(end or next(iter(letters), 0), size)

    def _last_that_fits(self, ends: Sequence[int], size: float) -> int | None:
        def fits(count: int) -> bool:
            return self.fits(self._cut_at(ends[count - 1], size)[2], size)

        count = find_largest(1, len(ends), fits)
        return ends[count - 1] if count else None

    def _cut_at(
        self, end: int, size: float
    ) -> tuple[MarkedText, Paragraph, list[Line]]:
        kept = len(self._marked.text[:end].rstrip(_BEFORE_ELLIPSIS))
        marked = self._marked.part(0, kept).ending_in(ELLIPSIS)
        paragraph = self._shape(marked)
        return marked, paragraph, paragraph.lines(self._width / size)


def balance(paragraph: Paragraph, lines: int, measure: float) -> float:
    """Narrow the measure, in em, as far as the number of lines allows."""
    low, high = min(paragraph.longest_word, measure), measure
    if len(paragraph.lines(low)) == lines:
        return low
    for _ in range(_BALANCE_STEPS):
        middle = (low + high) / 2
        if len(paragraph.lines(middle)) > lines:
            low = middle
        else:
            high = middle
    return high


def find_largest(least: int, most: int, fits: Callable[[int], bool]) -> int | None:
    """Find the largest whole number that fits, by halving; None if none does."""
    if most < least or not fits(least):
        return None
    while least < most:
        middle = (least + most + 1) // 2
        if fits(middle):
            least = middle
        else:
            most = middle - 1
    return least
