"""Draws image embeddings as small pictures, by one linear map and no network.

Every cell's channels, with those of its neighbors, are multiplied with fitted factors
to a block of pixels. Numpy only: a preview costs about a millisecond.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from safetensors import SafetensorError

from brandgen.engine.errors import WeightsError
from brandgen.engine.requests import Pixels
from brandgen.engine.tensor_header import Header, HeaderError, read_header

Floats = NDArray[np.float32]

FILE_NAME = "previewer.safetensors"
PREVIEW_SIDE_PX = 256
"""Length of a preview's longer side."""

# Red, green and blue for each of the 16 channels, around mid-gray.
# Source: the linear map for Stage C published with ComfyUI (latent_formats, SC_Prior).
PUBLISHED_FACTORS = (
    (-0.0326, -0.0204, -0.0127), (-0.1592, -0.0427, 0.0216),
    (0.0873, 0.0638, -0.0020), (-0.0602, 0.0442, 0.1304),
    (0.0800, -0.0313, -0.1796), (-0.0810, -0.0638, -0.1581),
    (0.1791, 0.1180, 0.0967), (0.0740, 0.1416, 0.0432),
    (-0.1745, -0.1888, -0.1373), (0.2412, 0.1577, 0.0928),
    (0.1908, 0.0998, 0.0682), (0.0209, 0.0365, -0.0092),
    (0.0448, -0.0650, -0.1728), (-0.1658, -0.1045, -0.1308),
    (0.0542, 0.1545, 0.1325), (-0.0352, -0.1672, -0.2541),
)  # fmt: skip


@dataclass(frozen=True)
class Previewer:
    """A linear map from cells of image embeddings to blocks of pixels."""

    factors: Floats
    """Shape (reach * reach * channels, block * block * 3); reach is odd: 1 looks at a
    cell alone, 3 at its neighbors too."""
    offset: Floats
    """Shape (block * block * 3): the color of an all-zero embedding, 0 to 1."""
    channels: int = 16

    @property
    def reach(self) -> int:
        """How many cells are looked at, along one side."""
        return math.isqrt(self.factors.shape[0] // self.channels)

    @property
    def block(self) -> int:
        """How many pixels are drawn for a cell, along one side."""
        return math.isqrt(self.factors.shape[1] // 3)

    def draw(self, embeddings: Floats) -> Pixels:
        """Draw embeddings of shape (channels, rows, columns), enlarged smoothly."""
        _, rows, columns = embeddings.shape
        colors = neighborhoods(embeddings, self.reach) @ self.factors + self.offset
        blocks = colors.reshape(rows, columns, self.block, self.block, 3)
        picture = blocks.transpose(0, 2, 1, 3, 4).reshape(
            rows * self.block, columns * self.block, 3
        )
        small = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
        return enlarge(hide_seams(small, self.block))


def find_previewer_file(place: Path) -> Path:
    """Say where a bundle's previewer lies: in a folder of its own, or beside others."""
    return place if place.is_file() else place / FILE_NAME


def is_network(header: Header) -> bool:
    """Say whether a file holds the official network in place of a linear map."""
    return not {"factors", "offset"} & header.tensors.keys()


def published_previewer() -> Previewer:
    """Return the linear map of the published Stable Cascade weights."""
    factors = np.array(PUBLISHED_FACTORS, np.float32)
    return Previewer(factors, np.full(3, 0.5, np.float32))


def load_previewer(path: Path) -> Previewer:
    """Load a fitted linear map.

    Raises:
        WeightsError: no safetensors file with fitting `factors` and `offset`.
    """
    try:
        read_header(path)
        tensors = safetensors.numpy.load_file(path)
        previewer = Previewer(
            tensors["factors"].astype(np.float32), tensors["offset"].astype(np.float32)
        )
    except (HeaderError, OSError, KeyError, ValueError, SafetensorError) as error:
        raise WeightsError(f"The previewer {path} can't be read: {error}.") from error
    expected = (previewer.reach**2 * previewer.channels, previewer.block**2 * 3)
    if previewer.factors.shape != expected or previewer.offset.shape != expected[1:]:
        raise WeightsError(
            f"The previewer {path} has factors of shape {previewer.factors.shape} and "
            f"offset of shape {previewer.offset.shape}, which are no linear map."
        )
    return previewer


def save_previewer(previewer: Previewer, path: Path) -> None:
    """Write a linear map for `load_previewer`, as float16."""
    safetensors.numpy.save_file(
        {
            "factors": previewer.factors.astype(np.float16),
            "offset": previewer.offset.astype(np.float16),
        },
        path,
    )


def fit_previewer(
    embeddings: Floats, pictures: Pixels, *, reach: int = 3, block: int = 8
) -> Previewer:
    """Fit the linear map that best turns embeddings into their pictures.

    Least squares with a small ridge. Shapes: embeddings (n, channels, rows, columns);
    pictures (n, rows * block, columns * block, 3).
    """
    n, channels, rows, columns = embeddings.shape
    inputs = np.concatenate([neighborhoods(e, reach) for e in embeddings])
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1), np.float32)], axis=1)
    blocks = pictures.reshape(n, rows, block, columns, block, 3)
    targets = blocks.transpose(0, 1, 3, 2, 4, 5).reshape(len(inputs), -1) / 255
    square = inputs.T.astype(np.float64) @ inputs
    ridge = 1e-3 * len(inputs) * np.eye(len(square))
    ridge[-1, -1] = 0
    solution = np.linalg.solve(square + ridge, inputs.T.astype(np.float64) @ targets)
    return Previewer(
        solution[:-1].astype(np.float32), solution[-1].astype(np.float32), channels
    )


def neighborhoods(embeddings: Floats, reach: int) -> Floats:
    """Gather each cell's channels with its neighbors', edges repeated.

    Returns shape (rows * columns, channels * reach * reach), channels slowest.
    """
    margin = reach // 2
    padded = np.pad(embeddings, ((0, 0), (margin, margin), (margin, margin)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (reach, reach), (1, 2))
    channels, rows, columns = embeddings.shape
    return np.ascontiguousarray(windows.transpose(1, 2, 0, 3, 4)).reshape(
        rows * columns, channels * reach * reach
    )


def hide_seams(small: Pixels, block: int) -> Pixels:
    """Blur a little, so that no grid of blocks shows on plain grounds."""
    if block == 1:
        return small
    blur = ImageFilter.GaussianBlur(block / 6)
    return np.asarray(Image.fromarray(small).filter(blur))


def enlarge(small: Pixels) -> Pixels:
    """Enlarge a picture smoothly until its longer side is a preview's."""
    height, width = small.shape[:2]
    scale = PREVIEW_SIDE_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(image)
