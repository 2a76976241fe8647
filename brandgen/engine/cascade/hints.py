"""Turns the picture of a control into what its ControlNet reads.

Source: the filters of modules/controlnet.py in the official repository. Colors go in
from 0 to 1 as they are, not normalized, at 32 px a cell of the image embeddings.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from brandgen.engine.cascade.efficientnet import CELL_PX
from brandgen.engine.edges import find_edges
from brandgen.engine.requests import Mask, Pixels

EDGES_PX = 224
"""Side of the square in which edges are looked for, whatever the picture's shape."""


def draw_edges(pixels: Pixels, rows: int, columns: int) -> Tensor:
    """Draw the edges of a picture, shape (1, 1, 32 rows, 32 columns)."""
    seen = scale_colors(pixels, rows, columns)
    small = functional.interpolate(seen, (EDGES_PX, EDGES_PX), mode="bilinear")
    bytes_ = (small[0] * 255).permute(1, 2, 0).to(torch.uint8).numpy()
    edges = torch.tensor(find_edges(np.ascontiguousarray(bytes_)))[None, None] / 255
    return functional.interpolate(edges, seen.shape[2:], mode="bilinear")


def blank_out(pixels: Pixels, mask: Mask, rows: int, columns: int) -> Tensor:
    """Paint white what is made anew, and say where, shape (1, 4, 32 rows, ...)."""
    seen = scale_colors(pixels, rows, columns)
    gray = torch.tensor(mask)[None, None].float() / 255
    # All that the mask touches: what is left of it would be drawn again.
    anew = (_scale(gray, rows, columns) > 0).float()
    return torch.cat([torch.where(anew > 0, 1.0, seen), anew], dim=1)


def scale_colors(pixels: Pixels, rows: int, columns: int) -> Tensor:
    """Scale a picture to colors from 0 to 1, shape (1, 3, 32 rows, 32 columns)."""
    return _scale(to_colors(pixels), rows, columns).clamp(0, 1)


def to_colors(pixels: Pixels) -> Tensor:
    """Turn pixels to colors from 0 to 1, shape (1, 3, height, width)."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    return torch.tensor(planes).float() / 255


def _scale(values: Tensor, rows: int, columns: int) -> Tensor:
    return functional.interpolate(
        values, (rows * CELL_PX, columns * CELL_PX), mode="bilinear", antialias=True
    )
