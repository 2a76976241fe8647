"""Walk the elements of a drawing: groups, what is used again, views within views."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Generic, TypeVar
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import Matrix, read_numbers, to_px
from brandgen.compositor.svg.notes import SvgError, UnreadableError
from brandgen.compositor.svg.parsing import SVG, href_of, label_of
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import SHAPES

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
_WHOLE = ("g", "a", "svg", "switch", "use", "symbol")
_ANIMATED = ("animate", "animateTransform", "animateMotion", "set")

Found = TypeVar("Found")


class Walker(ABC, Generic[Found]):
    """Walks a drawing from back to front; what it makes of each part, others say."""

    def __init__(
        self,
        *,
        view: tuple[float, float],
        by_id: Mapping[str, Element],
        sheet: Sheet,
    ) -> None:
        self._view, self._by_id, self._sheet = view, by_id, sheet
        self._count = 0

    def walk(self, root: Element, matrix: Matrix) -> list[Found]:
        """Give what is drawn.

        Raises:
            SvgError: it is more than can be read.
        """
        scope = Scope(self._sheet.computed(root, {}), matrix)
        return [found for child in root for found in self._element(child, scope)]

    @abstractmethod
    def miss(self, name: str, error: UnreadableError) -> None:
        """Say what can't be taken over."""

    @abstractmethod
    def hide(self, name: str) -> None:
        """Say what is not seen in the drawing either."""

    @abstractmethod
    def leaf(self, element: Element, tag: str, name: str, scope: Scope) -> list[Found]:
        """Make something of a shape, a text or a picture.

        Raises:
            UnreadableError: it can't be read.
        """

    @abstractmethod
    def group(
        self, element: Element, found: list[Found], scope: Scope, tag: str
    ) -> list[Found]:
        """Make something of a group, of what is in it."""

    def _element(self, element: Element, scope: Scope) -> list[Found]:
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
            self.miss(name, error)
            return []

    def _drawn(
        self, element: Element, tag: str, name: str, scope: Scope
    ) -> list[Found]:
        style = self._sheet.computed(element, scope.style)
        own = Matrix.read(element.get("transform", ""))
        inner = replace(scope, style=style, matrix=scope.matrix.then(own))
        is_whole = tag in _WHOLE
        if _is_hidden(style, is_whole=is_whole):
            self.hide(name)
            return []
        if is_whole:
            return self.group(element, self._whole(element, tag, inner), inner, tag)
        if tag not in (*SHAPES, "text", "image"):
            what = "animation" if tag in _ANIMATED else f"a {tag[:40]} element"
            raise UnreadableError(f"{what} is not known here.")
        return self.leaf(element, tag, name, inner)

    def _whole(self, element: Element, tag: str, scope: Scope) -> list[Found]:
        """Give what is in a group, or in what an element uses."""
        if tag == "use":
            return self._used(element, scope)
        if tag == "svg":
            scope = replace(scope, matrix=self._viewport(element, scope.matrix, {}))
        children = list(element)
        if tag == "switch":
            children = [c for c in children if local(c.tag) != "foreignObject"][:1]
        return [found for child in children for found in self._element(child, scope)]

    def _used(self, element: Element, scope: Scope) -> list[Found]:
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
        return [found for child in target for found in self._element(child, inner)]

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
            for name, view in zip(("width", "height"), self._view, strict=True)
        )
        scale = min(wide / box[2], tall / box[3])
        x = (wide - box[2] * scale) / 2 - box[0] * scale
        y = (tall - box[3] * scale) / 2 - box[1] * scale
        return matrix.then(Matrix(scale, 0, 0, scale, x, y))


def _is_hidden(style: Style, *, is_whole: bool) -> bool:
    """Say whether an element is not seen; of a group its parts say so themselves."""
    if style.get("display") == "none":
        return True
    return not is_whole and style.get("visibility", "visible") != "visible"
