"""What a person marks in a picture: keep this, remove that, look within here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

Effect = Literal["keep", "remove", "within"]
Shape = Literal["stroke", "box"]
Point = tuple[float, float]
Bools = NDArray[np.bool_]

MOST_MARKS = 200
MOST_POINTS = 2000


class MarkError(ValueError):
    """A mark can't be used. The message is fit to show."""


@dataclass(frozen=True)
class Mark:
    """A stroke or a box, in shares of the picture from its top left corner.

    A box has two points, opposite corners. `width` is that of a stroke, as a share of
    the picture's longer side. Outside of a box of the effect `within` all is removed.
    """

    effect: Effect
    shape: Shape
    points: tuple[Point, ...]
    width: float = 0.02

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; `read_marks` reads it."""
        return {
            "effect": self.effect,
            "shape": self.shape,
            "points": [list(point) for point in self.points],
            "width": self.width,
        }


def read_marks(data: Any) -> tuple[Mark, ...]:
    """Read marks from plain data, as a page sends it or a row keeps it.

    Raises:
        MarkError: it is no list of marks, or too long a one.
    """
    if not isinstance(data, list) or len(data) > MOST_MARKS:
        raise MarkError(f"Marks come as a list of at most {MOST_MARKS}.")
    marks = tuple(_read_mark(number, each) for number, each in enumerate(data, 1))
    points = sum(len(mark.points) for mark in marks)
    if points > MOST_POINTS:
        raise MarkError(
            f"The marks have {points} points, and {MOST_POINTS} are allowed. Use fewer "
            "or shorter strokes."
        )
    return marks


def _read_mark(number: int, data: Any) -> Mark:
    if not isinstance(data, dict):
        raise MarkError(f"Mark {number} is no object.")
    effect: Any = data.get("effect")
    shape: Any = data.get("shape")
    if effect not in get_args(Effect) or shape not in get_args(Shape):
        raise MarkError(
            f"Mark {number} is {effect!r} as {shape!r}; give keep, remove or within as "
            "stroke or box."
        )
    points = data.get("points")
    if not isinstance(points, list) or not points:
        raise MarkError(f"Mark {number} has no points.")
    read = tuple(_read_point(number, point) for point in points)
    if shape == "box" and (len(read) != 2 or _is_empty(*read)):
        raise MarkError(f"The box of mark {number} is empty. Give two corners.")
    width = data.get("width", 0.02)
    if not _is_share(width) or width <= 0:
        raise MarkError(f"Mark {number} is {width!r} wide; give a share above 0.")
    if effect == "within" and shape != "box":
        raise MarkError(f"Mark {number} bounds the subject and must be a box.")
    return Mark(effect, shape, read, float(width))


def _read_point(number: int, data: Any) -> Point:
    is_pair = isinstance(data, list) and len(data) == 2
    if not is_pair or not all(_is_share(each) for each in data):
        raise MarkError(
            f"A point of mark {number} is {data!r}; give two numbers from 0 to 1."
        )
    return float(data[0]), float(data[1])


def _is_share(value: Any) -> bool:
    # What is no number compares as false, and NaN with it.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1


def _is_empty(one: Point, other: Point) -> bool:
    return one[0] == other[0] or one[1] == other[1]


def draw_marks(marks: Sequence[Mark], size: tuple[int, int]) -> tuple[Bools, Bools]:
    """Return what is kept and what is removed, each `(height, width)`; the last counts.

    `size` is width and height in px.
    """
    width, height = size
    kept = np.zeros((height, width), np.uint8)
    removed = np.zeros((height, width), np.uint8)
    bounds = [mark for mark in marks if mark.effect == "within"]
    if bounds:
        removed[:] = 1
        for mark in bounds:
            _draw(mark, removed, 0)
    for mark in marks:
        if mark.effect != "within":
            _draw(mark, kept, int(mark.effect == "keep"))
            _draw(mark, removed, int(mark.effect == "remove"))
    return kept > 0, removed > 0


def _draw(mark: Mark, into: NDArray[np.uint8], value: int) -> None:
    height, width = into.shape
    points = [
        (min(round(x * width), width - 1), min(round(y * height), height - 1))
        for x, y in mark.points
    ]
    if mark.shape == "box":
        cv2.rectangle(into, points[0], points[1], value, cv2.FILLED)
        return
    thick = max(1, round(mark.width * max(width, height)))
    if len(points) == 1:
        cv2.circle(into, points[0], max(1, thick // 2), value, cv2.FILLED)
        return
    line = np.array(points, np.int32).reshape(-1, 1, 2)
    cv2.polylines(into, [line], isClosed=False, color=value, thickness=thick)
