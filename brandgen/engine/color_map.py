"""Says which color a cell of image embeddings has, and which move changes it.

Both ways are linear, so that colors can be read and changed without drawing anything.
Numpy only.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import WeightsError
from brandgen.engine.previews import (
    Previewer,
    find_previewer_file,
    is_network,
    load_previewer,
    published_previewer,
)
from brandgen.engine.tensor_file import Floats
from brandgen.engine.weight_files import check_weight_file

FILE_NAME = "color_map.safetensors"


@dataclass(frozen=True)
class ColorMap:
    """A linear map from a cell to its mean color, and the moves that change it."""

    factors: Floats
    """Shape (channels, 3): times a cell's channels, plus the offset, sRGB 0 to 1."""
    offset: Floats
    """Shape (3,): the color of an all-zero cell."""
    moves: Floats
    """Shape (3, channels): times a wanted change of color, the change of a cell that
    brings it about; `moves @ factors` is the identity."""

    @property
    def channels(self) -> int:
        """How many channels a cell has."""
        return int(self.factors.shape[0])


def find_color_map(bundle: Bundle) -> ColorMap:
    """Load a bundle's own color map, or make one of the linear map of its previews.

    Where a network draws its previews, that is the published linear map.

    Raises:
        WeightsError: a file is missing, damaged or was changed.
    """
    if bundle.find_part("previewer") is None:
        return from_previewer(published_previewer())
    folder = bundle.get_part("previewer")
    if (folder / FILE_NAME).is_file():
        return load_color_map(folder / FILE_NAME)
    file = find_previewer_file(folder)
    if is_network(check_weight_file(file)):
        return from_previewer(published_previewer())
    return from_previewer(load_previewer(file))


def load_color_map(path: Path) -> ColorMap:
    """Load a fitted color map.

    Raises:
        WeightsError: no safetensors file with fitting factors, offset and moves.
    """
    try:
        tensors = safetensors.numpy.load_file(path)
        factors, offset, moves = (
            tensors[name].astype(np.float32) for name in ("factors", "offset", "moves")
        )
    except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
        raise WeightsError(f"The color map {path} can't be read: {error}.") from error
    is_map = factors.ndim == 2 and factors.shape[1:] == offset.shape == (3,)
    if not is_map or moves.shape != factors.T.shape:
        raise WeightsError(
            f"The color map {path} has factors of shape {factors.shape}, offset of "
            f"shape {offset.shape} and moves of shape {moves.shape}, which don't fit."
        )
    return ColorMap(factors, offset, moves)


def save_color_map(color_map: ColorMap, path: Path) -> None:
    """Write a color map for `load_color_map`, as float32: it is 460 bytes."""
    safetensors.numpy.save_file(
        {
            "factors": color_map.factors,
            "offset": color_map.offset,
            "moves": color_map.moves,
        },
        path,
    )


def fit_color_map(embeddings: Floats, colors: Floats) -> ColorMap:
    """Fit a color map to embeddings and the mean colors of their cells.

    Shapes: embeddings (n, channels, rows, columns); colors (n, rows, columns, 3), sRGB
    0 to 1. The moves are the regression of channels on colors: how cells differ in
    pictures where their colors differ. Those of the factors alone (`smallest_moves`)
    leave what the prior and the decoder know: with them guidance had half the effect.
    """
    cells = embeddings.transpose(0, 2, 3, 1).reshape(-1, embeddings.shape[1])
    cells = cells.astype(np.float64)
    wanted = colors.reshape(-1, 3).astype(np.float64)
    known = np.column_stack([cells, np.ones(len(cells))])
    solution = np.linalg.lstsq(known, wanted, rcond=None)[0]
    factors = solution[:-1]
    natural = np.linalg.lstsq(
        wanted - wanted.mean(0), cells - cells.mean(0), rcond=None
    )[0]
    moves = np.linalg.inv(natural @ factors) @ natural
    return ColorMap(
        factors.astype(np.float32),
        solution[-1].astype(np.float32),
        moves.astype(np.float32),
    )


def from_previewer(previewer: Previewer) -> ColorMap:
    """Make a color map of a map that draws previews: of each block the mean color.

    What a cell's neighbors add to its color is taken as the cell's own, which is right
    where they are alike.
    """
    pixels = previewer.block**2
    near = previewer.factors.reshape(
        previewer.channels, previewer.reach**2, pixels, 3
    ).mean(axis=2)
    factors = near.sum(axis=1)
    offset = previewer.offset.reshape(pixels, 3).mean(axis=0)
    return ColorMap(factors, offset, smallest_moves(factors))


def smallest_moves(factors: Floats) -> Floats:
    """Find the moves that change colors with the least change of channels."""
    return np.linalg.pinv(factors).astype(np.float32)


def share_explained(color_map: ColorMap, embeddings: Floats, colors: Floats) -> float:
    """Say how much of the colors' variance a map explains (R squared), at most 1.

    Shapes as in `fit_color_map`.
    """
    found = embeddings.transpose(0, 2, 3, 1) @ color_map.factors + color_map.offset
    mean = colors.reshape(-1, 3).mean(axis=0)
    return float(1 - np.square(found - colors).sum() / np.square(colors - mean).sum())
