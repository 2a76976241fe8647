"""Brings pictures to sides that the model draws."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from brandgen.engine.requests import (
    LARGEST_SIDE_PX,
    SIDE_MULTIPLE_PX,
    SMALLEST_SIDE_PX,
    Mask,
    Pixels,
)

MOST_PIXELS = 1024 * 1024
"""Photographs are scaled down to about this: what Stable Cascade was trained on."""
SIZE_WEIGHT = 0.08
"""How much a lost pixel counts beside a cropped one."""


@dataclass(frozen=True)
class Fit:
    """How a picture is brought to sides that are multiples of 128 px."""

    width_px: int
    height_px: int
    left: int
    top: int
    right: int
    bottom: int
    """The part of the picture that is kept, in its own pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.width_px, self.height_px

    def is_whole(self, width_px: int, height_px: int) -> bool:
        """Whether nothing is cut and nothing is scaled."""
        return (self.width_px, self.height_px) == (width_px, height_px)

    def cut_percent(self, width_px: int, height_px: int) -> float:
        """How much of the picture is cut off, 0 to 100."""
        kept = (self.right - self.left) * (self.bottom - self.top)
        return 100 * (1 - kept / (width_px * height_px))


def find_fit(width_px: int, height_px: int, *, scale: float = 1.0) -> Fit:
    """Choose the sides nearest to a picture's, times a scale; its middle is kept."""
    return crop_to(width_px, height_px, _find_sides(width_px, height_px, scale))


def crop_to(width_px: int, height_px: int, size: tuple[int, int]) -> Fit:
    """Keep the middle of a picture, as much of it as fills a size in px."""
    wide = width_px * size[1] > height_px * size[0]
    kept_width = round(height_px * size[0] / size[1]) if wide else width_px
    kept_height = height_px if wide else round(width_px * size[1] / size[0])
    left, top = (width_px - kept_width) // 2, (height_px - kept_height) // 2
    return Fit(*size, left, top, left + kept_width, top + kept_height)


@lru_cache(maxsize=256)
def _find_sides(width_px: int, height_px: int, scale: float) -> tuple[int, int]:
    wanted = (width_px * scale, height_px * scale)
    most = max(MOST_PIXELS, 0 if scale == 1 else LARGEST_SIDE_PX**2)
    is_drawn = all(_is_side(side) for side in wanted)
    if is_drawn:
        return round(wanted[0]), round(wanted[1])
    shrink = min(1.0, math.sqrt(most / (wanted[0] * wanted[1])))
    area = wanted[0] * wanted[1] * shrink**2
    sides = range(SMALLEST_SIDE_PX, LARGEST_SIDE_PX + 1, SIDE_MULTIPLE_PX)

    def distance(size: tuple[int, int]) -> float:
        ratio = abs(math.log(size[0] / size[1] * wanted[1] / wanted[0]))
        return ratio + SIZE_WEIGHT * abs(math.log(size[0] * size[1] / area))

    return min(((w, h) for w in sides for h in sides), key=distance)


def _is_side(side: float) -> bool:
    is_multiple = side == round(side) and round(side) % SIDE_MULTIPLE_PX == 0
    return is_multiple and SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX


def cut(pixels: Pixels | Mask, fit: Fit) -> Pixels | Mask:
    """Cut and scale a picture or a mask; one of the right sides is left as it is."""
    height, width = pixels.shape[:2]
    if (width, height) == fit.size:
        return pixels
    box = (fit.left, fit.top, fit.right, fit.bottom)
    # A sharper filter rings at edges, and a mask is all edges.
    filter_ = (
        Image.Resampling.LANCZOS if pixels.ndim == 3 else Image.Resampling.BILINEAR
    )
    image = Image.fromarray(pixels).resize(fit.size, filter_, box=box, reducing_gap=3.0)
    return np.asarray(image)
