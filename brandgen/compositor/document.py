"""A template document: layers and slots as data, read strictly.

The classes below are the format. `docs/reference/template.schema.json` is written from
them (`python -m brandgen.compositor schema`), and a test keeps the two the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from brandgen.compositor.strict import DataError, Limit, show

NAME_PATTERN = r"[a-z][a-z0-9_-]{0,39}"

Name = Annotated[str, Limit(pattern=NAME_PATTERN)]
Label = Annotated[str, Limit(most=120)]
Copy = Annotated[str, Limit(most=2000)]
Fraction = Annotated[float, Limit(0, 1)]
Align = Literal["start", "center", "end"]
Lock = Literal["position", "size", "style", "content", "visibility", "removal"]
Role = Literal[
    "primary", "secondary", "accent", "background", "ink", "neutral", "white", "black"
]


@dataclass(frozen=True)
class Length:
    """A length in pixels of the format, or in percent of its short side."""

    value: float
    is_percent: bool = False

    PATTERN = r"-?\d{1,4}(\.\d{1,3})?%"

    @classmethod
    def read_json(cls, value: object, pointer: str) -> Self:
        """Read a number of pixels, or a text such as "4.5%".

        Raises:
            DataError: it is neither.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value, re.ASCII):
            return cls(float(value[:-1]), is_percent=True)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(
                pointer, f'{show(value)} is not a length. Write 24 (pixels) or "4.5%".'
            )
        if not -16384 <= value <= 16384:
            raise DataError(pointer, f"{show(value)} is beyond 16384 pixels.")
        return cls(float(value))

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Say the same as JSON Schema."""
        return {
            "anyOf": [
                {"type": "number", "minimum": -16384, "maximum": 16384},
                {"type": "string", "pattern": f"^{cls.PATTERN}$"},
            ]
        }

    def pixels(self, short_side_px: int) -> float:
        """Give the length in pixels."""
        return self.value * short_side_px / 100 if self.is_percent else self.value


ZERO = Length(0)


@dataclass(frozen=True)
class SafeZone:
    """How far from each edge text and logos must stay, in pixels."""

    top: Annotated[int, Limit(0, 2000)] = 0
    right: Annotated[int, Limit(0, 2000)] = 0
    bottom: Annotated[int, Limit(0, 2000)] = 0
    left: Annotated[int, Limit(0, 2000)] = 0


@dataclass(frozen=True)
class Format:
    """One size that the template can be rendered in."""

    width_px: Annotated[int, Limit(16, 8192)]
    height_px: Annotated[int, Limit(16, 8192)]
    label: Label = ""
    safe_zone: SafeZone = SafeZone()

    @property
    def short_side_px(self) -> int:
        """The shorter side: what percentages count from."""
        return min(self.width_px, self.height_px)


@dataclass(frozen=True)
class FontToken:
    """A named typeface: a family of the brand, or "brand" for its main family."""

    family: Annotated[str, Limit(1, 80)] = "brand"
    weight: Annotated[int, Limit(100, 900)] = 400
    is_italic: bool = False


@dataclass(frozen=True)
class Tokens:
    """Names for the brand's colors (by role) and fonts, used by layers."""

    colors: Annotated[Mapping[Name, Role], Limit(most=40)]
    fonts: Annotated[Mapping[Name, FontToken], Limit(most=20)] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class TextSlot:
    """A text that a marketer fills in."""

    type: Literal["text"]
    label: Label = ""
    required: bool = False
    max_chars: Annotated[int, Limit(1, 2000)] = 200
    example: Copy = ""


@dataclass(frozen=True)
class ImageSlot:
    """A picture that a marketer chooses."""

    type: Literal["image"]
    label: Label = ""
    required: bool = False


Slot = TextSlot | ImageSlot


@dataclass(frozen=True)
class Pinned:
    """A fixed size, held to the start, center or end of an axis."""

    anchor: Align
    size: Length
    offset: Length = ZERO


@dataclass(frozen=True)
class Stretched:
    """Held to both ends of an axis with a distance to each."""

    anchor: Literal["both"]
    start: Length = ZERO
    end: Length = ZERO


@dataclass(frozen=True)
class Scaled:
    """A share of the axis: from `start`, `size` long, both 0 to 1."""

    anchor: Literal["scale"]
    start: Fraction
    size: Fraction


@dataclass(frozen=True)
class Box:
    """Where a layer lies in the format."""

    x: Pinned | Stretched | Scaled
    y: Pinned | Stretched | Scaled


@dataclass(frozen=True)
class Size:
    """How large a child of a stack is; what is left out is hugged or filled.

    `before` is the room above it, in place of the stack's gap.
    """

    width: Length | None = None
    height: Length | None = None
    before: Length | None = None


