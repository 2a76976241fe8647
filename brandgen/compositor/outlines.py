"""Outlines as plain data: SVG path data read strictly, and the shapes we draw.

An outline is a tuple of steps in absolute coordinates: ("M", x, y), ("L", x, y),
("Q", 4 numbers), ("C", 6 numbers), ("Z",).
"""

import functools
import math
import re
from collections.abc import Iterator, Sequence

Step = tuple[str | float, ...]
Outline = tuple[Step, ...]

MOST_STEPS = 5000
FARTHEST = 1e6
_FLAT = 1e-6
"""The radius under which an arc is a straight line."""
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_TOKEN = re.compile(rf"[\s,]*(?:([MmLlHhVvCcSsQqTtAaZz])|({_NUMBER}))")
_FLAG = re.compile(r"[\s,]*([01])")
_COUNTS = dict(zip("MLHVCSQTAZ", (2, 2, 1, 1, 6, 4, 4, 2, 7, 0), strict=True))
# The distance of a circle's Bezier handles, for a quarter.
_ROUND = 4 / 3 * math.tan(math.pi / 8)


class OutlineError(ValueError):
    """The text is no SVG path data. The message says where."""


@functools.lru_cache(maxsize=256)
def parse_path(data: str) -> Outline:
    """Read SVG path data (SVG 1.1, 8.3) into absolute steps; arcs become curves.

    Raises:
        OutlineError: it can't be read, or has too many steps or too large numbers.
    """
    pen = _Pen()
    for command, numbers in _commands(data):
        pen.move(command, numbers)
        if len(pen.steps) > MOST_STEPS:
            raise OutlineError(f"the path has more than {MOST_STEPS} steps.")
    if not pen.steps:
        raise OutlineError("the path is empty.")
    largest = max(abs(float(n)) for step in pen.steps for n in (0.0, *step[1:]))
    if not largest <= FARTHEST:
        raise OutlineError(f"a number is beyond {FARTHEST:,.0f}.")
    return tuple(pen.steps)


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Split path data into commands, repeated ones written out."""
    place, command = 0, ""
    end = len(data.rstrip())
    while place < end:
        match = _TOKEN.match(data, place)
        if match is None:
            raise OutlineError(f"{data[place : place + 12]!r} at {place} is no path.")
        if match[1]:
            command, place = match[1], match.end()
        elif not command or command in "Zz":
            raise OutlineError(f"a command is missing at {place}.")
        numbers: list[float] = []
        while len(numbers) < _COUNTS[command.upper()]:
            is_flag = command in "Aa" and len(numbers) in (3, 4)
            found = (_FLAG if is_flag else _TOKEN).match(data, place)
            text = found[1 if is_flag else 2] if found else None
            if found is None or text is None:
                raise OutlineError(f"a number is missing at {place}.")
            if not abs(float(text)) <= FARTHEST:
                raise OutlineError(f"a number is beyond {FARTHEST:,.0f}.")
            numbers.append(float(text))
            place = found.end()
        yield command, numbers
        command = {"M": "L", "m": "l"}.get(command, command)


class _Pen:
    """Follows commands and writes absolute steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.x = self.y = self.first_x = self.first_y = 0.0
        self.handle: tuple[str, float, float] | None = None

    def move(self, command: str, numbers: Sequence[float]) -> None:
        """Follow one command.

        Raises:
            OutlineError: a path that does not begin with a move.
        """
        kind = command.upper()
        if not self.steps and kind != "M":
            raise OutlineError("a path begins with M.")
        if kind == "A":
            self._arc(numbers, is_relative=command == "a")
            self.handle = None
            return
        values = list(numbers)
        if command.islower():
            if kind == "H":
                values = [values[0] + self.x]
            elif kind == "V":
                values = [values[0] + self.y]
            else:
                values = [
                    v + (self.y if n % 2 else self.x) for n, v in enumerate(values)
                ]
        self._write(kind, values)

    def _write(self, kind: str, v: list[float]) -> None:
        handle, self.handle = self.handle, None
        if kind == "Z":
            self.steps.append(("Z",))
            self.x, self.y = self.first_x, self.first_y
            return
        if kind == "H":
            kind, v = "L", [v[0], self.y]
        elif kind == "V":
            kind, v = "L", [self.x, v[0]]
        elif kind in "ST":
            kind = "C" if kind == "S" else "Q"
            x, y = self.x, self.y
            if handle and handle[0] == kind:
                x, y = 2 * self.x - handle[1], 2 * self.y - handle[2]
            v = [x, y, *v]
        self.steps.append((kind, *v))
        if kind in "CQ":
            self.handle = (kind, v[-4], v[-3])
        self.x, self.y = v[-2], v[-1]
        if kind == "M":
            self.first_x, self.first_y = self.x, self.y

    def _arc(self, numbers: Sequence[float], *, is_relative: bool) -> None:
        rx, ry, turn_deg, large, sweep, x, y = numbers
        if is_relative:
            x, y = x + self.x, y + self.y
        start, end = (self.x, self.y), (x, y)
        self.x, self.y = x, y
        if start == end:
            return
        if abs(rx) < _FLAT or abs(ry) < _FLAT:
            self.steps.append(("L", x, y))
            return
        radii = (abs(rx), abs(ry))
        self.steps += _arc_curves(
            start, end, radii, turn_deg, large != sweep, bool(sweep)
        )


