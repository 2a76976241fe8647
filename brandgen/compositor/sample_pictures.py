"""Pictures to try layouts on: a light one, a dark one, and one that is busy.

They say nothing; what counts is how bright they are and how much they change under a
line of text.
"""

import functools
from typing import Literal

import cv2
import numpy as np
import simplejpeg

from brandgen.compositor.pictures import Pixels

Sample = Literal["light", "dark", "busy"]
SAMPLES: tuple[Sample, ...] = ("light", "dark", "busy")
SIDE_PX = 960
_GRAINS_PX = (160, 48, 12)
"""How large the patches of each layer of a picture are, and with it how loud."""


@functools.cache
def draw_sample(kind: Sample) -> bytes:
    """Draw one of them as a square JPEG; equal bytes on every call."""
    grain = _grain()
    if kind == "busy":
        gray = np.where(grain > np.median(grain), 205, 45) + 45 * (grain - 0.5)
    else:
        gray = (242 if kind == "light" else 18) + 20 * (grain - 0.5)
    pixels = np.clip(gray, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    data: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=88)
    return data


def _grain() -> Pixels:
    """Give patches of several sizes on each other, 0 to 1, as they are in foliage."""
    random = np.random.default_rng(5)
    whole = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    for grain_px in _GRAINS_PX:
        side = SIDE_PX // grain_px
        coarse = random.random((side, side), np.float32)
        whole += cv2.resize(coarse, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
    low, high = whole.min(), whole.max()
    scaled: Pixels = (whole - low) / (high - low)
    return scaled
