"""Read a file of Figma's REST API: each of its frames, as SVG.

The format is documented at developers.figma.com/docs/rest-api/files and
…/file-node-types. Runs in a process of its own (`workers`): files are from strangers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figma_nodes import (
    angle_of,
    box_of_node,
    name_of,
    paths_of,
    radii_of,
    sides_of,
    unturned,
)
from brandgen.compositor.importing.figma_paints import (
    Node,
    dash_of,
    is_approximate,
    mapping,
    nodes_in,
    number,
    paint_attributes,
    seen_paints,
    write_text,
)
from brandgen.compositor.importing.workers import ReadPage
from brandgen.compositor.importing.writing import SvgWriter, show
from brandgen.compositor.outlines import Outline, dot, moved, round_rectangle
from brandgen.compositor.svg.effects import BLENDS
from brandgen.compositor.svg.notes import Notes, UnreadableError

MOST_NODES = 4_000
DEEPEST = 40
MOST_FRAMES = 12
_FRAMES = ("FRAME", "COMPONENT", "INSTANCE")
_WHOLE = (*_FRAMES, "GROUP", "SECTION", "COMPONENT_SET")
_DRAWN = ("VECTOR", "STAR", "REGULAR_POLYGON", "BOOLEAN_OPERATION", "LINE", "ELLIPSE")
_ACROSS = {
    "LEFT": "start",
    "RIGHT": "end",
    "CENTER": "center",
    "LEFT_RIGHT": "both",
    "SCALE": "scale",
}
_DOWN = {
    "TOP": "start",
    "BOTTOM": "end",
    "CENTER": "center",
    "TOP_BOTTOM": "both",
    "SCALE": "scale",
}


def is_figma(head: bytes | str) -> bool:
    """Say whether JSON seems to be a file of Figma, and no template document."""
    text = head if isinstance(head, str) else head.decode("utf-8", "replace")
    text = text.lstrip("\ufeff \t\r\n")
    known = ('"document"', '"lastModified"', '"thumbnailUrl"', '"editorType"')
    is_template = any(word in text for word in ('"schema"', '"formats"', '"layers"'))
    return text.startswith("{") and not is_template and any(n in text for n in known)


def read_figma(data: bytes, notes: Notes) -> list[ReadPage]:
    """Give the frames of a file as SVG.

    Raises:
        ImportedFileError: it is no file of Figma's, or has no frame.
    """
    try:
        file = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ImportedFileError(f"The Figma file is not JSON: {error}.") from error
    document = mapping(mapping(file).get("document"))
    frames = list(_frames(document, 0))
    if not frames:
        raise ImportedFileError(
            "The Figma file has no frame. Ask for a file by GET /v1/files/KEY, whose "
            "pages hold frames."
        )
    if len(frames) > MOST_FRAMES:
        notes.add(
            "The Figma file",
            f"It has {len(frames)} frames; the first {MOST_FRAMES} are read, the "
            "others are left out.",
            "Ask for those that you want by their ids.",
        )
    reader = _Reader(notes)
    return [
        ReadPage(str(frame.get("name", "Frame"))[:120], reader.frame(frame))
        for frame in frames[:MOST_FRAMES]
    ]


def _frames(node: Node, deep: int) -> Iterator[Node]:
    """Find the outermost frames, through pages and sections."""
    if node.get("type") in _FRAMES:
        if node.get("visible", True) is not False:
            yield node
        return
    if deep < 4:
        for child in nodes_in(node.get("children")):
            yield from _frames(child, deep + 1)


class _Reader:
    """Reads frames; what can't be taken over is noted."""

    def __init__(self, notes: Notes) -> None:
        self._notes, self._count = notes, 0

    def frame(self, frame: Node) -> str:
        """Give one frame as SVG."""
        box = box_of_node(frame)
        name = str(frame.get("name", "Frame"))
        if box is None or box.width < 1 or box.height < 1:
            raise ImportedFileError(f"The frame {name[:60]!r} has no size.")
        size = (f"{show(round(box.width))}px", f"{show(round(box.height))}px")
        self._writer = SvgWriter(view=(box.width, box.height), size=size, title=name)
        self._origin = box.x, box.y
        self._filled(frame, Rect(0, 0, box.width, box.height), {})
        self._children(frame, 0)
        return self._writer.source()

    def _children(self, node: Node, deep: int) -> None:
        children = nodes_in(node.get("children"))
        if node.get("layoutMode") in ("HORIZONTAL", "VERTICAL") and children:
            self._notes.add(
                name_of(node),
                "Its auto layout is not kept; what is in it has places of its own.",
                "Put it in a stack in the editor.",
            )
        self._siblings(children, deep)

    def _siblings(self, nodes: Sequence[Node], deep: int) -> None:
        for index, node in enumerate(nodes):
            if node.get("isMask") is True:
                clip = self._mask(node)
                rest = nodes[index + 1 :]
                if clip:
                    with self._writer.group(clip_path=clip):
                        self._siblings(rest, deep)
                    return
                continue
            self._node(node, deep)

    def _mask(self, node: Node) -> str:
        """Write what masks those that follow; empty where it can't be told."""
        box = self._box(node)
        outline = self._outline(node, box) if box else ()
        if not outline:
            self._notes.add(
                name_of(node),
                "It masks others, and is left out: its outline is not known.",
                "Use a rectangle or an ellipse as the mask.",
            )
            return ""
        return self._writer.clip(outline)

    def _node(self, node: Node, deep: int) -> None:
        self._count += 1
        if self._count > MOST_NODES or deep > DEEPEST:
            raise ImportedFileError(
                f"The Figma file has more than {MOST_NODES:,} layers, or they are "
                f"nested deeper than {DEEPEST} levels. Choose fewer frames."
            )
        name, kind = name_of(node), str(node.get("type"))
        if node.get("visible", True) is False:
            self._notes.add(
                name, "It is hidden, and left out.", "Show it to import it."
            )
            return
        box = self._box(node)
        if box is None:
            if kind != "SLICE":
                self._notes.add(name, "It is left out: it has no place.")
            return
        try:
            self._drawn(node, kind, name, box, deep)
        except UnreadableError as error:
            self._notes.add(name, f"It is left out: {error}", "Draw it anew.")

    def _drawn(self, node: Node, kind: str, name: str, box: Rect, deep: int) -> None:
        attributes = self._affected(node, name, box)
        if kind in _WHOLE:
            if node.get("clipsContent") is True and self._overflows(node, box):
                outline = round_rectangle(*sides_of(box), *radii_of(node, box))
                attributes["clip_path"] = self._writer.clip(outline)
            with self._writer.group(name, **attributes):
                self._filled(node, box, {})
                self._children(node, deep + 1)
        elif kind == "TEXT":
            write_text(self._writer, node, box, self._notes, **attributes)
        elif kind in ("RECTANGLE", *_DRAWN):
            self._filled(node, box, attributes, name)
        elif kind != "SLICE":
            self._notes.add(name, f"It is left out: {kind.lower()[:40]} is not known.")

    def _overflows(self, node: Node, box: Rect) -> bool:
        boxes = [self._box(child) for child in nodes_in(node.get("children"))]
        return any(one is not None and not box.holds(one) for one in boxes)

    def _box(self, node: Node) -> Rect | None:
        box = box_of_node(node)
        if box is None:
            return None
        return Rect(
            box.x - self._origin[0], box.y - self._origin[1], box.width, box.height
        )

    def _affected(self, node: Node, name: str, box: Rect) -> dict[str, str]:
        """Give how a node is faded, blended, turned, and held when formats differ."""
        found: dict[str, str] = {}
        opacity = number(node.get("opacity"), 1.0)
        if opacity < 0.999:
            found["opacity"] = show(opacity)
        blend = str(node.get("blendMode", "NORMAL")).lower().replace("_", "-")
        if blend in BLENDS and blend != "normal":
            found["style"] = f"mix-blend-mode:{blend}"
        elif blend not in ("normal", "pass-through"):
            self._notes.add(
                name, f"The blend mode {blend.replace('-', ' ')[:30]} is left out."
            )
        for effect in nodes_in(node.get("effects")):
            if effect.get("visible", True) is not False:
                what = str(effect.get("type", "")).lower().replace("_", " ")[:30]
                self._notes.add(
                    name,
                    f"Its effect ({what}) is left out.",
                    "Do without it, or make it a part of the picture.",
                )
        constraints = mapping(node.get("constraints"))
        found["data_anchor_x"] = _ACROSS.get(str(constraints.get("horizontal")), "")
        found["data_anchor_y"] = _DOWN.get(str(constraints.get("vertical")), "")
        angle = angle_of(node)
        if abs(angle) > 0.1:
            middle = box.x + box.width / 2, box.y + box.height / 2
            place = f"{show(middle[0])} {show(middle[1])}"
            found["transform"] = f"rotate({show(angle)} {place})"
        return found

    def _filled(
        self, node: Node, box: Rect, attributes: Mapping[str, str], name: str = ""
    ) -> None:
        """Draw what a node is filled with, then its line."""
        fills, strokes = (seen_paints(node.get(key)) for key in ("fills", "strokes"))
        weight = number(node.get("strokeWeight"), 1.0)
        whole = unturned(node, box)
        outline = self._outline(node, whole)
        for paint in fills:
            try:
                self._fill(node, paint, whole, outline, attributes, name)
            except UnreadableError as error:
                self._notes.add(
                    name or name_of(node), f"A fill of it is left out: {error}"
                )
        if strokes and weight > 0:
            try:
                self._line(node, strokes[-1], weight, whole, attributes, name)
            except UnreadableError as error:
                self._notes.add(name or name_of(node), f"Its line is left out: {error}")

    def _fill(
        self,
        node: Node,
        paint: Node,
        box: Rect,
        outline: Outline,
        attributes: Mapping[str, str],
        name: str,
    ) -> None:
        if paint.get("type") != "IMAGE":
            self._paint(node, paint, box, outline, attributes, name)
            return
        image = self._writer.picture(*sides_of(box), name or name_of(node))
        if outline and node.get("type") != "LINE":
            image.set("clip-path", self._writer.clip(outline))
        self._set(image, attributes)

    def _paint(
        self,
        node: Node,
        paint: Node,
        box: Rect,
        outline: Outline,
        attributes: Mapping[str, str],
        name: str,
    ) -> None:
        label = name or name_of(node)
        paints = paint_attributes(paint, box, self._writer)
        if is_approximate(paint):
            self._notes.add(
                label,
                "Its gradient is not linear; the color in its middle is used.",
                "Choose a color or a linear gradient in the editor.",
            )
        kind = node.get("type")
        values = {**paints, **attributes}
        if kind == "ELLIPSE" or (kind != "LINE" and kind not in _DRAWN):
            self._shape(node, box, name, values)
        elif outline or paths_of(node, "fillGeometry"):
            self._geometry(node, "fillGeometry", box, name, values)
        elif kind != "LINE":
            self._notes.add(
                label,
                "It is left out: the file does not have its outline.",
                "Ask Figma for the file with geometry=paths, or export it as SVG.",
            )

    def _line(
        self,
        node: Node,
        paint: Node,
        weight: float,
        box: Rect,
        attributes: Mapping[str, str],
        name: str,
    ) -> None:
        kind = node.get("type")
        if paths_of(node, "strokeGeometry") and kind != "RECTANGLE":
            paints = paint_attributes(paint, box, self._writer)
            values = {**paints, **attributes}
            self._geometry(node, "strokeGeometry", box, name, values)
            return
        values = paint_attributes(paint, box, self._writer, "stroke")
        values |= {"fill": "none", "stroke_width": show(weight), **attributes}
        if dashes := dash_of(node):
            values["stroke_dasharray"] = dashes
        if kind == "LINE":
            line = self._writer.add("line", name, **values)
            ends = (box.x, box.y, box.right, box.bottom)
            for key, value in zip(("x1", "y1", "x2", "y2"), ends, strict=True):
                line.set(key, show(value))
            return
        inset = {"INSIDE": weight / 2, "OUTSIDE": -weight / 2}
        by = inset.get(str(node.get("strokeAlign")), 0.0)
        self._shape(node, box.grown(-by), name, values)

    def _shape(
        self, node: Node, box: Rect, name: str, values: Mapping[str, str]
    ) -> None:
        if box.width <= 0 or box.height <= 0:
            return
        if node.get("type") == "ELLIPSE":
            shape = self._writer.add("ellipse", name, **values)
            rx, ry = box.width / 2, box.height / 2
            sides = {"cx": box.x + rx, "cy": box.y + ry, "rx": rx, "ry": ry}
        else:
            shape = self._writer.add("rect", name, **values)
            names = ("x", "y", "width", "height")
            sides = dict(zip(names, sides_of(box), strict=True))
            radius = radii_of(node, box)[0]
            if radius:
                sides["rx"] = radius
        for key, value in sides.items():
            shape.set(key, show(value))

    def _geometry(
        self, node: Node, key: str, box: Rect, name: str, values: Mapping[str, str]
    ) -> None:
        """Write the paths of a node, which begin at its corner."""
        moved_to = f"translate({show(box.x)} {show(box.y)})"
        values = dict(values)
        values["transform"] = f"{values.get('transform', '')} {moved_to}".strip()
        for path in paths_of(node, key):
            found = self._writer.add("path", name, d=str(path["path"]), **values)
            if path.get("windingRule") == "EVENODD":
                found.set("fill-rule", "evenodd")

    def _outline(self, node: Node, box: Rect) -> Outline:
        """Give what a node covers, where that is a rectangle or an ellipse."""
        if box.width <= 0 or box.height <= 0:
            return ()
        if node.get("type") == "ELLIPSE":
            sides = {"scale_x": box.width, "scale_y": box.height}
            return moved(dot(), x=box.x, y=box.y, **sides)
        if node.get("type") in ("RECTANGLE", *_WHOLE):
            return round_rectangle(*sides_of(box), *radii_of(node, box))
        return ()

    def _set(self, element: Any, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if value:
                element.set(key.replace("_", "-"), value)
