"""Render a creative: the one entry for previews, the editor and final files alike."""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Layout, Rect
from brandgen.compositor.document import Document, TextSlot, UnknownPageError
from brandgen.compositor.draw import draw
from brandgen.compositor.encode import (
    VIDEO_KINDS,
    Encoding,
    RenderOptionError,
    encode,
)
from brandgen.compositor.file_size import Fitted, encode_within, write_within
from brandgen.compositor.formats import Format
from brandgen.compositor.judging_inks import judge_inks
from brandgen.compositor.layers import each_layer
from brandgen.compositor.layout import lay_out
from brandgen.compositor.links import is_any_address
from brandgen.compositor.moving import at_poster
from brandgen.compositor.moving_render import MovingPicture, render_video
from brandgen.compositor.pdf import PdfPage, write_pdf
from brandgen.compositor.pictures import MAX_PIXELS, ImageSource, decode
from brandgen.compositor.prepress import deepen_blacks
from brandgen.compositor.strict import name_nearest
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.video import MAX_PIXELS as MOST_VIDEO_PIXELS
from brandgen.lib.findings import Finding, Verdict

WEBP_SIDE_PX = 16_383


class UnknownFormatError(ValueError):
    """The template has no format of this name."""


class UnknownLocaleError(UnknownFormatError):
    """The template has no locale of this name."""


class ModificationError(ValueError):
    """A value does not belong to the template's slots; `slot` names the place."""

    def __init__(self, slot: str, message: str) -> None:
        super().__init__(message)
        self.slot = slot


@dataclass(frozen=True)
class Rendered:
    """A finished file, what was found on the way, and where each layer lies.

    `boxes` and `frames` are in pixels of the format, also for a smaller preview.
    """

    data: bytes = field(repr=False)
    mime: str
    width_px: int
    height_px: int
    findings: tuple[Finding, ...]
    boxes: Mapping[str, Rect]
    frames: Mapping[str, Rect]

    @property
    def is_blocked(self) -> bool:
        """Whether a finding forbids to use it."""
        return any(finding.verdict == Verdict.FAIL for finding in self.findings)


