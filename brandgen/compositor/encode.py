"""Encode pixels as JPEG, PNG, WebP or AVIF, tagged sRGB; equal input, equal bytes."""

import functools
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageCms

from brandgen.compositor.pictures import Pixels
from brandgen.compositor.png import write_png, write_small_png
from brandgen.compositor.profiles import Profile
from brandgen.compositor.sides import MOST_MM, Sides
from brandgen.lib.containers import jpeg_segment, put_xmp

MIMES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
VIDEO_KINDS = ("mp4", "webm")
# Too slow for a request: 100 ms and more for a square creative.
SLOW_KINDS = ("avif", "pdf", *VIDEO_KINDS)


Subsampling = Literal["444", "422", "420"]
SUBSAMPLINGS: tuple[Subsampling, ...] = ("444", "422", "420")
LONGEST_WATERMARK = 40


class RenderOptionError(ValueError):
    """A format, quality or scale that the renderer does not have.

    `option` names the one that is wrong, where it is a single one.
    """

    def __init__(self, message: str, *, option: str = "") -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True)
class Encoding:
    """How to write the file.

    `quality` (1 to 100) is for all but PNG; of a PDF that of its pictures. `effort`
    "small" spends time on fewer bytes. `dpi` is a tag for programs that print, and
    gives a PDF its size on paper. `bleed_mm`, one length or one for each side, and
    `marks` are for PDF. Without `dpi`, `bleed_mm` or `most_bytes` a creative takes
    those of its format.
    `watermark` is written across all of it, for what nobody approved.
    A `profile` makes a PDF for print: all of it in the inks of that profile, of which
    no place should have more than `most_ink_percent`, 400 being all of the four.
    `subsampling` (JPEG and AVIF) is by quality if none is given. With `most_bytes`, see
    `brandgen.compositor.file_size`, quality may go down to `least_quality`.
    """

    kind: Literal["jpeg", "png", "webp", "avif", "pdf", "mp4", "webm"] = "jpeg"
    quality: int = 88
    xmp: bytes | None = field(default=None, repr=False)
    effort: Literal["fast", "small"] = "fast"
    dpi: int | None = None
    transparent: bool = False
    bleed_mm: float | Sides | None = None
    marks: bool = False
    subsampling: Subsampling | None = None
    most_bytes: int | None = None
    least_quality: int = 30
    watermark: str | None = None
    profile: Profile | None = None
    most_ink_percent: int = 300

    def __post_init__(self) -> None:
        for option, problem in self._find_problems():
            raise RenderOptionError(problem, option=option)

    def _find_problems(self) -> Iterator[tuple[str, str]]:
        if self.kind not in MIMES:
            yield "kind", f"{self.kind!r} is not a format. Use {', '.join(MIMES)}."
        for name in ("quality", "least_quality"):
            if not 1 <= getattr(self, name) <= 100:
                told = f"Quality {getattr(self, name)} is not between 1 and 100."
                yield name, told
        if self.dpi is not None and not 36 <= self.dpi <= 1200:
            yield "dpi", f"{self.dpi} dpi is not between 36 and 1200."
        if self.dpi is not None and self.kind in VIDEO_KINDS:
            yield "dpi", f"A {self.kind} has no density. Leave it out."
        if self.transparent and self.kind in ("jpeg", "pdf", *VIDEO_KINDS):
            told = f"A {self.kind} has no transparent ground. Use png, webp or avif."
            yield "transparent", told
        if self.most_bytes is not None and self.most_bytes < 1:
            yield "most_bytes", f"A file can't have {self.most_bytes} bytes."
        yield from self._find_print_problems()
        yield from self._find_watermark_problems()

    def _find_print_problems(self) -> Iterator[tuple[str, str]]:
        bleed = self.bleed
        for side in (bleed.top, bleed.right, bleed.bottom, bleed.left):
            if not 0 <= side <= MOST_MM:
                told = f"{side:g} mm is not a bleed of 0 to {MOST_MM:g} mm."
                yield "bleed_mm", told
        if (bleed or self.marks) and self.kind != "pdf":
            option = "bleed_mm" if bleed else "marks"
            yield option, f"A {self.kind} has no bleed or crop marks. Use pdf."
        if self.profile and self.kind != "pdf":
            yield "profile", f"A {self.kind} has no color profile. Use pdf."
        if not 100 <= self.most_ink_percent <= 400:
            told = f"{self.most_ink_percent} % is not an ink limit of 100 to 400 %."
            yield "most_ink_percent", told

    def _find_watermark_problems(self) -> Iterator[tuple[str, str]]:
        mark = self.watermark
        if mark is None:
            return
        is_seen = mark.isprintable() and bool(mark.strip())
        if not is_seen or len(mark) > LONGEST_WATERMARK:
            yield (
                "watermark",
                f"{mark[:60]!r} is not a watermark. Use 1 to {LONGEST_WATERMARK} "
                "letters on one line.",
            )

    @property
    def bleed(self) -> Sides:
        """The bleed in millimeters, side by side."""
        return Sides.of(self.bleed_mm)

    @property
    def mime(self) -> str:
        """The media type of the file."""
        return MIMES[self.kind]

    @property
    def chroma(self) -> Subsampling:
        """How colors are kept: "444" in full resolution, "420" in a quarter of it."""
        return self.subsampling or ("444" if self.quality >= 92 else "420")


