"""Colors and gradients of SVG as fills of a template, in the brand's colors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.colors import (
    Ink,
    Palette,
    read_color,
    read_share,
    reference_in,
)
from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import Matrix, read_length
from brandgen.compositor.svg.gradients import Gradients
from brandgen.compositor.svg.notes import Notes, UnreadableError

MOST_STOPS = 8

Fill = dict[str, Any]


@dataclass(frozen=True)
class Painted:
    """What is painted: its name, its outline's box before the matrix, and after."""

    name: str
    local: Rect
    matrix: Matrix
    box: Rect


class Paints:
    """Reads what elements are filled and stroked with."""

    def __init__(
        self,
        palette: Palette,
        by_id: Mapping[str, Element],
        sheet: Sheet,
        notes: Notes,
    ) -> None:
        self._palette, self._by_id, self._notes = palette, by_id, notes
        self._gradients = Gradients(by_id, sheet, notes)

    def referred(self, style: Style, name: str = "fill") -> Element | None:
        """Give the gradient or pattern that a style paints with; None for a color."""
        id_ = reference_in(style.get(name, ""))
        return self._by_id.get(id_) if id_ else None

    def ink(self, style: Style, name: str, element: str) -> Ink | None:
        """Give the one color of a fill or a stroke; None where there is none."""
        text = style.get(name, "#000000" if name == "fill" else "none")
        opacity = read_share(style, f"{name}-opacity")
        if id_ := reference_in(text):
            return self._instead(id_, text, opacity, element)
        try:
            current = read_color(style.get("color", "#000000"))
            found = read_color(text, current.color if current else "#000000")
        except UnreadableError as error:
            self._notes.add(element, f"{error}".capitalize(), "Give it a plain color.")
            return None
        return found and Ink(found.color, found.opacity * opacity)

    def _instead(self, id_: str, text: str, opacity: float, element: str) -> Ink | None:
        """Give the color that stands in for a gradient or a pattern."""
        found = self._by_id.get(id_)
        kind = local(found.tag) if found is not None else "missing"
        stops = self._gradients.stops(found) if found is not None else []
        if not stops:
            after = text.partition(")")[2].strip()
            self._notes.add(
                element,
                f"It is painted with a {kind} that can't be taken over.",
                "Give it a color or a linear gradient.",
            )
            return read_color(after) if after else None
        at = min(stops, key=lambda stop: abs(stop[0] - 0.5))
        what = {"radialGradient": "A radial gradient"}.get(kind, "A gradient here")
        self._notes.add(
            element,
            f"{what} is not known; its color {at[1].color} is used.",
            "Choose a color or a linear gradient in the editor.",
        )
        return Ink(at[1].color, at[1].opacity * opacity)

    def fill(self, style: Style, painted: Painted) -> Fill | None:
        """Give a fill in the document's form; None where nothing is seen."""
        gradient = self.referred(style)
        if gradient is not None and local(gradient.tag) == "linearGradient":
            stops = self._gradients.stops(gradient)
            if len({stop[1] for stop in stops}) > 1:
                opacity = read_share(style, "fill-opacity")
                try:
                    return self._linear(gradient, stops, painted, opacity)
                except UnreadableError as error:
                    self._notes.add(painted.name, f"Its gradient: {error}")
            elif stops:
                ink = stops[0][1]
                return self.solid(ink, painted.name)
        found = self.ink(style, "fill", painted.name)
        return self.solid(found, painted.name) if found else None

    def solid(self, ink: Ink, element: str) -> Fill | None:
        """Give one color as a fill; None where it is clear."""
        if ink.opacity <= 0:
            return None
        fill = {"type": "solid", "color": self.token(ink, element)}
        return {**fill, "opacity": round(ink.opacity, 4)} if ink.opacity < 1 else fill

    def token(self, ink: Ink, element: str) -> str:
        """Give the token of a color."""
        return self._palette.token(ink.color, element)

    def _linear(
        self,
        gradient: Element,
        stops: list[tuple[float, Ink]],
        painted: Painted,
        opacity: float,
    ) -> Fill:
        """Give a linear gradient along an angle, between the corners of its box.

        Raises:
            UnreadableError: its numbers can't be read.
        """

        def attribute(name: str, default: str) -> str:
            return self._gradients.attribute(gradient, name, default)

        is_user = attribute("gradientUnits", "") == "userSpaceOnUse"
        matrix = painted.matrix
        if not is_user:
            box = painted.local
            wide, tall = max(box.width, 1e-6), max(box.height, 1e-6)
            matrix = matrix.then(Matrix(wide, 0, 0, tall, box.x, box.y))
        matrix = matrix.then(Matrix.read(attribute("gradientTransform", "")))
        names = (("x1", "0%"), ("y1", "0%"), ("x2", "100%"), ("y2", "0%"))
        x1, y1, x2, y2 = (_place(attribute(*name)) for name in names)
        if attribute("spreadMethod", "pad") != "pad":
            self._notes.add(
                painted.name,
                "Its gradient repeats, which is left out.",
                "Draw it once.",
            )
        angle, low, high = _along(matrix, (x1, y1), (x2, y2), painted.box)
        return self._write(stops, angle, low, high, painted.name, opacity)

    def _write(
        self,
        stops: list[tuple[float, Ink]],
        angle_deg: float,
        low: float,
        high: float,
        element: str,
        opacity: float,
    ) -> Fill:
        places = [(at - low) / (high - low) for at, _ in stops]
        if min(places) < -0.05 or max(places) > 1.05:
            self._notes.add(
                element,
                "Its gradient begins or ends outside of it; it is cut at its edge.",
                "Compare the colors at its edges.",
            )
        if len(stops) > MOST_STOPS:
            self._notes.add(
                element,
                f"Its gradient has {len(stops)} colors; {MOST_STOPS} are taken.",
                "Compare its colors.",
            )
            step = (len(stops) - 1) / (MOST_STOPS - 1)
            kept = [round(n * step) for n in range(MOST_STOPS)]
            stops, places = [stops[n] for n in kept], [places[n] for n in kept]
        written = []
        for place, (_, ink) in zip(places, stops, strict=True):
            stop: dict[str, Any] = {
                "at": round(min(1.0, max(0.0, place)), 4),
                "color": self.token(ink, element),
            }
            if ink.opacity * opacity < 1:
                stop["opacity"] = round(ink.opacity * opacity, 4)
            written.append(stop)
        return {"type": "linear", "stops": written, "angle_deg": round(angle_deg, 2)}


