"""Rectangles, ellipses, lines and paths of SVG as layers."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.outlines import (
    Outline,
    OutlineError,
    dot,
    moved,
    parse_path,
    polygon,
    rectangle,
    round_rectangle,
)
from brandgen.compositor.svg.css import Style, local
from brandgen.compositor.svg.geometry import (
    Matrix,
    around,
    box_of,
    read_numbers,
    to_px,
    write_path,
)
from brandgen.compositor.svg.nodes import Leaf
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.paints import Painted, Paints

SHAPES = ("rect", "circle", "ellipse", "line", "polyline", "polygon", "path")
MOST_PATH_CHARS = 20_000
Percent = Callable[[float], str]
"""Writes pixels as a share of the format's short side."""


def outline_of(element: Element, view: tuple[float, float]) -> Outline:
    """Give the outline of a shape, before its transform.

    `view` is how wide and tall the drawing is, for percentages.

    Raises:
        UnreadableError: its numbers can't be read, or it has no extent.
    """
    tag = local(element.tag)

    def length(name: str, of: float) -> float:
        return to_px(element.get(name, "0"), of=of)

    wide, tall = view
    if tag == "rect":
        box = Rect(
            length("x", wide),
            length("y", tall),
            length("width", wide),
            length("height", tall),
        )
        if box.width <= 0 or box.height <= 0:
            raise UnreadableError("it has no width or height.")
        rx, ry = radii(element, box)
        sides = _parts(box)
        return round_rectangle(*sides, rx, ry) if rx and ry else rectangle(*sides)
    if tag in ("circle", "ellipse"):
        rx = length("r" if tag == "circle" else "rx", wide)
        ry = rx if tag == "circle" else length("ry", tall)
        if rx <= 0 or ry <= 0:
            raise UnreadableError("it has no radius.")
        x, y = length("cx", wide) - rx, length("cy", tall) - ry
        return moved(dot(), x=x, y=y, scale_x=2 * rx, scale_y=2 * ry)
    if tag == "line":
        start = length("x1", wide), length("y1", tall)
        return (("M", *start), ("L", length("x2", wide), length("y2", tall)))
    try:
        if tag == "path":
            return parse_path(element.get("d", ""))
    except OutlineError as error:
        raise UnreadableError(str(error)) from error
    numbers = read_numbers(element.get("points", ""))
    points = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(points) < 2:
        raise UnreadableError("it has fewer than two points.")
    closed = polygon(points)
    return closed if tag == "polygon" else closed[:-1]


def radii(element: Element, box: Rect) -> tuple[float, float]:
    """Give the radii of a rectangle's corners (SVG 2, 10.2)."""
    texts = [element.get(name, "auto") for name in ("rx", "ry")]
    found = [
        None if text.strip() == "auto" else to_px(text, of=side)
        for text, side in zip(texts, (box.width, box.height), strict=True)
    ]
    rx = found[0] if found[0] is not None else found[1] or 0.0
    ry = found[1] if found[1] is not None else found[0] or 0.0
    return min(max(0.0, rx), box.width / 2), min(max(0.0, ry), box.height / 2)


def _parts(box: Rect) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


