"""Write PNG files: fast for previews and final files, small where bytes count."""

import io
import struct

import cv2
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

from brandgen.lib.containers import PNG_SIGNATURE, png_chunk, png_xmp_chunk

_INCH_M = 0.0254


def write_png(
    pixels: NDArray[np.uint8],
    *,
    has_alpha: bool = False,
    xmp: bytes | None = None,
    dpi: int | None = None,
) -> bytes:
    """Write RGBA pixels with the "up" filter and ISA-L: 11 ms where zlib takes 420.

    Without `has_alpha` they become RGB.
    """
    height, width = pixels.shape[:2]
    channels = 4 if has_alpha else 3
    flat = pixels if has_alpha else cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    lines = np.ascontiguousarray(flat).reshape(height, width * channels)
    rows = np.empty((height, width * channels + 1), np.uint8)
    rows[:, 0] = 2
    rows[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=rows[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if has_alpha else 2, 0, 0, 0)
    body = png_chunk(b"IDAT", isal_zlib.compress(rows, 2))
    return _assemble(header, body, xmp=xmp, dpi=dpi)


def write_small_png(
    pixels: NDArray[np.uint8],
    *,
    has_alpha: bool = False,
    xmp: bytes | None = None,
    dpi: int | None = None,
) -> bytes:
    """Write the same pixels in fewer bytes, 50 times as slowly: for background work.

    Up to 256 colors become a palette, which loses nothing.
    """
    kept = pixels if has_alpha else pixels[..., :3]
    picture = Image.fromarray(np.ascontiguousarray(kept))
    if found := picture.getcolors(256):
        picture = _as_palette(pixels, [color for _, color in found])
    return write_picture(picture, xmp=xmp, dpi=dpi)


def write_picture(
    picture: Image.Image, *, xmp: bytes | None = None, dpi: int | None = None
) -> bytes:
    """Write a Pillow picture of any mode as small as zlib makes it."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    data = buffer.getvalue()
    # All of Pillow's chunks but the first and the last, after our own.
    header, body = data[16:29], data[33:-12]
    return _assemble(header, body, xmp=xmp, dpi=dpi)


def round_levels(pixels: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Round colors to this many bits a channel, which makes a PNG smaller."""
    step = 1 << (8 - bits)
    levels = np.arange(256)
    table = np.minimum((levels + step // 2) // step * step, 255).astype(np.uint8)
    rounded = pixels.copy()
    rounded[..., :3] = table[pixels[..., :3]]
    return rounded


def _as_palette(pixels: NDArray[np.uint8], colors: list[object]) -> Image.Image:
    """Number the colors in order of their values, so that equal input stays equal."""
    table = sorted((*color, 255)[:4] for color in colors)  # type: ignore[misc]
    codes = np.ascontiguousarray(pixels).view(">u4")[..., 0]
    known = np.array([list(color) for color in table], np.uint8).view(">u4")[:, 0]
    picture = Image.fromarray(np.searchsorted(known, codes).astype(np.uint8), "P")
    picture.putpalette([level for color in table for level in color[:3]])
    alphas = bytes(color[3] for color in table)
    if min(alphas) < 255:
        picture.info["transparency"] = alphas
    return picture


def _assemble(
    header: bytes, body: bytes, *, xmp: bytes | None, dpi: int | None
) -> bytes:
    parts = [PNG_SIGNATURE, png_chunk(b"IHDR", header), png_chunk(b"sRGB", b"\0")]
    if dpi:
        per_m = round(dpi / _INCH_M)
        parts.append(png_chunk(b"pHYs", struct.pack(">IIB", per_m, per_m, 1)))
    if xmp:
        parts.append(png_xmp_chunk(xmp))
    return b"".join([*parts, body, png_chunk(b"IEND", b"")])
