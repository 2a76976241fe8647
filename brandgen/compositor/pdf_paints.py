"""What the colors of a PDF become: inks, and in masks how strong they are."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from brandgen.compositor.pictures import Pixels
from brandgen.compositor.separation import Rgb, Separation
from brandgen.lib.colors import LUMINANCE

Samples = NDArray[np.uint8]


class Paints(Protocol):
    """What colors become: a space of the PDF, its operators, and numbers for it."""

    space: str
    fill: bytes
    stroke: bytes

    def solid(self, color: Rgb) -> tuple[float, ...]:
        """Give one color, each part from 0 to 1."""

    def row(self, colors: Pixels) -> Samples:
        """Give colors `(n, 3)` of a gradient as `(n, parts)`."""

    def picture(self, pixels: Pixels) -> Samples:
        """Give a picture `(h, w, 3)` as `(h, w, parts)`."""

    def gray_picture(self, pixels: Samples) -> Samples:
        """Give gray `(…)` as `(…, parts)`."""


class InkPaints:
    """Colors become inks."""

    space, fill, stroke = "/DeviceCMYK", b"k", b"K"

    def __init__(self, separation: Separation) -> None:
        self._separation = separation

    def solid(self, color: Rgb) -> tuple[float, ...]:
        """Give one color, each ink from 0 to 1."""
        return tuple(ink / 100 for ink in self._separation.inks_of(color))

    def row(self, colors: Pixels) -> Samples:
        """Give colors of a gradient, led to the inks that the brand asks for."""
        inks = self._separation.picture(colors[None])[0].astype(np.float64)
        shifted = np.clip(inks + self._own_shift(colors), 0, 255)
        return np.asarray(np.rint(shifted), np.uint8)

    def _own_shift(self, colors: Pixels) -> NDArray[np.float64]:
        """Give how far the brand's inks at both ends are from the profile's."""
        ends = []
        for index in (0, -1):
            red, green, blue = colors[index].tolist()
            color = (red, green, blue)
            own = self._separation.own_inks_of(color)
            usual = self._separation.converted(color)
            ends.append(np.subtract(own or usual, usual) * 2.55)
        ramp = np.linspace(0, 1, len(colors))[:, None]
        return np.asarray(ends[0] * (1 - ramp) + ends[1] * ramp)

    def picture(self, pixels: Pixels) -> Samples:
        """Give a picture in four inks."""
        return self._separation.picture(pixels)

    def gray_picture(self, pixels: Samples) -> Samples:
        """Give gray in black alone."""
        found = np.zeros((*pixels.shape, 4), np.uint8)
        found[..., 3] = self._separation.gray_picture(pixels)
        return found


class MaskPaints:
    """Colors of a luminosity mask become how strong it is there."""

    space, fill, stroke = "/DeviceGray", b"g", b"G"

    def solid(self, color: Rgb) -> tuple[float, ...]:
        """Give how light one color is, 0 to 1."""
        return (float(np.dot(color, LUMINANCE) / 255),)

    def row(self, colors: Pixels) -> Samples:
        """Give how light the colors of a gradient are."""
        return self.picture(colors)

    def picture(self, pixels: Pixels) -> Samples:
        """Give how light a picture is."""
        return np.asarray(np.rint(pixels @ LUMINANCE), np.uint8)[..., None]

    def gray_picture(self, pixels: Samples) -> Samples:
        """Give gray as it is."""
        return pixels[..., None]
