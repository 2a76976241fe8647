"""A display list: what a layout puts where, as plain frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from brandgen.compositor.fills import Blend, Filters
from brandgen.compositor.outlines import Outline
from brandgen.compositor.text import SetText
from brandgen.lib.findings import Finding


@dataclass(frozen=True)
class Rect:
    """A box in pixels of the format, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge."""
        return self.y + self.height

    def grown(self, by: float) -> "Rect":
        """Give the box with this much more on every side."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def overlaps(self, other: "Rect") -> bool:
        """Say whether the two share any area."""
        return (
            self.x < other.right - 0.5
            and other.x < self.right - 0.5
            and self.y < other.bottom - 0.5
            and other.y < self.bottom - 0.5
        )

    def holds(self, other: "Rect") -> bool:
        """Say whether the other lies within."""
        return (
            other.x >= self.x - 0.5
            and other.y >= self.y - 0.5
            and other.right <= self.right + 0.5
            and other.bottom <= self.bottom + 0.5
        )


@dataclass(frozen=True)
class Stop:
    """A color of a gradient at a place from 0 to 1."""

    at: float
    color: str
    opacity: float


@dataclass(frozen=True)
class Course:
    """Where a gradient runs that is not held by the corners of its box.

    Linear from x = 0 to x = 1, radial from `focus` to the circle of radius 1 around 0;
    `matrix` (a, b, c, d, e, f as in SVG) maps that into pixels of the format.
    """

    matrix: tuple[float, float, float, float, float, float]
    is_radial: bool = False
    focus: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Paint:
    """One color, or a gradient along an angle; 0 degrees runs to the right."""

    stops: tuple[Stop, ...]
    angle_deg: float = 0.0
    course: Course | None = None


@dataclass(frozen=True)
class Stroke:
    """How a line along an outline is drawn; lengths in pixels of the format."""

    color: str
    width: float
    cap: str = "butt"
    dash: tuple[float, ...] = ()
    join: str = "miter"
    miter_limit: float = 4.0
    dash_start: float = 0.0


@dataclass(frozen=True)
class DrawImage:
    """Draw a picture (by its name in the caller's images) into a box.

    `mask` is rect (with the radius) or ellipse; `blur_px` stands for the filter's.
    """

    layer: str
    image: str
    rect: Rect
    fit: str
    focal: tuple[float, float] | None
    radius: float
    opacity: float
    mask: str = "rect"
    filters: Filters | None = None
    blur_px: float = 0.0
    align: tuple[float | None, float | None] = (0.5, 0.5)


@dataclass(frozen=True)
class DrawShape:
    """Fill a rectangle or an ellipse."""

    layer: str
    shape: str
    rect: Rect
    radius: float
    paint: Paint
    opacity: float


@dataclass(frozen=True)
class DrawText:
    """Paint a set text; `emphasis_color` is that of its emphasized words."""

    layer: str
    rect: Rect
    text: SetText
    color: str
    opacity: float
    emphasis_color: str | None = None


@dataclass(frozen=True)
class DrawLogo:
    """Draw a variant of the logo into a box of its own proportions.

    With several `variants` the one that stands out most is drawn.
    """

    layer: str
    variant: str
    rect: Rect
    opacity: float
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cut:
    """An outline that nothing is drawn outside of."""

    outline: Outline
    is_even_odd: bool = False


@dataclass(frozen=True)
class DrawPath:
    """Fill an outline, draw a line along it, or both.

    `is_content` says that it is to be read, as text is; `is_crisp` that edges lie on
    whole pixels and are not smoothed. It is drawn inside all of its `cuts` only.
    """

    layer: str
    rect: Rect
    outline: Outline
    paint: Paint | None
    stroke: Stroke | None
    opacity: float
    is_even_odd: bool = False
    is_content: bool = False
    is_crisp: bool = False
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True)
class GroupStart:
    """What follows, to its end, is drawn apart, then clipped, faded and blended."""

    layer: str
    rect: Rect
    clip: str
    radius: float
    opacity: float
    blend: Blend


@dataclass(frozen=True)
class GroupEnd:
    """The end of a group."""

    layer: str
    rect: Rect


@dataclass(frozen=True)
class Clip:
    """Boxes outside of which nothing is drawn; one of them may be masked as a picture.

    `mask` is rect (with the radius) or ellipse.
    """

    rects: tuple[Rect, ...]
    mask: str = "rect"
    radius: float = 0.0


@dataclass(frozen=True)
class MoveStart:
    """What follows, to its end, is scaled, moved and faded as one, then cut off.

    `rect` is what it takes at rest; `center` stays in its place where it is scaled;
    `clip` stands still.
    """

    layer: str
    rect: Rect
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    center: tuple[float, float] = (0.0, 0.0)
    opacity: float = 1.0
    clip: Clip | None = None

    def placed(self, rect: Rect) -> Rect:
        """Give where a box lies that is drawn in it."""
        (x, y), scale = self.center, self.scale
        return Rect(
            x + (rect.x - x) * scale + self.x,
            y + (rect.y - y) * scale + self.y,
            rect.width * scale,
            rect.height * scale,
        )


@dataclass(frozen=True)
class MoveEnd:
    """The end of what moves."""

    layer: str
    rect: Rect


Drawable = (
    DrawImage
    | DrawShape
    | DrawText
    | DrawLogo
    | DrawPath
    | GroupStart
    | GroupEnd
    | MoveStart
    | MoveEnd
)


@dataclass(frozen=True)
class Layout:
    """What to draw, back to front, where each layer lies, and what was found.

    `boxes` holds what layers take, of a text its lines; `frames` the room that their
    anchors give them; `links` the addresses that they lead to. `dpi` says how many of
    the pixels an inch of paper has, 0 for a screen.
    """

    width_px: int
    height_px: int
    background: str
    items: tuple[Drawable, ...]
    boxes: Mapping[str, Rect]
    findings: tuple[Finding, ...]
    frames: Mapping[str, Rect] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    dpi: int = 0
