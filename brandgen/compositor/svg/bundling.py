"""Join the many paths of an illustration into one layer that draws them all.

A designer moves and colors an illustration as a whole, and a template has room for a
hundred layers: what touches each other and is nothing but outlines becomes a drawing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.geometry import union
from brandgen.compositor.svg.nodes import Branch, Data, Leaf, Node, each_leaf
from brandgen.compositor.svg.notes import Notes, SvgError
from brandgen.compositor.svg.pictures import MOST_CHARS, read_picture

MOST_LAYERS = 60
"""Leaves up to which only large illustrations are joined."""
LEAST_PARTS, FEWEST_PARTS = 12, 3
"""Outlines that touch each other from which on they are joined: usually, and where
the layers are more than `MOST_LAYERS`."""
GROUND = 0.3
"""Of the page, from which on a plain shape is a ground and no part of a drawing."""
NEAR = 0.004
"""Of the page's longer side, how far parts of a drawing stand apart."""
_OUTLINES = ("path", "shape", "line")


class Bundler:
    """Joins outlines of one import."""

    def __init__(self, page: Rect, colors: Mapping[str, str], notes: Notes) -> None:
        self._page, self._colors, self._notes = page, colors, notes
        self._short = min(page.width, page.height)

    def bundle(self, nodes: Sequence[Node]) -> list[Node]:
        """Give nodes from back to front, with drawings in the place of outlines."""
        count = sum(1 for _ in each_leaf(nodes))
        least = LEAST_PARTS if count <= MOST_LAYERS else FEWEST_PARTS
        return self._bundle(nodes, least)

    def _bundle(self, nodes: Sequence[Node], least: int) -> list[Node]:
        found: list[Node] = []
        run: list[Node] = []
        for node in nodes:
            if self._is_outline(node):
                run.append(node)
                continue
            found += self._join(run, least)
            run = []
            if isinstance(node, Branch):
                node.children = self._bundle(node.children, least)
            found.append(node)
        return found + self._join(run, least)

    def _is_outline(self, node: Node) -> bool:
        """Say whether a node is nothing but outlines, and no ground of others."""
        if isinstance(node, Branch):
            return all(self._is_outline(child) for child in node.children)
        has_ends = "start" in node.data or "end" in node.data
        if node.data["type"] not in _OUTLINES or node.slot or has_ends:
            return False
        area = node.rect.width * node.rect.height
        is_large = area > GROUND * self._page.width * self._page.height
        return not (is_large and node.data["type"] == "shape")

    def _join(self, run: Sequence[Node], least: int) -> list[Node]:
        """Join what touches each other; each drawing lies where its first part did."""
        found: list[Node] = []
        for cluster in self._clusters(run):
            count = sum(1 for _ in each_leaf(cluster))
            drawing = self._draw(cluster) if count >= least else None
            if drawing is None:
                found += cluster
                continue
            self._notes.add(
                drawing.name,
                f"Its {count} paths are one layer, a drawing.",
                "Its colors can be changed in the editor, its parts not be moved.",
            )
            found.append(drawing)
        return found

    def _clusters(self, run: Sequence[Node]) -> list[list[Node]]:
        """Part a run into those whose boxes touch, each in the order of drawing."""
        near = NEAR * max(self._page.width, self._page.height)
        clusters: list[tuple[Rect, list[tuple[int, Node]]]] = []
        for index, node in enumerate(run):
            box, members = node.rect, [(index, node)]
            while True:
                touching = [c for c in clusters if c[0].grown(near).overlaps(box)]
                if not touching:
                    break
                clusters = [c for c in clusters if c not in touching]
                box = union([box, *(c[0] for c in touching)])
                members += [member for c in touching for member in c[1]]
            clusters.append((box, members))
        parts = [sorted(members, key=lambda one: one[0]) for _, members in clusters]
        parts.sort(key=lambda members: members[0][0])
        return [[node for _, node in members] for members in parts]

    def _draw(self, cluster: Sequence[Node]) -> Leaf | None:
        """Write a drawing; None where it would be too large for a layer."""
        writer = _Writer(self._short, self._colors)
        source, box = writer.write(cluster)
        if len(source) > MOST_CHARS or len(writer.used) > 40:
            return None
        try:
            read_picture(source)
        except SvgError:
            return None
        names = [n.name for n in cluster if isinstance(n, Branch) and n.name != "group"]
        name = names[0] if len(names) == 1 else "drawing"
        data: Data = {"type": "svg", "svg": source, "colors": dict(writer.used)}
        return Leaf(name, data, box)


