"""The layers of a template document, one class for each type."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from brandgen.compositor.boxes import ZERO, Box, Length, Size
from brandgen.compositor.fills import Blend, Fill, Filters, Line, Plate
from brandgen.compositor.motion import Motion
from brandgen.compositor.names import (
    Align,
    CenterAlign,
    Copy,
    Fraction,
    Label,
    Name,
    PictureAlign,
)
from brandgen.compositor.strict import Limit

Lock = Literal["position", "size", "style", "content", "visibility", "removal"]
SizeClass = Literal["square", "portrait", "landscape", "leaderboard", "skyscraper"]
LocaleTag = Annotated[str, Limit(pattern=r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")]
Condition = Annotated[str, Limit(1, 300)]
HexColor = Annotated[str, Limit(pattern=r"#[0-9a-f]{6}")]
Link = Annotated[str, Limit(1, 2000)]
Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Overrides:
    """Fields that differ: by size class, then by format, then by locale."""

    classes: Mapping[SizeClass, Changes] = field(default_factory=dict)
    formats: Annotated[Mapping[Name, Changes], Limit(most=40)] = field(
        default_factory=dict
    )
    locales: Annotated[Mapping[LocaleTag, Changes], Limit(most=40)] = field(
        default_factory=dict
    )


@dataclass(frozen=True, kw_only=True)
class LayerBase:
    """What every layer has; fields are keyword only so that `type` comes first.

    `link` is where a click on it leads, in a PDF; `motion` how it moves in a video;
    `pages` names the pages that it stands on, all of them if it names none.
    """

    id: Name
    label: Label = ""
    box: Box | None = None
    size: Size | None = None
    opacity: Fraction = 1
    blend: Blend = "normal"
    mirror: bool = True
    hidden: bool = False
    visible_if: Condition | None = None
    link: Link | None = None
    motion: Motion | None = None
    pages: Annotated[tuple[Name, ...], Limit(most=20)] = ()
    locked: Annotated[tuple[Lock, ...], Limit(most=6)] = ()
    overrides: Overrides = Overrides()


@dataclass(frozen=True, kw_only=True)
class ImageLayer(LayerBase):
    """A picture from a slot, or a fixed one by name; `overlay` is painted upon it.

    `align` and `valign` say where a contained picture sits in a box of another shape;
    `focal` brings its focal point as near to the middle as the edges let it.
    """

    type: Literal["image"]
    slot: Name | None = None
    image: Name | None = None
    fit: Literal["cover", "contain"] = "cover"
    align: PictureAlign = "center"
    valign: PictureAlign = "center"
    focal: tuple[Fraction, ...] | None = None
    mask: Literal["rect", "circle", "ellipse"] = "rect"
    radius: Length = ZERO
    filters: Filters = Filters()
    overlay: Fill | None = None
    border: Line | None = None


@dataclass(frozen=True)
class Emphasis:
    """How `*words*` of a text look; what is left out they share with the rest."""

    font: Name | None = None
    color: Name | None = None


@dataclass(frozen=True, kw_only=True)
class TextLayer(LayerBase):
    """Text from a slot, or fixed, set as large as it fits between two sizes.

    With `size_step` its size is the smallest and so many steps more. Texts of one
    `size_group` take the smallest size that one of them needs.
    """

    type: Literal["text"]
    slot: Name | None = None
    text: Copy | None = None
    font: Name
    color: Name
    largest: Length
    smallest: Length | None = None
    size_step: Length | None = None
    max_lines: Annotated[int, Limit(1, 40)] = 3
    line_height: Annotated[float, Limit(0.7, 3)] = 1.2
    letter_spacing_em: Annotated[float, Limit(-0.2, 1)] = 0
    align: Align = "start"
    valign: Align = "start"
    overflow: Literal["ellipsis", "error", "visible"] = "ellipsis"
    balance: bool = False
    hyphenate: bool = False
    direction: Literal["auto", "ltr", "rtl"] = "auto"
    emphasis: Emphasis | None = None
    size_group: Name | None = None
    transform: Literal["none", "upper"] = "none"
    plate: Plate | None = None


@dataclass(frozen=True, kw_only=True)
class ShapeLayer(LayerBase):
    """A rectangle, rounded or not, or an ellipse, filled."""

    type: Literal["shape"]
    shape: Literal["rect", "ellipse"] = "rect"
    fill: Fill
    radius: Length = ZERO


@dataclass(frozen=True, kw_only=True)
class LogoLayer(LayerBase):
    """The brand's logo; its clear space and smallest size are checked.

    The variant "auto" is the first of the brand's that stands out where it lies.
    """

    type: Literal["logo"]
    variant: Literal["primary", "reversed", "mono", "auto"] = "primary"
    align: Align = "start"
    valign: Align = "center"


@dataclass(frozen=True, kw_only=True)
class LineLayer(LayerBase):
    """A straight line through its box, level, upright or from corner to corner."""

    type: Literal["line"]
    line: Line
    direction: Literal["level", "upright", "down", "up"] = "level"
    start: Literal["none", "arrow", "dot"] = "none"
    end: Literal["none", "arrow", "dot"] = "none"


@dataclass(frozen=True, kw_only=True)
class PathLayer(LayerBase):
    """A shape by SVG path data, scaled from its view box into the layer's box."""

    type: Literal["path"]
    data: Annotated[str, Limit(1, 20_000)]
    view: tuple[Annotated[float, Limit(-100_000, 100_000)], ...] = (0, 0, 100, 100)
    fit: Literal["contain", "stretch"] = "contain"
    fill: Fill | None = None
    stroke: Line | None = None
    is_even_odd: bool = False


