"""Change a picture's pixels as its layer asks: blur, grayscale, brightness and more.

The order and the arithmetic are those of CSS filter functions (Filter Effects, 2018).
"""

import cv2
import numpy as np

from brandgen.compositor.fills import Filters
from brandgen.compositor.pictures import Pixels

# Weights of luminance, as CSS grayscale() and saturate() take them.
_GRAY = np.array([0.2126, 0.7152, 0.0722], np.float32)


def apply_filters(pixels: Pixels, filters: Filters, blur_px: float) -> Pixels:
    """Give a picture with its filters applied; `blur_px` is a standard deviation."""
    changed = np.ascontiguousarray(pixels)
    matrix = _matrix(filters)
    if matrix is not None:
        changed = cv2.transform(changed, matrix)
        changed[..., 3] = pixels[..., 3]
    if filters.contrast != 1:
        # Pivots on middle gray, as CSS does.
        table = np.clip((np.arange(256) - 127.5) * filters.contrast + 127.5, 0, 255)
        colors = np.rint(table).astype(np.uint8)
        changed = np.dstack((colors[changed[..., :3]], changed[..., 3]))
    return _blur(changed, blur_px)


def _matrix(filters: Filters) -> np.ndarray | None:
    """Give grayscale, saturation and brightness as one matrix of RGBA."""
    keep = (1 - filters.grayscale) * filters.saturation
    if keep == 1 and filters.brightness == 1:
        return None
    colors = np.eye(3, dtype=np.float32) * keep + np.outer(np.ones(3), _GRAY) * (
        1 - keep
    )
    matrix = np.zeros((4, 4), np.float32)
    matrix[:3, :3] = colors * filters.brightness
    matrix[3, 3] = 1
    return matrix


def _blur(pixels: Pixels, sigma: float) -> Pixels:
    """Blur, a wide one on a smaller copy: it has no detail that would be missed."""
    if sigma < 0.2:
        return pixels
    height, width = pixels.shape[:2]
    factor = max(1, int(sigma // 4))
    if factor > 1:
        small = (max(1, width // factor), max(1, height // factor))
        pixels = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
        sigma /= factor
    blurred: Pixels = cv2.GaussianBlur(
        pixels, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    if factor > 1:
        blurred = cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC)
    return blurred
