"""Decode pictures that go into a layout, bounded, upright and in sRGB."""

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

MAX_PIXELS = 64_000_000
MAX_BYTES = 64 * 1024 * 1024

Pixels = NDArray[np.uint8]


class ImageSourceError(ValueError):
    """A picture for the layout can't be used. The message is fit to show."""


@dataclass(frozen=True)
class ImageSource:
    """A picture's file (JPEG, PNG or WebP) and the point that must stay in view.

    `focal` is x, y from 0 to 1 from the top left corner.
    """

    data: bytes = field(repr=False)
    focal: tuple[float, float] | None = None


@dataclass(frozen=True)
class Decoded:
    """RGBA pixels `(height, width, 4)`, and how many times the file is larger."""

    pixels: Pixels
    reduced: float = 1.0


def decode(
    data: bytes, *, name: str, for_width: int = 0, for_height: int = 0
) -> Decoded:
    """Decode a file.

    A JPEG that is far larger than it will be drawn is decoded at 1/2, 1/4 or 1/8.

    Raises:
        ImageSourceError: it is not a picture, or larger than the limits.
    """
    if len(data) > MAX_BYTES:
        raise ImageSourceError(
            f"The picture {name!r} has {len(data):,} bytes; {MAX_BYTES:,} are allowed."
        )
    try:
        if _is_plain_jpeg(data):
            return _decode_jpeg(data, name, for_width, for_height)
        return Decoded(_decode_other(data, name))
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


def _decode_jpeg(data: bytes, name: str, for_width: int, for_height: int) -> Decoded:
    height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data)
    _require_budget(name, width, height)
    if colorspace not in ("YCbCr", "RGB", "Gray"):
        return Decoded(_decode_other(data, name))
    pixels: Pixels = simplejpeg.decode_jpeg(
        data,
        colorspace="RGBA",
        min_width=for_width or width,
        min_height=for_height or height,
        min_factor=1,
    )
    return Decoded(pixels, width / pixels.shape[1])


def _decode_other(data: bytes, name: str) -> Pixels:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
        _require_budget(name, *opened.size)
        upright = ImageOps.exif_transpose(opened)
        if profile := upright.info.get("icc_profile"):
            upright = _to_srgb(upright, profile)
        return np.asarray(upright.convert("RGBA"))


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
    scaled: Pixels = cv2.resize(cut, size, interpolation=method)
    return scaled
