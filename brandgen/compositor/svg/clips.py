"""What elements are cut to: clip paths and masks that are a rectangle or an ellipse."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.colors import reference_in
from brandgen.compositor.svg.css import Sheet, Style, local
from brandgen.compositor.svg.geometry import Matrix, box_of
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.parsing import href_of
from brandgen.compositor.svg.shapes import SHAPES, outline_of, radii


@dataclass(frozen=True)
class Cut:
    """A shape that things are cut to, in pixels: rect or ellipse."""

    shape: str
    rect: Rect
    radius: float = 0.0

    def holds(self, rect: Rect) -> bool:
        """Say whether nothing of a box is cut off."""
        return self.shape == "rect" and not self.radius and self.rect.holds(rect)


class Clips:
    """Finds what elements are cut to."""

    def __init__(
        self, by_id: Mapping[str, Element], sheet: Sheet, notes: Notes
    ) -> None:
        self._by_id, self._sheet, self._notes = by_id, sheet, notes

    def find(
        self,
        style: Style,
        matrix: Matrix,
        box: Rect,
        name: str,
        view: tuple[float, float],
    ) -> Cut | None:
        """Give what an element with this style is cut to.

        `box` is that of the element, in its own coordinates.
        """
        for kind, noun in (("clip-path", "clip path"), ("mask", "mask")):
            text = style.get(kind, "none")
            if text == "none":
                continue
            found = self._by_id.get(reference_in(text) or "")
            shapes = self._shapes(found) if found is not None else []
            if found is None or len(shapes) != 1:
                self._notes.add(
                    name,
                    f"Its {noun} is not one plain shape; it is not cut.",
                    "Cut it to one rectangle or circle, or export it as a picture.",
                )
                continue
            units = "clipPathUnits" if kind == "clip-path" else "maskContentUnits"
            if found.get(units) == "objectBoundingBox":
                inner = Matrix(box.width, 0, 0, box.height, box.x, box.y)
                matrix = matrix.then(inner)
            try:
                return self._cut(shapes[0], found, matrix, name, noun, view)
            except UnreadableError as error:
                self._notes.add(name, f"Its {noun}: {error}")
        return None

    def _shapes(self, element: Element) -> list[Element]:
        """Give the shapes of a clip path or mask, through groups and references."""
        found: list[Element] = []
        for child in list(element)[:8]:
            tag = local(child.tag)
            if tag in SHAPES:
                found.append(child)
            elif tag == "use":
                other = self._by_id.get(href_of(child).removeprefix("#"))
                if other is not None and local(other.tag) in SHAPES:
                    found.append(other)
                else:
                    return []
            elif tag in ("g", "text", "image"):
                return []
        return found

    def _cut(
        self,
        shape: Element,
        holder: Element,
        matrix: Matrix,
        name: str,
        noun: str,
        view: tuple[float, float],
    ) -> Cut:
        matrix = matrix.then(Matrix.read(holder.get("transform", "")))
        matrix = matrix.then(Matrix.read(shape.get("transform", "")))
        inside = outline_of(shape, view)
        rect = box_of(matrix.outline(inside))
        if rect.width <= 0 or rect.height <= 0:
            raise UnreadableError("it has no extent.")
        tag = local(shape.tag)
        if matrix.keeps_boxes and tag in ("circle", "ellipse"):
            return Cut("ellipse", rect)
        if matrix.keeps_boxes and tag == "rect":
            rx, _ = radii(shape, box_of(inside))
            return Cut("rect", rect, rx * matrix.scale)
        if not _is_box(tag, matrix.outline(inside), rect):
            self._notes.add(
                name,
                f"Its {noun} is no rectangle or ellipse; it is cut to the box around "
                "that.",
                "Compare it with the drawing.",
            )
        return Cut("rect", rect)


def _is_box(tag: str, outline: tuple[tuple[str | float, ...], ...], rect: Rect) -> bool:
    """Say whether a path is nothing but its own box."""
    steps = [step for step in outline if step[0] != "Z"]
    if tag == "line" or any(step[0] not in ("M", "L") for step in steps):
        return False
    near = 0.01 * max(rect.width, rect.height)

    def is_edge(value: float, low: float, high: float) -> bool:
        return min(abs(value - low), abs(value - high)) <= near

    return 4 <= len(steps) <= 5 and all(
        is_edge(float(x), rect.x, rect.right) and is_edge(float(y), rect.y, rect.bottom)
        for _, x, y in steps
    )
