"""Walk a drawing and read what is on it into leaves and branches, in pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.fills import Blend
from brandgen.compositor.svg.clips import Clips, Cut
from brandgen.compositor.svg.colors import read_share
from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import (
    Matrix,
    box_of,
    read_numbers,
    to_px,
)
from brandgen.compositor.svg.nodes import Branch, Leaf, Node
from brandgen.compositor.svg.notes import Notes, SvgError, UnreadableError
from brandgen.compositor.svg.paints import Paints, href_of
from brandgen.compositor.svg.parsing import SVG, Paper, label_of
from brandgen.compositor.svg.shapes import SHAPES, Percent, Shapes, outline_of, radii
from brandgen.compositor.svg.texts import Texts

MOST_READ = 4_000
DEEPEST_USES = 8
BLENDS = frozenset(get_args(Blend))
# What is drawn by others, or not at all.
_QUIET = frozenset(
    [
        "defs",
        "title",
        "desc",
        "metadata",
        "style",
        "clipPath",
        "mask",
        "linearGradient",
        "radialGradient",
        "pattern",
        "symbol",
        "filter",
        "marker",
        "namedview",
        "script",
        "font",
        "font-face",
        "view",
    ]
)
_ANIMATED = ("animate", "animateTransform", "animateMotion", "set")
_PICTURE_ADVICE = (
    "Upload the picture to the library; it is chosen when the template is filled in."
)


@dataclass(frozen=True)
class Scope:
    """What holds where an element stands: its style, its matrix, what was used."""

    style: Style
    matrix: Matrix
    used: tuple[str, ...] = ()


class Reader:
    """Reads the elements of one drawing."""

    def __init__(
        self,
        *,
        paper: Paper,
        by_id: Mapping[str, Element],
        sheet: Sheet,
        texts: Texts,
        paints: Paints,
        notes: Notes,
        percent: Percent,
    ) -> None:
        self._paper, self._by_id, self._sheet = paper, by_id, sheet
        self._texts, self._paints, self._notes = texts, paints, notes
        self._percent = percent
        self._shapes = Shapes(paints, notes, percent)
        self._clips = Clips(by_id, sheet, notes)
        self._page = Rect(0, 0, paper.format.width_px, paper.format.height_px)
        self._count = 0

    def read(self, root: Element) -> list[Node]:
        """Give what is drawn, from back to front.

        Raises:
            SvgError: it is more than can be read.
        """
        style = self._sheet.computed(root, {})
        scope = Scope(style, self._paper.matrix)
        return [node for child in root for node in self._element(child, scope)]

    def _element(self, element: Element, scope: Scope) -> list[Node]:
        self._count += 1
        if self._count > MOST_READ:
            raise SvgError(
                f"The drawing comes to more than {MOST_READ:,} elements with what it "
                "uses several times. Simplify it."
            )
        tag = local(element.tag)
        if not element.tag.startswith(SVG) and "}" in element.tag:
            return []
        name = label_of(element) or tag
        if tag in _QUIET:
            return []
        try:
            return self._drawn(element, tag, name, scope)
        except UnreadableError as error:
            self._notes.add(name, f"It is left out: {error}", "Draw it anew.")
            return []

    def _drawn(self, element: Element, tag: str, name: str, scope: Scope) -> list[Node]:
        style = self._sheet.computed(element, scope.style)
        if style.get("display") == "none":
            self._notes.add(
                name, "It is hidden, and left out.", "Show it to import it."
            )
            return []
        own = Matrix.read(element.get("transform", ""))
        inner = replace(scope, style=style, matrix=scope.matrix.then(own))
        is_whole = tag in ("g", "a", "svg", "switch", "use", "symbol")
        hides = style.get("visibility", "visible") != "visible"
        if hides and not is_whole:
            self._notes.add(
                name, "It is hidden, and left out.", "Show it to import it."
            )
            return []
        if is_whole:
            nodes = self._whole(element, tag, inner)
            return self._grouped(element, nodes, inner, tag)
        if tag not in (*SHAPES, "text", "image"):
            what = "Animation" if tag in _ANIMATED else f"A {tag[:40]} element"
            self._notes.add(
                name, f"{what} is left out: it is not known here.", "Draw it anew."
            )
            return []
        leaves = self._leaves(element, tag, name, inner)
        return [
            node for leaf in leaves for node in self._finished(leaf, inner, element)
        ]

    def _whole(self, element: Element, tag: str, scope: Scope) -> list[Node]:
        """Give what is in a group, or in what an element uses."""
        if tag == "use":
            return self._used(element, scope)
        if tag == "svg":
            scope = replace(scope, matrix=self._viewport(element, scope.matrix, {}))
        if tag == "a":
            self._notes.add(
                label_of(element) or "a",
                "Its link is left out.",
                "Give PDFs a link when they are rendered.",
            )
        children = list(element)
        if tag == "switch":
            children = [c for c in children if local(c.tag) != "foreignObject"][:1]
        return [node for child in children for node in self._element(child, scope)]

    def _used(self, element: Element, scope: Scope) -> list[Node]:
        id_ = href_of(element).removeprefix("#")
        target = self._by_id.get(id_)
        if target is None or id_ in scope.used or len(scope.used) >= DEEPEST_USES:
            raise UnreadableError(
                f"it uses {id_[:40]!r}, which is not there or uses itself."
            )
        x, y = (to_px(element.get(name, "0")) for name in ("x", "y"))
        matrix = scope.matrix.then(Matrix(e=x, f=y))
        inner = replace(scope, matrix=matrix, used=(*scope.used, id_))
        if local(target.tag) not in ("symbol", "svg"):
            return self._element(target, inner)
        matrix = self._viewport(target, matrix, element.attrib)
        inner = replace(inner, matrix=matrix)
        return [node for child in target for node in self._element(child, inner)]

    def _viewport(
        self, element: Element, matrix: Matrix, outer: Mapping[str, str]
    ) -> Matrix:
        """Give the matrix inside an element that has a view box of its own."""
        if local(element.tag) == "svg":
            x, y = (to_px(element.get(name, "0")) for name in ("x", "y"))
            matrix = matrix.then(Matrix(e=x, f=y))
        box = read_numbers(element.get("viewBox", ""), most=4)
        if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
            return matrix
        wide, tall = (
            to_px(outer.get(name) or element.get(name) or "100%", of=view)
            for name, view in zip(("width", "height"), self._paper.view, strict=True)
        )
        scale = min(wide / box[2], tall / box[3])
        x = (wide - box[2] * scale) / 2 - box[0] * scale
        y = (tall - box[3] * scale) / 2 - box[1] * scale
        return matrix.then(Matrix(scale, 0, 0, scale, x, y))

    def _leaves(
        self, element: Element, tag: str, name: str, scope: Scope
    ) -> Sequence[Leaf]:
        if tag == "text":
            return self._texts.read(element, scope.style, scope.matrix, name)
        if tag == "image":
            return [self._image(element, element, name, scope)]
        pattern = self._paints.referred(scope.style)
        if pattern is not None and local(pattern.tag) == "pattern":
            picture = self._picture_in(pattern)
            if picture is not None:
                return [self._image(element, picture, name, scope)]
        view = self._paper.view
        leaf = self._shapes.read(element, scope.style, scope.matrix, name, view)
        return [leaf] if leaf else []

    def _picture_in(self, pattern: Element) -> Element | None:
        """Give the picture that a pattern paints with, as Figma writes it."""
        for child in list(pattern)[:4]:
            found: Element | None = child
            if local(child.tag) == "use":
                found = self._by_id.get(href_of(child).removeprefix("#"))
            if found is not None and local(found.tag) == "image":
                return found
        return None

    def _image(
        self, element: Element, picture: Element, name: str, scope: Scope
    ) -> Leaf:
        """Make a place for a picture: of an image, or of a shape filled with one."""
        data: dict[str, Any] = {"type": "image"}
        tag = local(element.tag)
        if tag == "image":
            wide, tall = self._paper.view
            box = Rect(
                to_px(element.get("x", "0"), of=wide),
                to_px(element.get("y", "0"), of=tall),
                to_px(element.get("width", "0"), of=wide),
                to_px(element.get("height", "0"), of=tall),
            )
            if box.width <= 0 or box.height <= 0:
                raise UnreadableError("it has no width or height.")
        else:
            box = box_of(outline_of(element, self._paper.view))
            if tag in ("circle", "ellipse"):
                data["mask"] = "ellipse"
            elif tag == "rect":
                rx, _ = radii(element, box)
                if rx:
                    data["radius"] = self._percent(rx * scope.matrix.scale)
            else:
                self._notes.add(name, "The picture fills the box around its shape.")
        if not scope.matrix.keeps_boxes:
            self._notes.add(
                name,
                "The picture is turned; it is set upright in the box around it.",
                "Turn the picture itself.",
            )
        if href_of(picture):
            self._notes.add(
                name,
                "Its picture is not kept with the template, only its place.",
                _PICTURE_ADVICE,
            )
        slot = {"type": "image", "label": name[:60]}
        rect = scope.matrix.box(box)
        return Leaf(name, data, rect, (True, True), slot=slot)

    def _finished(self, leaf: Leaf, scope: Scope, element: Element) -> list[Node]:
        """Apply what holds for a leaf as a whole: opacity, blending, cuts, filters."""
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
            inside = box_of(outline_of(element, self._paper.view))
        elif abs(scope.matrix.area) > 1e-9:
            m = scope.matrix
            x, y = (rect.x - m.e) / (m.a or 1), (rect.y - m.f) / (m.d or 1)
            inside = Rect(x, y, rect.width / (m.a or 1), rect.height / (m.d or 1))
        view = self._paper.view
        return self._clips.find(scope.style, scope.matrix, inside, name, view)

    def _cut_branch(self, name: str, cut: Cut, nodes: list[Node]) -> Branch:
        data: dict[str, Any] = {"clip": cut.shape}
        if cut.radius:
            data["radius"] = self._percent(cut.radius)
        return Branch(name, data, nodes, cut.rect)

    def _grouped(
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
        if (
            cut is not None
            and not cut.holds(branch.rect)
            and not _fills(cut, self._page)
        ):
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


def _fills(cut: Cut, page: Rect) -> bool:
    """Say whether a cut is that of the page itself."""
    return cut.holds(page)