@dataclass(frozen=True, kw_only=True)
class SvgLayer(LayerBase):
    """A whole drawing (SVG) as vectors: an icon or an illustration.

    `svg` is its source. It keeps its own colors, which have to be the brand's, but for
    those that `colors` maps to others; `color` paints all of it in one.
    """

    type: Literal["svg"]
    svg: Annotated[str, Limit(1, 200_000)]
    color: Name | None = None
    colors: Annotated[Mapping[HexColor, Name], Limit(most=40)] = field(
        default_factory=dict
    )
    align: CenterAlign = "center"
    valign: CenterAlign = "center"


@dataclass(frozen=True, kw_only=True)
class QrLayer(LayerBase):
    """A QR code of a slot's text or a fixed one; `quiet` modules around it are free."""

    type: Literal["qr"]
    slot: Name | None = None
    text: Copy | None = None
    color: Name
    ground: Name | None = None
    correction: Literal["L", "M", "Q", "H"] = "M"
    quiet: Annotated[int, Limit(0, 16)] = 4
    radius: Length = ZERO


@dataclass(frozen=True, kw_only=True)
class BarcodeLayer(LayerBase):
    """A barcode of a slot's text or a fixed one, with its digits below if `font` is."""

    type: Literal["barcode"]
    slot: Name | None = None
    text: Copy | None = None
    symbology: Literal["ean13", "ean8", "upca", "code128"] = "ean13"
    color: Name
    ground: Name | None = None
    font: Name | None = None


@dataclass(frozen=True, kw_only=True)
class RatingLayer(LayerBase):
    """A score as a row of stars, hearts or dots, filled to the nearest step."""

    type: Literal["rating"]
    slot: Name | None = None
    text: Copy | None = None
    color: Name
    empty_color: Name
    shape: Literal["star", "heart", "dot"] = "star"
    count: Annotated[int, Limit(1, 10)] = 5
    step: Literal["whole", "half", "exact"] = "half"
    gap: Length = Length(4)


@dataclass(frozen=True)
class Column:
    """A column of a table: its share of the width, and how its cells stand."""

    share: Annotated[float, Limit(0.01, 100)] = 1
    align: Align = "start"


