"""Suggest the point of a picture that a crop must keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from brandgen.compositor.alpha import SEEN, find_alpha_box
from brandgen.compositor.people import SIDE, Box, People, find_people
from brandgen.compositor.pictures import Pixels, decode

Source = Literal["person", "face", "saliency", "center"]
_SIDE = 64
_LEAST_PEAK = 1.25
"""How much more than the rest something must stand out to be meant."""


@dataclass(frozen=True)
class Suggestion:
    """A focal point, x and y from 0 to 1 from the top left, and what was seen there."""

    point: tuple[float, float]
    source: Source


def suggest_focal(data: bytes) -> Suggestion:
    """Find the focal point of a picture's file: a person, a face, what stands out.

    People and faces go first (see `people`), all of about the largest's size. Else it
    is the middle of the most salient region by the spectral residual of each channel
    (Hou and Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007). The
    peak's region is taken, because the centroid of all saliency is drawn to the middle.
    Of a picture without background it is the middle of the box of what is there. Where
    nothing stands out it is the center. The same file always gives the same
    answer. Ask once and keep it with the picture: a person may know better.

    Raises:
        ImageSourceError: the file can't be decoded.
    """
    decoded = decode(data, name="picture", for_width=SIDE, for_height=SIDE)
    pixels = _shrink(decoded.pixels)
    found = find_people(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    if found.people:
        return Suggestion(
            _middle([_head(one, found) for one in found.people]), "person"
        )
    if found.faces:
        return Suggestion(_middle(found.faces), "face")
    if cut := _middle_of_cutout(decoded.pixels):
        return Suggestion(cut, "saliency")
    peak = _peak(_saliency(pixels))
    if peak is None:
        return Suggestion((0.5, 0.5), "center")
    return Suggestion(peak, "saliency")


def _middle_of_cutout(pixels: Pixels) -> tuple[float, float] | None:
    """Return the middle of what is not transparent; None where all or nothing is."""
    if int(pixels[..., 3].min()) > SEEN or int(pixels[..., 3].max()) <= SEEN:
        return None
    left, top, right, bottom = find_alpha_box(pixels)
    return (left + right) / 2, (top + bottom) / 2


def _shrink(pixels: Pixels) -> Pixels:
    """Return the colors of a picture at the size that is searched, on white."""
    height, width = pixels.shape[:2]
    factor = min(1.0, SIDE / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:].astype(np.uint16)
    on_white = (small[..., :3] * alpha + 255 * (255 - alpha)) // 255
    return np.ascontiguousarray(on_white.astype(np.uint8))


def _head(person: Box, found: People) -> Box:
    """Return the face of a person, or where head and chest are in a body's box."""
    for face in found.faces:
        x, y = face.x + face.width / 2, face.y + face.height / 2
        is_level = person.y <= y <= person.y + person.height / 3
        if is_level and person.x <= x <= person.x + person.width:
            return face
    return person._replace(height=person.height / 2)


def _middle(boxes: Sequence[Box]) -> tuple[float, float]:
    """Return the middle of the largest and of those at least a third of its size."""
    largest = max(box.area for box in boxes)
    seen = [box for box in boxes if box.area * 3 >= largest]
    whole = sum(box.area for box in seen)
    x = sum((box.x + box.width / 2) * box.area for box in seen) / whole
    y = sum((box.y + box.height / 2) * box.area for box in seen) / whole
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def _saliency(pixels: Pixels) -> np.ndarray:
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    total = np.zeros((_SIDE, _SIDE), np.float32)
    for channel in cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2LAB)):
        spectrum = np.fft.fft2(channel.astype(np.float32))
        strength = np.log(np.abs(spectrum) + 1e-3).astype(np.float32)
        residual = strength - cv2.blur(strength, (3, 3))
        phase = np.angle(spectrum)
        found = np.abs(np.fft.ifft2(np.exp(residual + 1j * phase))) ** 2
        total += found.astype(np.float32) * float(channel.std())
    smooth: np.ndarray = cv2.GaussianBlur(total, (0, 0), 6)
    return smooth


def _peak(saliency: np.ndarray) -> tuple[float, float] | None:
    # A frame of the picture's edge is often salient and seldom meant.
    margin = _SIDE // 16
    inner = np.zeros_like(saliency)
    inner[margin:-margin, margin:-margin] = saliency[margin:-margin, margin:-margin]
    highest = float(inner.max())
    usual = float(np.median(saliency[margin:-margin, margin:-margin]))
    if highest <= max(1e-6, usual * _LEAST_PEAK):
        return None
    _, labels = cv2.connectedComponents((inner > highest * 0.4).astype(np.uint8))
    y, x = np.unravel_index(int(inner.argmax()), inner.shape)
    ys, xs = np.nonzero(labels == labels[y, x])
    return float((xs.mean() + 0.5) / _SIDE), float((ys.mean() + 0.5) / _SIDE)
