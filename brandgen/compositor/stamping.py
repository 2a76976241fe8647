"""Put the watermark on a file that is finished: what was rendered stays as it is."""

import io
import math
from typing import Any

import skia
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError

from brandgen.compositor.display import Rect
from brandgen.compositor.encode import Encoding, encode
from brandgen.compositor.pdf_inks import turn_gray
from brandgen.compositor.pictures import ImageSourceError, decode
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.video_stamping import stamp_video
from brandgen.compositor.watermark import NOT_APPROVED, draw_watermark
from brandgen.lib.container_error import ContainerError
from brandgen.lib.containers import kind_of, put_xmp

QUALITY = 90


def stamp(
    data: bytes, *, name: str, text: str = NOT_APPROVED, xmp: bytes | None = None
) -> bytes:
    """Return a copy of a file, of the same kind and size, with a text all over it.

    Equal input gives equal bytes. `xmp` is the metadata of the copy, which has none of
    the file's. A PDF gets it on every page, a video in every frame; that has at most
    720 pixels a side, to be watched, not used.

    Raises:
        ImageSourceError: it is no picture, PDF or video, or larger than the limits.
        RenderOptionError: the text is none, or has letters that no font has.
    """
    try:
        kind = kind_of(data)
    except ContainerError as error:
        raise ImageSourceError(
            f"The picture {name!r} can't be read: {error}"
        ) from error
    if kind == "pdf":
        try:
            marked = _stamp_pdf(data, text)
        except (PyPdfError, KeyError, ValueError) as error:
            raise ImageSourceError(
                f"The PDF {name!r} can't be read: {error}"
            ) from error
        return put_xmp(marked, xmp) if xmp else marked
    if kind == "mp4":
        return stamp_video(data, name=name, text=text, xmp=xmp)
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


def _stamp_pdf(data: bytes, text: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.root_object.pop("/Metadata", None)
    for page in writer.pages:
        paper = page.mediabox
        down = Transformation().translate(paper.left, paper.bottom)
        page.merge_transformed_page(_write_mark(page, text), down)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _write_mark(page: PageObject, text: str) -> PageObject:
    """Write a page of the same size that shows the text alone."""
    paper = page.mediabox
    width, height = math.ceil(paper.width), math.ceil(paper.height)
    stream = skia.DynamicMemoryWStream()
    document = skia.PDF.MakeDocument(stream)
    canvas = document.beginPage(width, height)
    draw_watermark(canvas, Rect(0, 0, width, height), text, load_text_engine(()))
    document.endPage()
    document.close()
    mark = PdfReader(io.BytesIO(bytes(stream.detachAsData()))).pages[0]
    # Black and white alike in RGB and in the inks of a print.
    turn_gray(mark["/Contents"].get_object())
    return mark
