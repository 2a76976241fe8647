"""A picture under the brush: coordinates, soft edges and layers of color."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Canvas:
    """Coordinates of every pixel's center, in units of the shorter side.

    The origin is the top left corner; `x` has shape (1, width), `y` (height, 1).
    """

    width_px: int
    height_px: int
    x: Floats
    y: Floats

    @property
    def pixel(self) -> float:
        """Length of a pixel's side."""
        return 1 / min(self.width_px, self.height_px)

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


@lru_cache(maxsize=16)
def make_canvas(width_px: int, height_px: int) -> Canvas:
    """Lay out a canvas."""
    side = min(width_px, height_px)
    x = ((np.arange(width_px, dtype=np.float32) + 0.5) / side)[None, :]
    y = ((np.arange(height_px, dtype=np.float32) + 0.5) / side)[:, None]
    return Canvas(width_px, height_px, x, y)


def paint(image: Floats, color: Floats, coverage: Floats) -> None:
    """Lay a color, or a picture of colors, over an image where it covers."""
    image += (color - image) * coverage[..., None]


def shade(image: Floats, coverage: Floats) -> None:
    """Darken an image as a shadow of that strength does."""
    image *= 1 - coverage[..., None]


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
