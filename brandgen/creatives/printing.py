"""A creative as a PDF for print, made when somebody asks for it.

The picture in the library stays as it was approved; the PDF is drawn of the same
template version, brand kit, copy and pictures.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import BoundedSemaphore

from django.conf import settings

from brandgen.compositor import Encoding, Rendered, TemplateDocumentError
from brandgen.compositor.formats import CSS_DPI, MM_PER_INCH, Format
from brandgen.compositor.profiles import ProfileError, load_profile
from brandgen.compositor.sides import Sides
from brandgen.compositor.watermark import NOT_APPROVED
from brandgen.creatives import marking
from brandgen.creatives.bench import open_picture, render_marked
from brandgen.creatives.file_choices import list_profiles
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.models import Creative
from brandgen.creatives.rendering import QUALITY
from brandgen.creatives.runner import CANT_RENDER
from brandgen.creatives.style import style_of
from brandgen.lib.findings import Finding
from brandgen.library.models import Asset

INK_RULES = ("ink-coverage", "print-color")
MOST_AT_A_TIME = 2
"""PDFs that one web process draws at the same time: each takes a core for seconds."""
LONGEST_WAIT_S = 20.0
_rooms = BoundedSemaphore(MOST_AT_A_TIME)


class PrintError(Exception):
    """A creative can't be written for print so. The message is fit to show."""


@dataclass(frozen=True)
class Paper:
    """How large a format is on paper, in millimeters; `dpi` is what it is drawn at."""

    width_mm: float
    height_mm: float
    bleed_mm: Sides
    dpi: int
    is_for_print: bool

    @classmethod
    def of(cls, shape: Format) -> "Paper":
        """Measure a format."""
        dpi = shape.dpi or CSS_DPI
        return cls(
            width_mm=shape.width_px / dpi * MM_PER_INCH,
            height_mm=shape.height_px / dpi * MM_PER_INCH,
            bleed_mm=shape.bleed_mm,
            dpi=dpi,
            is_for_print=bool(shape.dpi),
        )


@dataclass(frozen=True)
class Printed:
    """A PDF, and what was found about its inks."""

    data: bytes
    findings: tuple[Finding, ...]


def find_colors() -> list[tuple[str, str]]:
    """Return the colors to choose from: the name of a profile and what it says."""
    return [("", "RGB (sRGB)"), *list_profiles()]


def measure_paper(creative: Creative) -> Paper | None:
    """Return the size on paper; None where the template can't be read any more."""
    try:
        document = creative.batch.template_version.load()
    except TemplateDocumentError:
        return None
    shape = document.formats.get(creative.format)
    if shape is None:
        return None
    bleed_mm = _bleed_of(creative)
    return Paper.of(shape if bleed_mm is None else replace(shape, bleed_mm=bleed_mm))


def _bleed_of(creative: Creative) -> Sides | None:
    return FileOptions.from_json(creative.batch.file_options).bleed_mm


def render_print(creative: Creative, *, color: str, has_marks: bool) -> Printed:
    """Write a creative as a PDF; one that is not approved says so across all of it.

    Args:
        creative: rendered, with its batch and row at hand.
        color: the name of a profile; empty for RGB.
        has_marks: whether there are crop marks.

    Raises:
        PrintError: no such profile, it can't be drawn, or too much is drawn already.
        StorageError: a file can't be read.
    """
    asset = creative.asset
    if asset is None:
        raise PrintError("It is not rendered yet. Wait until its picture is there.")
    try:
        encoding = Encoding(
            "pdf",
            quality=QUALITY,
            bleed_mm=_bleed_of(creative),
            marks=has_marks,
            watermark=None if asset.is_approved else NOT_APPROVED,
            profile=load_profile(color, settings.ICC_DIR) if color else None,
        )
        with room():
            rendered = _render(creative, encoding)
    except (ProfileError, TemplateDocumentError, *CANT_RENDER) as error:
        raise PrintError(str(error)) from error
    findings = [one for one in rendered.findings if one.rule in INK_RULES]
    return Printed(rendered.data, tuple(findings))


def _render(creative: Creative, encoding: Encoding) -> Rendered:
    batch = creative.batch
    content = marking.content_of(creative, _find_images(creative))
    profile = encoding.profile
    key = marking.content_key(
        content,
        title=str(creative),
        version_id=batch.template_version_id,
        kit_id=batch.brand_kit_id,
        file_type=encoding.kind,
        watermark=encoding.watermark,
        further={
            "profile": profile.digest if profile else "",
            "marks": "crop" if encoding.marks else "",
            "bleed": "" if encoding.bleed_mm is None else str(encoding.bleed),
        },
    )
    rendered, _ = render_marked(
        batch.template_version.load(),
        content=content,
        pictures={slot: open_picture(one) for slot, one in content.images.items()},
        kit=batch.brand_kit,
        style=style_of(batch.brand_kit),
        title=str(creative),
        key=key,
        encoding=encoding,
    )
    return rendered


def _find_images(creative: Creative) -> dict[str, Asset]:
    """Return the pictures that the creative was rendered with, by slot."""
    chosen = creative.row.images.select_related("asset")
    extended = creative.extended_images.filter(is_used=True).select_related("asset")
    fixed = find_fixed(creative.batch.brand, creative.batch.template_version.load())
    images = fixed | {one.slot: one.picture for one in chosen}
    return images | {one.slot: one.asset for one in extended}


@contextmanager
def room() -> Iterator[None]:
    """Wait for one of the few rooms in which PDFs and animations are drawn.

    Raises:
        PrintError: none is free.
    """
    if not _rooms.acquire(timeout=LONGEST_WAIT_S):
        raise PrintError("Other files are being made. Try again in a moment.")
    try:
        yield
    finally:
        _rooms.release()
