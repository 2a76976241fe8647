"""Colors, gradients and outlines of Photoshop's layers, in the terms of SVG."""

import math
from collections.abc import Sequence
from typing import Any

from psd_tools.psd.vector import Knot

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.writing import SvgWriter, hex_of, show
from brandgen.compositor.outlines import MOST_STEPS, Outline, Step
from brandgen.compositor.svg.notes import UnreadableError

_LAST_PLACE = 4096.0
"""Where the last color of a gradient lies."""


def color_of(descriptor: Any) -> str | None:
    """Read a color: of light, of inks, gray, or by hue; None if it is none of them."""
    found = _numbers(descriptor)
    if {b"Rd  ", b"Grn ", b"Bl  "} <= found.keys():
        return hex_of(found[b"Rd  "], found[b"Grn "], found[b"Bl  "])
    if {b"Cyn ", b"Mgnt", b"Ylw ", b"Blck"} <= found.keys():
        inks = [found[key] / 100 for key in (b"Cyn ", b"Mgnt", b"Ylw ")]
        black = 1 - found[b"Blck"] / 100
        return hex_of(*(255 * (1 - ink) * black for ink in inks))
    if b"Gry " in found:
        level = 255 * (1 - found[b"Gry "] / 100)
        return hex_of(level, level, level)
    if {b"H   ", b"Strt", b"Brgh"} <= found.keys():
        return _of_hue(found[b"H   "], found[b"Strt"] / 100, found[b"Brgh"] / 100)
    return None


def _of_hue(hue: float, saturation: float, brightness: float) -> str:
    def level(n: float) -> float:
        k = (n + hue / 60) % 6
        share = max(0.0, min(k, 4 - k, 1.0))
        return 255 * brightness * (1 - saturation * share)

    return hex_of(level(5), level(3), level(1))


def _numbers(descriptor: Any) -> dict[bytes, float]:
    found = {}
    for key in _keys(descriptor):
        value = getattr(descriptor[key], "value", descriptor[key])
        if isinstance(value, int | float) and math.isfinite(value):
            found[key] = float(value)
    return found


def _keys(descriptor: Any) -> Sequence[bytes]:
    return list(descriptor.keys()) if hasattr(descriptor, "keys") else []


def get(descriptor: Any, key: bytes) -> Any:
    """Give a part of a descriptor; None where there is none."""
    return descriptor.get(key) if hasattr(descriptor, "get") else None


def paint_of(content: Any, box: Rect, writer: SvgWriter) -> str:
    """Give what a fill paints with: a color, or a gradient that is written.

    Raises:
        UnreadableError: it is a pattern, or a gradient of another kind.
    """
    if (color := color_of(get(content, b"Clr "))) is not None:
        return color
    gradient = get(content, b"Grad")
    if gradient is None:
        raise UnreadableError("it is painted with a pattern.")
    stops = _stops(gradient)
    if not stops:
        raise UnreadableError("its gradient has no colors that can be read.")
    kind = getattr(get(content, b"Type"), "enum", b"Lnr ")
    if kind not in (b"Lnr ", b"linear"):
        raise UnreadableError("its gradient is not linear.")
    angle_deg = _numbers(content).get(b"Angl", 90.0)
    if getattr(get(content, b"Rvrs"), "value", get(content, b"Rvrs")):
        stops = [(1 - at, color, opacity) for at, color, opacity in reversed(stops)]
    # Photoshop counts angles against the clock.
    angle = math.radians(-angle_deg)
    x, y = math.cos(angle), math.sin(angle)
    reach = (abs(x) * box.width + abs(y) * box.height) / 2
    middle = box.x + box.width / 2, box.y + box.height / 2
    line = (
        middle[0] - x * reach,
        middle[1] - y * reach,
        middle[0] + x * reach,
        middle[1] + y * reach,
    )
    return writer.gradient(line, stops)


def _stops(gradient: Any) -> list[tuple[float, str, float]]:
    """Give the stops of a gradient: its place, color and opacity."""
    clear = [
        (
            _numbers(one).get(b"Lctn", 0) / _LAST_PLACE,
            _numbers(one).get(b"Opct", 100) / 100,
        )
        for one in list(get(gradient, b"Trns") or [])[:64]
    ]
    found = []
    for one in list(get(gradient, b"Clrs") or [])[:64]:
        color = color_of(get(one, b"Clr "))
        if color is None:
            continue
        at = _numbers(one).get(b"Lctn", 0) / _LAST_PLACE
        near = min(clear, key=lambda stop: abs(stop[0] - at), default=(at, 1.0))
        found.append((min(1.0, max(0.0, at)), color, near[1]))
    return sorted(found, key=lambda stop: stop[0])


def outline_of_mask(mask: Any, size: tuple[float, float]) -> Outline:
    """Give the outline of a vector mask, whose places are shares of the document.

    Raises:
        UnreadableError: it has too many points.
    """
    steps: list[Step] = []
    wide, tall = size

    def point(place: Any) -> tuple[float, float]:
        x, y = float(place[1]) * wide, float(place[0]) * tall
        if not (abs(x) <= 1e6 and abs(y) <= 1e6):
            raise UnreadableError("a number of its path is too large.")
        return x, y

    for path in mask.paths:
        knots = [knot for knot in path if isinstance(knot, Knot)]
        if len(knots) < 2:
            continue
        if len(steps) + len(knots) > MOST_STEPS:
            raise UnreadableError(f"its path has more than {MOST_STEPS:,} steps.")
        steps.append(("M", *point(knots[0].anchor)))
        ends = [*knots[1:], knots[0]] if path.is_closed() else knots[1:]
        for before, knot in zip(knots, ends, strict=False):
            start, end = point(before.anchor), point(knot.anchor)
            one, two = point(before.leaving), point(knot.preceding)
            if one == start and two == end:
                steps.append(("L", *end))
            else:
                steps.append(("C", *one, *two, *end))
        if path.is_closed():
            steps.append(("Z",))
    return tuple(steps)


def stroke_attributes(stroke: Any) -> dict[str, str]:
    """Give the attributes of a line around a shape; none where it has none."""
    if stroke is None or not stroke.enabled or stroke.line_width <= 0:
        return {}
    color = color_of(get(stroke.content, b"Clr ")) or "#000000"
    found = {"stroke": color, "stroke_width": show(stroke.line_width)}
    if stroke.line_cap_type in ("round", "square"):
        found["stroke_linecap"] = stroke.line_cap_type
    if stroke.line_join_type in ("round", "bevel"):
        found["stroke_linejoin"] = stroke.line_join_type
    dashes = [
        float(getattr(part, "value", part)) * stroke.line_width
        for part in list(stroke.line_dash_set or [])[:6]
    ]
    if dashes and min(dashes) >= 0 and max(dashes) > 0:
        found["stroke_dasharray"] = " ".join(show(part) for part in dashes)
    opacity = stroke.opacity
    if opacity is not None and opacity < 100:
        found["stroke_opacity"] = show(opacity / 100)
    return found
