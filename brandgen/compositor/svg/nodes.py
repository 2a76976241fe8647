"""What is read of a drawing before it becomes layers: leaves and branches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.geometry import union
from brandgen.compositor.typesetting.fitting import TextStyle

Data = dict[str, Any]
Anchors = tuple[str, str]


@dataclass
class Words:
    """A text's lines as they were drawn, and how they are set.

    `side` is where `x` lies: at their start, center or end, from left to right.
    `breaks` says after which lines the drawing itself breaks.
    """

    lines: list[str]
    breaks: list[bool]
    style: TextStyle
    side: str
    x: float
    width: float


@dataclass
class Leaf:
    """One layer: its fields, its box in pixels, what a marketer fills in.

    `stretches` says along which axes it may grow with the format, `anchors` where it
    is held along x and y, if the drawing says so.
    """

    name: str
    data: Data
    rect: Rect
    stretches: tuple[bool, bool] = (False, False)
    slot: Data | None = None
    words: Words | None = None
    anchors: Anchors = ("", "")


@dataclass
class Branch:
    """A group: its fields, what it is cut to, what is in it, and how it is held."""

    name: str
    data: Data
    children: list["Node"] = field(default_factory=list)
    cut: Rect | None = None
    anchors: Anchors = ("", "")

    @property
    def rect(self) -> Rect:
        """Its box: what it is cut to, or what its children take."""
        return self.cut or union([child.rect for child in self.children])


Node = Leaf | Branch


def each_leaf(nodes: Sequence[Node]) -> Iterator[Leaf]:
    """Walk all leaves from back to front."""
    for node in nodes:
        if isinstance(node, Leaf):
            yield node
        else:
            yield from each_leaf(node.children)
