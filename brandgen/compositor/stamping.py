"""Put the watermark on a picture that is finished: what was rendered stays as it is."""

from typing import Any

import skia

from brandgen.compositor.display import Rect
from brandgen.compositor.encode import Encoding, encode
from brandgen.compositor.pictures import ImageSourceError, decode
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.watermark import NOT_APPROVED, draw_watermark
from brandgen.lib.containers import ContainerError, kind_of

QUALITY = 90


def stamp(
    data: bytes, *, name: str, text: str = NOT_APPROVED, xmp: bytes | None = None
) -> bytes:
    """Return a copy of a file, of the same kind and size, with a text all over it.

    Equal input gives equal bytes. `xmp` is the metadata of the copy, which has none of
    the file's.

    Raises:
        ImageSourceError: it is not a picture, or larger than the limits.
        RenderOptionError: the text is none, or has letters that no font has.
    """
    try:
        kind = kind_of(data)
    except ContainerError as error:
        raise ImageSourceError(
            f"The picture {name!r} can't be read: {error}"
        ) from error
    pixels = decode(data, name=name).pixels.copy()
    height, width = pixels.shape[:2]
    encoding = Encoding(
        kind,
        quality=QUALITY,
        xmp=xmp,
        transparent=kind != "jpeg" and bool((pixels[..., 3] < 255).any()),
        watermark=text,
    )
    # Alpha as files have it: not multiplied in.
    surface: Any = skia.Surface(
        pixels, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kUnpremul_AlphaType
    )
    whole = Rect(0, 0, width, height)
    draw_watermark(surface.getCanvas(), whole, text, load_text_engine(()))
    return encode(pixels, encoding)
