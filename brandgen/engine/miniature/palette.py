"""Names the colors that the miniature knows, and reads them back from pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (208, 38, 46), "coral": (255, 126, 102), "orange": (244, 132, 30),
    "gold": (212, 168, 66), "yellow": (250, 210, 58), "olive": (124, 126, 42),
    "green": (48, 158, 74), "mint": (160, 224, 192), "teal": (0, 136, 138),
    "sky": (122, 190, 240), "blue": (36, 96, 216), "navy": (24, 38, 92),
    "purple": (118, 58, 178), "lavender": (190, 170, 232), "pink": (246, 152, 192),
    "magenta": (212, 36, 148), "brown": (122, 76, 46), "cream": (250, 236, 210),
    "white": (246, 246, 246), "grey": (142, 146, 152), "black": (28, 28, 32),
}  # fmt: skip
"""Name to sRGB. The names are words of the tokenizer: a new one is a new training."""

COLOR_NAMES = tuple(COLORS)

# Source of both matrices: Björn Ottosson, "A perceptual color space for image
# processing" (OKLab), 2020; rows give L, M, S from linear sRGB, then L, a, b.
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(name: str) -> Floats:
    """Return a named color as sRGB from 0 to 1."""
    return np.array(COLORS[name], np.float32) / 255


def to_oklab(colors: NDArray[Any]) -> NDArray[np.float64]:
    """Convert sRGB from 0 to 1, shape (..., 3), to OKLab."""
    low = colors / 12.92
    high = ((np.maximum(colors, 0) + 0.055) / 1.055) ** 2.4
    linear = np.where(colors <= 0.04045, low, high)
    lab: NDArray[np.float64] = np.cbrt(linear @ _LMS.T) @ _LAB.T
    return lab


def from_oklab(lab: NDArray[Any]) -> Floats:
    """Convert OKLab to sRGB, cut to 0 to 1."""
    lms = (lab @ np.linalg.inv(_LAB).T) ** 3
    linear = np.clip(lms @ np.linalg.inv(_LMS).T, 0, 1)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    colors = np.where(linear <= 0.0031308, linear * 12.92, curved)
    clipped: Floats = np.clip(colors, 0, 1).astype(np.float32)
    return clipped


def mix(start: NDArray[Any], end: NDArray[Any], share: NDArray[Any] | float) -> Floats:
    """Mix two colors in OKLab, where halfway looks halfway.

    `share` of `end`, any shape; a table of 256 steps keeps pictures cheap.
    """
    steps = np.linspace(0, 1, 256)[:, None]
    table = from_oklab(to_oklab(start) * (1 - steps) + to_oklab(end) * steps)
    index = np.clip(np.asarray(share) * 255 + 0.5, 0, 255).astype(np.uint8)
    mixed: Floats = table[index]
    return mixed


def nearest_names(colors: NDArray[Any]) -> list[str]:
    """Name the nearest known color of each, shape (n, 3), by distance in OKLab."""
    known = to_oklab(np.array(list(COLORS.values())) / 255)
    distances = np.linalg.norm(to_oklab(colors)[:, None] - known[None], axis=-1)
    return [COLOR_NAMES[i] for i in distances.argmin(axis=1)]