def render_creative(
    document: Document,
    *,
    format: str,  # noqa: A002 - the product's word
    modifications: Mapping[str, str],
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    encoding: Encoding,
    scale: float = 1.0,
    links: Mapping[str, str] = MappingProxyType({}),
    locale: str = "",
    data: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Rendered:
    """Render one format of a template; `scale` 0.5 gives a preview with equal lines.

    `modifications` fills text slots, `images` fills image slots and names fixed
    pictures. `links` are addresses by layer, for a PDF, before those that the template
    has. `data` fills what bindings name
    beside the slots. Of a document with pages, one is drawn at a time:
    `document.on_page(1)`. Equal input gives equal bytes.

    Raises:
        UnknownFormatError: the template has no such format.
        UnknownPageError: the template has pages, and none was chosen.
        ModificationError: an unknown or missing slot, or a text that is too long.
        ImageSourceError: a picture can't be decoded.
        BrandStyleError: the brand lacks a color, font or logo that the template uses.
        FileSizeError: no quality makes the file as small as the encoding asks.
        RenderOptionError: a scale, encoding or link that the renderer does not have.
    """
    if format in document.formats:
        check_scale(document.formats[format], encoding, scale)
    layout = lay_out_creative(
        document,
        format=format,
        modifications=modifications,
        images=images,
        brand=brand,
        locale=locale,
        data=data,
    )
    _check_links(document, links, encoding)
    encoding = _for_channel(encoding, document.formats[format], scale)
    engine = load_text_engine(brand.fonts, brand.fonts_folder)
    if encoding.kind in VIDEO_KINDS:
        moving = MovingPicture(
            document,
            layout,
            format=format,
            locale=locale,
            images=images,
            brand=brand,
            engine=engine,
            scale=scale,
            watermark=encoding.watermark,
        )
        file, sized = render_video(moving, encoding)
        return _rendered(file, encoding, layout, scale, [*moving.findings, *sized])
    layout = at_poster(document, layout, format, locale)
    is_pdf = encoding.kind == "pdf"
    pixels, seen, layout = draw(
        layout,
        images=images,
        brand=brand,
        engine=engine,
        # A PDF is judged by its pixels too, but smaller ones do.
        scale=min(0.5, scale) if is_pdf else scale,
        transparent=encoding.transparent,
        watermark=encoding.watermark,
    )
    if is_pdf:
        layout = deepen_blacks(layout, brand.inks) if encoding.profile else layout
        write = functools.partial(
            _write_pdf,
            PdfPage(layout, images, {**layout.links, **links}),
            brand=brand,
            engine=engine,
            scale=scale,
            title=document.name,
        )
        file, sized = _fit(encoding, write, write_within)
        seen += judge_inks(layout, images=images, brand=brand, encoding=encoding)
    else:
        file, sized = _fit(
            encoding,
            functools.partial(encode, pixels),
            lambda _, asked: encode_within(pixels, asked),
        )
    seen += sized
    cap = document.formats[format].max_bytes
    if is_pdf and 0 < cap < (encoding.most_bytes or 2**62) and scale >= 1:
        seen.append(_judge_size(len(file), cap))
    return _rendered(file, encoding, layout, scale, seen)


def _rendered(
    file: bytes,
    encoding: Encoding,
    layout: Layout,
    scale: float,
    seen: Sequence[Finding],
) -> Rendered:
    width_px = max(1, round(layout.width_px * scale))
    height_px = max(1, round(layout.height_px * scale))
    is_video = encoding.kind in VIDEO_KINDS
    return Rendered(
        data=file,
        mime=encoding.mime,
        # A video's sides are even.
        width_px=width_px + width_px % 2 * is_video,
        height_px=height_px + height_px % 2 * is_video,
        findings=(*layout.findings, *seen),
        boxes=layout.boxes,
        frames=layout.frames,
    )


def _for_channel(encoding: Encoding, shape: Format, scale: float) -> Encoding:
    """Take the format's density, bleed and largest file where none is asked for.

    A preview may be of any size.
    """
    is_pdf = encoding.kind == "pdf"
    dpi, bleed_mm, most_bytes = encoding.dpi, encoding.bleed_mm, encoding.most_bytes
    if dpi is None and shape.dpi and encoding.kind not in VIDEO_KINDS:
        # More pixels on the same paper; a PDF's pixels are those of the format.
        dpi = shape.dpi if is_pdf else max(36, min(1200, round(shape.dpi * scale)))
    if is_pdf:
        bleed_mm = shape.bleed_mm if bleed_mm is None else bleed_mm
    elif shape.max_bytes and scale >= 1:
        most_bytes = min(shape.max_bytes, most_bytes or shape.max_bytes)
    return replace(encoding, dpi=dpi, bleed_mm=bleed_mm, most_bytes=most_bytes)


def check_scale(shape: Format, encoding: Encoding, scale: float) -> None:
    """Refuse a picture of more pixels than can be drawn, read or written.

    Raises:
        RenderOptionError: names the size and what to do.
    """
    if not 0.05 <= scale <= 4:
        raise RenderOptionError(
            f"Scale {scale} is not between 0.05 and 4.", option="scale"
        )
    width, height = round(shape.width_px * scale), round(shape.height_px * scale)
    size = f"{shape.label or 'The format'} at scale {scale:g} has {width} x {height}"
    if scale > 1 and width * height > MAX_PIXELS:
        raise RenderOptionError(
            f"{size} pixels; {MAX_PIXELS // 1_000_000} megapixels are allowed. Use a "
            "smaller scale.",
            option="scale",
        )
    if encoding.kind in VIDEO_KINDS and width * height > MOST_VIDEO_PIXELS:
        raise RenderOptionError(
            f"{size} pixels; a video has at most {MOST_VIDEO_PIXELS / 1e6:.1f} "
            "megapixels. Use a smaller scale, or another file type.",
            option="scale",
        )
    if encoding.kind == "webp" and max(width, height) > WEBP_SIDE_PX:
        raise RenderOptionError(
            f"{size} pixels; a webp has at most {WEBP_SIDE_PX:,} a side. Use a smaller "
            "scale, or another file type.",
            option="scale",
        )


def _write_pdf(page: PdfPage, encoding: Encoding, **options: Any) -> bytes:
    return write_pdf([page], encoding=encoding, **options)


def _fit(
    encoding: Encoding,
    write: Callable[[Encoding], bytes],
    write_small: Callable[[Callable[[Encoding], bytes], Encoding], Fitted],
) -> tuple[bytes, list[Finding]]:
    """Write a file, in at most as many bytes as are asked for, and judge its size."""
    if encoding.most_bytes is None:
        return write(encoding), []
    fitted = write_small(write, encoding)
    finding = Finding(
        rule="file-size",
        measured=f"{len(fitted.data):,} bytes, {fitted.setting}",
        allowed=f"{encoding.most_bytes:,} bytes",
        verdict=Verdict.PASS,
        message="The file is small enough.",
        place="",
    )
    return fitted.data, [finding]


def _judge_size(size: int, cap: int) -> Finding:
    """Judge a file by its format's cap, where it was not made to meet one."""
    is_large = size > cap
    return Finding(
        rule="file-size",
        measured=f"{size:,} bytes",
        allowed=f"{cap:,} bytes",
        verdict=Verdict.FAIL if is_large else Verdict.PASS,
        message="The channel takes no file of this size. Choose another file type, or "
        "a lower quality."
        if is_large
        else "The file is small enough.",
        place="",
    )


def lay_out_creative(
    document: Document,
    *,
    format: str,  # noqa: A002 - the product's word
    modifications: Mapping[str, str],
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    locale: str = "",
    data: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Layout:
    """Place one format's layers without drawing: boxes and findings only.

    Raises:
        UnknownFormatError: the template has no such format.
        UnknownPageError: the template has pages, and none was chosen.
        ModificationError: an unknown or missing slot, or a text that is too long.
        BrandStyleError: the brand lacks a color, font or logo that the template uses.
    """
    if document.pages and not document.page:
        raise UnknownPageError(
            f"The template has {len(document.pages)} pages. Choose one of them: pages "
            "are drawn one at a time."
        )
    if format not in document.formats:
        raise UnknownFormatError(
            f"The template has no format {format!r}. "
            f"{name_nearest(format, document.formats)}"
        )
    if locale and locale not in document.locales:
        raise UnknownLocaleError(
            f"The template has no locale {locale!r}. "
            f"{name_nearest(locale, document.locales)}"
        )
    check_modifications(document, modifications, images)
    check_data(document, data)
    logo_shapes = {
        variant: _width_over_height(logo.data, f"{variant} logo")
        for variant, logo in brand.logos.items()
    }
    return lay_out(
        document,
        format_name=format,
        texts=modifications,
        images=frozenset(images),
        brand=brand,
        engine=load_text_engine(brand.fonts, brand.fonts_folder),
        logo_shapes=logo_shapes,
        locale=locale,
        data=data,
        has_ai=any(image.is_ai_made for image in images.values()),
    )


def check_modifications(
    document: Document,
    modifications: Mapping[str, str],
    images: Mapping[str, ImageSource],
) -> None:
    """Refuse values that the template's slots do not take.

    Raises:
        ModificationError: an unknown or missing slot, or a text that is too long.
    """
    fixed = set(document.fixed_images)
    texts = {n for n, slot in document.slots.items() if isinstance(slot, TextSlot)}
    pictures = set(document.slots) - texts
    for name in modifications:
        if name not in texts:
            _refuse_unknown("text", name, texts)
    for name in images:
        if name not in pictures | fixed:
            _refuse_unknown("picture", name, pictures | fixed)
    for problem in find_slot_problems(document, modifications, images):
        raise problem


def find_slot_problems(
    document: Document, texts: Mapping[str, str], pictures: Collection[str]
) -> Iterator[ModificationError]:
    """Yield what the template's slots do not take: empty, too long, no choice."""
    for name, slot in document.slots.items():
        is_text = isinstance(slot, TextSlot)
        text = texts.get(name, "")
        is_empty = not text.strip() if is_text else name not in pictures
        if slot.required and is_empty:
            yield ModificationError(
                name, f"{slot.label or name} is needed. Fill it in."
            )
        if isinstance(slot, TextSlot) and not is_empty:
            yield from _find_text_problems(name, slot, text)


def _find_text_problems(
    name: str, slot: TextSlot, text: str
) -> Iterator[ModificationError]:
    label = slot.label or name
    if not slot.min_chars <= len(text) <= slot.max_chars:
        least = f"{slot.min_chars} to " if slot.min_chars else ""
        advice = "Shorten it." if len(text) > slot.max_chars else "Say more."
        yield ModificationError(
            name,
            f"{label} has {len(text)} characters; {least}{slot.max_chars} are allowed. "
            f"{advice}",
        )
    if slot.choices and text.strip() not in slot.choices:
        hint = name_nearest(text, slot.choices)
        yield ModificationError(name, f"{label} can't be {text[:60]!r}. {hint}")


def check_data(document: Document, data: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse data that the template does not name.

    Raises:
        ModificationError: an unknown name.
    """
    for name, parts in data.items():
        if name not in document.data:
            hint = name_nearest(name, document.data)
            raise ModificationError(name, f"The template has no data {name!r}. {hint}")
        for part in parts:
            if part not in document.data[name]:
                hint = name_nearest(part, document.data[name])
                raise ModificationError(
                    f"{name}.{part}", f"{name!r} has no part {part!r}. {hint}"
                )


def _check_links(
    document: Document, links: Mapping[str, str], encoding: Encoding
) -> None:
    if links and encoding.kind != "pdf":
        raise RenderOptionError(f"A {encoding.kind} has no links. Use pdf.")
    known = {layer.id for _, layer, _ in each_layer(document.layers)}
    for name, address in links.items():
        if name not in known:
            raise RenderOptionError(
                f"The template has no layer {name!r}. {name_nearest(name, known)}"
            )
        if not is_any_address(address):
            raise RenderOptionError(
                f"{address[:80]!r} is not an address to link to. Begin with https:// "
                "or mailto:, without spaces."
            )


def _refuse_unknown(noun: str, name: str, known: set[str]) -> None:
    hint = name_nearest(name, known)
    raise ModificationError(name, f"The template has no {noun} slot {name!r}. {hint}")


@functools.lru_cache(maxsize=64)
def _width_over_height(data: bytes, name: str) -> float:
    height, width = decode(data, name=name).pixels.shape[:2]
    return float(width / height)