def parse_bleed(text: str) -> Sides:
    """Read millimeters as a person writes them: "3", or "3 3 5 3" from the top on.

    Raises:
        RenderOptionError: it is neither.
    """
    try:
        lengths = [float(part) for part in text.split()]
    except ValueError:
        lengths = []
    if len(lengths) not in (1, 4):
        raise RenderOptionError(
            f"{text[:40]!r} is no bleed. Write one length in mm, or four, from the top "
            "clockwise: 3 3 5 3.",
            option="bleed_mm",
        )
    return Sides(*(lengths * 4 if len(lengths) == 1 else lengths))


def encode(pixels: Pixels, encoding: Encoding) -> bytes:
    """Encode RGBA pixels `(height, width, 4)`; alpha is not multiplied in.

    Alpha is left out unless the encoding is transparent.

    A PDF is not made of pixels: see `brandgen.compositor.pdf`.
    """
    if encoding.kind == "png":
        writer = write_png if encoding.effort == "fast" else write_small_png
        return writer(
            pixels,
            has_alpha=encoding.transparent,
            xmp=encoding.xmp,
            dpi=encoding.dpi,
        )
    if encoding.kind == "avif":
        return _encode_avif(pixels, encoding)
    if encoding.kind == "webp":
        data = _encode_webp(pixels, encoding)
    else:
        data = _encode_jpeg(pixels, encoding)
    return put_xmp(data, encoding.xmp) if encoding.xmp else data


def _encode_jpeg(pixels: Pixels, encoding: Encoding) -> bytes:
    """Write a JPEG; with effort "small" a progressive one, 6 % smaller."""
    if encoding.effort == "small":
        data = _encode_small_jpeg(pixels, encoding)
    else:
        data = simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels),
            quality=encoding.quality,
            colorspace="RGBA",
            colorsubsampling=encoding.chroma,
        )
    # After the start mark and JFIF's APP0, which both libraries write first.
    place = 4 + struct.unpack_from(">H", data, 4)[0]
    head = bytearray(data[:place])
    if encoding.dpi:
        # JFIF 1.02: units (1 is dots an inch), then the two densities, at byte 13.
        struct.pack_into(">BHH", head, 13, 1, encoding.dpi, encoding.dpi)
    profile = jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + srgb_profile())
    return bytes(head) + profile + data[place:]


def _encode_small_jpeg(pixels: Pixels, encoding: Encoding) -> bytes:
    # Not by Pillow, whose buffer is too small for a progressive JPEG of much detail.
    factors = {
        "444": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        "422": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        "420": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    }
    options = {
        cv2.IMWRITE_JPEG_QUALITY: encoding.quality,
        cv2.IMWRITE_JPEG_PROGRESSIVE: 1,
        cv2.IMWRITE_JPEG_OPTIMIZE: 1,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR: factors[encoding.chroma],
    }
    flat = [number for pair in options.items() for number in pair]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGR), flat)
    return bytes(data)


def _encode_webp(pixels: Pixels, encoding: Encoding) -> bytes:
    buffer = io.BytesIO()
    options = _tags(encoding)
    options["method"] = 2 if encoding.effort == "fast" else 5
    _picture(pixels, encoding).save(buffer, "WEBP", quality=encoding.quality, **options)
    return buffer.getvalue()


def _encode_avif(pixels: Pixels, encoding: Encoding) -> bytes:
    buffer = io.BytesIO()
    options = _tags(encoding)
    options["speed"] = 8 if encoding.effort == "fast" else 6
    # One thread: tiles would make the bytes depend on the number of cores.
    options["max_threads"] = 1
    if encoding.xmp:
        options["xmp"] = encoding.xmp
    subsampling = ":".join(encoding.chroma)
    _picture(pixels, encoding).save(
        buffer, "AVIF", quality=encoding.quality, subsampling=subsampling, **options
    )
    return buffer.getvalue()


def _tags(encoding: Encoding) -> dict[str, Any]:
    """Give Pillow's options for the color profile and, as Exif, the density."""
    options: dict[str, Any] = {"icc_profile": srgb_profile()}
    if encoding.dpi:
        exif = Image.Exif()
        # TIFF 6.0: XResolution, YResolution, ResolutionUnit (2 is inches).
        exif[0x011A], exif[0x011B], exif[0x0128] = encoding.dpi, encoding.dpi, 2
        options["exif"] = exif.tobytes()
    return options


def _picture(pixels: Pixels, encoding: Encoding) -> Image.Image:
    kept = pixels if encoding.transparent else pixels[..., :3]
    return Image.fromarray(np.ascontiguousarray(kept))


@functools.cache
def srgb_profile() -> bytes:
    """Give an sRGB ICC profile whose bytes do not depend on the time of day."""
    profile = bytearray(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    # The header's creation time (ICC.1:2022, table 19, bytes 24 to 35).
    profile[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(profile)


def png_bytes(picture: Image.Image) -> bytes:
    """Write a picture with transparency as a small PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
