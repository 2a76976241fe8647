"""Tell rectangles and ellipses among outlines, as programs write all as paths."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from brandgen.compositor.display import Rect
from brandgen.compositor.outlines import Outline

NEAR = 0.004
"""Of a box's shorter side, how far a point may lie from where it should."""
MOST_STEPS = 160
_SAMPLES = 4

Point = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """What an outline is: rect, ellipse, line or path, with its attributes in SVG."""

    tag: str
    attributes: Mapping[str, float] = field(default_factory=dict)


def name_figure(outline: Outline, box: Rect) -> Figure:
    """Say which figure fills a box as an outline does; of two points, a line."""
    if [step[0] for step in outline] == ["M", "L"]:
        (_, x1, y1), (_, x2, y2) = ((*step,) for step in outline)
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        return Figure("line", {name: float(value) for name, value in ends.items()})
    near = max(0.02, NEAR * min(box.width, box.height))
    starts = sum(step[0] == "M" for step in outline)
    if starts != 1 or len(outline) > MOST_STEPS or min(box.width, box.height) <= near:
        return Figure("path")
    points = list(_points(outline))
    if not _goes_round(points, box, near):
        return Figure("path")
    rx, ry = box.width / 2, box.height / 2
    middle = box.x + rx, box.y + ry
    around = [(x - middle[0], y - middle[1]) for x, y in points]
    # Four straight lines have their corners on an ellipse, but not their middles.
    if all(
        abs(math.hypot(x / rx, y / ry) - 1) * min(rx, ry) <= near for x, y in around
    ):
        values = {"cx": middle[0], "cy": middle[1], "rx": rx, "ry": ry}
        return Figure("ellipse", values)
    radius = _radius(around, rx, ry, near)
    if all(abs(_off(point, rx, ry, radius)) <= near for point in around):
        sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        return Figure("rect", sides | ({"rx": radius} if radius > 2 * near else {}))
    return Figure("path")


def _points(outline: Outline) -> list[Point]:
    """Give points along an outline, also between the ends of its steps."""
    found: list[Point] = []
    for step in outline:
        values = [float(value) for value in step[1:]]
        if not values:
            continue
        handles = list(zip(values[::2], values[1::2], strict=True))
        if step[0] == "M":
            found.append(handles[0])
            continue
        ends = [found[-1], *handles]
        for n in range(1, _SAMPLES + 1):
            found.append(_on_curve(ends, n / _SAMPLES))
    if found[0] != found[-1]:
        last, first = found[-1], found[0]
        found.append(_on_curve([last, first], 0.5))
        found.append(first)
    return found


def _on_curve(points: Sequence[Point], at: float) -> Point:
    """Give a point of a Bézier curve, by de Casteljau."""
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at)
            for a, b in pairwise(points)
        ]
    return points[0]


def _goes_round(points: Sequence[Point], box: Rect, near: float) -> bool:
    """Say whether a line goes once around the middle of a box."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    angles = [math.atan2(point[1] - y, point[0] - x) for point in points]
    turns = [(b - a + math.pi) % (2 * math.pi) - math.pi for a, b in pairwise(angles)]
    is_one_way = all(turn >= -0.01 for turn in turns) or all(t <= 0.01 for t in turns)
    return is_one_way and abs(abs(sum(turns)) - 2 * math.pi) < 0.1


def _radius(points: Sequence[Point], rx: float, ry: float, near: float) -> float:
    """Give the radius that the corners have, if they are quarters of a circle.

    Of a point u and v from the edges, (r - u)^2 + (r - v)^2 = r^2.
    """
    free = [(max(0.0, rx - abs(x)), max(0.0, ry - abs(y))) for x, y in points]
    u, v = max(free, key=min)
    if min(u, v) <= near:
        return 0.0
    return min(rx, ry, u + v + math.sqrt(2 * u * v))


def _off(point: Point, rx: float, ry: float, radius: float) -> float:
    """Give how far a point lies from a rounded rectangle around 0."""
    x, y = abs(point[0]) - (rx - radius), abs(point[1]) - (ry - radius)
    outside = math.hypot(max(x, 0.0), max(y, 0.0))
    return outside + min(max(x, y), 0.0) - radius
