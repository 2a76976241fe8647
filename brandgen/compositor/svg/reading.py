"""Walk a drawing and read what is on it into leaves and branches, in pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.clips import Clips
from brandgen.compositor.svg.css import Sheet, local
from brandgen.compositor.svg.effects import Effects
from brandgen.compositor.svg.geometry import (
    Matrix,
    read_numbers,
    to_px,
)
from brandgen.compositor.svg.images import Images
from brandgen.compositor.svg.nodes import Leaf, Node
from brandgen.compositor.svg.notes import Notes, SvgError, UnreadableError
from brandgen.compositor.svg.paints import Paints, href_of
from brandgen.compositor.svg.parsing import SVG, Paper, label_of
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import SHAPES, Percent, Shapes
from brandgen.compositor.svg.texts import Texts

MOST_READ = 4_000
DEEPEST_USES = 8
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
        self._shapes = Shapes(paints, notes, percent)
        self._images = Images(
            by_id=by_id, view=paper.view, notes=notes, percent=percent
        )
        self._effects = Effects(
            paper=paper, clips=Clips(by_id, sheet, notes), notes=notes, percent=percent
        )
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
            return self._effects.group(element, nodes, inner, tag)
        if tag not in (*SHAPES, "text", "image"):
            what = "Animation" if tag in _ANIMATED else f"A {tag[:40]} element"
            self._notes.add(
                name, f"{what} is left out: it is not known here.", "Draw it anew."
            )
            return []
        leaves = self._leaves(element, tag, name, inner)
        return [
            node
            for leaf in leaves
            for node in self._effects.finish(leaf, inner, element)
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
            return [self._images.read(element, element, scope.matrix, name)]
        pattern = self._paints.referred(scope.style)
        if pattern is not None and local(pattern.tag) == "pattern":
            picture = self._images.find_in(pattern)
            if picture is not None:
                return [self._images.read(element, picture, scope.matrix, name)]
        view = self._paper.view
        leaf = self._shapes.read(element, scope.style, scope.matrix, name, view)
        return [leaf] if leaf else []
