"""A page as it is seen, for colors that a PDF has and its reader does not tell."""

from dataclasses import dataclass
from typing import Any

from brandgen.compositor.display import Rect

LONGEST_PX = 400
FLAT = 6
"""Levels that two colors are apart from which on there is a gradient between them."""
_WHITE = 249
_NEAR_EDGE = 0.04

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Ramp:
    """Colors along a line, each with its place."""

    line: tuple[float, float, float, float]
    stops: list[tuple[float, str]]


class Seen:
    """A page in few pixels; places are in points from its top left corner."""

    def __init__(
        self,
        page: Any,
        box: tuple[float, float, float, float],
        size: tuple[float, float],
    ) -> None:
        self._scale = LONGEST_PX / max(size)
        page.set_cropbox(*box)
        self._pixels = page.render(scale=self._scale, rev_byteorder=True).to_numpy()

    def along(self, box: Rect) -> Ramp:
        """Give the colors along the side that a box changes most along."""
        middle = box.x + box.width / 2, box.y + box.height / 2
        places = (_NEAR_EDGE, 0.5, 1 - _NEAR_EDGE)
        across = [self._at(box.x + box.width * t, middle[1]) for t in places]
        down = [self._at(middle[0], box.y + box.height * t) for t in places]
        is_level = _apart(across) >= _apart(down)
        colors = across if is_level else down
        stops = [
            (at, f"#{red:02x}{green:02x}{blue:02x}")
            for at, (red, green, blue) in zip((0.0, 0.5, 1.0), colors, strict=True)
        ]
        line = (box.x, middle[1], box.right, middle[1])
        if not is_level:
            line = (middle[0], box.y, middle[0], box.bottom)
        if _apart(colors) < FLAT:
            return Ramp(line, stops[1:2])
        return Ramp(line, [stops[0], stops[2]] if _is_even(colors) else stops)

    def has_white(self, box: Rect) -> bool:
        """Say whether any of some places in a box is white."""
        places = (0.1, 0.3, 0.5, 0.7, 0.9)
        return any(
            min(self._at(box.x + box.width * x, box.y + box.height * y)) >= _WHITE
            for x in places
            for y in places
        )

    def _at(self, x: float, y: float) -> Color:
        height, width = self._pixels.shape[:2]
        column = min(width - 1, max(0, int(x * self._scale)))
        row = min(height - 1, max(0, int(y * self._scale)))
        red, green, blue = self._pixels[row, column, :3].tolist()
        return red, green, blue


def _is_even(colors: list[Color]) -> bool:
    """Say whether the color in the middle is what lies between those at the ends."""
    first, middle, last = colors
    return all(
        abs((a + c) / 2 - b) <= 2 * FLAT
        for a, b, c in zip(first, middle, last, strict=True)
    )


def _apart(colors: list[Color]) -> int:
    first, last = colors[0], colors[-1]
    return max(abs(a - b) for a, b in zip(first, last, strict=True))
