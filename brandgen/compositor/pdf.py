"""Write layouts as a PDF: vector text and shapes, links, bleed and crop marks.

Skia draws the same display list as for pixels; pypdf adds what its PDF writer lacks:
trim and bleed boxes, the color profile, metadata, and the inks of a print.
"""

import functools
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import skia
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, RectangleObject

from brandgen.compositor.bleeding import draw_on, into_bleed, with_bleed
from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Drawable, Layout
from brandgen.compositor.draw import Target, draw_item, draw_pixels
from brandgen.compositor.encode import Encoding
from brandgen.compositor.formats import CSS_DPI, MM_PER_INCH, POINTS_PER_INCH
from brandgen.compositor.pdf_inks import separate_pdf
from brandgen.compositor.pdf_intent import print_intent, srgb_intent
from brandgen.compositor.pictures import ImageSource
from brandgen.compositor.prepress import Patch, flatten_blends
from brandgen.compositor.separation import Separation
from brandgen.compositor.sides import Sides
from brandgen.compositor.text import TextEngine
from brandgen.compositor.watermark import draw_watermark
from brandgen.lib.containers import put_pdf_xmp

_POINTS_PER_MM = POINTS_PER_INCH / MM_PER_INCH
_MARK_LENGTH_MM = 5.0
# Marks stand clear of the trimmed page even without bleed (ISO 15930 asks that they
# stay out of the bleed box).
_MARK_DISTANCE_MM = 3.0
_HAIRLINE = 0.25
_LOSSLESS = 101
_TEXT_OR_FORM = re.compile(
    rb"^BT\n.*?^ET\n|^/(?P<form>\w+) Do$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class PdfPage:
    """One page: what to draw, its pictures, and addresses by layer."""

    layout: Layout
    images: Mapping[str, ImageSource]
    links: Mapping[str, str]


def write_pdf(
    pages: Sequence[PdfPage],
    *,
    brand: BrandStyle,
    engine: TextEngine,
    encoding: Encoding,
    scale: float = 1.0,
    title: str = "",
) -> bytes:
    """Write pages; `scale` is how many pixels of a picture a pixel of the format gets.

    Opaque pictures are kept as JPEG of the encoding's quality, others without loss.
    With a profile nothing in RGB is left.
    """
    stream = skia.DynamicMemoryWStream()
    facts = skia.PDF.Metadata()
    facts.fTitle, facts.fCreator, facts.fProducer = title, "brandgen", "brandgen"
    # Pictures that are turned into inks are made JPEG after that, once.
    facts.fEncodingQuality = _LOSSLESS if encoding.profile else encoding.quality
    document = skia.PDF.MakeDocument(stream, facts)
    sheets = [_Sheet.around(page.layout, encoding) for page in pages]
    said: list[list[str | None]] = []
    for page, sheet in zip(pages, sheets, strict=True):
        canvas = document.beginPage(math.ceil(sheet.width), math.ceil(sheet.height))
        said.append([])
        target = Target(canvas, scale, said=said[-1])
        _draw_page(target, page, sheet, brand=brand, engine=engine, encoding=encoding)
        document.endPage()
    document.close()
    inks = Separation(encoding.profile, brand.inks) if encoding.profile else None
    return _finish(bytes(stream.detachAsData()), sheets, said, encoding, inks)


@dataclass(frozen=True)
class _Sheet:
    """The paper, in points: `margin` is around the trimmed page, `bleed` within it."""

    width: float
    height: float
    margin: Sides
    bleed: Sides
    points_per_px: float
    has_marks: bool

    @classmethod
    def around(cls, layout: Layout, encoding: Encoding) -> "_Sheet":
        """Measure the paper that a layout and its bleed and marks need."""
        points_per_px = POINTS_PER_INCH / (encoding.dpi or CSS_DPI)
        margin_mm = bleed_mm = encoding.bleed
        if encoding.marks:
            margin_mm = bleed_mm.at_least(_MARK_DISTANCE_MM).plus(_MARK_LENGTH_MM)
        margin = margin_mm.times(_POINTS_PER_MM)
        return cls(
            width=layout.width_px * points_per_px + margin.left + margin.right,
            height=layout.height_px * points_per_px + margin.top + margin.bottom,
            margin=margin,
            bleed=bleed_mm.times(_POINTS_PER_MM),
            points_per_px=points_per_px,
            has_marks=encoding.marks,
        )

    def box(self, margin: Sides) -> RectangleObject:
        """Give a box of the page that is this far from the edges of the paper.

        Skia rounds a page to whole points, at its right and, since a PDF counts from
        below, at its bottom.
        """
        top = math.ceil(self.height)
        low = top - self.height
        return RectangleObject(
            (
                margin.left,
                low + margin.bottom,
                self.width - margin.right,
                top - margin.top,
            )
        )


def _draw_page(
    target: Target,
    page: PdfPage,
    sheet: _Sheet,
    *,
    brand: BrandStyle,
    engine: TextEngine,
    encoding: Encoding,
) -> None:
    layout, bleed = page.layout, sheet.bleed.times(1 / sheet.points_per_px)
    canvas = target.canvas
    whole = with_bleed(layout, bleed)
    canvas.save()
    canvas.translate(sheet.margin.left, sheet.margin.top)
    canvas.scale(sheet.points_per_px, sheet.points_per_px)
    ground = skia.Rect.MakeXYWH(whole.x, whole.y, whole.width, whole.height)
    canvas.clipRect(ground)
    color = 0xFF000000 | int(layout.background.lstrip("#"), 16)
    canvas.drawRect(ground, skia.Paint(Color=color))
    draw_one = functools.partial(
        draw_item, images=page.images, brand=brand, engine=engine
    )
    draw = functools.partial(draw_on, layout=layout, bleed=bleed, draw=draw_one)
    items: Iterable[Drawable | Patch]
    items = grown = [into_bleed(item, layout, bleed) for item in layout.items]
    if encoding.profile:
        items = flatten_blends(
            grown,
            whole=whole,
            background=layout.background,
            scale=target.scale,
            draw=lambda on, item: draw(Target(on, target.scale), item),
        )
    for item in items:
        if isinstance(item, Patch):
            draw_pixels(canvas, item.pixels, item.rect)
        else:
            draw(target, item)
    if encoding.watermark:
        draw_watermark(canvas, whole, encoding.watermark, engine)
    for layer, address in page.links.items():
        if rect := layout.boxes.get(layer):
            canvas.drawAnnotation(
                skia.Rect.MakeXYWH(rect.x, rect.y, rect.width, rect.height),
                "SkAnnotationKey_URL",
                skia.Data.MakeWithCopy(address.encode() + b"\0"),
            )
    canvas.restore()
    if sheet.has_marks:
        _draw_marks(canvas, sheet)


def _draw_marks(canvas: Any, sheet: _Sheet) -> None:
    """Draw two hairlines at each corner, in line with the trimmed edges."""
    paint = skia.Paint(Color=0xFF000000, StrokeWidth=_HAIRLINE)
    paint.setStyle(skia.Paint.kStroke_Style)
    length = _MARK_LENGTH_MM * _POINTS_PER_MM
    edges_x = (sheet.margin.left, sheet.width - sheet.margin.right)
    edges_y = (sheet.margin.top, sheet.height - sheet.margin.bottom)
    for x in edges_x:
        canvas.drawLine(x, 0, x, length, paint)
        canvas.drawLine(x, sheet.height - length, x, sheet.height, paint)
    for y in edges_y:
        canvas.drawLine(0, y, length, y, paint)
        canvas.drawLine(sheet.width - length, y, sheet.width, y, paint)


def _finish(
    data: bytes,
    sheets: Sequence[_Sheet],
    said: Sequence[Sequence[str | None]],
    encoding: Encoding,
    inks: Separation | None,
) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for page, sheet, words in zip(writer.pages, sheets, said, strict=True):
        _say(page, words)
        page.mediabox = page.cropbox = sheet.box(Sides())
        page.trimbox = sheet.box(sheet.margin)
        page.bleedbox = sheet.box(sheet.margin.minus(sheet.bleed))
    if inks:
        separate_pdf(writer, inks, quality=encoding.quality)
        # ISO 15930-7, 6.1: PDF 1.6, and whether colors are trapped.
        writer.pdf_header = "%PDF-1.6"
        writer.add_metadata({"/Trapped": NameObject("/False")})
    intent = print_intent(writer, inks.profile) if inks else srgb_intent(writer)
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    if encoding.xmp:
        put_pdf_xmp(writer, encoding.xmp)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _say(page: PageObject, words: Sequence[str | None]) -> None:
    """Add to a page's words what they say (ISO 32000-1, 14.9.4).

    Skia writes each word as one text object, in the order of drawing. It leaves out
    words that lie off the page: then nobody knows which is which, and nothing is added.
    """
    rest = iter(words)
    content = page["/Contents"].get_object()
    changed = list(_spoken(content, page["/Resources"].get_object(), rest))
    if any(words) and next(rest, rest) is rest:
        for stream, data in changed:
            stream.set_data(data)


def _spoken(
    stream: Any, resources: Any, words: Iterator[str | None]
) -> Iterator[tuple[Any, bytes]]:
    """Give a stream, and the forms that it draws, with what their words say."""
    inner: list[tuple[Any, bytes]] = []

    def add(match: re.Match[bytes]) -> bytes:
        if name := match["form"]:
            form = resources["/XObject"]["/" + name.decode()].get_object()
            if form["/Subtype"] == "/Form":
                inner.extend(_spoken(form, form["/Resources"].get_object(), words))
        elif (word := next(words, None)) is not None:
            text = ("\ufeff" + word).encode("utf-16-be").hex().encode()
            return b"/Span <</ActualText <%s>>> BDC\n%sEMC\n" % (text, match[0])
        return match[0]

    data = _TEXT_OR_FORM.sub(add, stream.get_data())
    yield stream, data
    yield from inner
