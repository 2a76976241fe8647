"""A template document: formats, tokens, slots and layers as data, read strictly.

The classes here, in `formats`, `layers`, `fills` and `boxes` are the format.
`docs/reference/template.schema.json` is written from them
(`python -m brandgen.compositor schema`), and a test keeps the two the same.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from brandgen.compositor.formats import Format
from brandgen.compositor.layers import (
    ImageLayer,
    Layer,
    LocaleTag,
    TextLayer,
    each_layer,
)
from brandgen.compositor.motion import Timeline
from brandgen.compositor.names import Copy, Label, Name
from brandgen.compositor.parts import Part, list_parts
from brandgen.compositor.strict import Limit
from brandgen.compositor.typesetting.marked import MarkedText

SCHEMA = 2
MOST_PAGES = 20
"""What Instagram takes as one carousel."""
_ROLES = "primary|secondary|accent|background|ink|neutral"
Role = Annotated[
    str, Limit(pattern=rf"(({_ROLES})(-([2-9]|1[0-9]|2[0-4]))?|white|black)")
]
"""A color of the palette: of a role the first, or `accent-2` its second."""


class UnknownPageError(ValueError):
    """The template has no page of this number, or has pages and none was chosen."""


FontTag = Annotated[str, Limit(pattern=r"[A-Za-z0-9]{4}")]


@dataclass(frozen=True)
class FontToken:
    """A named typeface: a family of the brand, or "brand" for its main family.

    `features` are OpenType's (`{"tnum": 1}`), `axes` those of a variable font beside
    its weight (`{"opsz": 14}`).
    """

    family: Annotated[str, Limit(1, 80)] = "brand"
    weight: Annotated[int, Limit(100, 900)] = 400
    is_italic: bool = False
    features: Annotated[
        Mapping[FontTag, Annotated[int, Limit(0, 99)]], Limit(most=16)
    ] = field(default_factory=dict)
    axes: Annotated[
        Mapping[FontTag, Annotated[float, Limit(-10_000, 10_000)]], Limit(most=8)
    ] = field(default_factory=dict)


@dataclass(frozen=True)
class Tokens:
    """Names for the brand's colors (by role) and fonts, used by layers."""

    colors: Annotated[Mapping[Name, Role], Limit(most=40)]
    fonts: Annotated[Mapping[Name, FontToken], Limit(most=20)] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class TextSlot:
    """A text that a marketer fills in; `choices` are the only ones, where given.

    With `change_required` the example may be seen, but not used.
    """

    type: Literal["text"]
    label: Label = ""
    required: bool = False
    change_required: bool = False
    min_chars: Annotated[int, Limit(0, 2000)] = 0
    max_chars: Annotated[int, Limit(1, 2000)] = 200
    choices: Annotated[tuple[Copy, ...], Limit(most=60)] = ()
    example: Copy = ""


def slot_of(part: Part, *, max_chars: int = 2000) -> TextSlot:
    """Give the text slot that a part of the data is like."""
    return TextSlot(
        "text",
        label=part.label,
        required=part.is_needed,
        max_chars=max_chars,
        example=part.example,
    )


@dataclass(frozen=True)
class ImageSlot:
    """A picture that a marketer chooses: an approved one, of a collection if named."""

    type: Literal["image"]
    label: Label = ""
    required: bool = False
    collection: Label = ""


Slot = TextSlot | ImageSlot


@dataclass(frozen=True)
class Locale:
    """A language that the template is rendered in; `market` chooses its AI label."""

    label: Label = ""
    direction: Literal["ltr", "rtl"] = "ltr"
    market: Name = "default"


@dataclass(frozen=True)
class DocumentPage:
    """A page of a carousel; layers name those that they stand on.

    `seconds` is how long it is seen in an animation.
    """

    name: Name
    label: Label = ""
    seconds: Annotated[float, Limit(0.02, 60)] = 2


