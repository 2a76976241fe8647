"""Brings pictures of the library to sides that the model draws, and keeps them."""

import io
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
from brandgen.generation.making import read_pixels
from brandgen.lib import images
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset

MOST_PIXELS = 1024 * 1024
"""Photographs are scaled down to about this: what Stable Cascade was trained on."""
SIZE_WEIGHT = 0.08
"""How much a lost pixel counts beside a cropped one."""


class MaskError(Exception):
    """The marked area can't be used. The message is fit to show."""


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
    size = _find_sides(width_px, height_px, scale)
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


def cut(pixels: Pixels, fit: Fit) -> Pixels:
    """Cut and scale a picture; one of the right sides already is left as it is."""
    height, width = pixels.shape[:2]
    if (width, height) == fit.size:
        return pixels
    box = (fit.left, fit.top, fit.right, fit.bottom)
    image = Image.fromarray(pixels).resize(
        fit.size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0
    )
    return np.asarray(image)


def read_asset(asset: Asset) -> Pixels:
    """Read the pixels of a picture of the library.

    Raises:
        StorageError: its file is missing or damaged.
    """
    return read_pixels(asset.sha256)


def keep_pixels(pixels: Pixels | Mask) -> str:
    """Keep a picture or a mask as PNG; return its hash.

    Raises:
        StorageError: it can't be kept.
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return get_store().keep(file.getvalue())


def read_drawn_mask(data: bytes, size: tuple[int, int]) -> Mask:
    """Read a mask that a page has drawn: white is made anew.

    Raises:
        MaskError: no picture of that size.
    """
    try:
        picture = images.clean_upload(data, max_pixels=LARGEST_SIDE_PX**2)
    except images.ImageError as error:
        raise MaskError(
            f"The marked area could not be read: {error} Mark it again."
        ) from error
    if (picture.width_px, picture.height_px) != size:
        raise MaskError(
            f"The marked area is {picture.width_px} × {picture.height_px} px and the "
            f"picture {size[0]} × {size[1]} px. Open the page again and mark it there."
        )
    with Image.open(io.BytesIO(picture.data)) as image:
        gray = np.asarray(image.convert("L"))
    return np.where(gray >= 128, 255, 0).astype(np.uint8)


def draw_rectangle(
    size: tuple[int, int], *, left: int, top: int, width: int, height: int
) -> Mask:
    """Make a mask of one rectangle, in pixels from the top left corner.

    Raises:
        MaskError: it lies outside the picture.
    """
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[max(0, top) : top + height, max(0, left) : left + width] = 255
    if not mask.any():
        raise MaskError(
            f"The rectangle from {left}, {top} px, {width} × {height} px, lies outside "
            f"the picture of {size[0]} × {size[1]} px. Move it inside."
        )
    return mask
