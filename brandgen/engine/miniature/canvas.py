"""A picture under the brush: coordinates, soft edges, shadows and layers of color."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SHADOW = np.array([1.0, 1.02, 0.88], np.float32)
"""How much of red, green and blue a shadow takes: it is a little blue, as by day."""
COARSE_PX = 4
"""Soft light and shadows are computed on squares of so many pixels."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """Coordinates of every pixel's center, in units of the shorter side.

    The origin is the top left corner; `x` has shape (1, width), `y` (height, 1).
    """

    width_px: int
    height_px: int
    x: Floats
    y: Floats
    side_px: int
    """Pixels in one unit of length."""

    @property
    def pixel(self) -> float:
        """Length of a pixel's side."""
        return 1 / self.side_px

    @property
    def width(self) -> float:
        """Length of the picture's width."""
        return self.width_px * self.pixel

    @property
    def height(self) -> float:
        """Length of the picture's height."""
        return self.height_px * self.pixel

    def cover(self, distance: Floats, blur: float = 0.0) -> Floats:
        """Turn a signed distance (negative inside) to coverage with a soft edge.

        `blur` widens the edge beyond the one pixel that anti-aliasing needs.
        """
        edge = np.clip(0.5 - distance / (self.pixel + blur), 0, 1)
        soft: Floats = edge * edge * (3 - 2 * edge) if blur else edge
        return soft

    def crop(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple["Canvas", tuple[slice, slice]]:
        """Take the part in a box, and say which rows and columns of a picture it is.

        The box is cut at the borders; beyond them a strip of one pixel is left.
        """
        side = self.side_px
        first, last = math.floor(left * side), math.ceil(right * side)
        columns = _inside(first, last, self.width_px)
        rows = _inside(math.floor(top * side), math.ceil(bottom * side), self.height_px)
        width_px, height_px = columns.stop - columns.start, rows.stop - rows.start
        part = Canvas(
            width_px, height_px, self.x[:, columns], self.y[rows], self.side_px
        )
        return part, (rows, columns)


def _inside(first: int, last: int, length: int) -> slice:
    start = min(max(first, 0), length - 1)
    return slice(start, max(min(last, length), start + 1))


@lru_cache(maxsize=16)
def make_canvas(width_px: int, height_px: int) -> Canvas:
    """Lay out a canvas."""
    side = min(width_px, height_px)
    x = ((np.arange(width_px, dtype=np.float32) + 0.5) / side)[None, :]
    y = ((np.arange(height_px, dtype=np.float32) + 0.5) / side)[:, None]
    return Canvas(width_px, height_px, x, y, side)


@lru_cache(maxsize=16)
def make_coarse(canvas: Canvas) -> Canvas:
    """Lay out the same canvas in large pixels, for what has no edges."""
    width_px, height_px = canvas.width_px // COARSE_PX, canvas.height_px // COARSE_PX
    return make_canvas(width_px, height_px)


def refine(canvas: Canvas, coarse: Floats) -> Floats:
    """Bring what was computed in large pixels to the canvas, smoothly."""
    size = (canvas.width_px, canvas.height_px)
    fine: Floats = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    return fine


def paint(image: Floats, color: Floats, coverage: Floats) -> None:
    """Lay a color, or a picture of colors, over an image where it covers."""
    image += (color - image) * coverage[..., None]


def shade(image: Floats, coverage: Floats) -> None:
    """Darken an image as a shadow of that strength does."""
    image *= 1 - coverage[..., None] * SHADOW


def cast_shadow(
    canvas: Canvas,
    image: Floats,
    coverage: Floats,
    *,
    blur: float,
    fall: tuple[float, float],
    strength: float,
) -> None:
    """Let what covers throw a soft shadow, moved by `fall` to the right and down."""
    size = (-(-canvas.width_px // COARSE_PX), -(-canvas.height_px // COARSE_PX))
    small = cv2.resize(coverage, size, interpolation=cv2.INTER_AREA)
    unit = canvas.side_px / COARSE_PX
    move = np.array([[1, 0, fall[0] * unit], [0, 1, fall[1] * unit]], np.float32)
    small = cv2.warpAffine(small, move, size, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.GaussianBlur(
        small, (0, 0), max(blur * unit, 0.4), borderType=cv2.BORDER_REPLICATE
    )
    shade(image, refine(canvas, small) * strength)


def cover_polygons(canvas: Canvas, polygons: Sequence[Floats]) -> Floats:
    """Cover polygons, each of shape (corners, 2) in units, with soft edges."""
    mask = np.zeros((canvas.height_px, canvas.width_px), np.uint8)
    fine = 16 * canvas.side_px
    for polygon in polygons:
        corners = np.round(polygon * fine - 8).astype(np.int32)
        # One by one: where two lie in one call, what they share stays empty.
        cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / 255


def lighten(color: Floats, share: float) -> Floats:
    """Move a color towards white."""
    return color + (1 - color) * np.float32(share)


def darken(color: Floats, share: float) -> Floats:
    """Move a color towards black."""
    return color * np.float32(1 - share)


def box_distance(x: Floats, y: Floats, half: tuple[float, float], r: float) -> Floats:
    """Measure the signed distance to a box with rounded corners around the origin."""
    over_x, over_y = np.abs(x) - half[0] + r, np.abs(y) - half[1] + r
    inside = np.minimum(np.maximum(over_x, over_y), 0)
    return inside + np.hypot(np.maximum(over_x, 0), np.maximum(over_y, 0)) - r


def ellipse_distance(x: Floats, y: Floats, half: tuple[float, float]) -> Floats:
    """Measure the signed distance to an ellipse, near enough for soft edges."""
    ratio = np.hypot(x / half[0], y / half[1])
    distance: Floats = (ratio - 1) * np.float32(min(half))
    return distance
