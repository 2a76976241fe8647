"""Decode pictures that go into a layout, bounded, upright and in sRGB."""

import io
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

MAX_PIXELS = 64_000_000
MAX_BYTES = 64 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
"""Of decoded pictures, and once more of placed ones."""

Pixels = NDArray[np.uint8]
Shares = tuple[float | None, float | None]
"""Where a contained picture sits along x and y: 0 at the start, 1 at the end of what is
left of its box, None by its focal point."""

# A worker has a process for each core. What is drawn does not depend on it.
cv2.setNumThreads(1)


class ImageSourceError(ValueError):
    """A picture for the layout can't be used. The message is fit to show."""


@dataclass(frozen=True)
class ImageSource:
    """A picture's file (JPEG, PNG or WebP) and the point that must stay in view.

    `focal` is x, y from 0 to 1 from the top left corner. `is_ai_made` asks for the
    template's AI label. `digest` tells the file from every other where that is known
    already: else all of its bytes are hashed to find it among those decoded before.
    """

    data: bytes = field(repr=False)
    focal: tuple[float, float] | None = None
    is_ai_made: bool = False
    digest: str = ""

    @property
    def is_jpeg(self) -> bool:
        """Whether it is a JPEG, which has no transparency."""
        return self.data.startswith(b"\xff\xd8")


@dataclass(frozen=True)
class Decoded:
    """RGBA pixels `(height, width, 4)`, and how many times the file is larger."""

    pixels: Pixels
    reduced: float = 1.0


@dataclass(frozen=True)
class Placed:
    """A picture scaled into a box: where it lies in it, and its pixels.

    The pixels are read only where they are kept. `enlarged` is how many pixels of the
    format a pixel of the file became.
    """

    x: float
    y: float
    width: float
    height: float
    enlarged: float
    pixels: Pixels = field(repr=False)
    is_opaque: bool


Made = TypeVar("Made", Decoded, Placed)


