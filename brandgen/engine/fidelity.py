"""Measures how much a model has changed a picture, and shows where."""

import io
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import Pixels
from brandgen.lib.colors import distance, to_oklab

NOTICEABLE = 2.0
"""OKLab times 100: about where two colors side by side begin to differ for people."""
FAR = 20.0
"""What the map shows at full strength."""
# From no change to a change that everybody sees: dark, violet, orange, yellow.
RAMP = np.array(
    [[20, 20, 24], [92, 40, 130], [200, 72, 60], [244, 160, 50], [252, 246, 190]],
    np.float64,
)


@dataclass(frozen=True)
class Fidelity:
    """How far a picture and the model's drawing of it are apart."""

    differences: NDArray[np.float64] = field(repr=False)
    """Color distance of each pixel, OKLab times 100, shape (height, width)."""
    psnr_db: float
    """Peak signal-to-noise ratio of sRGB; infinite where no byte differs."""

    @property
    def mean(self) -> float:
        """The mean color distance."""
        return float(self.differences.mean())

    @property
    def worst(self) -> float:
        """The distance that 99 of 100 pixels keep below."""
        return float(np.percentile(self.differences, 99))

    @property
    def noticeable_percent(self) -> float:
        """How much of the picture differs so that people see it, 0 to 100."""
        return 100 * float((self.differences > NOTICEABLE).mean())

    @property
    def verdict(self) -> str:
        """The answer in a sentence."""
        if self.mean < NOTICEABLE / 2:
            return "The model keeps this picture: nobody will see a difference."
        if self.mean < NOTICEABLE * 2:
            return "The model changes this picture a little: fine detail gets lost."
        return (
            "The model changes this picture visibly. Keep the original where details "
            "count, and change only areas of it."
        )

    def draw_map(self) -> bytes:
        """Draw where the picture differs, as PNG: the lighter, the more."""
        place = np.clip(self.differences / FAR, 0, 1) * (len(RAMP) - 1)
        stops = np.arange(len(RAMP))
        colors = [np.interp(place, stops, RAMP[:, channel]) for channel in range(3)]
        file = io.BytesIO()
        pixels = np.stack(colors, axis=-1).astype(np.uint8)
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()


def measure(before: Pixels, after: Pixels) -> Fidelity:
    """Hold a picture against the model's drawing of it.

    Raises:
        InvalidRequestError: they differ in size.
    """
    if before.shape != after.shape:
        raise InvalidRequestError(
            f"The pictures to compare are {before.shape[1]} x {before.shape[0]} and "
            f"{after.shape[1]} x {after.shape[0]} px. Scale them to one size."
        )
    differences = distance(to_oklab(before), to_oklab(after))
    return Fidelity(differences, find_psnr(before, after))


def find_psnr(before: Pixels, after: Pixels) -> float:
    """Compute the peak signal-to-noise ratio in dB, over red, green and blue."""
    error = float(np.square(before.astype(np.float64) - after).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf
