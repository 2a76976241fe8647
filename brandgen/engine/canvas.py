"""Prepares pictures and masks for an engine, and puts what it drew into its place.

Numpy and Pillow only: a page does the same before it asks.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import (
    LARGEST_SIDE_PX,
    SIDE_MULTIPLE_PX,
    SMALLEST_SIDE_PX,
    Mask,
    Pixels,
    check_mask,
    check_pixels,
    check_range,
)

FEATHER_PX = 16
"""How far the edge of a mask fades, by default."""
END_PX = 8
"""How much of a picture says how it ends."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A picture made larger, and where it is to be drawn on."""

    pixels: Pixels = field(repr=False)
    mask: Mask = field(repr=False)


def compose(original: Pixels, drawn: Pixels, mask: Mask) -> Pixels:
    """Put a drawn picture into an original where the mask says so.

    Where the mask is 0, every byte is the original's.

    Raises:
        InvalidRequestError: the three differ in size.
    """
    sizes = {values.shape[:2] for values in (original, drawn, mask)}
    if len(sizes) > 1:
        raise InvalidRequestError(
            f"The pictures and the mask differ in size: {sorted(sizes)}. Scale them "
            "to one."
        )
    share = mask[..., None].astype(np.float32) / 255
    mixed = original + share * (drawn.astype(np.float32) - original)
    return np.asarray(np.round(mixed), np.uint8)


def feather(mask: Mask, width_px: int = FEATHER_PX) -> Mask:
    """Let a mask fade out over a width; what was 255 stays 255."""
    check_mask(mask)
    if width_px <= 0:
        return mask
    # Widened by as much as it is blurred, so that the fade lies outside the mask.
    grown = blur(spread(mask, width_px // 2), width_px / 4)
    return np.maximum(grown, mask)


def spread(mask: Mask, width_px: int) -> Mask:
    """Grow a mask to all sides."""
    if width_px <= 0:
        return mask
    return np.asarray(
        Image.fromarray(mask).filter(ImageFilter.MaxFilter(2 * width_px + 1))
    )


def blur(values: Mask, radius_px: float) -> Mask:
    """Blur, with the edges repeated; the kernel ends at three times its radius."""
    return np.asarray(
        Image.fromarray(values).filter(ImageFilter.GaussianBlur(radius_px))
    )


def fit_side(side_px: int) -> int:
    """Return the nearest side that the model can draw."""
    nearest = round(side_px / SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX
    return min(max(nearest, SMALLEST_SIDE_PX), LARGEST_SIDE_PX)


def resize(pixels: Pixels, width_px: int, height_px: int) -> Pixels:
    """Scale a picture to a size; one of that size stays as it is, byte for byte."""
    if pixels.shape[:2] == (height_px, width_px):
        return pixels
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((width_px, height_px), Image.Resampling.LANCZOS))


def resize_mask(mask: Mask, width_px: int, height_px: int) -> Mask:
    """Scale a mask to a size."""
    if mask.shape == (height_px, width_px):
        return mask
    image = Image.fromarray(mask)
    return np.asarray(image.resize((width_px, height_px), Image.Resampling.BILINEAR))


def extend(
    pixels: Pixels,
    *,
    left_px: int = 0,
    right_px: int = 0,
    top_px: int = 0,
    bottom_px: int = 0,
    feather_px: int = FEATHER_PX,
) -> Canvas:
    """Make a canvas with room on some sides; what is new is masked.

    The new sides go on as the picture ends, blurred, so that the encoders see no hard
    edge where the picture stops. The fade of the mask lies inside the picture.

    Raises:
        InvalidRequestError: no side, or the canvas has a size that can't be drawn.
    """
    check_pixels("picture to extend", pixels)
    sides = {"left": left_px, "right": right_px, "top": top_px, "bottom": bottom_px}
    for name, value in sides.items():
        check_range(f"{name} side to add", value, 0, LARGEST_SIDE_PX)
    if not any(sides.values()):
        raise InvalidRequestError("No side is extended. Add pixels to one of them.")
    height, width = pixels.shape[:2]
    check_canvas(width + left_px + right_px, height + top_px + bottom_px)
    room = ((top_px, bottom_px), (left_px, right_px))
    mask = np.pad(np.zeros((height, width), np.uint8), room, constant_values=255)
    return Canvas(fill_sides(pixels, room), feather(mask, feather_px))


Room = tuple[tuple[int, int], tuple[int, int]]
"""Pixels above and below, left and right."""


def fill_sides(pixels: Pixels, room: Room) -> Pixels:
    """Put a picture on a larger canvas and let its edges go on, ever more blurred."""
    # Not as the last row alone: a picture that a model has drawn ends in an odd one.
    ends = min(END_PX, *pixels.shape[:2])
    extended = np.pad(pixels, (*room, (0, 0)), "mean", stat_length=ends)
    (top, _), (left, _) = room
    height, width = pixels.shape[:2]
    # A streak of one pixel is no picture's end: the blur mixes it with its neighbors.
    smooth = np.asarray(
        Image.fromarray(extended).filter(
            ImageFilter.GaussianBlur(max(width, height) / 32)
        )
    )
    filled = smooth.copy()
    filled[top : top + height, left : left + width] = pixels
    return filled


def check_canvas(width_px: int, height_px: int) -> None:
    """Refuse a canvas that can't be drawn, and say how much to add.

    Raises:
        InvalidRequestError: a side is no multiple of 128 px, or too long.
    """
    for name, side in (("wide", width_px), ("high", height_px)):
        if side % SIDE_MULTIPLE_PX or not SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX:
            missing = -side % SIDE_MULTIPLE_PX
            hint = f" Add {missing} px more." if missing else " Add less."
            raise InvalidRequestError(
                f"The extended picture would be {side} px {name}. Sides are multiples "
                f"of {SIDE_MULTIPLE_PX} px from {SMALLEST_SIDE_PX} to "
                f"{LARGEST_SIDE_PX}.{hint}"
            )


def cover_cells(mask: Mask, rows: int, columns: int) -> NDArray[np.float32]:
    """Say which cells a mask touches, 0 or 1, shape (rows, columns).

    A cell that is touched at all is made anew whole: what it keeps of the original
    would otherwise show inside the mask. Its pixels outside the mask come from the
    original all the same.
    """
    image = Image.fromarray(mask).resize((columns, rows), Image.Resampling.BOX)
    # Rounded to whole numbers, so that less than a 500th of a cell counts as nothing.
    return (np.asarray(image) > 0).astype(np.float32)
