"""Hides the edge between what was kept of a picture and what was drawn beside it.

A model draws its own shade of a ground. Where kept and drawn pixels meet, their
difference is measured, carried smoothly over the drawn part, and taken away.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from brandgen.engine.requests import Mask, Pixels

Floats = NDArray[np.float32]

GRID_PX = 4
"""Side of a cell of the grid that the difference is carried over: it is smooth."""
RING_PX = 8
"""How far inside the mask kept and drawn pixels are compared."""
MOST_DIFFERENCE = 28.0
"""Of 255: where they differ by far more there are two things, not two shades of one.

Source: looked at on the miniature, whose grounds drift by 3 to 15.
"""
DOUBT = 0.02
"""How much "no shift" counts on the whole edge: all, where nothing is trusted."""
STIFFNESS = 0.5
"""How much smoothness counts beside what was measured at the edge."""
ROUNDS = 60
"""Sweeps at each size of the grid; each size starts from the one half as fine."""


def match_edge(original: Pixels, drawn: Pixels, mask: Mask) -> Pixels:
    """Shift the colors of what was drawn so that it meets what is kept.

    Returns the drawn picture with other shades where the mask is above 0; a difference
    of things, not of shades, stays as it is.
    """
    ring = (mask > 0) & (grow(mask == 0, RING_PX))
    if not ring.any():
        return drawn
    difference = original.astype(np.float32) - drawn
    size = np.sqrt((difference**2).mean(axis=2))
    trust = np.exp(-((size / MOST_DIFFERENCE) ** 2)) * ring
    shift = carry(difference, np.asarray(trust, np.float32), DOUBT * ring)
    moved = np.where(mask[..., None] > 0, drawn + shift, drawn)
    return np.asarray(np.clip(np.round(moved), 0, 255), np.uint8)


def grow(where: NDArray[np.bool_], width_px: int) -> NDArray[np.bool_]:
    """Widen an area to all sides."""
    image = Image.fromarray(where.astype(np.uint8) * 255)
    grown = image.filter(ImageFilter.MaxFilter(2 * width_px + 1))
    return np.asarray(grown) > 0


def carry(values: Floats, trust: Floats, doubt: Any) -> Floats:
    """Spread values smoothly from where they are trusted to everywhere.

    Shapes (height, width, 3) and twice (height, width). Solves, from coarse to fine,
    for the smoothest surface that is near the values, each as near as it is trusted,
    and near 0 as far as that is in doubt.
    """
    height, width = trust.shape
    rows, columns = -(-height // GRID_PX), -(-width // GRID_PX)
    weight = shrink(trust + doubt, rows, columns)
    sums = np.dstack([shrink(values[..., i] * trust, rows, columns) for i in range(3)])
    surface = solve(sums, weight)
    return np.dstack([enlarge(surface[..., i], width, height) for i in range(3)])


def solve(sums: Floats, weight: Floats) -> Floats:
    """Find the surface for weighted sums of values, shape (rows, columns, 3)."""
    rows, columns = weight.shape
    if min(rows, columns) > 4:
        half = ((rows + 1) // 2, (columns + 1) // 2)
        coarse = solve(
            np.dstack([shrink(sums[..., i], *half) for i in range(3)]),
            shrink(weight, *half),
        )
        surface = np.dstack([enlarge(coarse[..., i], columns, rows) for i in range(3)])
    else:
        surface = np.zeros_like(sums) + sums.sum((0, 1)) / max(weight.sum(), 1e-6)
    for _ in range(ROUNDS):
        padded = np.pad(surface, ((1, 1), (1, 1), (0, 0)), "edge")
        around = (
            padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        ) / 4
        surface = (sums + STIFFNESS * around) / (weight[..., None] + STIFFNESS)
    return np.asarray(surface, np.float32)


def shrink(values: Any, rows: int, columns: int) -> Floats:
    """Average over the cells of a coarser grid."""
    image = Image.fromarray(np.asarray(values, np.float32))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BOX), np.float32)


def enlarge(values: Any, width: int, height: int) -> Floats:
    """Go between the cells of a grid to a finer one."""
    image = Image.fromarray(np.asarray(values, np.float32))
    small = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32)
