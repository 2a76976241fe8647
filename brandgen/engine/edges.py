"""Finds the edges in a picture, as the ControlNet that follows edges was shown them.

Source: J. Canny, "A computational approach to edge detection" (1986), with what OpenCV
documents of `Canny`: Sobel slopes of 3 x 3, of the channel that is steepest, their
lengths added rather than squared, and edges that are repeated beyond the border.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from brandgen.engine.requests import Mask, Pixels

LOW, HIGH = 100, 200
"""Slopes: an edge goes on above the one, and begins above the other."""
FLAT, STEEP = 13573, 13573 + 2**16
"""Tangents of 22.5 and of 67.5 degrees, times 2**15, as OpenCV rounds them."""

Slopes = NDArray[np.int32]
Where = NDArray[np.bool_]


def find_edges(pixels: Pixels, low: int = LOW, high: int = HIGH) -> Mask:
    """Draw the edges of a picture, 255 on 0, one pixel wide."""
    across, down = find_slopes(pixels)
    length = np.abs(across) + np.abs(down)
    ridge = find_ridges(across, down, length)
    edges = grow_edges(ridge & (length > high), ridge & (length > low))
    return np.where(edges, 255, 0).astype(np.uint8)


def find_slopes(pixels: Pixels) -> tuple[Slopes, Slopes]:
    """Compute the slopes to the right and down, each of the steepest channel."""
    p = np.pad(pixels.astype(np.int32), ((1, 1), (1, 1), (0, 0)), "edge")
    lines = p[:-2] + 2 * p[1:-1] + p[2:]
    columns = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    across = lines[:, 2:] - lines[:, :-2]
    down = columns[2:] - columns[:-2]
    steepest = (np.abs(across) + np.abs(down)).argmax(axis=2)[..., None]
    one, other = (
        np.take_along_axis(slopes, steepest, axis=2)[..., 0]
        for slopes in (across, down)
    )
    return one, other


def find_ridges(across: Slopes, down: Slopes, length: Slopes) -> Where:
    """Say where the slope is steeper than beside it, in the direction it goes."""
    around = np.pad(length, 1)
    rows, columns = length.shape

    def beside(row: int, column: int) -> Slopes:
        return around[1 + row :, 1 + column :][:rows, :columns]

    wide, high = np.abs(across), np.abs(down)
    is_flat = high * 2**15 < wide * FLAT
    is_steep = high * 2**15 > wide * STEEP
    is_falling = (across < 0) == (down < 0)
    flat = (length > beside(0, -1)) & (length >= beside(0, 1))
    steep = (length > beside(-1, 0)) & (length >= beside(1, 0))
    falling = (length > beside(-1, -1)) & (length > beside(1, 1))
    rising = (length > beside(-1, 1)) & (length > beside(1, -1))
    slanted = np.where(is_falling, falling, rising)
    return np.where(is_flat, flat, np.where(is_steep, steep, slanted))


def grow_edges(edges: Where, ridge: Where) -> Where:
    """Let edges go on along a ridge for as far as it is joined to them."""
    while True:
        image = Image.fromarray(edges.astype(np.uint8))
        grown = (np.asarray(image.filter(ImageFilter.MaxFilter(3))) > 0) & ridge
        if np.array_equal(grown, edges):
            return edges
        edges = grown
