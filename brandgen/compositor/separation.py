"""Turn sRGB into the inks of a print: cyan, magenta, yellow and black.

LittleCMS does it by the print's ICC profile, relative colorimetric with black point
compensation: white is the paper, and black as dark as the print gets.
"""

import functools
import io
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from brandgen.compositor.pictures import Pixels
from brandgen.compositor.profiles import Profile
from brandgen.lib.colors import Inks, luminance, parse_hex, to_linear

Rgb = tuple[int, int, int]
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_STRIP = 1 << 22
"""Pixels that are turned at a time."""


class Separation:
    """The inks of one print.

    A brand's own inks are kept as they are: `own` maps hex colors to percents. Neutral
    colors of letters and shapes (red, green and blue alike) are printed in black alone,
    so that small type has no colored seams; pictures and gradients of several colors
    are not.
    """

    def __init__(
        self, profile: Profile, own: Mapping[str, Inks] = MappingProxyType({})
    ) -> None:
        self.profile = profile
        self._own = {parse_hex(color): inks for color, inks in own.items()}
        self._press = _Press.of(profile)

    def inks_of(self, color: Rgb) -> Inks:
        """Give the inks of one color of a letter or a shape, in percent."""
        if color in self._own:
            return self._own[color]
        if is_neutral(color):
            return (0.0, 0.0, 0.0, self._press.black_of(color[0]))
        return self.converted(color)

    def own_inks_of(self, color: Rgb) -> Inks | None:
        """Give the inks that the brand asks for; None where the profile decides."""
        return self._own.get(color)

    def converted(self, color: Rgb) -> Inks:
        """Give the inks by the profile alone, in percent."""
        pixels = np.array([[color]], np.uint8)
        c, m, y, k = (float(v) / 2.55 for v in self.picture(pixels)[0, 0])
        return (c, m, y, k)

    def picture(self, pixels: Pixels) -> Pixels:
        """Turn sRGB `(h, w, 3)` into inks `(h, w, 4)`, 255 is all of an ink."""
        return self._press.apply(pixels)

    def gray_picture(self, pixels: Pixels) -> Pixels:
        """Turn gray `(h, w)` into black `(h, w)`, 255 is all of it."""
        return np.asarray(self._press.blacks)[pixels]

    def look(self, inks: Pixels) -> Pixels:
        """Give the sRGB `(h, w, 3)` that inks `(h, w, 4)` look like on the paper."""
        return self._press.look(inks)

    def seen(self, inks: Inks) -> Rgb:
        """Give the sRGB that inks in percent look like, the paper taken as white."""
        dot = np.array([[[round(ink * 2.55) for ink in inks]]], np.uint8)
        red, green, blue = self.look(dot)[0, 0].tolist()
        return (red, green, blue)


def is_neutral(color: Rgb) -> bool:
    """Say whether a color has no hue at all."""
    return color[0] == color[1] == color[2]


def total(inks: Inks) -> float:
    """Give the sum of the inks, in percent: 400 is all of each."""
    return sum(inks)


class _Press:
    """The transforms of one profile, which are slow to make."""

    def __init__(self, profile: Profile) -> None:
        paper = ImageCms.ImageCmsProfile(io.BytesIO(profile.data))
        srgb = ImageCms.createProfile("sRGB")
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        self._forth = ImageCms.buildTransform(
            srgb, paper, "RGB", "CMYK", _INTENT, flags
        )
        self._back = ImageCms.buildTransform(paper, srgb, "CMYK", "RGB", _INTENT, flags)

    @staticmethod
    @functools.lru_cache(maxsize=4)
    def of(profile: Profile) -> "_Press":
        """Give the transforms of a profile, made once a process."""
        return _Press(profile)

    def apply(self, pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        found = np.empty((height, width, 4), np.uint8)
        rows = max(1, _STRIP // max(1, width))
        for top in range(0, height, rows):
            strip = np.ascontiguousarray(pixels[top : top + rows, :, :3])
            turned = ImageCms.applyTransform(Image.fromarray(strip), self._forth)
            found[top : top + rows] = np.asarray(turned)
        return found

    def look(self, inks: Pixels) -> Pixels:
        picture = Image.fromarray(np.ascontiguousarray(inks), mode="CMYK")
        return np.asarray(ImageCms.applyTransform(picture, self._back))

    def black_of(self, level: int) -> float:
        """Give the percent of black that is as light as a gray from 0 to 255."""
        return float(self._tones[level])

    @functools.cached_property
    def blacks(self) -> NDArray[np.uint8]:
        """The black of every gray, 255 is all of it."""
        found: NDArray[np.uint8] = np.rint(self._tones * 2.55).astype(np.uint8)
        return found

    @functools.cached_property
    def _tones(self) -> NDArray[np.float64]:
        """Percent of black by gray level; the lightest and darkest meet exactly."""
        wedge = np.zeros((1, 256, 4), np.uint8)
        wedge[..., 3] = np.arange(256)
        light = luminance(self.look(wedge)[0])
        # Black alone is the darkest there is: from paper to it is all the room.
        light = (light - light[-1]) / (light[0] - light[-1])
        light = np.minimum.accumulate(light)
        wanted = to_linear(np.arange(256, dtype=np.float64))
        blacks = np.interp(wanted, light[::-1], np.arange(255, -1, -1) / 2.55)
        blacks[0], blacks[-1] = 100.0, 0.0
        return blacks
