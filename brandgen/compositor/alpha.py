"""Soft edges of a cut-out, and colors at them that the old background does not tint."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SEEN = 8
"""Alpha, 0 to 255, up to which nothing is seen."""
_EPSILON = 1e-4
"""What counts as a flat region to the guided filter, as a variance of 0 to 1."""


def find_alpha_box(pixels: Pixels) -> tuple[float, float, float, float]:
    """Return the box of what is not transparent: left, top, right, bottom as shares."""
    seen = pixels[..., 3] > SEEN
    columns, rows = np.flatnonzero(seen.any(0)), np.flatnonzero(seen.any(1))
    if not len(columns):
        return 0.0, 0.0, 1.0, 1.0
    height, width = seen.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def soften(rgb: Pixels, mask: NDArray[np.bool_]) -> Floats:
    """Return alpha from 0 to 1 whose edge follows the picture's.

    A narrow band along the outline is filtered with the picture's colors as the guide
    (He, Sun and Tang, "Guided Image Filtering", ECCV 2010); the rest stays whole.
    """
    radius = max(2, round(max(mask.shape) / 250))
    hard = mask.astype(np.float32)
    guided = _filter(_as_shares(rgb), hard, radius)
    # The filter's answer is soft; a product's outline is a pixel or two wide.
    alpha = np.clip((guided - 0.5) * 1.6 + 0.5, 0, 1)
    kernel = np.ones((3, 3), np.uint8)
    sure = cv2.erode(hard, kernel, iterations=radius) > 0.5
    near = cv2.dilate(hard, kernel, iterations=radius) > 0.5
    alpha[sure] = 1.0
    alpha[~near] = 0.0
    soft: Floats = alpha.astype(np.float32)
    return soft


def clear_edge_colors(rgb: Pixels, alpha: Floats) -> Pixels:
    """Return colors of the subject alone, of which nothing of the background is left.

    Twice, first widely and then closely, the colors of both sides are averaged and the
    remainder given to the subject (Forte, "Approximate Fast Foreground Colour
    Estimation", ICIP 2021). Where nothing is seen lies the nearest color, so that
    scaling draws no fringe.
    """
    image = _as_shares(rgb)
    front = back = image
    for radius in (45, 3):
        front, back = _blur_fusion(image, front, back, alpha[..., None], radius)
    colors = np.where(alpha[..., None] >= 1, image, front)
    cleared: Pixels = np.rint(np.clip(colors, 0, 1) * 255).astype(np.uint8)
    return cleared


def _as_shares(rgb: Pixels) -> Floats:
    """Return colors from 0 to 1."""
    shares: Floats = np.divide(rgb, 255, dtype=np.float32)
    return shares


def _blur_fusion(
    image: Floats, front: Floats, back: Floats, alpha: Floats, radius: int
) -> tuple[Floats, Floats]:
    size = (2 * radius + 1, 2 * radius + 1)
    share = cv2.blur(alpha, size)[..., None]
    mean_front = cv2.blur(front * alpha, size) / (share + 1e-5)
    mean_back = cv2.blur(back * (1 - alpha), size) / (1 - share + 1e-5)
    rest = image - alpha * mean_front - (1 - alpha) * mean_back
    return np.clip(mean_front + alpha * rest, 0, 1), np.clip(mean_back, 0, 1)


def _filter(guide: Floats, values: Floats, radius: int) -> Floats:
    """Filter values by a colored guide `(height, width, 3)`, 0 to 1."""
    size = (2 * radius + 1, 2 * radius + 1)
    mean_guide = cv2.blur(guide, size)
    mean_values = cv2.blur(values, size)
    covariance = cv2.blur(guide * values[..., None], size)
    covariance -= mean_guide * mean_values[..., None]
    variance = np.empty((*values.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            both = cv2.blur(guide[..., i] * guide[..., j], size)
            both -= mean_guide[..., i] * mean_guide[..., j]
            variance[..., i, j] = variance[..., j, i] = both
    variance += _EPSILON * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(variance, covariance[..., None])[..., 0]
    offset = mean_values - (slope * mean_guide).sum(-1)
    filtered: Floats = (cv2.blur(slope, size) * guide).sum(-1) + cv2.blur(offset, size)
    return filtered
