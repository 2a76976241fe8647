"""Colors as numbers: hex, sRGB, OKLab distances and WCAG contrast."""

import re

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Inks = tuple[float, float, float, float]
"""Cyan, magenta, yellow and black in percent."""

_HEX = re.compile(r"#?([0-9a-fA-F]{6})\Z")
_PERCENT = r"\s*(\d{1,3}(?:\.\d)?)\s*%?"
_INKS = re.compile(
    r"[,;/\s]*".join(f"{letter}?{_PERCENT}(?![\\d.])" for letter in "CMYK") + r"\Z",
    re.IGNORECASE | re.ASCII,
)

# Björn Ottosson, "A perceptual color space for image processing" (2020), with the
# matrices of 2021-01-25: linear sRGB -> cone response -> OKLab.
RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LMS_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

LMS_TO_RGB, OKLAB_TO_LMS = np.linalg.inv(RGB_TO_LMS), np.linalg.inv(LMS_TO_OKLAB)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Shares of linear red, green and blue in relative luminance (WCAG 2.2)."""


class ColorError(ValueError):
    """The text is not a color such as #0B3954."""


def parse_hex(text: str) -> tuple[int, int, int]:
    """Read a color such as #0B3954 into red, green and blue from 0 to 255.

    Raises:
        ColorError: it is anything else.
    """
    if not (match := _HEX.match(text)):
        raise ColorError(f"{text!r} is not a color. Write six hex digits: #0B3954.")
    value = int(match[1], 16)
    return value >> 16, value >> 8 & 255, value & 255


def parse_inks(text: str) -> Inks:
    """Read inks such as 0 60 85 0 or C0 M60 Y85 K0, in percent.

    Raises:
        ColorError: it is anything else.
    """
    match = _INKS.match(text.strip())
    inks = [float(part) for part in match.groups()] if match else []
    if not inks or max(inks) > 100:
        raise ColorError(
            f"{text[:40]!r} is not a color for print. Write cyan, magenta, yellow and "
            "black from 0 to 100: 0 60 85 0."
        )
    cyan, magenta, yellow, black = inks
    return cyan, magenta, yellow, black


def to_linear(srgb: NDArray[np.uint8] | FloatArray) -> FloatArray:
    """Turn sRGB from 0 to 255 into linear light from 0 to 1 (IEC 61966-2-1)."""
    if isinstance(srgb, np.ndarray) and srgb.dtype == np.uint8:
        return _LINEAR_OF_LEVEL[srgb]
    value = np.asarray(srgb, np.float64) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


# A picture's levels are looked up, ten times as fast as computed.
_LINEAR_OF_LEVEL = to_linear(np.arange(256, dtype=np.float64))


def to_oklab(srgb: NDArray[np.uint8] | FloatArray) -> FloatArray:
    """Turn sRGB `(..., 3)` from 0 to 255 into OKLab `(..., 3)`; L from 0 to 1."""
    cones = to_linear(srgb) @ RGB_TO_LMS.T
    return np.asarray(np.cbrt(cones) @ LMS_TO_OKLAB.T)


def distance(one: FloatArray, other: FloatArray) -> FloatArray:
    """Measure how far OKLab colors `(..., 3)` are apart, times 100.

    About 2 is just noticeable side by side; 100 is black to white.
    """
    return np.asarray(np.linalg.norm(one - other, axis=-1) * 100.0)


def luminance(srgb: NDArray[np.uint8] | FloatArray) -> FloatArray:
    """Give the relative luminance of sRGB `(..., 3)` as WCAG 2.2 defines it, 0 to 1."""
    return np.asarray(to_linear(srgb) @ LUMINANCE)


def luminance_of(color: str) -> float:
    """Give the relative luminance of a hex color, 0 to 1."""
    return float(luminance(np.array(parse_hex(color), np.float64)))


def contrast(one: FloatArray | float, other: FloatArray | float) -> FloatArray:
    """Give the WCAG 2.2 contrast ratio, 1 to 21, of two relative luminances."""
    light, dark = np.maximum(one, other), np.minimum(one, other)
    return np.asarray((light + 0.05) / (dark + 0.05))


def has_dark_room(ink: float) -> bool:
    """Say whether a text of this relative luminance stands out more on black."""
    return bool(contrast(ink, 0.0) >= contrast(ink, 1.0))


def contrast_of(one: str, other: str) -> float:
    """Give the contrast ratio of two hex colors."""
    return float(contrast(luminance_of(one), luminance_of(other)))


def contrast_of_worst(
    pixels: NDArray[np.uint8], ink: tuple[int, int, int], *, share: float = 0.01
) -> float:
    """Give the contrast that a text's color has with all but a share of the pixels.

    Every sRGB pixel `(h, w, 3)` is looked at: by default 99 of 100 reach it.
    0 where there are no pixels.
    """
    if not pixels.size:
        return 0.0
    own = float(luminance(np.array(ink, np.float64)))
    every = contrast(luminance(pixels.reshape(-1, 3)), own)
    return float(np.percentile(every, 100 * share))


def contrast_behind(pixels: NDArray[np.uint8], ink: str, *, rows: int = 48) -> float:
    """Give the contrast of a text's color with the sRGB pixels `(h, w, 3)` behind it.

    Nine in ten of the pixels, looked at in an even grid of twice as many columns as
    rows, reach it: a single speck need not. 0 where there are no pixels.
    """
    if not pixels.size:
        return 0.0
    height, width = pixels.shape[:2]
    seen = pixels[:: max(1, height // rows), :: max(1, width // (2 * rows))]
    found = contrast(luminance(seen), luminance_of(ink))
    return _percentile(found.ravel(), 0.1)


def _percentile(values: FloatArray, share: float) -> float:
    """Do what NumPy's does, between the two nearest, without its overhead."""
    place = (values.size - 1) * share
    low = int(place)
    high = min(low + 1, values.size - 1)
    values = np.partition(values, (low, high))
    return float(values[low] + (values[high] - values[low]) * (place - low))
