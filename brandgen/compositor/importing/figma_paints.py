"""Fills, lines and texts of Figma's nodes, in the terms of SVG."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.breaking import Line, Piece, wrap
from brandgen.compositor.importing.writing import SvgWriter, Words, hex_of, show
from brandgen.compositor.svg.notes import Notes, UnreadableError

LEADING = 1.2
MOST_LETTERS = 1_500
BASELINE = 0.36
"""Ems from the middle of a line down to its baseline, about, in most fonts."""
_BREAKS = re.compile("[\n\u2028]")
_ANCHORS = {"CENTER": "middle", "RIGHT": "end"}

Node = Mapping[str, Any]


def number(value: Any, default: float = 0.0) -> float:
    """Give a number; the default for what is none, or too large to be drawn."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value) if abs(value) <= 1e6 else default


def nodes_in(value: Any) -> list[Node]:
    """Give the objects of a list; what is none is passed over."""
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, Mapping)]


def mapping(value: Any) -> Node:
    """Give an object; an empty one for what is none."""
    return value if isinstance(value, Mapping) else {}


def seen_paints(value: Any) -> list[Node]:
    """Give the paints that are seen, from back to front."""
    return [
        paint
        for paint in nodes_in(value)
        if paint.get("visible", True) is not False and number(paint.get("opacity"), 1)
    ]


def color_of(value: Any) -> tuple[str, float]:
    """Read a color of parts from 0 to 1, and how opaque it is."""
    parts = mapping(value)
    levels = (255 * number(parts.get(name)) for name in ("r", "g", "b"))
    return hex_of(*levels), number(parts.get("a"), 1.0)


