"""Is a picture sharp, large enough, and does text stand out on it."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from brandgen.lib.colors import contrast_behind, contrast_of_worst
from brandgen.lib.findings import Finding, Verdict

SHARP_ENOUGH = 0.5
MOST_ENLARGED = 2.0
TEXT_CONTRAST, LARGE_TEXT_CONTRAST = 4.5, 3.0

_KERNEL = 9
_LEAST_EDGES = 0.15


def sharpness(pixels: NDArray[np.uint8]) -> float | None:
    """Measure the sharpness of sRGB `(h, w, 3)`, 0 to 1; None where nothing has edges.

    A sharp picture loses much of its differences between neighbors when it is blurred
    once more, a blurred one little: Crete, Dolmiere, Ladret and Nicolas, "The blur
    effect" (SPIE 6492, 2007).
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scores = []
    for axis, size in ((0, (1, _KERNEL)), (1, (_KERNEL, 1))):
        before = np.abs(np.diff(gray, axis=axis))
        after = np.abs(np.diff(cv2.blur(gray, size), axis=axis))
        if before.mean() < _LEAST_EDGES:
            continue
        scores.append(float(np.maximum(0, before - after).sum() / before.sum()))
    return min(scores) if scores else None


def check_sharpness(
    pixels: NDArray[np.uint8], *, allowed: float = SHARP_ENOUGH
) -> Finding:
    """Check that a picture is not blurred."""
    measured = sharpness(pixels)
    if measured is None:
        text, message, is_soft = "no edges", "The picture has no edges to judge.", False
    else:
        is_soft = measured < allowed
        text = f"{measured:.2f}"
        message = "The picture looks soft." if is_soft else "The picture is sharp."
    verdict = Verdict.WARN if is_soft else Verdict.PASS
    return Finding("sharpness", text, f"at least {allowed:.2f}", verdict, message)


def check_resolution(
    width_px: int,
    height_px: int,
    *,
    for_width_px: int,
    for_height_px: int,
    allowed: float = MOST_ENLARGED,
) -> Finding:
    """Check that a picture can cover a format without being enlarged too much."""
    factor = max(for_width_px / width_px, for_height_px / height_px)
    is_small = factor > allowed
    return Finding(
        rule="resolution",
        measured=f"{width_px} x {height_px} px",
        allowed=f"at least {_least(for_width_px, allowed)} x "
        f"{_least(for_height_px, allowed)} px",
        verdict=Verdict.WARN if is_small else Verdict.PASS,
        message=f"It would be enlarged {factor:.1f} times for "
        f"{for_width_px} x {for_height_px} and look soft."
        if is_small
        else f"Large enough for {for_width_px} x {for_height_px}.",
    )


def _least(size_px: int, allowed: float) -> int:
    return int(np.ceil(size_px / allowed))


def box_contrast(
    pixels: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    color: tuple[int, int, int],
) -> float:
    """Measure the contrast of a text's color with a box of a picture, 1 to 21.

    The box is left, top, right, bottom as shares of the picture. All of its pixels but
    the worst hundredth reach what is returned.
    """
    height_px, width_px = pixels.shape[:2]
    left, top, right, bottom = box
    rows = slice(int(top * height_px), math.ceil(bottom * height_px))
    columns = slice(int(left * width_px), math.ceil(right * width_px))
    return contrast_of_worst(pixels[rows, columns], color)


def check_contrast(
    behind: NDArray[np.uint8], color: str, *, is_large: bool = False
) -> Finding:
    """Check that text of a hex color can be read on these pixels (WCAG 2.2, 1.4.3)."""
    measured = contrast_behind(behind, color)
    allowed = LARGE_TEXT_CONTRAST if is_large else TEXT_CONTRAST
    is_low = measured < allowed
    return Finding(
        rule="text-contrast",
        measured=f"{measured:.1f} : 1",
        allowed=f"at least {allowed:.1f} : 1",
        verdict=Verdict.FAIL if is_low else Verdict.PASS,
        message="The text is hard to read on what lies behind it."
        if is_low
        else "The text stands out.",
    )
