"""What parts of a whole picture are cut to: clip paths, and masks that are shapes."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

import skia

from brandgen.compositor.display import Cut, Rect
from brandgen.compositor.outlines import rectangle
from brandgen.compositor.painting import outline_of_path, skia_path
from brandgen.compositor.svg.colors import read_color, read_share, reference_in
from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import Matrix
from brandgen.compositor.svg.notes import UnreadableError
from brandgen.compositor.svg.parsing import href_of
from brandgen.compositor.svg.shapes import SHAPES, outline_of

MOST_SHAPES = 40
MOST_JOINED_STEPS = 1_500
"""Outlines are joined by where they cross, which takes longer the more there are."""
_DEEPEST = 4


class Cutter:
    """Finds what parts of one drawing are cut to."""

    def __init__(
        self,
        *,
        by_id: Mapping[str, Element],
        sheet: Sheet,
        view: tuple[float, float],
    ) -> None:
        self._by_id, self._sheet, self._view = by_id, sheet, view

    def frame(self, rect: Rect) -> Cut:
        """Give a cut along a box."""
        return Cut(rectangle(rect.x, rect.y, rect.width, rect.height))

    def find(
        self, style: Style, matrix: Matrix, box: Rect, deep: int = 0
    ) -> tuple[Cut, ...]:
        """Give what an element with this style is cut to.

        `box` is what the element covers, in pixels of the drawing.

        Raises:
            UnreadableError: it is cut to what can't be drawn as vectors.
        """
        found: list[Cut] = []
        for kind, noun in (("clip-path", "clip path"), ("mask", "mask")):
            text = style.get(kind, "none")
            if text == "none":
                continue
            holder = self._by_id.get(reference_in(text) or "")
            if holder is None or local(holder.tag) not in ("clipPath", "mask"):
                raise UnreadableError(f"its {noun} {text[:40]!r} is not there.")
            if deep > _DEEPEST:
                raise UnreadableError(f"its {noun} is cut too often.")
            found += self._cuts(holder, matrix, box, noun, deep)
        return tuple(found)

    def _cuts(
        self, holder: Element, matrix: Matrix, box: Rect, noun: str, deep: int
    ) -> Iterator[Cut]:
        is_mask = noun == "mask"
        units = holder.get("maskContentUnits" if is_mask else "clipPathUnits", "")
        inner = matrix
        if units == "objectBoundingBox":
            inner = Matrix(box.width, 0, 0, box.height, box.x, box.y)
        own = self._sheet.computed(holder, {})
        yield from self.find(own, matrix, box, deep + 1)
        inner = inner.then(Matrix.read(holder.get("transform", "")))
        shapes = list(self._shapes(holder, own, inner, is_mask, 0))
        if len(shapes) > MOST_SHAPES:
            raise UnreadableError(f"its {noun} has more than {MOST_SHAPES} shapes.")
        if len(shapes) == 1:
            yield shapes[0]
            return
        if sum(len(cut.outline) for cut in shapes) > MOST_JOINED_STEPS:
            raise UnreadableError(f"its {noun} is too complex. Join its shapes.")
        whole = skia.Path()
        for cut in shapes:
            path = skia_path(cut.outline, is_even_odd=cut.is_even_odd)
            try:
                whole = skia.Op(whole, path, skia.PathOp.kUnion_PathOp)
            except RuntimeError as error:
                raise UnreadableError(
                    f"the shapes of its {noun} can't be joined. Join them yourself."
                ) from error
        is_even_odd = whole.getFillType() == skia.PathFillType.kEvenOdd
        yield Cut(outline_of_path(whole), is_even_odd)

    def _shapes(
        self, holder: Element, style: Style, matrix: Matrix, is_mask: bool, deep: int
    ) -> Iterator[Cut]:
        """Give the shapes of a clip path or a mask."""
        for child in list(holder)[: MOST_SHAPES + 1]:
            tag = local(child.tag)
            own = self._sheet.computed(child, style)
            if own.get("display") == "none" or tag in ("title", "desc"):
                continue
            inner = matrix.then(Matrix.read(child.get("transform", "")))
            if tag == "use" and deep < _DEEPEST:
                target = self._by_id.get(href_of(child).removeprefix("#"))
                if target is not None and local(target.tag) in SHAPES:
                    child, tag = target, local(target.tag)
                    own = self._sheet.computed(child, own)
                    inner = inner.then(Matrix.read(child.get("transform", "")))
            if tag == "g" and is_mask and deep < _DEEPEST:
                yield from self._shapes(child, own, inner, is_mask, deep + 1)
                continue
            if tag not in SHAPES:
                raise UnreadableError(
                    f"it is cut to a {tag[:30]}. Cut it to shapes alone."
                )
            if own.get("clip-path", "none") != "none":
                raise UnreadableError("what it is cut to is cut itself. Draw it anew.")
            if is_mask:
                _require_opaque(holder, own)
            rule = "fill-rule" if is_mask else "clip-rule"
            yield Cut(
                inner.outline(outline_of(child, self._view)),
                own.get(rule) == "evenodd",
            )


def _require_opaque(mask: Element, style: Style) -> None:
    """Let masks pass that show all within a shape, and nothing outside of it."""
    ink = read_color(style.get("fill", "#000000"))
    shares = (read_share(style, name) for name in ("opacity", "fill-opacity"))
    is_whole = ink is not None and ink.opacity == 1 and all(s == 1 for s in shares)
    by_alpha = "alpha" in mask.get("mask-type", "") + mask.get("style", "")
    is_light = by_alpha or (ink is not None and ink.color == "#ffffff")
    if not (is_whole and is_light) or style.get("stroke", "none") != "none":
        raise UnreadableError(
            "its mask fades it. Cut it to a shape, or draw it as it looks."
        )
