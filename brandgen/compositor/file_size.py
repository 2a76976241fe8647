"""Meet a channel's largest file size with the smallest loss of quality."""

import dataclasses
import functools
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from PIL import Image

from brandgen.compositor.encode import SUBSAMPLINGS, Encoding, Subsampling, encode
from brandgen.compositor.pictures import Pixels
from brandgen.compositor.png import round_levels, write_picture, write_png

# What effort saves at most in a PNG; measured 2 to 20 % on photos, 25 % on flat art.
_EFFORT_SAVES = 0.3
_BITS = (7, 6, 5)
_COLORS = (256, 128, 64, 32, 16)
_SAMPLES = 128 * 128
_ROUNDS = 4


class FileSizeError(ValueError):
    """No setting makes the file small enough; `reached_bytes` is the smallest."""

    def __init__(self, reached_bytes: int, most_bytes: int, setting: str) -> None:
        super().__init__(
            f"The file can't be made as small as {most_bytes:,} bytes: it has "
            f"{reached_bytes:,} with {setting}. Use another format, a smaller scale or "
            "a calmer picture, or allow more bytes or less quality."
        )
        self.reached_bytes, self.most_bytes = reached_bytes, most_bytes


@dataclass(frozen=True)
class Fitted:
    """A file within its limit, and the setting that was needed."""

    data: bytes = field(repr=False)
    setting: str


def encode_within(pixels: Pixels, encoding: Encoding) -> Fitted:
    """Encode RGBA pixels in at most `encoding.most_bytes`.

    As asked for if that is small enough; otherwise with more effort, then at the
    highest quality that fits, with colors in less resolution if that keeps more; a PNG
    gets fewer levels a channel, then a palette.

    Raises:
        FileSizeError: not even the least quality fits.
    """
    most = encoding.most_bytes or 2**62
    data = encode(pixels, encoding)
    if len(data) <= most:
        return Fitted(data, _setting(encoding))
    if encoding.kind == "png":
        return _fit_png(pixels, encoding, most)
    return _fit_quality(pixels, encoding, most)


def write_within(write: Callable[[Encoding], bytes], encoding: Encoding) -> Fitted:
    """Write a file that is not made of pixels in at most `encoding.most_bytes`.

    As asked for if that is small enough, otherwise with its pictures at the highest
    quality that fits.

    Raises:
        FileSizeError: not even the least quality fits.
    """
    most = encoding.most_bytes or 2**62
    found, smallest = _highest_quality(write, encoding, encoding.least_quality, most)
    if found is None:
        quality = min(encoding.quality, encoding.least_quality)
        raise FileSizeError(smallest, most, f"pictures of quality {quality}")
    data, chosen = found
    return Fitted(data, f"pictures of quality {chosen.quality}")


def _setting(encoding: Encoding) -> str:
    if encoding.kind == "png":
        return "every level"
    if encoding.chroma == "444" and encoding.kind != "webp":
        return f"quality {encoding.quality} and colors in full resolution"
    return f"quality {encoding.quality}"


def _fit_quality(pixels: Pixels, encoding: Encoding, most: int) -> Fitted:
    # A progressive JPEG costs little time; more effort for the others costs seconds.
    effort = "small" if encoding.kind == "jpeg" else encoding.effort
    start = dataclasses.replace(encoding, effort=effort, most_bytes=None)
    found, smallest = [], 2**62
    for subsampling in _subsamplings(encoding):
        start = dataclasses.replace(start, subsampling=subsampling)
        write = functools.partial(encode, pixels)
        fitted, seen = _highest_quality(write, start, encoding.least_quality, most)
        smallest = min(smallest, seen)
        if fitted:
            found.append(fitted)
    if not found:
        last = dataclasses.replace(start, quality=encoding.least_quality)
        raise FileSizeError(smallest, most, _setting(last))
    data, chosen = min(found, key=lambda pair: _loss(pixels, pair[0]))
    return Fitted(data, _setting(chosen))


def _subsamplings(encoding: Encoding) -> tuple[Subsampling, ...]:
    """List how colors may be kept, best first: no better than was asked for."""
    if encoding.kind == "webp":  # it has but one way
        return ("420",)
    ways = SUBSAMPLINGS[SUBSAMPLINGS.index(encoding.chroma) :]
    # AVIF takes a second for each try.
    return ways if encoding.kind == "jpeg" else ways[-1:]


