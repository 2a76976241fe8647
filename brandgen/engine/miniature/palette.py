"""Names the colors that the miniature knows, and reads them back from pixels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (208, 38, 46), "coral": (251, 112, 104), "orange": (246, 132, 26),
    "gold": (205, 164, 62), "yellow": (250, 210, 58), "olive": (124, 126, 42),
    "green": (48, 158, 74), "mint": (152, 226, 194), "teal": (0, 136, 138),
    "sky": (116, 190, 242), "blue": (36, 96, 216), "navy": (24, 38, 92),
    "purple": (118, 58, 178), "lavender": (190, 170, 236), "pink": (248, 150, 194),
    "magenta": (212, 36, 148), "brown": (122, 76, 46), "cream": (247, 229, 188),
    "white": (251, 251, 251), "grey": (142, 146, 152), "black": (26, 26, 29),
    "burgundy": (116, 20, 48), "forest": (24, 84, 52), "peach": (255, 184, 148),
}  # fmt: skip
"""Name to sRGB: what drawings show. A bundle knows those of its own vocabulary.

The closest two are 0.08 apart in OKLab, so that a model can be asked which it drew.
"""

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
_LAB_BACK = np.linalg.inv(_LAB).T
_LMS_BACK = np.linalg.inv(_LMS).T


def _share_out(points: int, among: int) -> NDArray[np.float32]:
    """Weigh `among` even places on a line for each of `points` even places."""
    places = np.linspace(0, among - 1, points)
    weights = 1 - np.abs(places[:, None] - np.arange(among))
    shares: NDArray[np.float32] = np.clip(weights, 0, 1).astype(np.float32)
    return shares


_KNOTS, _STEPS = _share_out(32, 2), _share_out(256, 32)
"""Two colors to 32 between them, exactly; and those to 256, in straight lines."""


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
    lms = lab @ _LAB_BACK
    linear = np.clip((lms * lms * lms) @ _LMS_BACK, 0, 1)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    colors = np.where(linear <= 0.0031308, linear * 12.92, curved)
    clipped: Floats = np.clip(colors, 0, 1).astype(np.float32)
    return clipped


def mix(start: NDArray[Any], end: NDArray[Any], share: NDArray[Any] | float) -> Floats:
    """Mix two colors in OKLab, where halfway looks halfway.

    `share` of `end`, any shape; a table of 256 steps keeps pictures cheap.
    """
    ends = to_oklab(np.stack((start, end)))
    if isinstance(share, float):
        return from_oklab(ends[0] * (1 - share) + ends[1] * share)
    table = _STEPS @ from_oklab(_KNOTS @ ends)
    index = np.clip(np.asarray(share) * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.take(table, index, axis=0)


def nearest_names(
    colors: NDArray[Any], known: Mapping[str, tuple[int, int, int]] = COLORS
) -> list[str]:
    """Name the nearest known color of each, shape (n, 3), by distance in OKLab."""
    names = list(known)
    places = to_oklab(np.array(list(known.values())) / 255)
    distances = np.linalg.norm(to_oklab(colors)[:, None] - places[None], axis=-1)
    return [names[i] for i in distances.argmin(axis=1)]
