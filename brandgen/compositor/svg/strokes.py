"""Lines along the outlines of a whole picture, and what they cover."""

import itertools
import math
from dataclasses import dataclass

import skia

from brandgen.compositor.display import Stroke
from brandgen.compositor.outlines import Outline
from brandgen.compositor.painting import outline_of_path, skia_path, stroke_paint
from brandgen.compositor.svg.css import Style
from brandgen.compositor.svg.geometry import Matrix, read_numbers, to_px
from brandgen.compositor.svg.notes import UnreadableError

MOST_DASHES = 4_000


@dataclass(frozen=True)
class PlainStroke:
    """A line before its transform, without its color."""

    width: float
    cap: str
    join: str
    miter_limit: float
    dash: tuple[float, ...]
    dash_start: float

    def scaled(self, by: float) -> Stroke:
        """Give the line as it is drawn, in black."""
        return Stroke(
            "#000000",
            self.width * by,
            self.cap,
            tuple(part * by for part in self.dash),
            self.join,
            self.miter_limit,
            self.dash_start * by,
        )


def read_stroke(style: Style, outline: Outline, matrix: Matrix) -> PlainStroke | None:
    """Read how a line along an outline looks; None where it has no width.

    Raises:
        UnreadableError: it can't be read, or has too many dashes.
    """
    width = to_px(style.get("stroke-width", "1"))
    if width <= 0 or not matrix.area:
        return None
    cap, join = (
        style.get("stroke-linecap", "butt"),
        style.get("stroke-linejoin", "miter"),
    )
    if cap not in ("butt", "round", "square"):
        raise UnreadableError(f"the line end {cap[:30]!r} is not known here.")
    if join not in ("miter", "round", "bevel"):
        raise UnreadableError(f"the line join {join[:30]!r} is not known here.")
    return PlainStroke(
        width,
        cap,
        join,
        max(1.0, to_px(style.get("stroke-miterlimit", "4"))),
        _dashes(style, outline),
        to_px(style.get("stroke-dashoffset", "0")),
    )


def _dashes(style: Style, outline: Outline) -> tuple[float, ...]:
    text = style.get("stroke-dasharray", "none")
    if text == "none":
        return ()
    parts = read_numbers(text.replace("px", ""), most=16)
    if not parts or min(parts) < 0 or sum(parts) <= 0:
        return ()
    if len(parts) % 2:
        parts *= 2
    if _length_of(outline) / sum(parts) * len(parts) > MOST_DASHES:
        raise UnreadableError(f"its line has more than {MOST_DASHES:,} dashes.")
    return tuple(parts)


def _length_of(outline: Outline) -> float:
    """Give how long an outline is at most: along the handles of its curves."""
    values = [[float(value) for value in step[1:]] for step in outline]
    points = [p for one in values for p in zip(one[::2], one[1::2], strict=True)]
    # The line back to where it began is never longer than the way there.
    return 2 * sum(math.dist(a, b) for a, b in itertools.pairwise(points))


def stroked(outline: Outline, stroke: PlainStroke) -> Outline:
    """Give the outline of what a line covers."""
    path = skia.Path()
    stroke_paint(stroke.scaled(1)).getFillPath(skia_path(outline), path)
    return outline_of_path(path)
