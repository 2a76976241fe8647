"""Blend a straight gradient of one color into pixels, ten times as fast as skia.

A scrim over a photo is the largest thing a template draws. Run level or upright, its
strength is one number a row or column, and many neighbors share one in 1/256: each
such band is one weighted sum by OpenCV, rounded to the nearest level.
"""

from itertools import pairwise

import cv2
import numpy as np

from brandgen.compositor.display import DrawShape, Paint
from brandgen.compositor.pictures import Pixels
from brandgen.lib.colors import parse_hex

_BAND = 16


def shade(pixels: Pixels, item: DrawShape, scale: float) -> bool:
    """Blend a gradient into RGBA pixels; False if it is not of the simple kind."""
    colors = {stop.color for stop in item.paint.stops}
    is_straight = len(item.paint.stops) > 1 and item.paint.angle_deg % 90 == 0
    if item.shape != "rect" or item.radius or len(colors) > 1 or not is_straight:
        return False
    rect = item.rect
    edges = [v * scale for v in (rect.x, rect.y, rect.right, rect.bottom)]
    left, top, right, bottom = (round(edge) for edge in edges)
    is_inside = left >= 0 and top >= 0
    is_inside &= right <= pixels.shape[1] and bottom <= pixels.shape[0]
    if not is_inside or any(abs(edge - round(edge)) > 0.01 for edge in edges):
        return False
    part = pixels[top:bottom, left:right]
    is_upright = item.paint.angle_deg % 180 == 90
    length = part.shape[0] if is_upright else part.shape[1]
    cover = np.rint(_strengths(item.paint, length) * item.opacity * 256)
    _blend(part, cover.astype(np.int64), item.paint.stops[0].color, is_upright)
    return True


def _strengths(paint: Paint, length: int) -> np.ndarray:
    """Give the opacity in the middle of each row or column, 0 to 1."""
    middles = (np.arange(length) + 0.5) / length
    if paint.angle_deg % 360 >= 180:
        middles = 1 - middles
    places = [stop.at for stop in paint.stops]
    return np.interp(middles, places, [stop.opacity for stop in paint.stops])


def _blend(part: Pixels, cover: np.ndarray, color: str, is_upright: bool) -> None:
    """Compute pixel + cover x (color - pixel), band by band of equal cover in 1/256."""
    edges = [0, *(np.flatnonzero(np.diff(cover)) + 1).tolist(), len(cover)]
    ink = np.array([*parse_hex(color), 255], np.uint8)
    across = part.shape[1] if is_upright else part.shape[0]
    shape = (_BAND, across, 4) if is_upright else (across, _BAND, 4)
    inks = np.ascontiguousarray(np.broadcast_to(ink, shape))
    for start, end in pairwise(edges):
        share = int(cover[start]) / 256
        if not share:
            continue
        # A few rows at a time stay in the processor's cache.
        for low in range(start, end, _BAND):
            high = min(end, low + _BAND)
            band = part[low:high] if is_upright else part[:, low:high]
            kept = inks[: high - low] if is_upright else inks[:, : high - low]
            cv2.addWeighted(band, 1 - share, kept, share, 0, dst=band)