@dataclass(frozen=True)
class SolidFill:
    """One color."""

    type: Literal["solid"]
    color: Name
    opacity: Fraction = 1


@dataclass(frozen=True)
class GradientStop:
    """A color at a place of a gradient, 0 to 1."""

    at: Fraction
    color: Name
    opacity: Fraction = 1


@dataclass(frozen=True)
class LinearFill:
    """A linear gradient; 0 degrees runs to the right, 90 degrees down."""

    type: Literal["linear"]
    stops: Annotated[tuple[GradientStop, ...], Limit(2, 8)]
    angle_deg: Annotated[float, Limit(-360, 360)] = 90


@dataclass(frozen=True)
class ScrimFill:
    """A shade that fades out evenly to the eye, to carry text on a picture."""

    type: Literal["scrim"]
    color: Name
    strongest: Literal["top", "right", "bottom", "left"] = "bottom"
    opacity: Fraction = 0.7


Fill = SolidFill | LinearFill | ScrimFill


@dataclass(frozen=True)
class Plate:
    """A rounded ground that hugs the text: a button, a badge."""

    color: Name
    padding_x: Length = Length(24)
    padding_y: Length = Length(12)
    radius: Length = ZERO


@dataclass(frozen=True, kw_only=True)
class LayerBase:
    """What every layer has; fields are keyword only so that `type` comes first."""

    id: Name
    label: Label = ""
    box: Box | None = None
    size: Size | None = None
    opacity: Fraction = 1
    hidden: bool = False
    visible_if: Name | None = None
    locked: Annotated[tuple[Lock, ...], Limit(most=6)] = ()
    overrides: Annotated[Mapping[Name, Mapping[str, Any]], Limit(most=40)] = field(
        default_factory=dict
    )


@dataclass(frozen=True, kw_only=True)
class ImageLayer(LayerBase):
    """A picture from a slot, or a fixed one by name."""

    type: Literal["image"]
    slot: Name | None = None
    image: Name | None = None
    fit: Literal["cover", "contain"] = "cover"
    focal: tuple[Fraction, ...] | None = None
    radius: Length = ZERO


@dataclass(frozen=True, kw_only=True)
class TextLayer(LayerBase):
    """Text from a slot, or fixed, set as large as it fits between two sizes."""

    type: Literal["text"]
    slot: Name | None = None
    text: Copy | None = None
    font: Name
    color: Name
    largest: Length
    smallest: Length | None = None
    max_lines: Annotated[int, Limit(1, 40)] = 3
    line_height: Annotated[float, Limit(0.7, 3)] = 1.2
    letter_spacing_em: Annotated[float, Limit(-0.2, 1)] = 0
    align: Align = "start"
    valign: Align = "start"
    overflow: Literal["ellipsis", "error"] = "ellipsis"
    balance: bool = False
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
    """The brand's logo; its clear space and smallest size are checked."""

    type: Literal["logo"]
    variant: Literal["primary", "reversed", "mono"] = "primary"
    align: Align = "start"
    valign: Align = "center"


Child = TextLayer | ShapeLayer | LogoLayer | ImageLayer


@dataclass(frozen=True, kw_only=True)
class StackLayer(LayerBase):
    """Children one below the other; what is empty takes no room."""

    type: Literal["stack"]
    children: Annotated[tuple[Child, ...], Limit(1, 12)]
    gap: Length = ZERO
    justify: Align = "start"
    align: Align = "start"


Layer = TextLayer | ShapeLayer | LogoLayer | ImageLayer | StackLayer


@dataclass(frozen=True)
class Document:
    """A template: formats, tokens, slots, and layers from back to front."""

    schema: Literal[1]
    name: Annotated[str, Limit(1, 120)]
    formats: Annotated[Mapping[Name, Format], Limit(1, 40)]
    tokens: Tokens
    slots: Annotated[Mapping[Name, Slot], Limit(most=60)]
    layers: Annotated[tuple[Layer, ...], Limit(1, 100)]
    background: Name | None = None
    layouts: Mapping[str, tuple[Layer, ...]] = field(
        default_factory=dict, metadata={"json": False}
    )

    def layers_in(self, format_name: str) -> tuple[Layer, ...]:
        """Give the layers with the overrides of one format applied.

        Raises:
            KeyError: the document has no such format.
        """
        return self.layouts[format_name]


def each_layer(layers: tuple[Layer, ...]) -> Iterator[tuple[str, Layer, bool]]:
    """Walk all layers as (pointer, layer, whether it stands in a stack)."""
    for index, layer in enumerate(layers):
        yield f"/layers/{index}", layer, False
        if isinstance(layer, StackLayer):
            for inner, item in enumerate(layer.children):
                yield f"/layers/{index}/children/{inner}", item, True
