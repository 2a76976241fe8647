"""Pictures from strangers, decoded within bounds; small copies of our own pictures."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image

from brandgen.lib.mp4 import find_mp4_poster, is_mp4

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""What strangers may send."""
OWN_FORMATS = FORMATS | {"AVIF": "image/avif"}
"""What is made here besides PDF."""
PDF = b"%PDF"
# First bytes of what people send instead, to name it in the answer.
STRANGERS = {
    b"GIF8": "a GIF",
    PDF: "a PDF",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML or SVG file",
    b"<!doc": "a web page",
    b"<html": "a web page",
    b"8BPS": "a Photoshop file",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"BM": "a BMP",
    b"PK\3\4": "a ZIP or Office file",
}


class ImageError(Exception):
    """The bytes are no picture that we take. The message is fit to show."""


@dataclass(frozen=True)
class Picture:
    """A file and what its header says."""

    data: bytes
    mime: str
    width_px: int
    height_px: int


def clean_upload(data: bytes, *, max_pixels: int, timeout_s: int = 30) -> Picture:
    """Make a new file from the pixels of a stranger's picture, and of nothing else.

    Upright as EXIF says, in sRGB as its profile says, without metadata, one frame. JPEG
    is encoded anew at quality 95 without chroma subsampling, PNG and WebP losslessly.
    All decoding happens in a process with bounds on memory and time.

    Raises:
        ImageError: no PNG, JPEG or WebP; damaged; too large; animated.
    """
    _refuse_strangers(data)
    script = Path(__file__).with_name("decode_child.py")
    # No input reaches the command line: the picture travels on standard input.
    command = [sys.executable, "-I", str(script), str(max_pixels), str(timeout_s)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise ImageError(
            f"The picture could not be read within {timeout_s} s. Save it again as a "
            "plain PNG or JPEG."
        ) from None
    line, _, cleaned = done.stdout.partition(b"\n")
    if not line:
        raise ImageError(
            "The picture could not be read: its decoder was stopped for using too much "
            "memory or time. Save it again as a plain PNG or JPEG."
        )
    answer = json.loads(line)
    if "error" in answer:
        raise ImageError(f"The picture was not taken. {answer['error']}")
    return Picture(
        cleaned, FORMATS[answer["format"]], answer["width_px"], answer["height_px"]
    )


def _refuse_strangers(data: bytes) -> None:
    """Refuse by the first bytes what is no PNG, JPEG or WebP, and name it.

    Raises:
        ImageError: empty, or something else.
    """
    if not data:
        raise ImageError("The file is empty. Choose a PNG, JPEG or WebP picture.")
    is_png = data.startswith(b"\x89PNG\r\n\x1a\n")
    is_jpeg = data.startswith(b"\xff\xd8\xff")
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if is_png or is_jpeg or is_webp:
        return
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    names = (
        name
        for magic, name in STRANGERS.items()
        if start.startswith(magic) or start.lower().startswith(magic)
    )
    name = next(names, "not a picture that can be read here")
    raise ImageError(
        f"The file is {name}, whatever its name says. "
        "Choose a PNG, JPEG or WebP picture."
    )


def read_header(data: bytes) -> Picture:
    """Read format and size of a picture of our own, without decoding it.

    Raises:
        ImageError: no PNG, JPEG or WebP.
    """
    try:
        with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as image:
            return Picture(data, FORMATS[image.format or ""], *image.size)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageError(f"These bytes are no picture: {error}.") from error


def shrink(data: bytes, *, longest_px: int) -> Picture:
    """Make a WebP copy of a picture of our own, at most this long; never larger.

    Of a PDF it is the first page, as it is trimmed, drawn at this size; of a video the
    still picture that it carries.
    """
    with _open_own(data, longest_px) as image:
        image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
        small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    file = io.BytesIO()
    small.save(file, "WEBP", quality=84, method=4)
    return Picture(file.getvalue(), "image/webp", small.width, small.height)


def _open_own(data: bytes, longest_px: int) -> Image.Image:
    if data.startswith(PDF):
        return _draw_page(data, longest_px)
    if is_mp4(data):
        data = find_mp4_poster(data) or b""
    return Image.open(io.BytesIO(data), formats=tuple(OWN_FORMATS))


def _draw_page(data: bytes, longest_px: int) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        page.set_cropbox(*page.get_trimbox())
        scale = longest_px / max(page.get_size())
        drawn: Image.Image = page.render(scale=scale).to_pil()
        return drawn
