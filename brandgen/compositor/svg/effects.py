"""Apply what holds for a part as a whole: opacity, blending, cuts, filters."""

from dataclasses import replace
from typing import Any, get_args
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.fills import Blend
from brandgen.compositor.svg.clips import Clips, Cut
from brandgen.compositor.svg.colors import read_share
from brandgen.compositor.svg.css import Style, local
from brandgen.compositor.svg.geometry import box_of
from brandgen.compositor.svg.nodes import Branch, Leaf, Node
from brandgen.compositor.svg.notes import Notes
from brandgen.compositor.svg.parsing import Paper, label_of
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import SHAPES, Percent, outline_of

BLENDS = frozenset(get_args(Blend))


class Effects:
    """Applies the effects of one drawing to what was read of it."""

    def __init__(
        self, *, paper: Paper, clips: Clips, notes: Notes, percent: Percent
    ) -> None:
        self._clips, self._notes, self._percent = clips, notes, percent
        self._view = paper.view
        self._page = Rect(0, 0, paper.format.width_px, paper.format.height_px)

    def finish(self, leaf: Leaf, scope: Scope, element: Element) -> list[Node]:
        """Give a leaf with its effects; nothing where it can't be seen."""
        if not _near(leaf.rect, self._page):
            self._notes.add(leaf.name, "It lies outside of the page, and is left out.")
            return []
        opacity = read_share(scope.style, "opacity")
        if opacity <= 0:
            self._notes.add(leaf.name, "It can't be seen, and is left out.")
            return []
        if opacity < 1:
            both = float(leaf.data.get("opacity", 1)) * opacity
            leaf.data["opacity"] = round(both, 4)
        if blend := self._blend(scope.style, leaf.name):
            leaf.data["blend"] = blend
        self._tell_of_filter(scope.style, leaf.name)
        cut = self._cut(scope, leaf.name, leaf.rect, element)
        if cut is None or cut.holds(leaf.rect):
            return [leaf]
        if leaf.data["type"] == "image":
            leaf.rect = cut.rect
            if cut.shape == "ellipse":
                leaf.data["mask"] = "ellipse"
            elif cut.radius:
                leaf.data["radius"] = self._percent(cut.radius)
            return [leaf]
        return [self._cut_branch(f"{leaf.name}-cut", cut, [leaf])]

    def _cut(self, scope: Scope, name: str, rect: Rect, element: Element) -> Cut | None:
        inside = Rect(0, 0, 1, 1)
        if local(element.tag) in SHAPES:
            inside = box_of(outline_of(element, self._view))
        elif abs(scope.matrix.area) > 1e-9:
            m = scope.matrix
            x, y = (rect.x - m.e) / (m.a or 1), (rect.y - m.f) / (m.d or 1)
            inside = Rect(x, y, rect.width / (m.a or 1), rect.height / (m.d or 1))
        view = self._view
        return self._clips.find(scope.style, scope.matrix, inside, name, view)

    def _cut_branch(self, name: str, cut: Cut, nodes: list[Node]) -> Branch:
        data: dict[str, Any] = {"clip": cut.shape}
        if cut.radius:
            data["radius"] = self._percent(cut.radius)
        return Branch(name, data, nodes, cut.rect)

    def group(
        self, element: Element, nodes: list[Node], scope: Scope, tag: str
    ) -> list[Node]:
        """Make a group where it has a name, or an effect upon the whole."""
        name = label_of(element)
        style = scope.style
        self._tell_of_filter(style, name or tag)
        if not nodes:
            return []
        label = name or "group"
        branch = Branch(label, {}, nodes)
        if blend := self._blend(style, label):
            branch.data["blend"] = blend
        opacity = read_share(style, "opacity")
        if opacity <= 0:
            self._notes.add(label, "It can't be seen, and is left out.")
            return []
        if opacity < 1:
            branch.data["opacity"] = round(opacity, 4)
        cut = self._cut(scope, label, branch.rect, element)
        if cut is not None and not cut.holds(branch.rect) and not cut.holds(self._page):
            cut_one = self._cut_branch(label, cut, nodes)
            branch = replace(branch, data=branch.data | cut_one.data, cut=cut.rect)
        return [branch] if branch.data or (name and len(nodes) > 1) else nodes

    def _blend(self, style: Style, name: str) -> str:
        blend = style.get("mix-blend-mode", "normal")
        if blend == "normal" or blend in BLENDS:
            return "" if blend == "normal" else blend
        self._notes.add(name, f"The blend mode {blend[:30]!r} is left out.")
        return ""

    def _tell_of_filter(self, style: Style, name: str) -> None:
        if style.get("filter", "none") != "none":
            self._notes.add(
                name,
                "Its filter (a shadow or blur) is left out.",
                "Export what needs it as a picture, or do without.",
            )


def _near(rect: Rect, page: Rect) -> bool:
    return (
        rect.x < page.right
        and rect.right > 0
        and rect.y < page.bottom
        and rect.bottom > 0
    )
