"""Suggest the point of a picture that a crop must keep."""

import cv2
import numpy as np

from brandgen.compositor.pictures import Pixels, decode

_SIDE = 64


def suggest_focal(data: bytes) -> tuple[float, float]:
    """Find the focal point of a picture's file: x, y from 0 to 1.

    The middle of the most salient region by the spectral residual of each channel (Hou
    and Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007). The
    peak's region is taken, because the centroid of all saliency is drawn to the middle.
    Ask once and keep the answer with the picture: a person may know better.

    Raises:
        ImageSourceError: the file can't be decoded.
    """
    decoded = decode(data, name="picture", for_width=_SIDE * 2, for_height=_SIDE * 2)
    return _peak(_saliency(decoded.pixels[..., :3]))


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


def _peak(saliency: np.ndarray) -> tuple[float, float]:
    # A frame of the picture's edge is often salient and seldom meant.
    margin = _SIDE // 16
    inner = np.zeros_like(saliency)
    inner[margin:-margin, margin:-margin] = saliency[margin:-margin, margin:-margin]
    highest = float(inner.max())
    if highest <= 1e-6:
        return 0.5, 0.5
    _, labels = cv2.connectedComponents((inner > highest * 0.4).astype(np.uint8))
    y, x = np.unravel_index(int(inner.argmax()), inner.shape)
    ys, xs = np.nonzero(labels == labels[y, x])
    return float((xs.mean() + 0.5) / _SIDE), float((ys.mean() + 0.5) / _SIDE)