def _highest_quality(
    write: Callable[[Encoding], bytes], start: Encoding, lowest: int, most: int
) -> tuple[tuple[bytes, Encoding] | None, int]:
    """Find the highest quality that fits, and the smallest size that was seen.

    The logarithm of the size is nearly straight in the quality, so that a few
    guesses between two known sizes do what halving needs seven for.
    """
    sizes: dict[int, int] = {}
    best: tuple[bytes, Encoding] | None = None

    def fits(quality: int) -> bool:
        nonlocal best
        tried = dataclasses.replace(start, quality=quality)
        data = write(tried)
        sizes[quality] = len(data)
        if len(data) <= most and (best is None or quality > best[1].quality):
            best = data, tried
        return len(data) <= most

    low, high = min(lowest, start.quality), start.quality
    if fits(high) or not fits(low):
        return best, min(sizes.values())
    while high - low > 1:
        steep = math.log(sizes[high] / sizes[low])
        share = math.log(most / sizes[low]) / steep if steep > 0 else 0.5
        # Kept off the ends, so that each guess halves at worst by eighths.
        share = min(max(share, 0.125), 0.875)
        middle = min(max(round(low + share * (high - low)), low + 1), high - 1)
        if fits(middle):
            low = middle
        else:
            high = middle
    return best, min(sizes.values())


def _loss(pixels: Pixels, data: bytes) -> float:
    """Give the squared error in Y'CbCr, luma weighing six times as much as a color.

    The weights are those that video coding compares codecs by (JCTVC-L1100).
    """
    read = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    before = cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2YCrCb)
    error = before.astype(np.float32) - cv2.cvtColor(read, cv2.COLOR_RGB2YCrCb)
    return float((error**2).mean(axis=(0, 1)) @ np.array([6, 1, 1]) / 8)


def _fit_png(pixels: Pixels, encoding: Encoding, most: int) -> Fitted:
    small = dataclasses.replace(encoding, effort="small", most_bytes=None)
    reached, setting = 2**62, ""
    for setting, fast, slow in _png_steps(pixels, small):
        data = fast()
        if most < len(data) <= most / (1 - _EFFORT_SAVES) and slow:
            data = min(data, slow(), key=len)
        if len(data) <= most:
            return Fitted(data, setting)
        reached = min(reached, len(data))
    raise FileSizeError(reached, most, setting)


def _png_steps(
    pixels: Pixels, encoding: Encoding
) -> Iterator[tuple[str, Callable[[], bytes], Callable[[], bytes] | None]]:
    """Give settings from the least loss on: a fast writer, and a slow but better."""
    tags: dict[str, Any] = {"xmp": encoding.xmp, "dpi": encoding.dpi}
    for bits in (8, *_BITS):
        rounded = round_levels(pixels, bits) if bits < 8 else pixels
        yield (
            f"{2**bits} levels a channel",
            functools.partial(
                write_png, rounded, has_alpha=encoding.transparent, **tags
            ),
            functools.partial(encode, rounded, encoding),
        )
    for colors in _COLORS:
        dithers = (True, False) if colors == _COLORS[0] else (False,)
        for is_dithered in dithers:
            kept = pixels if encoding.transparent else pixels[..., :3]
            picture = _quantize(kept, colors, is_dithered=is_dithered)
            yield (
                f"{colors} colors{', dithered' if is_dithered else ''}",
                functools.partial(write_picture, picture, **tags),
                None,
            )


def _quantize(pixels: Pixels, colors: int, *, is_dithered: bool) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if pixels.shape[2] == 4:
        return picture.quantize(colors, Image.Quantize.FASTOCTREE)
    dither = Image.Dither.FLOYDSTEINBERG if is_dithered else Image.Dither.NONE
    palette = choose_palette(pixels, colors)
    return picture.quantize(palette=palette, dither=dither)


def choose_palette(pixels: Pixels, colors: int) -> Image.Image:
    """Choose colors by median cut, settled by a few rounds of k-means, for Pillow."""
    picture = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    first = picture.quantize(colors, Image.Quantize.MEDIANCUT)
    palette = np.array(first.getpalette("RGB"), np.float32).reshape(-1, 3)[:colors]
    step = max(1, pixels.shape[0] * pixels.shape[1] // _SAMPLES)
    samples = pixels.reshape(-1, pixels.shape[2])[::step, :3].astype(np.float32)
    for _ in range(_ROUNDS):
        # |s - p|^2 without |s|^2, which is the same for every p.
        nearest = ((palette**2).sum(1) - 2 * samples @ palette.T).argmin(1)
        counts = np.bincount(nearest, minlength=len(palette))
        sums = np.stack(
            [np.bincount(nearest, samples[:, c], len(palette)) for c in range(3)], 1
        )
        is_used = counts > 0
        palette[is_used] = (sums[is_used] / counts[is_used, None]).astype(np.float32)
    table = Image.new("P", (1, 1))
    table.putpalette(np.rint(palette).astype(np.uint8).tobytes())
    return table