@dataclass(frozen=True, kw_only=True)
class TableLayer(LayerBase):
    """Rows of short texts: fixed, or a slot's lines with cells parted by `|`."""

    type: Literal["table"]
    columns: Annotated[tuple[Column, ...], Limit(1, 8)]
    slot: Name | None = None
    rows: (
        Annotated[tuple[Annotated[tuple[Copy, ...], Limit(1, 8)], ...], Limit(1, 20)]
        | None
    ) = None
    has_header: bool = False
    font: Name
    color: Name
    header_font: Name | None = None
    header_color: Name | None = None
    largest: Length
    smallest: Length | None = None
    padding_x: Length = Length(8)
    padding_y: Length = Length(6)
    rule: Line | None = None
    stripe: Fill | None = None
    header_fill: Fill | None = None


@dataclass(frozen=True, kw_only=True)
class AiLabelLayer(LayerBase):
    """What a market's law or habit asks to say of pictures that AI made.

    `texts` maps a locale's market, or "default", to its words. Shown when a picture was
    made by AI, or always.
    """

    type: Literal["ai_label"]
    texts: Annotated[Mapping[Name, Copy], Limit(1, 60)]
    show: Literal["when_ai", "always"] = "when_ai"
    font: Name
    color: Name
    largest: Length
    smallest: Length | None = None
    align: Align = "start"
    valign: Align = "end"
    plate: Plate | None = None


@dataclass(frozen=True, kw_only=True)
class GroupLayer(LayerBase):
    """Layers with boxes inside its own, faded, blended and clipped as one."""

    type: Literal["group"]
    children: Annotated[tuple["Layer", ...], Limit(1, 40)]
    clip: Literal["none", "rect", "ellipse"] = "none"
    radius: Length = ZERO


@dataclass(frozen=True, kw_only=True)
class StackLayer(LayerBase):
    """Children one below or beside the other; what is empty takes no room.

    `ground` is painted behind what the children take, with the padding.
    """

    type: Literal["stack"]
    children: Annotated[tuple["Layer", ...], Limit(1, 12)]
    direction: Literal["column", "row"] = "column"
    wrap: bool = False
    gap: Length = ZERO
    padding_x: Length = ZERO
    padding_y: Length = ZERO
    justify: Literal["start", "center", "end", "between"] = "start"
    align: Align = "start"
    ground: Fill | None = None
    radius: Length = ZERO


Layer = (
    TextLayer
    | ShapeLayer
    | LogoLayer
    | ImageLayer
    | StackLayer
    | LineLayer
    | PathLayer
    | SvgLayer
    | QrLayer
    | BarcodeLayer
    | RatingLayer
    | TableLayer
    | AiLabelLayer
    | GroupLayer
)
CONTAINERS = StackLayer | GroupLayer
WORDED = TextLayer | QrLayer | BarcodeLayer | RatingLayer


def each_layer(
    layers: Sequence[Layer], pointer: str = "/layers", parent: Layer | None = None
) -> Iterator[tuple[str, Layer, Layer | None]]:
    """Walk all layers as (pointer, layer, the stack or group it stands in)."""
    for index, layer in enumerate(layers):
        place = f"{pointer}/{index}"
        yield place, layer, parent
        if isinstance(layer, CONTAINERS):
            yield from each_layer(layer.children, f"{place}/children", layer)


def each_text(layer: Layer, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield a layer's fixed texts, in which values may be bound, as (pointer, text)."""
    if isinstance(layer, WORDED) and layer.text:
        yield f"{pointer}/text", layer.text
    elif isinstance(layer, AiLabelLayer):
        for market, text in layer.texts.items():
            yield f"{pointer}/texts/{market}", text
    elif isinstance(layer, TableLayer):
        for row, cells in enumerate(layer.rows or ()):
            for column, text in enumerate(cells):
                yield f"{pointer}/rows/{row}/{column}", text
