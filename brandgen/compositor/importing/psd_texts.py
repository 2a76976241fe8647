"""Texts of Photoshop: their lines, each of runs in one look."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from psd_tools.constants import TextType

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.breaking import Line, Piece, wrap
from brandgen.compositor.importing.writing import SvgWriter, Words, hex_of, show
from brandgen.compositor.svg.geometry import Matrix
from brandgen.compositor.svg.notes import Notes

MOST_LETTERS = 1_500
LEADING = 1.2
CAP_HEIGHT = 0.73
"""Ems from a baseline to the top of capitals, about, in most fonts."""
_BREAKS = re.compile("[\r\n\x03]")
_ANCHORS = {0: "start", 1: "end", 2: "middle"}


def write_text(
    writer: SvgWriter, layer: Any, notes: Notes, *, color: str | None, **attributes: str
) -> None:
    """Write a text layer; `color` is that of an overlay, in place of its own."""
    lines = list(_lines(layer))
    if not any(line.text.strip() for line in lines):
        notes.add(layer.name, "It has no text, and is left out.")
        return
    if sum(len(line.text) for line in lines) > MOST_LETTERS:
        notes.add(
            layer.name,
            f"It is left out: it has more than {MOST_LETTERS:,} letters.",
            "Set it as texts of its own.",
        )
        return
    a, b, c, d, e, f = (float(value) for value in layer.transform)
    matrix = Matrix(a, b, c, d, e, f)
    box = Rect(layer.left, layer.top, layer.width, layer.height)
    is_box = layer.text_type == TextType.PARAGRAPH
    if is_box and matrix.is_upright:
        scale = matrix.scale
        lines = _wrapped(lines, box, scale, layer.name, notes)
        places = _places_in(lines, box, scale)
    else:
        scale = 1.0
        places = _places_from(lines)
        attributes["transform"] = f"matrix({' '.join(show(n) for n in matrix)})"
    rows = []
    for line, (x, y) in zip(lines, places, strict=True):
        if not line.text.strip():
            continue
        rows.append(
            [
                Words(piece.text, x, y, _style(piece.style, scale, color))
                for piece in line.pieces
                if piece.text
            ]
        )
    anchor = next(line.anchor for line in lines if line.text.strip())
    _tell(layer, lines, notes)
    writer.text(rows, layer.name, anchor=anchor, **attributes)


def _lines(layer: Any) -> Iterator[Line]:
    """Part a text where its writer broke it."""
    for paragraph in layer.typesetting:
        anchor = _ANCHORS.get(int(paragraph.style.justification), "start")
        auto = float(paragraph.style.auto_leading or LEADING)
        pieces: list[Piece] = []
        text = "".join(run.text for run in paragraph.runs)
        for run in paragraph.runs:
            parts = _BREAKS.split(run.text)
            for index, part in enumerate(parts):
                if index:
                    yield _line(pieces, anchor, auto)
                    pieces = []
                if part:
                    pieces.append(Piece(part.replace("\x00", ""), run.style))
        if pieces or not _BREAKS.search(text):
            yield _line(pieces, anchor, auto)


def _line(pieces: Sequence[Piece], anchor: str, auto: float) -> Line:
    leadings = [
        piece.style.font_size * auto
        if piece.style.auto_leading
        else float(piece.style.leading)
        for piece in pieces
    ]
    main = max(pieces, key=lambda piece: len(piece.text), default=None)
    size = float(main.style.font_size) if main else 0.0
    return Line(tuple(pieces), anchor, max(leadings, default=0.0), size)


def _wrapped(
    lines: Sequence[Line], box: Rect, scale: float, name: str, notes: Notes
) -> list[Line]:
    """Break lines as often as the height of what is seen says that they were.

    Photoshop does not keep where it broke them.
    """
    first = next(line for line in lines if line.text.strip())
    leading = max(1.0, first.leading * scale)
    count = round(max(0.0, box.height - first.size * scale) / leading) + 1
    found = wrap(lines, count)
    filled = [line for line in lines if line.text.strip()]
    if len(found) > len(filled):
        notes.add(
            name,
            "Its lines were broken anew, as the file does not say where they are.",
            "Compare it with the layout.",
        )
    return found


def _places_in(
    lines: Sequence[Line], box: Rect, scale: float
) -> list[tuple[float, float]]:
    """Give where lines begin that fill a box, by what is seen of them."""
    y = box.y
    found = []
    for index, line in enumerate(lines):
        y += line.leading * scale if index else line.size * scale * CAP_HEIGHT
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[line.anchor]
        found.append((box.x + share * box.width, y))
    return found


def _places_from(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Give where lines begin in the text's own space: the first at its corner."""
    y = 0.0
    found = []
    for index, line in enumerate(lines):
        y += line.leading if index else 0.0
        found.append((0.0, y))
    return found


def _style(style: Any, scale: float, color: str | None) -> dict[str, str]:
    size = float(style.font_size) * scale
    found = {
        "font-family": style.font_name or "unknown",
        "font-size": show(size),
        "fill": color or _color(style),
    }
    if style.faux_bold:
        found["font-weight"] = "700"
    if style.faux_italic:
        found["font-style"] = "italic"
    if style.tracking:
        found["letter-spacing"] = show(size * style.tracking / 1000)
    if getattr(style.font_caps, "name", "") == "ALL_CAPS":
        found["text-transform"] = "uppercase"
    if style.underline or style.strikethrough:
        found["text-decoration"] = "underline" if style.underline else "line-through"
    if style.baseline_shift:
        found["baseline-shift"] = show(style.baseline_shift * scale)
    return found


def _color(style: Any) -> str:
    color = style.fill_color
    if not color:
        return "#000000"
    if len(color) == 4:
        return hex_of(*(255 * level for level in color[1:]))
    if len(color) == 5:  # opacity, then inks
        cyan, magenta, yellow, black = color[1:]
        levels = (255 * (1 - ink) * (1 - black) for ink in (cyan, magenta, yellow))
        return hex_of(*levels)
    return hex_of(*([255 * color[-1]] * 3))


def _tell(layer: Any, lines: Sequence[Line], notes: Notes) -> None:
    styles = [piece.style for line in lines for piece in line.pieces]
    if any(getattr(style.font_caps, "name", "") == "SMALL_CAPS" for style in styles):
        notes.add(layer.name, "Small capitals are left out; it is set as written.")
    if any(abs(s.horizontal_scale - s.vertical_scale) > 0.01 for s in styles):
        notes.add(layer.name, "Its letters are stretched, which is left out.")
    warp = layer.warp.get(b"warpStyle") if layer.warp is not None else None
    if getattr(warp, "enum", b"warpNone") != b"warpNone":
        notes.add(layer.name, "It is bent, which is left out; it is set straight.")
