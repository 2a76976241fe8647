"""Show a template while it is changed: its picture, and where every layer lies."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    Document,
    Encoding,
    Finding,
    ImageSource,
    Rendered,
    Verdict,
    render_creative,
)
from brandgen.compositor.animate import animate_creative
from brandgen.compositor.animation import Animation
from brandgen.compositor.brand import OWN_COLORS
from brandgen.compositor.display import Rect
from brandgen.compositor.formats import Format
from brandgen.compositor.layers import SvgLayer, each_layer
from brandgen.compositor.parts import Data, flat_data, merge_data
from brandgen.compositor.svg.colors import find_nearest
from brandgen.compositor.svg.pictures import read_picture
from brandgen.compositor.torture import (
    OF_THE_FILLING,
    Case,
    list_cases,
    place_pictures,
    with_locale,
)
from brandgen.compositor.vectors import find_foreign_colors
from brandgen.creatives import fixed_pictures
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.picture_rules import find_lost
from brandgen.creatives.rendering import (
    PREVIEW_QUALITY,
    draw_ground,
    fill_texts,
    image_source,
)
from brandgen.creatives.services import read_document
from brandgen.creatives.style import style_of
from brandgen.lib.finding_rules import explain, label_of
from brandgen.library.models import Asset

MOST_PIXELS = 1_500_000
"""Of one preview: what a window shows, and what bounds its memory."""
MOST_PLAYED_PIXELS = 230_000
"""Of a frame, of which there are up to 60: what keeps the wait near a second."""
PLAYED_QUALITY = 70


@dataclass(frozen=True)
class Drawn:
    """A document as it was drawn, and the direction that its lines ran in.

    `palette` holds the brand's colors by role.
    """

    document: Document
    rendered: Rendered
    direction: str
    palette: Mapping[str, str]


@lru_cache(maxsize=8)
def read_draft(source: str) -> Document:
    """Read a document as it is being changed; the formats of one state share it.

    Raises:
        TemplateError: something in it is wrong.
    """
    return read_document(source)[0]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A document as it is being changed, and how it is filled to be looked at.

    `case` fills the slots and the data, `texts` and `data` go before it. Without a
    locale, a case in a language that the document does not name is laid out as in it.
    """

    document: Document
    kit: BrandKit
    format_name: str
    case: Case
    locale: str
    texts: Mapping[str, str]
    images: Mapping[str, Asset]
    data: Data = field(default_factory=dict)

    def settled(self) -> "Draft":
        """Return it with the language of its case, where it names no other."""
        if self.locale or self.case.locale in self.document.locales:
            return self
        document = with_locale(self.document, self.case.locale)
        return replace(self, document=document, locale=self.case.locale)

    def scale(self, asked: float, most_pixels: int) -> float:
        """Return a scale at which it has no more pixels than these."""
        shape = self.document.formats.get(self.format_name)
        area = shape.width_px * shape.height_px if shape else most_pixels
        return float(max(0.05, min(asked, 1.0, (most_pixels / area) ** 0.5)))

    def filling(self) -> dict[str, Any]:
        """Return what the renderer takes beside the document."""
        shown = {**self.images, **find_fixed(self.kit.brand, self.document)}
        pictures = {
            name: _read_source(shown[name]) if name in shown else _ground(self.kit)
            for name in (*self.case.images, *self.document.fixed_images)
        }
        texts = {**self.case.texts, **self.texts}
        return {
            "format": self.format_name,
            "modifications": fill_texts(self.document, texts),
            "images": place_pictures(self.document, self.case, pictures),
            "locale": self.locale,
            "data": merge_data(self.case.data, flat_data(self.data)),
        }


def draw_draft(draft: Draft, *, scale: float) -> Drawn:
    """Render one format by the renderer of the final file, smaller if it is large.

    Raises:
        UnknownFormatError, ModificationError, BrandStyleError, ImageSourceError: it
            can't be drawn so; the message is fit to show.
        StorageError: a file can't be read.
    """
    draft = draft.settled()
    brand = style_of(draft.kit)
    rendered = render_creative(
        draft.document,
        brand=brand,
        encoding=Encoding(kind="jpeg", quality=PREVIEW_QUALITY),
        scale=draft.scale(scale, MOST_PIXELS),
        **draft.filling(),
    )
    locales, locale = draft.document.locales, draft.locale
    direction = locales[locale].direction if locale else "ltr"
    return Drawn(draft.document, rendered, direction, brand.palette)