def paint_attributes(
    paint: Node, box: Rect, writer: SvgWriter, which: str = "fill"
) -> dict[str, str]:
    """Give what a fill or a stroke paints with.

    Raises:
        UnreadableError: it is of a kind that is not known.
    """
    opacity = number(paint.get("opacity"), 1.0)
    kind = str(paint.get("type"))
    if kind == "SOLID":
        color, own = color_of(paint.get("color"))
        found = {which: color}
        opacity *= own
    elif kind == "GRADIENT_LINEAR" and which == "fill":
        found = {which: _gradient(paint, box, writer)}
    elif kind.startswith("GRADIENT"):
        stops = _stops(paint)
        if not stops:
            raise UnreadableError("its gradient has no colors.")
        found = {which: stops[len(stops) // 2][1]}
    else:
        raise UnreadableError(f"it is painted with {kind.lower()[:30]}.")
    if opacity < 0.999:
        found[f"{which}_opacity"] = show(opacity)
    return found


def is_approximate(paint: Node) -> bool:
    """Say whether a gradient becomes one color."""
    kind = str(paint.get("type"))
    return kind.startswith("GRADIENT") and kind != "GRADIENT_LINEAR"


def _gradient(paint: Node, box: Rect, writer: SvgWriter) -> str:
    handles = nodes_in(paint.get("gradientHandlePositions"))
    stops = _stops(paint)
    if len(handles) < 2 or not stops:
        raise UnreadableError("its gradient says not where it runs.")
    (x1, y1), (x2, y2) = (
        (
            box.x + number(handle.get("x")) * box.width,
            box.y + number(handle.get("y")) * box.height,
        )
        for handle in handles[:2]
    )
    return writer.gradient((x1, y1, x2, y2), stops)


def _stops(paint: Node) -> list[tuple[float, str, float]]:
    found = []
    for stop in nodes_in(paint.get("gradientStops"))[:64]:
        color, opacity = color_of(stop.get("color"))
        at = min(1.0, max(0.0, number(stop.get("position"))))
        found.append((at, color, opacity))
    return sorted(found)


def write_text(
    writer: SvgWriter, node: Node, box: Rect, notes: Notes, **attributes: str
) -> None:
    """Write a text, its lines broken as often as its height says.

    Raises:
        UnreadableError: it has too many letters.
    """
    text, name = str(node.get("characters", "")), str(node.get("name", "text"))
    if not text.strip():
        notes.add(name, "It has no text, and is left out.")
        return
    if len(text) > MOST_LETTERS:
        raise UnreadableError(f"it has more than {MOST_LETTERS:,} letters.")
    style = mapping(node.get("style"))
    size = number(style.get("fontSize"), 16.0)
    leading = number(style.get("lineHeightPx"), LEADING * size) or LEADING * size
    anchor = _ANCHORS.get(str(style.get("textAlignHorizontal")), "start")
    lines = _lines(node, text, anchor, leading, size)
    if style.get("textAutoResize") == "HEIGHT":
        broken = wrap(lines, round(box.height / leading))
        if len(broken) > len(lines):
            notes.add(
                name,
                "Its lines were broken anew, as the file does not say where they are.",
                "Compare it with the layout.",
            )
        lines = broken
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    free = box.height - leading * len(lines)
    down = {"CENTER": free / 2, "BOTTOM": free}.get(
        str(style.get("textAlignVertical")), 0.0
    )
    rows, y = [], box.y + down + leading / 2 + BASELINE * size
    for line in lines:
        x = box.x + share * box.width
        if line.text.strip():
            rows.append([Words(piece.text, x, y, piece.style) for piece in line.pieces])
        y += leading
    _tell(style, name, notes)
    writer.text(rows, name, anchor=anchor, **attributes)


def _lines(
    node: Node, text: str, anchor: str, leading: float, size: float
) -> list[Line]:
    looks = _looks(node)
    overrides = node.get("characterStyleOverrides")
    marks = overrides if isinstance(overrides, list) else []
    lines: list[list[Piece]] = [[]]
    for index, letter in enumerate(text):
        if _BREAKS.match(letter):
            lines.append([])
            continue
        mark = marks[index] if index < len(marks) else 0
        look = looks.get(str(mark), looks["0"])
        row = lines[-1]
        if row and row[-1].style is look:
            row[-1] = Piece(row[-1].text + letter, look)
        else:
            row.append(Piece(letter, look))
    return [Line(tuple(row), anchor, leading, size) for row in lines]


def _looks(node: Node) -> dict[str, dict[str, str]]:
    """Give the styles of a text by their marks; 0 is its own."""
    own = mapping(node.get("style"))
    found = {"0": _style(own, node.get("fills"))}
    table = mapping(node.get("styleOverrideTable"))
    for mark, changes in list(table.items())[:64]:
        changed = mapping(changes)
        fills = changed.get("fills", node.get("fills"))
        found.setdefault(str(mark), _style({**own, **changed}, fills))
    return found


def _style(style: Node, fills: Any) -> dict[str, str]:
    size = number(style.get("fontSize"), 16.0)
    paints = seen_paints(fills)
    solid = [paint for paint in paints if paint.get("type") == "SOLID"]
    stops = [stop for paint in paints for stop in _stops(paint)]
    color, opacity = "#000000", 1.0
    if solid:
        color, opacity = color_of(solid[-1].get("color"))
        opacity *= number(solid[-1].get("opacity"), 1.0)
    elif stops:
        color = stops[0][1]
    weight = round(number(style.get("fontWeight"), 400))
    found = {
        "font-family": str(style.get("fontFamily") or "unknown")[:80],
        "font-size": show(size),
        "font-weight": str(min(900, max(100, weight))),
        "fill": color,
    }
    if opacity < 0.999:
        found["fill-opacity"] = show(opacity)
    if style.get("italic") is True:
        found["font-style"] = "italic"
    if spacing := number(style.get("letterSpacing")):
        found["letter-spacing"] = show(spacing)
    if style.get("textCase") == "UPPER":
        found["text-transform"] = "uppercase"
    if style.get("textDecoration") in ("UNDERLINE", "STRIKETHROUGH"):
        found["text-decoration"] = str(style["textDecoration"]).lower()
    return found


def _tell(style: Node, name: str, notes: Notes) -> None:
    case = str(style.get("textCase", "ORIGINAL"))
    if case not in ("ORIGINAL", "UPPER", "None"):
        notes.add(name, f"Its case ({case.lower()[:20]}) is left out; set as written.")


def dash_of(node: Node) -> str:
    """Give the dashes of a node's lines."""
    value = node.get("strokeDashes")
    parts: Sequence[Any] = value if isinstance(value, list) else []
    numbers = [number(part) for part in parts[:6]]
    is_dashed = numbers and min(numbers) >= 0 and max(numbers) > 0
    return " ".join(show(part) for part in numbers) if is_dashed else ""