@dataclass
class _Writer:
    """Writes outlines as SVG, in the brand's colors; `used` leads those to tokens."""

    short: float
    colors: Mapping[str, str]
    used: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def write(self, nodes: Sequence[Node]) -> tuple[str, Rect]:
        """Give the source of a drawing, and where it lies on the page."""
        boxes = [leaf.rect.grown(self._line_of(leaf)) for leaf in each_leaf(nodes)]
        cuts = [node.rect for node in nodes if isinstance(node, Branch) and node.cut]
        box = union(boxes)
        if len(cuts) == len(nodes):
            box = union(cuts)
        root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg")
        root.set("viewBox", _numbers(box.x, box.y, box.width, box.height))
        for node in nodes:
            self._node(root, node)
        return ET.tostring(root, encoding="unicode"), box

    def _node(self, parent: ET.Element, node: Node) -> None:
        if isinstance(node, Leaf):
            self._leaf(parent, node)
            return
        group = ET.SubElement(parent, "g")
        self._affect(group, node.data)
        if node.data.get("clip", "none") != "none" and node.cut:
            clip = ET.SubElement(parent, "clipPath", id=self._name())
            shape = {"shape": node.data["clip"], "radius": node.data.get("radius", 0)}
            self._shape(clip, shape, node.cut)
            group.set("clip-path", f"url(#{clip.get('id')})")
        for child in node.children:
            self._node(group, child)

    def _leaf(self, parent: ET.Element, leaf: Leaf) -> None:
        data = leaf.data
        if data["type"] == "shape":
            element = self._shape(parent, data, leaf.rect)
        elif data["type"] == "line":
            (x1, y1), (x2, y2) = _ends(data.get("direction", "level"), leaf.rect)
            element = ET.SubElement(parent, "path", d=f"M{_numbers(x1, y1, x2, y2)}")
        else:
            element = ET.SubElement(parent, "path", d=data["data"])
            if data.get("is_even_odd"):
                element.set("fill-rule", "evenodd")
        self._affect(element, data)
        self._fill(parent, element, data.get("fill"), leaf.rect)
        if stroke := data.get("stroke") or data.get("line"):
            element.set("stroke", self._hex(stroke["color"]))
            element.set("stroke-width", _number(self._px(stroke.get("width", 2))))
            if "cap" in stroke:
                element.set("stroke-linecap", stroke["cap"])
            if "dash" in stroke:
                dash = [self._px(length) for length in stroke["dash"]]
                element.set("stroke-dasharray", _numbers(*dash))

    def _shape(self, parent: ET.Element, data: Data, rect: Rect) -> ET.Element:
        if data.get("shape") == "ellipse":
            rx, ry = rect.width / 2, rect.height / 2
            names = ("cx", "cy", "rx", "ry")
            values = (rect.x + rx, rect.y + ry, rx, ry)
            tag = "ellipse"
        else:
            names = ("x", "y", "width", "height")
            values = (rect.x, rect.y, rect.width, rect.height)
            tag = "rect"
        found = ET.SubElement(
            parent, tag, {n: _number(v) for n, v in zip(names, values, strict=True)}
        )
        if tag == "rect" and data.get("radius"):
            found.set("rx", _number(self._px(data["radius"])))
        return found

    def _affect(self, element: ET.Element, data: Data) -> None:
        if data.get("opacity", 1) < 1:
            element.set("opacity", _number(data["opacity"]))
        if "blend" in data:
            element.set("style", f"mix-blend-mode:{data['blend']}")

    def _fill(
        self, parent: ET.Element, element: ET.Element, fill: Data | None, rect: Rect
    ) -> None:
        if fill is None:
            element.set("fill", "none")
        elif fill["type"] == "solid":
            element.set("fill", self._hex(fill["color"]))
            if "opacity" in fill:
                element.set("fill-opacity", _number(fill["opacity"]))
        else:
            gradient = self._gradient(fill, rect)
            parent.insert(list(parent).index(element), gradient)
            element.set("fill", f"url(#{gradient.get('id')})")

    def _gradient(self, fill: Data, rect: Rect) -> ET.Element:
        """Write a linear gradient between the corners of its box."""
        angle = math.radians(fill["angle_deg"])
        x, y = math.cos(angle), math.sin(angle)
        reach = (abs(x) * rect.width + abs(y) * rect.height) / 2
        middle = rect.x + rect.width / 2, rect.y + rect.height / 2
        found = ET.Element("linearGradient", id=self._name())
        found.set("gradientUnits", "userSpaceOnUse")
        for sign, end in ((-1, "1"), (1, "2")):
            found.set(f"x{end}", _number(middle[0] + sign * x * reach))
            found.set(f"y{end}", _number(middle[1] + sign * y * reach))
        for stop in fill["stops"]:
            one = ET.SubElement(found, "stop", offset=_number(stop["at"]))
            one.set("stop-color", self._hex(stop["color"]))
            if "opacity" in stop:
                one.set("stop-opacity", _number(stop["opacity"]))
        return found

    def _hex(self, token: str) -> str:
        color = self.colors[token].lower()
        self.used.setdefault(color, token)
        return color

    def _px(self, length: str | float) -> float:
        if isinstance(length, str):
            return float(length.rstrip("%")) * self.short / 100
        return length

    def _line_of(self, leaf: Leaf) -> float:
        stroke = leaf.data.get("stroke") or leaf.data.get("line") or {"width": 0}
        return self._px(stroke.get("width", 2)) / 2

    def _name(self) -> str:
        self.count += 1
        return f"p{self.count}"


def _ends(direction: str, rect: Rect) -> Iterator[tuple[float, float]]:
    middle_x, middle_y = rect.x + rect.width / 2, rect.y + rect.height / 2
    ends = {
        "level": ((rect.x, middle_y), (rect.right, middle_y)),
        "upright": ((middle_x, rect.y), (middle_x, rect.bottom)),
        "down": ((rect.x, rect.y), (rect.right, rect.bottom)),
        "up": ((rect.x, rect.bottom), (rect.right, rect.y)),
    }
    yield from ends[direction]


def _number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _numbers(*values: float) -> str:
    return " ".join(_number(value) for value in values)
