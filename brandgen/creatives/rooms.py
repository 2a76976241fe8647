"""Tells Create where templates put text, so that pictures are made for a layout."""

from collections.abc import Iterator, Mapping

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    ImageSourceError,
    ModificationError,
    TemplateDocumentError,
    UnknownFormatError,
    lay_out_creative,
)
from brandgen.compositor.display import (
    DrawImage,
    DrawShape,
    DrawText,
    Layout,
    Rect,
)
from brandgen.compositor.formats import Format
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.rendering import example_texts, fill_images, fill_texts
from brandgen.creatives.style import style_of
from brandgen.generation.inputs import BoxInput
from brandgen.generation.layouts import LayoutChoice, Room
from brandgen.lib.storage import StorageError

MARGIN = 0.02
"""Room around a text, as a share of the picture's shorter side."""
LARGE_TEXT_PX = 24
"""WCAG 2.2 takes 18 pt, that is 24 px, for large: it needs less contrast."""
CANT_LAY_OUT = (
    BrandStyleError,
    ImageSourceError,
    ModificationError,
    StorageError,
    TemplateDocumentError,
    UnknownFormatError,
)


class TemplateRooms:
    """The newest published version of each template, in each of its formats."""

    def list_layouts(self, brand: Brand) -> list[LayoutChoice]:
        """Return what a brand may choose."""
        return [
            LayoutChoice(
                value=write_value(version, name),
                group=version.template.name,
                label=f"{shape.label or name}, {shape.width_px} × {shape.height_px}",
            )
            for version in _newest(brand)
            for name, shape in _formats_of(version).items()
        ]

    def find_room(self, brand: Brand, kit: BrandKit, value: str) -> Room | None:
        """Return where a format shows the picture and puts text on it.

        None for a format that is gone, shows no picture, or can't be laid out.
        """
        id_, _, format_name = value.partition(":")
        if not (id_.isdecimal() and len(id_) < 19):
            return None
        versions = TemplateVersion.objects.of_brand(brand).select_related("template")
        version = versions.filter(id=id_, published_at__isnull=False).first()
        if version is None:
            return None
        try:
            return _room_of(version, kit, format_name)
        except CANT_LAY_OUT:
            return None


def write_value(version: TemplateVersion, format_name: str) -> str:
    """Return how a form names one format of a version."""
    return f"{version.pk}:{format_name}"


def _formats_of(version: TemplateVersion) -> Mapping[str, Format]:
    """Return the formats of a version; none if it can't be read any more."""
    try:
        return version.load().formats
    except TemplateDocumentError:
        return {}


def _newest(brand: Brand) -> Iterator[TemplateVersion]:
    rows = TemplateVersion.objects.of_brand(brand).filter(published_at__isnull=False)
    seen = set()
    for version in rows.select_related("template").order_by(
        "template__name", "-version"
    ):
        if version.template_id not in seen:
            seen.add(version.template_id)
            yield version


def _room_of(version: TemplateVersion, kit: BrandKit, format_name: str) -> Room | None:
    document = version.load()
    layout = lay_out_creative(
        document,
        format=format_name,
        modifications=fill_texts(document, example_texts(document)),
        images=fill_images(document, {}, kit),
        brand=style_of(kit),
    )
    pictures = [item.rect for item in layout.items if isinstance(item, DrawImage)]
    if not pictures:
        return None
    place = max(pictures, key=lambda rect: rect.width * rect.height)
    label = document.formats[format_name].label or format_name
    return Room(
        words=f"{version.template.name}, {label}",
        ratio=place.width / place.height,
        boxes=tuple(_boxes(layout, place)),
    )


def _boxes(layout: Layout, place: Rect) -> Iterator[BoxInput]:
    """Yield a box for each text that lies on the picture itself, not on a plate."""
    plates = {item.layer for item in layout.items if isinstance(item, DrawShape)}
    for item in layout.items:
        if not isinstance(item, DrawText) or item.layer in plates:
            continue
        margin = MARGIN * min(place.width, place.height)
        box = _inside(item.rect.grown(margin), place)
        if box is not None:
            is_large = item.text.size_px >= LARGE_TEXT_PX
            left, top, right, bottom = box
            yield BoxInput(
                left=left,
                top=top,
                right=right,
                bottom=bottom,
                text_color=item.color.lower(),
                contrast=3.0 if is_large else 4.5,
            )


def _inside(rect: Rect, place: Rect) -> tuple[float, float, float, float] | None:
    """Return the part of a box that lies on the picture, as shares; None if none."""
    left = max(0.0, (rect.x - place.x) / place.width)
    top = max(0.0, (rect.y - place.y) / place.height)
    right = min(1.0, (rect.right - place.x) / place.width)
    bottom = min(1.0, (rect.bottom - place.y) / place.height)
    return (left, top, right, bottom) if left < right and top < bottom else None
