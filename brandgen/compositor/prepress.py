"""Prepare a display list for print: deep blacks, and no blending of inks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import skia

from brandgen.compositor.display import (
    Drawable,
    DrawShape,
    DrawText,
    GroupEnd,
    GroupStart,
    Layout,
    MoveEnd,
    MoveStart,
    Rect,
)
from brandgen.compositor.pictures import Pixels
from brandgen.lib.colors import Inks, parse_hex


@dataclass(frozen=True)
class Patch:
    """A part of the page as it looks, in pixels; clear where it covers nothing."""

    rect: Rect
    pixels: Pixels = field(repr=False)


def deepen_blacks(layout: Layout, own: Mapping[str, Inks]) -> Layout:
    """Let neutral shapes be printed in all inks, not in black alone as letters are.

    Large areas of black ink look washed out, and a shade over a photo too light. One
    level of blue, which nobody sees, tells them from letters and codes. Colors for
    which the brand has inks of its `own` stay.
    """
    kept = {color.lower() for color in own}

    def deepen(item: Drawable) -> Drawable:
        if not isinstance(item, DrawShape):
            return item
        stops = (replace(s, color=_deepened(s.color, kept)) for s in item.paint.stops)
        return replace(item, paint=replace(item.paint, stops=tuple(stops)))

    return replace(
        layout,
        background=_deepened(layout.background, kept),
        items=tuple(deepen(item) for item in layout.items),
    )


def _deepened(color: str, kept: set[str]) -> str:
    red, green, blue = parse_hex(color)
    is_neutral = red == green == blue and blue < 255
    if not is_neutral or color.lower() in kept:
        return color
    return f"#{red:02x}{green:02x}{blue + 1:02x}"


def flatten_blends(
    items: Sequence[Drawable],
    *,
    whole: Rect,
    background: str,
    scale: float,
    draw: Callable[[Any, Drawable], object],
) -> Iterator[Drawable | Patch]:
    """Replace blended groups by a picture of what they change on the page.

    Blend modes are about light: on inks most of them look altogether different, and
    add up to more ink than paper takes. Text that is multiplied stays text: inks that
    lie on one another do just that. `draw` draws an item on a canvas in pixels of the
    format; `whole` is the page with its bleed.
    """
    page: _Page | None = None
    drawn = 0
    items = list(items)
    for start, end in _top_level(items):
        part = items[start:end]
        if not _must_be_flat(part):
            yield from part
            continue
        page = page or _Page(whole, background, scale)
        for item in items[drawn:start]:
            draw(page.canvas, item)
        before = page.pixels.copy()
        for item in part:
            draw(page.canvas, item)
        drawn = end
        if patch := page.find_change(before):
            yield patch


def _top_level(items: Sequence[Drawable]) -> Iterator[tuple[int, int]]:
    """Give where groups that lie in no other, and single items, start and end."""
    start = depth = 0
    for index, item in enumerate(items):
        depth += isinstance(item, GroupStart | MoveStart)
        depth -= isinstance(item, GroupEnd | MoveEnd)
        if not depth:
            yield start, index + 1
            start = index + 1


def _must_be_flat(part: Sequence[Drawable]) -> bool:
    blends = {item.blend for item in part if isinstance(item, GroupStart)} - {"normal"}
    has_text = any(isinstance(item, DrawText) for item in part)
    return bool(blends - {"multiply"} if has_text else blends)


class _Page:
    """The page in pixels, as far as it is drawn."""

    def __init__(self, whole: Rect, background: str, scale: float) -> None:
        self._whole, self._scale = whole, scale
        width, height = round(whole.width * scale), round(whole.height * scale)
        self.pixels: Pixels = np.empty((height, width, 4), np.uint8)
        self.pixels[:] = (*parse_hex(background), 255)
        surface = skia.Surface(self.pixels, skia.ColorType.kRGBA_8888_ColorType)
        self.canvas = surface.getCanvas()
        self.canvas.scale(width / whole.width, height / whole.height)
        self.canvas.translate(-whole.x, -whole.y)

    def find_change(self, before: Pixels) -> Patch | None:
        """Cut out what differs from before; None if nothing does."""
        is_changed = (self.pixels != before).any(axis=-1)
        rows, columns = is_changed.any(axis=1), is_changed.any(axis=0)
        if not rows.any():
            return None
        top, bottom = np.flatnonzero(rows)[[0, -1]] + (0, 1)
        left, right = np.flatnonzero(columns)[[0, -1]] + (0, 1)
        pixels = self.pixels[top:bottom, left:right].copy()
        pixels[..., 3] = np.where(is_changed[top:bottom, left:right], 255, 0)
        across = self._whole.width / self.pixels.shape[1]
        down = self._whole.height / self.pixels.shape[0]
        rect = Rect(
            self._whole.x + left * across,
            self._whole.y + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )
        return Patch(rect, pixels)
