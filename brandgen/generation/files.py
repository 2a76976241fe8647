"""Turns pixels into the files that are kept."""

import io

from PIL import Image

from brandgen.engine.protocol import ModelIdentity, Pixels
from brandgen.generation.models import Decoding


def finish_image(pixels: Pixels, decoding: Decoding, identity: ModelIdentity) -> bytes:
    """Return the file that is kept: it holds nothing that its rows do not say."""
    return encode_png(pixels)


def encode_png(pixels: Pixels) -> bytes:
    """Encode pixels without loss; the same pixels give the same bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return file.getvalue()


def encode_preview(pixels: Pixels) -> bytes:
    """Encode a small picture for the contact sheet, as WebP of a few KB."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=82, method=4)
    return file.getvalue()