class _Memory(Generic[Made]):
    """The pictures that were made last, as many as fit; safe between threads.

    With `keeps_second` a picture is kept when it is made for the second time.
    """

    def __init__(self, *, keeps_second: bool = False) -> None:
        self._bytes = 0
        self._found: OrderedDict[Hashable, Made] = OrderedDict()
        self._made_once: deque[int] | None = deque(maxlen=64) if keeps_second else None
        self._lock = threading.Lock()

    def find_or_make(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Give a picture, the last one used from now on.

        One that is larger than the whole memory is not kept.
        """
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        size = made.pixels.nbytes
        with self._lock:
            if self._is_first(key):
                return made
            made.pixels.setflags(write=False)
            if key not in self._found and size <= KEPT_BYTES:
                self._found[key] = made
                self._bytes += size
            while self._bytes > KEPT_BYTES:
                _, dropped = self._found.popitem(last=False)
                self._bytes -= dropped.pixels.nbytes
        return made

    def _is_first(self, key: Hashable) -> bool:
        if self._made_once is None or hash(key) in self._made_once:
            return False
        self._made_once.append(hash(key))
        return True

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._found.clear()
            self._bytes = 0
            if self._made_once is not None:
                self._made_once.clear()


_decoded: _Memory[Decoded] = _Memory()
# Most are needed once: a row's photo in a format. It is then drawn into, not copied.
_placed: _Memory[Placed] = _Memory(keeps_second=True)


def forget_pictures() -> None:
    """Empty the memory of decoded and placed pictures."""
    _decoded.clear()
    _placed.clear()


def decode(
    data: bytes, *, name: str, for_width: int = 0, for_height: int = 0, digest: str = ""
) -> Decoded:
    """Decode a file; `digest` is that of its source.

    A JPEG that is far larger than it will be drawn is decoded at 1/2, 1/4 or 1/8. What
    was decoded lately is kept, up to 32 MB: the formats of a creative share a photo.

    Raises:
        ImageSourceError: it is not a picture, or larger than the limits.
    """
    if len(data) > MAX_BYTES:
        raise ImageSourceError(
            f"The picture {name!r} has {len(data):,} bytes; {MAX_BYTES:,} are allowed."
        )
    try:
        if _is_plain_jpeg(data):
            return _decode_jpeg(data, name, for_width, for_height, digest)
        return _decode_other(data, name, digest)
    except ImageSourceError:
        raise
    except Exception as error:
        raise ImageSourceError(
            f"The picture {name!r} can't be read: {error}. Use JPEG, PNG or WebP."
        ) from error


def _is_plain_jpeg(data: bytes) -> bool:
    """Say whether this is a JPEG that libjpeg-turbo alone decodes rightly.

    A turned one (Exif) and one of another color space (ICC) go through Pillow.
    """
    if not data.startswith(b"\xff\xd8"):
        return False
    head = data[:65536]
    is_foreign = b"ICC_PROFILE\0" in head and b"sRGB" not in head.replace(b"\0", b"")
    return b"Exif\0\0" not in head and not is_foreign


def _require_budget(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageSourceError(
            f"The picture {name!r} has {width} x {height} pixels; "
            f"{MAX_PIXELS // 1_000_000} megapixels are allowed."
        )


def _decode_jpeg(
    data: bytes, name: str, for_width: int, for_height: int, digest: str
) -> Decoded:
    height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data)
    _require_budget(name, width, height)
    if colorspace not in ("YCbCr", "RGB", "Gray"):
        return _decode_other(data, name, digest)
    for factor in (8, 4, 2, 1):
        size = math.ceil(width / factor), math.ceil(height / factor)
        if size[0] >= (for_width or width) and size[1] >= (for_height or height):
            break
    key = digest or data, size
    return _decoded.find_or_make(key, lambda: _decode_to(data, width, size))


def _decode_to(data: bytes, width: int, size: tuple[int, int]) -> Decoded:
    pixels: Pixels = simplejpeg.decode_jpeg(
        data, colorspace="RGBA", min_width=size[0], min_height=size[1], min_factor=1
    )
    return Decoded(pixels, width / pixels.shape[1])


def _decode_other(data: bytes, name: str, digest: str) -> Decoded:
    return _decoded.find_or_make(digest or data, lambda: _open(data, name))


def _open(data: bytes, name: str) -> Decoded:
    with Image.open(
        io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "AVIF")
    ) as opened:
        _require_budget(name, *opened.size)
        upright = ImageOps.exif_transpose(opened)
        if profile := upright.info.get("icc_profile"):
            upright = _to_srgb(upright, profile)
        pixels = np.asarray(upright.convert("RGBA"))
    return Decoded(pixels)


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        mode = "RGBA" if picture.mode in ("RGBA", "LA", "PA") else "RGB"
        if picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
            picture = picture.convert(mode)
        return (
            ImageCms.profileToProfile(picture, source, target, outputMode=mode)
            or picture
        )
    except (ImageCms.PyCMSError, OSError):
        # A broken profile says nothing about the colors; the pixels still do.
        return picture


def place_picture(
    source: ImageSource,
    *,
    name: str,
    box: tuple[float, float],
    fit: str,
    focal: tuple[float, float] | None,
    scale: float,
    align: Shares = (0.5, 0.5),
) -> Placed:
    """Decode a picture, cut it as the box asks, and scale it to its final pixels.

    What was placed twice lately is kept, up to 32 MB: previews share backgrounds, and
    so do rows of a batch.

    Raises:
        ImageSourceError: it is not a picture, or larger than the limits.
    """
    focal = focal or source.focal
    return _placed.find_or_make(
        (source.digest or source.data, box, fit, focal, scale, align),
        lambda: _place(source, name, box, fit, focal, scale, align),
    )


def _place(
    source: ImageSource,
    name: str,
    box: tuple[float, float],
    fit: str,
    focal: tuple[float, float] | None,
    scale: float,
    align: Shares,
) -> Placed:
    size = _size(box, scale)
    decoded = decode(
        source.data,
        name=name,
        for_width=size[0],
        for_height=size[1],
        digest=source.digest,
    )
    height, width = decoded.pixels.shape[:2]
    part = (0.0, 0.0, float(width), float(height))
    x, y, *inner = 0.0, 0.0, *box
    if fit == "cover":
        part = cover_crop(width, height, into=box, focal=focal)
    else:
        x, y, *inner = contain_box(width, height, into=box, focal=focal, align=align)
        size = _size((inner[0], inner[1]), scale)
    pixels = resize_part(decoded.pixels, part, size)
    return Placed(
        x=x,
        y=y,
        width=inner[0],
        height=inner[1],
        enlarged=inner[0] / (part[2] * decoded.reduced),
        pixels=pixels,
        is_opaque=source.is_jpeg or int(pixels[..., 3].min()) == 255,
    )


def _size(box: tuple[float, float], scale: float) -> tuple[int, int]:
    return max(1, round(box[0] * scale)), max(1, round(box[1] * scale))


def cover_crop(
    width: int,
    height: int,
    *,
    into: tuple[float, float],
    focal: tuple[float, float] | None,
) -> tuple[float, float, float, float]:
    """Choose the part (x, y, width, height) of a picture that covers a box.

    The focal point comes as near to the middle as the edges let it.
    """
    ratio = into[0] / into[1]
    part_width = min(float(width), height * ratio)
    part_height = part_width / ratio
    x, y = focal or (0.5, 0.5)
    left = min(max(x * width - part_width / 2, 0.0), width - part_width)
    top = min(max(y * height - part_height / 2, 0.0), height - part_height)
    return left, top, part_width, part_height


def contain_box(
    width: int,
    height: int,
    *,
    into: tuple[float, float],
    focal: tuple[float, float] | None,
    align: Shares,
) -> tuple[float, float, float, float]:
    """Choose where (x, y, width, height) all of a picture sits in a box."""
    inner_width = min(into[0], into[1] * width / height)
    inner_height = inner_width * height / width
    x, y = focal or (0.5, 0.5)
    return (
        _sit(into[0], inner_width, align[0], x),
        _sit(into[1], inner_height, align[1], y),
        inner_width,
        inner_height,
    )


def _sit(long: float, inner: float, share: float | None, focal: float) -> float:
    """Return where a picture begins along an axis of its box."""
    free = max(0.0, long - inner)
    if share is None:
        return min(max(long / 2 - focal * inner, 0.0), free)
    return free * share


def resize_part(
    pixels: Pixels, part: tuple[float, float, float, float], size: tuple[int, int]
) -> Pixels:
    """Scale a part of a picture: area averaging down, cubic up."""
    left = min(round(part[0]), pixels.shape[1] - 1)
    top = min(round(part[1]), pixels.shape[0] - 1)
    right = max(left + 1, min(round(part[0] + part[2]), pixels.shape[1]))
    bottom = max(top + 1, min(round(part[1] + part[3]), pixels.shape[0]))
    cut = pixels[top:bottom, left:right]
    if (cut.shape[1], cut.shape[0]) == size:
        return np.ascontiguousarray(cut)
    is_smaller = cut.shape[1] >= size[0] and cut.shape[0] >= size[1]
    method = cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC
    # Colors of what is not seen must not run into what is: a seam would be drawn.
    has_alpha = cut.shape[2] == 4 and int(cut[..., 3].min()) < 255
    if not has_alpha:
        scaled: Pixels = cv2.resize(cut, size, interpolation=method)
        return scaled
    return _resize_seen(cut, size, method)


def _resize_seen(pixels: Pixels, size: tuple[int, int], method: int) -> Pixels:
    """Scale RGBA of straight alpha, each color by as much as it is seen."""
    values = pixels.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    scaled = cv2.resize(values, size, interpolation=method)
    alpha = np.clip(scaled[..., 3:], 0, 255)
    colors = scaled[..., :3] * 255 / np.maximum(alpha, 1e-3)
    out = np.concatenate([np.clip(colors, 0, 255), alpha], axis=2)
    whole: Pixels = np.rint(out).astype(np.uint8)
    return whole