def _place(text: str) -> float:
    value, unit = read_length(text)
    return value / 100 if unit == "%" else value


def _along(
    matrix: Matrix, start: tuple[float, float], end: tuple[float, float], box: Rect
) -> tuple[float, float, float]:
    """Give a gradient's angle, and its places at both ends of our line in a box.

    The place t of a point is an affine function of it, whose slope in pixels is the
    inverse transposed matrix times the gradient's own.
    """
    x, y = end[0] - start[0], end[1] - start[1]
    size = x * x + y * y
    if size <= 0 or abs(matrix.area) < 1e-12:
        raise UnreadableError("it has no length.")
    u, v = x / size, y / size
    slope_x = (matrix.d * u - matrix.b * v) / matrix.area
    slope_y = (matrix.a * v - matrix.c * u) / matrix.area
    steep = math.hypot(slope_x, slope_y)
    if not 0 < steep < math.inf:
        raise UnreadableError("it has no length.")
    way_x, way_y = slope_x / steep, slope_y / steep
    reach = (abs(way_x) * box.width + abs(way_y) * box.height) / 2
    first = matrix.point(*start)
    middle = (box.x + box.width / 2 - first[0]) * slope_x + (
        box.y + box.height / 2 - first[1]
    ) * slope_y
    extent = max(reach * steep, 1e-9)
    return math.degrees(math.atan2(way_y, way_x)), middle - extent, middle + extent
