"""What layers are painted with: fills, strokes, plates, filters of pictures."""

from dataclasses import dataclass
from typing import Annotated, Literal

from brandgen.compositor.boxes import ZERO, Length
from brandgen.compositor.names import Fraction, Name
from brandgen.compositor.strict import Limit

# The blend modes of CSS (Compositing and Blending Level 1).
Blend = Literal[
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color-dodge",
    "color-burn",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "hue",
    "saturation",
    "color",
    "luminosity",
]


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
class Line:
    """How a line is drawn; `dash` alternates drawn and free lengths."""

    color: Name
    width: Length = Length(2)
    cap: Literal["butt", "round", "square"] = "butt"
    dash: Annotated[tuple[Length, ...], Limit(most=6)] = ()


@dataclass(frozen=True)
class Plate:
    """A rounded ground that hugs the text: a button, a badge."""

    color: Name
    padding_x: Length = Length(24)
    padding_y: Length = Length(12)
    radius: Length = ZERO


@dataclass(frozen=True)
class Filters:
    """Changes to a picture as it is drawn; 1 leaves it as it is, grayscale 0 does."""

    blur: Length = ZERO
    grayscale: Fraction = 0
    brightness: Annotated[float, Limit(0, 3)] = 1
    contrast: Annotated[float, Limit(0, 3)] = 1
    saturation: Annotated[float, Limit(0, 3)] = 1