def play_draft(draft: Draft) -> Rendered:
    """Render how one format moves, small, as an animated WebP that plays once.

    Raises:
        NoMotionError: nothing moves in this format.
        UnknownFormatError, ModificationError, BrandStyleError, ImageSourceError: it
            can't be drawn so; the message is fit to show.
        StorageError: a file can't be read.
    """
    draft = draft.settled()
    return animate_creative(
        draft.document,
        brand=style_of(draft.kit),
        animation=Animation("webp", loops=1, quality=PLAYED_QUALITY),
        scale=draft.scale(1.0, MOST_PLAYED_PIXELS),
        **draft.filling(),
    )


@lru_cache(maxsize=4)
def _read_source(asset: Asset) -> ImageSource:
    """Read an asset's file once for many previews: it never changes."""
    return image_source(asset)


@lru_cache(maxsize=4)
def _ground(kit: BrandKit) -> ImageSource:
    return ImageSource(data=draw_ground(kit))


def find_case(document: Document, name: str) -> Case:
    """Return the way of filling a template that the torture test calls so.

    Without such a one, the template's own examples.
    """
    cases = list_cases(document)
    return next((case for case in cases if case.name == name), cases[0])


def describe(drawn: Drawn, brand: Brand) -> dict[str, Any]:
    """Give a drawn preview as plain data: picture, boxes, findings and formats.

    Of the findings those that a template can do something about, not of its pictures;
    and the collections that slots name and the brand does not have.
    """
    rendered = drawn.rendered
    picture = base64.b64encode(rendered.data).decode("ascii")
    return {
        "picture": f"data:{rendered.mime};base64,{picture}",
        "boxes": {layer: _corners(rect) for layer, rect in rendered.boxes.items()},
        "frames": {layer: _corners(rect) for layer, rect in rendered.frames.items()},
        "findings": [
            _tell(finding)
            for finding in rendered.findings
            if finding.verdict != Verdict.PASS and finding.rule not in OF_THE_FILLING
        ]
        + [_tell(finding) for finding in _find_lost(drawn.document, brand)],
        "formats": shapes_of(drawn.document),
        "direction": drawn.direction,
        "drawings": _describe_drawings(drawn),
    }


def _describe_drawings(drawn: Drawn) -> dict[str, Any]:
    """Give each drawing's size and colors, by layer, with the brand's nearest."""
    known = {**drawn.palette, **OWN_COLORS}
    found = {}
    for _, layer, _ in each_layer(drawn.document.layers):
        if not isinstance(layer, SvgLayer):
            continue
        picture = read_picture(layer.svg)
        foreign = find_foreign_colors(
            replace(layer, color=None, colors={}), drawn.palette
        )
        found[layer.id] = {
            "width": picture.width,
            "height": picture.height,
            "colors": [
                {
                    "hex": color,
                    "nearest": find_nearest(color, known)[0],
                    "is_foreign": color in foreign,
                }
                for color in picture.colors
            ],
        }
    return found


def _find_lost(document: Document, brand: Brand) -> Iterator[Finding]:
    """Yield a finding for each layer that names what the library does not have.

    A collection of its slot, or the picture that it always shows.
    """
    lost = find_lost(brand, document)
    for _, layer, _ in each_layer(document.layers):
        if message := lost.get(getattr(layer, "slot", None) or ""):
            yield Finding(
                rule="collection",
                measured="",
                allowed="",
                verdict=Verdict.FAIL,
                message=message,
                place=layer.id,
            )
    for one in fixed_pictures.find_lost(brand, document):
        yield Finding(
            rule="own-picture",
            measured="",
            allowed="",
            verdict=Verdict.FAIL,
            message=one.message,
            place=one.layer_id,
        )


def shapes_of(document: Document) -> dict[str, Any]:
    """Give each format with its figures, those of the library written out."""
    return {name: _shape(one) for name, one in document.formats.items()}


def _shape(one: Format) -> dict[str, Any]:
    return {**asdict(one), "size_class": one.size_class}


def _corners(rect: Rect) -> list[float]:
    return [round(n, 2) for n in (rect.x, rect.y, rect.width, rect.height)]


def _tell(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "label": label_of(finding.rule),
        "explanation": explain(finding.rule),
        "layer": finding.place,
        "verdict": finding.verdict,
        "message": finding.message,
        "measured": finding.measured,
        "allowed": finding.allowed,
    }