@dataclass(frozen=True)
class Document:
    """A template: formats, tokens, slots, and layers from back to front.

    `data` names what bindings may use beside the slots, each with an example.
    `language` is that of texts where no locale is chosen. With `motion` it is a video
    too, in which layers may move. With `pages` it is a carousel, drawn page by page:
    `page_number`, from 1, says which page this document is of, 0 that it is the whole.
    """

    schema: Literal[2]
    name: Annotated[str, Limit(1, 120)]
    formats: Annotated[Mapping[Name, Format], Limit(1, 40)]
    tokens: Tokens
    slots: Annotated[Mapping[Name, Slot], Limit(most=60)]
    layers: Annotated[tuple[Layer, ...], Limit(1, 100)]
    locales: Annotated[Mapping[LocaleTag, Locale], Limit(most=40)] = field(
        default_factory=dict
    )
    data: Annotated[
        Mapping[Name, Annotated[Mapping[Name, Copy], Limit(1, 60)]], Limit(most=20)
    ] = field(default_factory=dict)
    background: Name | None = None
    language: LocaleTag | None = None
    motion: Timeline | None = None
    pages: Annotated[tuple[DocumentPage, ...], Limit(most=MOST_PAGES)] = ()
    page_number: int = field(default=0, metadata={"json": False}, compare=False)
    layouts: Mapping[tuple[str, str], tuple[Layer, ...]] = field(
        default_factory=dict, metadata={"json": False}, compare=False
    )

    def layers_in(self, format_name: str, locale: str = "") -> tuple[Layer, ...]:
        """Give the layers with the overrides of a format and a locale applied.

        Of a page they are those that stand on it.

        Raises:
            KeyError: the document has no such format or locale.
        """
        layers = self.layouts[format_name, locale]
        if (page := self.page) is None:
            return layers
        return tuple(x for x in layers if not x.pages or page.name in x.pages)

    @property
    def page(self) -> DocumentPage | None:
        """The page that this document is of; None if it is the whole."""
        return self.pages[self.page_number - 1] if self.page_number else None

    @property
    def page_numbers(self) -> range:
        """The numbers of its pages, from 1; a document without any is one page."""
        return range(1, max(1, len(self.pages)) + 1)

    def on_page(self, number: int) -> "Document":
        """Give one page, counted from 1, as a document that can be drawn.

        A document without pages is its own only page.

        Raises:
            UnknownPageError: it has no page of this number.
        """
        if number not in self.page_numbers:
            raise UnknownPageError(
                f"The template has no page {number}. Its pages count from 1 to "
                f"{len(self.page_numbers)}."
            )
        return replace(self, page_number=number) if self.pages else self

    @functools.cached_property
    def worded(self) -> Mapping[str, TextSlot]:
        """All that takes text, by key: the text slots, then the data that is used."""
        slots = self.slots.items()
        texts = {name: slot for name, slot in slots if isinstance(slot, TextSlot)}
        return texts | {part.key: slot_of(part) for part in self.parts if part.is_used}

    @functools.cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of its data, with what its layouts do with each."""
        return list_parts(self.data, list(self.layouts.values()))

    @functools.cached_property
    def image_slots(self) -> tuple[str, ...]:
        """The slots that take pictures, in their order."""
        slots = self.slots.items()
        return tuple(name for name, slot in slots if isinstance(slot, ImageSlot))

    @functools.cached_property
    def fixed_images(self) -> tuple[str, ...]:
        """The pictures that its layers always show, each once."""
        names = (
            layer.image
            for layers in (self.layers, *self.layouts.values())
            for _, layer, _ in each_layer(layers)
            if isinstance(layer, ImageLayer) and layer.image
        )
        return tuple(dict.fromkeys(names))

    @functools.cached_property
    def collections(self) -> Mapping[str, str]:
        """The collections that pictures must be of, by slot; other slots take any."""
        return {
            name: slot.collection
            for name, slot in self.slots.items()
            if isinstance(slot, ImageSlot) and slot.collection
        }

    @functools.cached_property
    def emphasized_slots(self) -> frozenset[str]:
        """The slots whose text may emphasize `*words*`: a layer shows it that way."""
        return frozenset(
            layer.slot
            for layers in self.layouts.values()
            for _, layer, _ in each_layer(layers)
            if isinstance(layer, TextLayer) and layer.emphasis and layer.slot
        )

    def plain_text(self, slot: str, text: str) -> str:
        """Give a slot's text as it is read, without the stars that emphasize."""
        is_marked = slot in self.emphasized_slots
        return MarkedText.parse(text).text if is_marked else text