class Shapes:
    """Makes layers of shapes."""

    def __init__(self, paints: Paints, notes: Notes, percent: Percent) -> None:
        self._paints, self._notes, self._percent = paints, notes, percent

    def read(
        self,
        element: Element,
        style: Style,
        matrix: Matrix,
        name: str,
        view: tuple[float, float],
    ) -> Leaf | None:
        """Give the layer of a shape; None where nothing of it is seen.

        Raises:
            UnreadableError: its numbers can't be read.
        """
        tag = local(element.tag)
        inside = outline_of(element, view)
        outline = matrix.outline(inside)
        painted = Painted(name, box_of(inside), matrix, box_of(outline))
        stroke, opacity = self._stroke(style, matrix, name)
        fill = None if tag == "line" else self._paints.fill(style, painted)
        if fill is None and stroke is None:
            return None
        if tag == "line" and stroke:
            leaf = self._line(outline, stroke, element, style, name)
        elif stroke is None and fill and self._is_plain(element, tag, matrix, painted):
            leaf = self._shape(element, tag, fill, matrix, painted)
        else:
            leaf = self._path(outline, fill, stroke, style, painted)
            if tag == "rect" and matrix.keeps_boxes:
                leaf.data["fit"], leaf.stretches = "stretch", (True, True)
        if stroke and opacity < 1:
            if fill is None:
                leaf.data["opacity"] = round(opacity, 4)
            else:
                self._notes.add(
                    name,
                    "Its line is clearer than its fill; it is drawn opaque.",
                    "Choose a lighter color for the line.",
                )
        return leaf

    def _is_plain(
        self, element: Element, tag: str, matrix: Matrix, painted: Painted
    ) -> bool:
        """Say whether a shape layer can show it: upright, its corners circles."""
        if not matrix.keeps_boxes:
            return False
        if tag in ("circle", "ellipse"):
            return True
        if tag != "rect":
            return False
        rx, ry = radii(element, painted.local)
        stretch_x = painted.box.width / painted.local.width
        stretch_y = painted.box.height / painted.local.height
        if abs(matrix.a) < abs(matrix.b):
            rx, ry = ry, rx
            stretch_x = painted.box.width / painted.local.height
            stretch_y = painted.box.height / painted.local.width
        return abs(rx * stretch_x - ry * stretch_y) < 0.25

    def _shape(
        self,
        element: Element,
        tag: str,
        fill: dict[str, Any],
        matrix: Matrix,
        painted: Painted,
    ) -> Leaf:
        data: dict[str, Any] = {"type": "shape", "fill": fill}
        if tag != "rect":
            data["shape"] = "ellipse"
            return Leaf(painted.name, data, painted.box)
        rx, _ = radii(element, painted.local)
        if rx:
            data["radius"] = self._percent(rx * matrix.scale)
        return Leaf(painted.name, data, painted.box, (True, True))

    def _stroke(
        self, style: Style, matrix: Matrix, name: str
    ) -> tuple[dict[str, Any] | None, float]:
        """Give a line's look and its opacity; None where there is no line."""
        ink = self._paints.ink(style, "stroke", name)
        width = to_px(style.get("stroke-width", "1")) * matrix.scale
        if ink is None or width <= 0 or ink.opacity <= 0:
            return None, 1.0
        stroke: dict[str, Any] = {
            "color": self._paints.token(ink, name),
            "width": self._percent(width),
        }
        cap = style.get("stroke-linecap", "butt")
        if cap in ("round", "square"):
            stroke["cap"] = cap
        dashes = style.get("stroke-dasharray", "none")
        if dashes != "none":
            lengths = [to_px(part) for part in dashes.replace(",", " ").split()]
            lengths = lengths * 2 if len(lengths) % 2 else lengths
            if any(lengths) and min(lengths) >= 0:
                if len(lengths) > 6:
                    self._notes.add(name, "Its dashes are cut to six lengths.")
                stroke["dash"] = [self._percent(n * matrix.scale) for n in lengths[:6]]
        self._tell_of_line(style, matrix, name)
        return stroke, ink.opacity

    def _tell_of_line(self, style: Style, matrix: Matrix, name: str) -> None:
        if style.get("stroke-linejoin", "miter") not in ("miter", "miter-clip"):
            self._notes.add(
                name,
                "The corners of its line are round or cut; they are drawn pointed.",
                "Compare it with the drawing, or turn the line into a path.",
            )
        if style.get("stroke-dashoffset", "0").strip("px") != "0":
            self._notes.add(name, "Where its dashes begin is left out.")
        long, short = abs(matrix.area), matrix.a**2 + matrix.b**2
        if short and abs(long / short - 1) > 0.05:
            self._notes.add(
                name, "Its line is stretched with it; it is drawn equally wide."
            )

    def _line(
        self,
        outline: Outline,
        stroke: dict[str, Any],
        element: Element,
        style: Style,
        name: str,
    ) -> Leaf:
        (x0, y0), (x1, y1) = ((float(s[1]), float(s[2])) for s in outline)
        rect = around([(x0, y0), (x1, y1)])
        data: dict[str, Any] = {"type": "line", "line": stroke}
        if rect.height < 1:
            rect = Rect(rect.x, (y0 + y1) / 2 - 0.5, rect.width, 1)
        elif rect.width < 1:
            data["direction"] = "upright"
            rect = Rect((x0 + x1) / 2 - 0.5, rect.y, 1, rect.height)
        else:
            data["direction"] = "down" if (x1 > x0) == (y1 > y0) else "up"
        is_turned = x1 < x0 or (x1 == x0 and y1 < y0)
        ends = ("end", "start") if is_turned else ("start", "end")
        for end, which in zip(ends, ("marker-start", "marker-end"), strict=True):
            if style.get(which, "none") != "none":
                data[end] = "arrow"
                self._notes.add(name, "The mark at its end is drawn as an arrow.")
        return Leaf(name, data, rect, (rect.width > 1, rect.height > 1))

    def _path(
        self,
        outline: Outline,
        fill: dict[str, Any] | None,
        stroke: dict[str, Any] | None,
        style: Style,
        painted: Painted,
    ) -> Leaf:
        box = painted.box
        wide, tall = max(box.width, 1.0), max(box.height, 1.0)
        box = Rect(
            box.x - (wide - box.width) / 2,
            box.y - (tall - box.height) / 2,
            wide,
            tall,
        )
        for digits in (2, 1, 0):
            text = write_path(outline, digits)
            if len(text) <= MOST_PATH_CHARS:
                break
        else:
            raise UnreadableError(
                f"its path has {len(text):,} signs; {MOST_PATH_CHARS:,} are allowed."
            )
        view = [round(value, 3) for value in _parts(box)]
        data: dict[str, Any] = {"type": "path", "data": text, "view": view}
        if fill:
            data["fill"] = fill
        if stroke:
            data["stroke"] = stroke
        if style.get("fill-rule") == "evenodd":
            data["is_even_odd"] = True
        for which in ("marker-start", "marker-mid", "marker-end"):
            if style.get(which, "none") != "none":
                self._notes.add(painted.name, "The marks along its line are left out.")
        return Leaf(painted.name, data, box)
