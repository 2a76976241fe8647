"""Make layers of what was read: names, groups, boxes that suit other formats."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from brandgen.compositor.checking import DEEPEST_LAYERS
from brandgen.compositor.display import Rect
from brandgen.compositor.svg.growing import CENTERED, find_ground
from brandgen.compositor.svg.nodes import Branch, Leaf, Node, each_leaf
from brandgen.compositor.svg.shapes import Percent

WIDE = 0.6
"""Of a frame's length, from which on a box that can stretch holds to both edges."""
MOST_CHILDREN = 40
_PX = 0.005


class Names:
    """Gives names of the document's kind, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, label: str, other: str) -> str:
        """Make a name of a label; `other` where nothing of it can be kept."""
        plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:34].strip("-")
        if not stem:
            stem = other
        if not stem[0].isalpha():
            stem = f"{other}-{stem}"[:34].strip("-")
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name)
        return name


class Placer:
    """Turns nodes into layers, with the slots that they take."""

    def __init__(self, page: Rect, percent: Percent) -> None:
        self._page, self._percent = page, percent
        self._names, self._slot_names = Names(), Names()
        self._ids: dict[int, str] = {}
        self._leaves: list[Leaf] = []
        self.slots: dict[str, Any] = {}

    def place(self, nodes: Sequence[Node]) -> list[dict[str, Any]]:
        """Give the layers of a page."""
        self._leaves = list(each_leaf(nodes))
        return self._layers(nodes, self._page)

    def _layers(self, nodes: Sequence[Node], frame: Rect) -> list[dict[str, Any]]:
        for node in nodes:
            kind = node.data["type"] if isinstance(node, Leaf) else "group"
            self._ids[id(node)] = self._names.give(node.name, kind)
        return [self._layer(node, nodes, frame) for node in nodes]

    def _layer(self, node: Node, beside: Sequence[Node], frame: Rect) -> dict[str, Any]:
        name = self._ids[id(node)]
        layer: dict[str, Any] = {"type": "group"} if isinstance(node, Branch) else {}
        layer |= node.data | {"id": name}
        if node.name.lower().replace(" ", "-") != name:
            layer["label"] = node.name[:120]
        layer["box"] = self._box(node, beside, frame)
        if isinstance(node, Branch):
            layer["children"] = self._layers(node.children, node.rect)
        elif node.slot:
            layer |= self._fill(node)
        return layer

    def _fill(self, leaf: Leaf) -> dict[str, Any]:
        """Give a layer its slot; a text its sizes too."""
        slot = self._slot_names.give(leaf.name, leaf.data["type"])
        self.slots[slot] = dict(leaf.slot or {})
        if leaf.words is None:
            return {"slot": slot}
        size = leaf.words.style.largest_px
        return {
            "slot": slot,
            "largest": self._percent(size),
            "smallest": self._percent(size * 0.6),
            "max_lines": leaf.words.style.max_lines,
        }

    def _box(self, node: Node, beside: Sequence[Node], frame: Rect) -> dict[str, Any]:
        rect = node.rect
        stretches = (True, True)
        if isinstance(node, Leaf):
            stretches = node.stretches
            if node.words is not None and not any(node.anchors):
                ground = find_ground(node, self._leaves, self._page)
                if ground in beside and ground is not None:
                    return self._along(rect, ground)
        x = (rect.x - frame.x, rect.width, frame.width)
        y = (rect.y - frame.y, rect.height, frame.height)
        across, down = node.anchors
        return {
            "x": self._axis(*x, stretches[0], across),
            "y": self._axis(*y, stretches[1], down),
        }

    def _axis(
        self, start: float, size: float, length: float, stretches: bool, asked: str
    ) -> dict[str, Any]:
        """Hold a box as is asked, or to both edges, the center, or the nearer edge."""
        end = length - start - size
        if asked == "scale" and start >= 0 and start + size <= length:
            shares = {"start": start / length, "size": size / length}
            rounded = {name: round(share, 4) for name, share in shares.items()}
            return {"anchor": "scale", **rounded}
        is_wide = stretches and size >= WIDE * length and not asked
        if is_wide or asked == "both":
            return {"anchor": "both", **self._lengths(start=start, end=end)}
        anchor, offset = nearest(start, end, length)
        if asked in ("start", "end", "center"):
            offsets = {"start": start, "end": end, "center": (start - end) / 2}
            anchor, offset = asked, offsets[asked]
        held: dict[str, Any] = {"anchor": anchor, "size": self._percent(size)}
        return held | self._lengths(offset=offset)

    def _along(self, rect: Rect, ground: Leaf) -> dict[str, Any]:
        """Hold a text to what it stands on, so that the two move together."""
        to, below = self._ids[id(ground)], ground.rect
        found = {}
        for axis, start, size, length in (
            ("x", rect.x - below.x, rect.width, below.width),
            ("y", rect.y - below.y, rect.height, below.height),
        ):
            align, gap = nearest(start, length - start - size, length)
            gap = -gap if align == "end" else gap
            found[axis] = {
                "anchor": "along",
                "to": to,
                "align": align,
                "size": self._percent(size),
                **self._lengths(gap=gap),
            }
        return found

    def _lengths(self, **lengths: float) -> dict[str, str]:
        """Write lengths, those that are nothing left out."""
        return {
            name: self._percent(length)
            for name, length in lengths.items()
            if abs(length) > _PX
        }


def nearest(start: float, end: float, length: float) -> tuple[str, float]:
    """Give where a box is held along an axis, and its offset from there."""
    if abs(start - end) / 2 <= CENTERED * length:
        return "center", (start - end) / 2
    return ("start", start) if abs(start) <= abs(end) else ("end", end)


def tidy(nodes: Sequence[Node]) -> tuple[list[Node], str]:
    """Dissolve groups that say nothing: alone on the page, too deep, or too large.

    The first name of those that stand alone is given too.
    """
    found, name = list(nodes), ""
    while len(found) == 1 and isinstance(found[0], Branch) and not found[0].data:
        name = name or found[0].name
        found = list(found[0].children)
    return _tidy(found, 0), name


def _tidy(nodes: Sequence[Node], depth: int) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Leaf):
            found.append(node)
            continue
        children = _tidy(node.children, depth + 1)
        if not node.data and (depth >= DEEPEST_LAYERS or len(children) > MOST_CHILDREN):
            found += children
            continue
        node.children = children
        found.append(node)
    return found
