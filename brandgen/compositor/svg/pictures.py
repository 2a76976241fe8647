"""Read a drawing to be shown whole: its outlines and colors, as they are drawn.

What can't be drawn just so is refused with its name; nothing is left out silently.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn
from xml.etree.ElementTree import Element

from brandgen.compositor.display import (
    Drawable,
    DrawPath,
    GroupEnd,
    GroupStart,
    Paint,
    Rect,
)
from brandgen.compositor.svg.colors import read_share
from brandgen.compositor.svg.css import Sheet, Style
from brandgen.compositor.svg.cutting import Cutter
from brandgen.compositor.svg.effects import BLENDS
from brandgen.compositor.svg.geometry import Matrix, box_of
from brandgen.compositor.svg.gradients import Gradients
from brandgen.compositor.svg.inks import Inks
from brandgen.compositor.svg.notes import Notes, SvgError, UnreadableError
from brandgen.compositor.svg.parsing import by_id, find_view, parse_svg
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import outline_of
from brandgen.compositor.svg.strokes import read_stroke, stroked
from brandgen.compositor.svg.walking import Walker

MOST_CHARS = 200_000
MOST_STEPS = 20_000
MOST_GROUPS = 24
"""Each is drawn apart, as large as the page."""
_HARMLESS = ("CSS @",)
_OUT_OF_SIGHT = 1e-4


@dataclass(frozen=True)
class VectorPicture:
    """A whole drawing, in pixels of its own from its top left corner.

    `colors` are those that it is painted with, in the order of drawing.
    """

    width: float
    height: float
    parts: tuple[Drawable, ...]
    colors: tuple[str, ...]


@functools.lru_cache(maxsize=32)
def read_picture(source: str) -> VectorPicture:
    """Read a drawing that is shown as it is.

    Raises:
        SvgError: it is no SVG, is refused, or has what can't be drawn as vectors.
    """
    if len(source) > MOST_CHARS:
        raise SvgError(
            f"The drawing has {len(source):,} characters; {MOST_CHARS:,} are drawn. "
            "Simplify it: join paths, use fewer points and decimals."
        )
    root = parse_svg(source.encode(errors="replace"))
    left, top, width, height = find_view(root)
    if not 0.001 <= width / height <= 1000:
        raise SvgError(f"The drawing is {width:g} x {height:g}: too thin to be drawn.")
    notes = Notes()
    reader = _Reader(root, notes, (width, height))
    parts = reader.walk(root, Matrix(e=-left, f=-top))
    for note in notes.all():
        if not note.element.startswith(_HARMLESS):
            raise SvgError(f"The drawing can't be drawn as it is. {note}")
    if not any(isinstance(part, DrawPath) for part in parts):
        raise SvgError("Nothing is seen in the drawing. Choose another one.")
    parts = _within(parts, Rect(0, 0, width, height), reader.cutter)
    return VectorPicture(width, height, tuple(parts), _colors_in(parts))


def _within(parts: list[Drawable], view: Rect, cutter: Cutter) -> list[Drawable]:
    """Cut off what goes on beyond the edges of a drawing."""
    edge = cutter.frame(view)
    return [
        replace(part, cuts=(edge, *part.cuts))
        if isinstance(part, DrawPath) and not view.holds(_extent(part))
        else part
        for part in parts
    ]


def _extent(part: DrawPath) -> Rect:
    """Give the box of what a part covers, with the corners of its line."""
    stroke, line = part.stroke, 0.0
    if stroke:
        reach = stroke.miter_limit if stroke.join == "miter" else 1.5
        line = stroke.width / 2 * reach
    return box_of(part.outline).grown(line)


def _colors_in(parts: Sequence[Drawable]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in parts:
        if isinstance(part, DrawPath):
            stops = part.paint.stops if part.paint else ()
            found |= dict.fromkeys(stop.color for stop in stops)
            if part.stroke:
                found[part.stroke.color] = None
    return tuple(found)


class _Reader(Walker[Drawable]):
    """Reads the parts of one drawing."""

    def __init__(self, root: Element, notes: Notes, view: tuple[float, float]) -> None:
        known, sheet = by_id(root), Sheet(root, notes)
        super().__init__(view=view, by_id=known, sheet=sheet)
        gradients = Gradients(known, sheet, notes)
        self._inks = Inks(by_id=known, gradients=gradients, view=view)
        self.cutter = Cutter(by_id=known, sheet=sheet, view=view)
        self._page = Rect(0, 0, *view)
        self._steps = self._groups = 0

    def miss(self, name: str, error: UnreadableError) -> NoReturn:
        """Refuse the drawing, as a part of it can't be drawn.

        Raises:
            SvgError: always.
        """
        raise SvgError(
            f"The drawing can't be drawn as it is, because of {name[:60]!r}: {error}"
        ) from error

    def hide(self, name: str) -> None:
        """Say nothing of what is not seen in the drawing either."""

    def group(
        self, element: Element, found: list[Drawable], scope: Scope, tag: str
    ) -> list[Drawable]:
        """Fade, blend and cut what is in a group as one."""
        outlines = [item.outline for item in found if isinstance(item, DrawPath)]
        inside = box_of(tuple(step for outline in outlines for step in outline))
        return self._affected(found, scope, inside) if outlines else []

    def leaf(
        self, element: Element, tag: str, name: str, scope: Scope
    ) -> list[Drawable]:
        """Fill a shape, and draw its line."""
        if tag == "text":
            raise UnreadableError(
                "it has letters, which need their font. Turn them into paths before "
                "the export, or set them as a text of the template."
            )
        if tag == "image":
            raise UnreadableError(
                "it holds a picture made of pixels. Leave it out, and place it as a "
                "picture of the template."
            )
        for which in ("marker-start", "marker-mid", "marker-end"):
            if scope.style.get(which, "none") != "none":
                raise UnreadableError(
                    "it has marks along its line. Draw them as paths."
                )
        inside = outline_of(element, self._view)
        outline = scope.matrix.outline(inside)
        box = box_of(inside)
        self._count_steps(len(outline))
        found: list[Drawable] = []
        is_even_odd = scope.style.get("fill-rule") == "evenodd"
        fill = None
        if box.width > 0 and box.height > 0:
            fill = self._inks.paint(scope.style, "fill", matrix=scope.matrix, box=box)
        if fill:
            found.append(self._filled(outline, fill, is_even_odd=is_even_odd))
        line = self._inks.paint(scope.style, "stroke", matrix=scope.matrix, box=box)
        stroke = read_stroke(scope.style, inside, scope.matrix) if line else None
        if line and stroke:
            if len(line.stops) > 1 or not scope.matrix.keeps_shapes:
                inner = stroked(inside, stroke)
                self._count_steps(len(inner))
                found.append(self._filled(scope.matrix.outline(inner), line))
            else:
                [stop] = line.stops
                drawn = replace(stroke.scaled(scope.matrix.scale), color=stop.color)
                found.append(
                    DrawPath("", self._page, outline, None, drawn, stop.opacity)
                )
        return self._affected(found, scope, scope.matrix.box(box))

    def _filled(
        self,
        outline: tuple[tuple[str | float, ...], ...],
        paint: Paint,
        *,
        is_even_odd: bool = False,
    ) -> DrawPath:
        return DrawPath(
            "", self._page, outline, paint, None, 1.0, is_even_odd=is_even_odd
        )

    def _count_steps(self, count: int) -> None:
        self._steps += count
        if self._steps > MOST_STEPS:
            raise SvgError(
                f"The drawing has more than {MOST_STEPS:,} steps in its paths. "
                "Simplify them, and export it again."
            )

    def _affected(
        self, found: list[Drawable], scope: Scope, box: Rect
    ) -> list[Drawable]:
        """Fade, blend and cut parts as one.

        `box` is what they cover, in pixels of the drawing.
        """
        style = scope.style
        if style.get("filter", "none") != "none":
            raise UnreadableError(
                "it has a filter (a shadow or blur), which can't be drawn as vectors. "
                "Leave it out."
            )
        if not found:
            return []
        cuts = self.cutter.find(style, scope.matrix, box)
        if cuts:
            found = [
                replace(item, cuts=(*cuts, *item.cuts))
                if isinstance(item, DrawPath)
                else item
                for item in found
            ]
        opacity, blend = read_share(style, "opacity"), _blend_of(style)
        if opacity < _OUT_OF_SIGHT:
            return []
        if opacity >= 1 and blend == "normal":
            return found
        [first, *others] = found
        if blend == "normal" and not others and isinstance(first, DrawPath):
            return [replace(first, opacity=first.opacity * opacity)]
        self._groups += 1
        if self._groups > MOST_GROUPS:
            raise SvgError(
                f"The drawing has more than {MOST_GROUPS} groups that are faded or "
                "blended as a whole. Fade their parts instead."
            )
        start = GroupStart("", self._page, "none", 0, opacity, blend)  # type: ignore[arg-type]
        return [start, *found, GroupEnd("", self._page)]


def _blend_of(style: Style) -> str:
    blend = style.get("mix-blend-mode", "normal")
    if blend not in BLENDS:
        raise UnreadableError(f"the blend mode {blend[:30]!r} is not known here.")
    return blend
