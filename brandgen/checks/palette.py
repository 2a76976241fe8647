"""How far a picture's colors are from the brand's palette."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from brandgen.lib.colors import distance, parse_hex, to_oklab
from brandgen.lib.findings import Finding, Verdict

SIDE_PX = 64
PLAN_SIDE_PX = 24
ALLOWED = 12.0
FAR = 20.0


def palette_distance(
    pixels: NDArray[np.uint8], palette: Sequence[str]
) -> tuple[float, float]:
    """Measure sRGB `(h, w, 3)` against hex colors.

    Returns the mean distance of a pixel to the nearest color (OKLab times 100), and the
    share of pixels, 0 to 1, that are further than 20 from every color. Lightness counts
    half, because light and shade move it while the color stays the brand's.

    Raises:
        ValueError: the palette is empty.
    """
    if not palette:
        raise ValueError("The palette is empty. Add the brand's colors first.")
    small = cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    weights = np.array([0.5, 1.0, 1.0])
    seen = to_oklab(small.reshape(-1, 3)) * weights
    own = to_oklab(np.array([parse_hex(c) for c in palette], np.float64)) * weights
    nearest = distance(seen[:, None], own[None]).min(axis=1)
    return float(nearest.mean()), float((nearest > FAR).mean())


def share_distance(
    pixels: NDArray[np.uint8], palette: Sequence[tuple[str, float]]
) -> float:
    """Measure how far a picture's colors are from hex colors taken by their shares.

    Returns the Wasserstein-2 distance of both distributions (OKLab times 100): how far
    colors would have to move, as a quadratic mean, until each palette color covers
    exactly its share. 0 only for such a picture; one of the brand's colors in equal
    parts is far from a palette that wants 90 % of one. Exact, by the cheapest plan
    from 24 x 24 means of the picture to the colors.

    Raises:
        ValueError: the palette is empty, or no color has a share.
    """
    used = [(color, share) for color, share in palette if share > 0]
    if not used:
        raise ValueError("No color of the palette has a share. Give one more than 0.")
    side = (PLAN_SIDE_PX, PLAN_SIDE_PX)
    small = cv2.resize(pixels, side, interpolation=cv2.INTER_AREA)
    seen = to_oklab(small.reshape(-1, 3))
    own = to_oklab(np.array([parse_hex(color) for color, _ in used], np.float64))
    shares = np.array([[share] for _, share in used], np.float32)
    costs = np.square(distance(seen[:, None], own[None])).astype(np.float32)
    parts = np.full((len(seen), 1), 1 / len(seen), np.float32)
    cost, _, _ = cv2.EMD(parts, shares / shares.sum(), cv2.DIST_USER, costs)
    return float(np.sqrt(max(cost, 0.0)))


def check_palette(
    pixels: NDArray[np.uint8], palette: Sequence[str], *, allowed: float = ALLOWED
) -> Finding:
    """Check that a picture keeps to the brand's colors.

    Raises:
        ValueError: the palette is empty.
    """
    mean, far = palette_distance(pixels, palette)
    is_off = mean > allowed
    return Finding(
        rule="palette",
        measured=f"distance {mean:.1f}",
        allowed=f"at most {allowed:.1f}",
        verdict=Verdict.WARN if is_off else Verdict.PASS,
        message=f"{far:.0%} of the picture is far from the brand's colors."
        if is_off
        else "The colors are the brand's.",
    )
