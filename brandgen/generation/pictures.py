"""Reads and keeps the pictures and masks that an edit is made of."""

import io

import numpy as np
from PIL import Image

from brandgen.engine.requests import LARGEST_SIDE_PX, Mask, Pixels
from brandgen.generation.making import read_pixels
from brandgen.lib import images
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset


class MaskError(Exception):
    """The marked area can't be used. The message is fit to show."""


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