def _arc_curves(
    start: tuple[float, float],
    end: tuple[float, float],
    radii: tuple[float, float],
    turn_deg: float,
    is_left: bool,
    sweeps: bool,
) -> list[Step]:
    """Turn an arc between two points into cubic curves (SVG 1.1, F.6.5)."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    half_x, half_y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * half_x + sin * half_y, -sin * half_x + cos * half_y
    rx, ry = radii
    size = (x / rx) ** 2 + (y / ry) ** 2
    if size > 1:
        rx, ry = rx * math.sqrt(size), ry * math.sqrt(size)
    under = rx * rx * y * y + ry * ry * x * x
    share = math.sqrt(max(0.0, (rx * rx * ry * ry - under) / under)) if under else 0.0
    share = share if is_left else -share
    mid_x, mid_y = share * rx * y / ry, -share * ry * x / rx
    first = math.atan2((y - mid_y) / ry, (x - mid_x) / rx)
    last = math.atan2((-y - mid_y) / ry, (-x - mid_x) / rx)
    sweep = last - first
    if sweeps and sweep < 0:
        sweep += 2 * math.pi
    elif not sweeps and sweep > 0:
        sweep -= 2 * math.pi
    center_x = cos * mid_x - sin * mid_y + (start[0] + end[0]) / 2
    center_y = sin * mid_x + cos * mid_y + (start[1] + end[1]) / 2

    def point(x: float, y: float) -> tuple[float, float]:
        x, y = x * rx, y * ry
        return center_x + cos * x - sin * y, center_y + sin * x + cos * y

    count = max(1, math.ceil(abs(sweep) / (math.pi / 2) - 1e-9))
    part = sweep / count
    reach = 4 / 3 * math.tan(part / 4)
    curves: list[Step] = []
    for n in range(count):
        a, b = first + n * part, first + (n + 1) * part
        one = point(
            math.cos(a) - reach * math.sin(a), math.sin(a) + reach * math.cos(a)
        )
        two = point(
            math.cos(b) + reach * math.sin(b), math.sin(b) - reach * math.cos(b)
        )
        last_point = end if n == count - 1 else point(math.cos(b), math.sin(b))
        curves.append(("C", *one, *two, *last_point))
    return curves


def moved(
    outline: Outline, *, x: float, y: float, scale_x: float, scale_y: float
) -> Outline:
    """Scale an outline from the origin, then move it."""
    return tuple(
        (
            step[0],
            *(
                float(v) * (scale_y if n % 2 else scale_x) + (y if n % 2 else x)
                for n, v in enumerate(step[1:])
            ),
        )
        for step in outline
    )


def rectangle(x: float, y: float, width: float, height: float) -> Outline:
    """Give a rectangle."""
    right, bottom = x + width, y + height
    corners = ((x, y), (right, y), (right, bottom), (x, bottom))
    return polygon(corners)


def round_rectangle(
    x: float, y: float, width: float, height: float, rx: float, ry: float
) -> Outline:
    """Outline a rectangle with corners that are quarters of an ellipse."""
    right, bottom = x + width, y + height
    kx, ky = rx * (1 - _ROUND), ry * (1 - _ROUND)
    return (
        ("M", x + rx, y),
        ("L", right - rx, y),
        ("C", right - kx, y, right, y + ky, right, y + ry),
        ("L", right, bottom - ry),
        ("C", right, bottom - ky, right - kx, bottom, right - rx, bottom),
        ("L", x + rx, bottom),
        ("C", x + kx, bottom, x, bottom - ky, x, bottom - ry),
        ("L", x, y + ry),
        ("C", x, y + ky, x + kx, y, x + rx, y),
        ("Z",),
    )


def polygon(points: Sequence[tuple[float, float]]) -> Outline:
    """Give a closed outline through points."""
    first, *others = points
    return (("M", *first), *(("L", *point) for point in others), ("Z",))


def star(points: int = 5, inner: float = 0.45) -> Outline:
    """Give a star that fills the unit square as far as its shape lets it."""
    raw = []
    for n in range(points * 2):
        angle = math.pi * n / points - math.pi / 2
        reach = inner if n % 2 else 1.0
        raw.append((math.cos(angle) * reach, math.sin(angle) * reach))
    left, top = min(x for x, _ in raw), min(y for _, y in raw)
    size = max(max(x for x, _ in raw) - left, max(y for _, y in raw) - top)
    free = 1 - (max(y for _, y in raw) - top) / size
    return polygon([((x - left) / size, (y - top) / size + free / 2) for x, y in raw])


def dot() -> Outline:
    """Give the circle that fills the unit square."""
    k = _ROUND / 2
    return (
        ("M", 0.5, 0),
        ("C", 0.5 + k, 0, 1, 0.5 - k, 1, 0.5),
        ("C", 1, 0.5 + k, 0.5 + k, 1, 0.5, 1),
        ("C", 0.5 - k, 1, 0, 0.5 + k, 0, 0.5),
        ("C", 0, 0.5 - k, 0.5 - k, 0, 0.5, 0),
        ("Z",),
    )


def heart() -> Outline:
    """Give a heart in the unit square."""
    return (
        ("M", 0.5, 0.93),
        ("C", 0.2, 0.7, 0, 0.52, 0, 0.31),
        ("C", 0, 0.16, 0.12, 0.06, 0.26, 0.06),
        ("C", 0.36, 0.06, 0.45, 0.11, 0.5, 0.2),
        ("C", 0.55, 0.11, 0.64, 0.06, 0.74, 0.06),
        ("C", 0.88, 0.06, 1, 0.16, 1, 0.31),
        ("C", 1, 0.52, 0.8, 0.7, 0.5, 0.93),
        ("Z",),
    )
