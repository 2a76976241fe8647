"""Numbers, lengths, matrices and outlines of SVG."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, Self

from brandgen.compositor.display import Rect
from brandgen.compositor.formats import CSS_DPI, MM_PER_INCH, POINTS_PER_INCH
from brandgen.compositor.outlines import Outline, Step
from brandgen.compositor.painting import skia_path
from brandgen.compositor.svg.notes import UnreadableError

FARTHEST = 1e6
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Z%]*)\s*\Z")
_TRANSFORM = re.compile(
    r"\s*,?\s*(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)"
)
# Pixels to the unit, and millimeters where it is one of paper.
PX_PER_UNIT = {
    "": 1.0,
    "px": 1.0,
    "pt": CSS_DPI / POINTS_PER_INCH,
    "pc": 16.0,
    "in": float(CSS_DPI),
    "cm": CSS_DPI / MM_PER_INCH * 10,
    "mm": CSS_DPI / MM_PER_INCH,
    "q": CSS_DPI / MM_PER_INCH / 4,
}
MM_PER_UNIT = {
    "pt": MM_PER_INCH / POINTS_PER_INCH,
    "in": MM_PER_INCH,
    "cm": 10.0,
    "mm": 1.0,
}


def read_number(text: str) -> float:
    """Read a number without a unit.

    Raises:
        UnreadableError: it is none, or too large.
    """
    value, unit = read_length(text)
    if unit not in ("", "px"):
        raise UnreadableError(f"{text[:40]!r} is no number of pixels.")
    return value


def read_length(text: str) -> tuple[float, str]:
    """Read a length into its number and its unit, in small letters.

    Raises:
        UnreadableError: it is none, or too large.
    """
    match = _LENGTH.match(text)
    if match is None:
        raise UnreadableError(f"{text[:40]!r} is no length.")
    value = float(match[1])
    if not abs(value) <= FARTHEST:
        raise UnreadableError(f"the number {text[:40]!r} is too large.")
    return value, match[2].lower()


def to_px(text: str, *, of: float = 0.0, em: float = 16.0) -> float:
    """Read a length as pixels; percentages are `of` a length, ems of a font's size.

    Raises:
        UnreadableError: it is none, or its unit is not known.
    """
    value, unit = read_length(text)
    if unit == "%":
        return value * of / 100
    if unit in ("em", "rem"):
        return value * em
    if unit not in PX_PER_UNIT:
        raise UnreadableError(f"the unit of {text[:40]!r} is not known.")
    return value * PX_PER_UNIT[unit]


def read_numbers(text: str, *, most: int = 10_000) -> list[float]:
    """Read numbers that commas or spaces part.

    Raises:
        UnreadableError: something else is among them, or they are too many.
    """
    parts = re.findall(_NUMBER, text)
    rest = re.sub(_NUMBER, "", text)
    if rest.strip(", \t\r\n") or len(parts) > most:
        raise UnreadableError(f"{text[:40]!r} is no list of numbers.")
    return [read_number(part) for part in parts]


class Matrix(NamedTuple):
    """An affine map: x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, inner: "Matrix") -> "Matrix":
        """Give the map that applies `inner` first.

        Raises:
            UnreadableError: its numbers are too large.
        """
        a, b, c, d, e, f = self
        g, h, i, j, k, m = inner
        product = Matrix(
            a * g + c * h,
            b * g + d * h,
            a * i + c * j,
            b * i + d * j,
            a * k + c * m + e,
            b * k + d * m + f,
        )
        if not all(abs(value) <= FARTHEST for value in product):
            raise UnreadableError("its transforms move or scale it too far.")
        return product

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map a point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    @property
    def area(self) -> float:
        """How much larger an area becomes; negative where it is turned over."""
        return self.a * self.d - self.b * self.c

    @property
    def scale(self) -> float:
        """How much longer a length becomes, in the mean."""
        return math.sqrt(abs(self.area))

    @property
    def is_upright(self) -> bool:
        """Whether it only moves and scales, by the same along both axes."""
        near = 0.01 * self.scale
        is_plain = abs(self.b) <= near and abs(self.c) <= near
        return is_plain and self.a > 0 and abs(self.a - self.d) <= 2 * near

    @property
    def keeps_boxes(self) -> bool:
        """Whether a rectangle stays one: moved, scaled, or turned by a right angle."""
        near = 1e-4 * max(map(abs, self[:4]), default=1.0)
        is_straight = abs(self.b) <= near and abs(self.c) <= near
        return is_straight or (abs(self.a) <= near and abs(self.d) <= near)

    @property
    def keeps_shapes(self) -> bool:
        """Whether it only moves, turns, mirrors and scales, by the same everywhere."""
        near = 0.001 * max(self.scale, 1e-9)
        is_turned = abs(self.a - self.d) <= near and abs(self.b + self.c) <= near
        is_mirrored = abs(self.a + self.d) <= near and abs(self.b - self.c) <= near
        return is_turned or is_mirrored

    def box(self, rect: Rect) -> Rect:
        """Give the box around a box that is mapped."""
        corners = (
            (rect.x, rect.y),
            (rect.right, rect.y),
            (rect.right, rect.bottom),
            (rect.x, rect.bottom),
        )
        return around([self.point(x, y) for x, y in corners])

    def outline(self, outline: Outline) -> Outline:
        """Map an outline."""
        return tuple(self._step(step) for step in outline)

    def _step(self, step: Step) -> Step:
        values = [float(value) for value in step[1:]]
        points = zip(values[::2], values[1::2], strict=True)
        return (step[0], *(v for x, y in points for v in self.point(x, y)))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a transform attribute.

        Raises:
            UnreadableError: it is none, or its numbers are too large.
        """
        found, place = Matrix(), 0
        while match := _TRANSFORM.match(text, place):
            found = found.then(_one(match[1], read_numbers(match[2], most=6)))
            place = match.end()
        if text[place:].strip(" ,\t\r\n"):
            raise UnreadableError(f"the transform {text[:60]!r} can't be read.")
        return cls(*found)


def _one(name: str, values: Sequence[float]) -> Matrix:
    """Give one transform as a matrix."""
    match name, values:
        case "matrix", [a, b, c, d, e, f]:
            return Matrix(a, b, c, d, e, f)
        case "translate", [x]:
            return Matrix(e=x)
        case "translate", [x, y]:
            return Matrix(e=x, f=y)
        case "scale", [x]:
            return Matrix(a=x, d=x)
        case "scale", [x, y]:
            return Matrix(a=x, d=y)
        case "rotate", [angle]:
            return _turned(angle)
        case "rotate", [angle, x, y]:
            return Matrix(e=x, f=y).then(_turned(angle)).then(Matrix(e=-x, f=-y))
        case "skewX", [angle]:
            return Matrix(c=math.tan(math.radians(angle)))
        case "skewY", [angle]:
            return Matrix(b=math.tan(math.radians(angle)))
    raise UnreadableError(f"the transform {name} has {len(values)} numbers.")


def _turned(angle_deg: float) -> Matrix:
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    return Matrix(cos, sin, -sin, cos)


def around(points: Sequence[tuple[float, float]]) -> Rect:
    """Give the box around points."""
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right, bottom = max(x for x, _ in points), max(y for _, y in points)
    return Rect(left, top, right - left, bottom - top)


def union(boxes: Sequence[Rect]) -> Rect:
    """Give the box around boxes."""
    corners = [(box.x, box.y) for box in boxes]
    return around([*corners, *((box.right, box.bottom) for box in boxes)])


def box_of(outline: Outline) -> Rect:
    """Give the box around what an outline covers."""
    found = skia_path(outline).computeTightBounds()
    return Rect(found.left(), found.top(), found.width(), found.height())


def write_path(outline: Outline, digits: int) -> str:
    """Write an outline as path data."""

    def show(value: str | float) -> str:
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text

    return "".join(f"{step[0]}{' '.join(map(show, step[1:]))}" for step in outline)
