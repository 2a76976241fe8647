"""Reads and writes the files that a command names, and says which can't be."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from brandgen.engine.errors import EngineError
from brandgen.engine.requests import Mask, Pixels

IMAGE_SUFFIXES = {".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff"}


class OutputError(EngineError):
    """A file can't be read or written where the command says."""


def check_output(path: Path) -> None:
    """Refuse to start where the picture can't be kept.

    Raises:
        OutputError: the name's end is no picture's, or the folder is not there.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise OutputError(
            f"The picture {path} has no known format. Let its name end in .png."
        )
    check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse to start where a file can't be kept.

    Raises:
        OutputError: the folder is not there, or the path is a folder.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(
            f"The folder of {path} is not there, or it is a folder itself."
        )


def save_image(pixels: Pixels, path: Path) -> None:
    """Write a picture.

    Raises:
        OutputError: it can't be written.
    """
    try:
        Image.fromarray(pixels).save(path)
    except OSError as error:
        raise OutputError(f"The picture {path} can't be written: {error}.") from error


def write_file(path: Path, data: bytes) -> None:
    """Write bytes.

    Raises:
        OutputError: they can't be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"The file {path} can't be written: {error}.") from error


def read_file(what: str, path: Path) -> bytes:
    """Read bytes; `what` says in an error what they should have been.

    Raises:
        OutputError: they can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise OutputError(
            f"The {what} {path} can't be read: {error.strerror}. Check the path."
        ) from error


def split_number(text: str, otherwise: float) -> tuple[Path, float]:
    """Read `FILE:NUMBER`; without a number behind the last colon all is the file."""
    name, _, last = text.rpartition(":")
    try:
        return (Path(name), float(last)) if name else (Path(text), otherwise)
    except ValueError:  # a colon in the name
        return Path(text), otherwise


def read_image(path: Path) -> Pixels:
    """Read a picture as RGB, turned as its EXIF says; what is clear becomes white.

    Raises:
        OutputError: it can't be read, or is no picture.
    """
    image = _open(path).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"))


def read_mask(path: Path) -> Mask:
    """Read a mask: how bright each pixel of a picture is.

    Raises:
        OutputError: it can't be read, or is no picture.
    """
    return np.asarray(_open(path).convert("L"))


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"The picture {path} can't be read: {reason}. Check the path."
        ) from error
