"""Let what reaches an edge of the page go on beyond it, into the bleed."""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import product

import skia

from brandgen.compositor.display import (
    Drawable,
    DrawImage,
    DrawPath,
    DrawShape,
    GroupStart,
    Layout,
    Rect,
)
from brandgen.compositor.draw import Target
from brandgen.compositor.painting import skia_path
from brandgen.compositor.sides import Sides

NEAR_PX = 0.5
"""How far from an edge a thing may end and still be meant to reach it."""
SLIVER_PX = 0.1
"""How much of an outline, along the edge, is stretched over the bleed."""


def with_bleed(layout: Layout, bleed: Sides) -> Rect:
    """Give the page with its bleed, all in pixels of the format."""
    return Rect(
        -bleed.left,
        -bleed.top,
        layout.width_px + bleed.left + bleed.right,
        layout.height_px + bleed.top + bleed.bottom,
    )


def into_bleed(item: Drawable, layout: Layout, bleed: Sides) -> Drawable:
    """Let a box that reaches an edge of the page go on to the end of the bleed.

    That of a picture, of a rectangle, and of a group that cuts off what lies outside.
    An ellipse goes on by itself where it crosses an edge, else it only touches it.
    """
    if not bleed or not _is_box(item):
        return item
    rect, whole = item.rect, with_bleed(layout, bleed)
    left = min(rect.x, whole.x) if rect.x <= NEAR_PX else rect.x
    top = min(rect.y, whole.y) if rect.y <= NEAR_PX else rect.y
    is_right = rect.right >= layout.width_px - NEAR_PX
    is_low = rect.bottom >= layout.height_px - NEAR_PX
    right = max(rect.right, whole.right) if is_right else rect.right
    bottom = max(rect.bottom, whole.bottom) if is_low else rect.bottom
    return dataclasses.replace(item, rect=Rect(left, top, right - left, bottom - top))


def _is_box(item: Drawable) -> bool:
    if isinstance(item, GroupStart):
        return item.clip != "ellipse"
    if isinstance(item, DrawShape):
        return item.shape != "ellipse"
    return isinstance(item, DrawImage) and item.mask != "ellipse"


def draw_on(
    target: Target,
    item: Drawable,
    *,
    layout: Layout,
    bleed: Sides,
    draw: Callable[[Target, Drawable], object],
) -> None:
    """Draw an item; of an outline that ends at an edge also what goes on beyond it.

    What is seen of it right at the edge is stretched outward, so that on the trimmed
    page it stays as it is. Codes and ratings, which are to be read, do not go on.
    """
    draw(target, item)
    if not bleed or not isinstance(item, DrawPath) or item.is_content:
        return
    bounds = skia_path(item.outline).computeTightBounds()
    whole = with_bleed(layout, bleed)
    across = _spans(
        bounds.left(), bounds.right(), whole.x, whole.right, layout.width_px
    )
    down = _spans(
        bounds.top(), bounds.bottom(), whole.y, whole.bottom, layout.height_px
    )
    for x, y in product(across, down):
        if x.stretch == y.stretch == 1:
            continue  # the page itself
        target.canvas.save()
        target.canvas.clipRect(skia.Rect.MakeLTRB(x.start, y.start, x.end, y.end))
        target.canvas.translate(x.fixed, y.fixed)
        target.canvas.scale(x.stretch, y.stretch)
        target.canvas.translate(-x.fixed, -y.fixed)
        draw(target, item)
        target.canvas.restore()


@dataclasses.dataclass(frozen=True)
class _Span:
    """A part of an axis, on which all lies `stretch` times as far from `fixed`."""

    start: float
    end: float
    fixed: float = 0.0
    stretch: float = 1.0


def _spans(
    low: float, high: float, first: float, last: float, length: float
) -> Iterator[_Span]:
    """Part an axis from the `first` to the `last` pixel of the bleed.

    What reaches from `low` to `high` is stretched where it ends at an edge of the page,
    0 or `length`.
    """
    start, end = first, last
    if abs(low) <= NEAR_PX and first < low:
        start, fixed = low, low + SLIVER_PX
        yield _Span(first, start, fixed, (fixed - first) / SLIVER_PX)
    if abs(high - length) <= NEAR_PX and last > high:
        end, fixed = high, high - SLIVER_PX
        yield _Span(end, last, fixed, (last - fixed) / SLIVER_PX)
    yield _Span(start, end)
