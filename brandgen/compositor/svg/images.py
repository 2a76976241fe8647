"""Read pictures, and shapes that are filled with one, into places for pictures."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.css import local
from brandgen.compositor.svg.geometry import Matrix, box_of, to_px
from brandgen.compositor.svg.nodes import Leaf
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.parsing import href_of
from brandgen.compositor.svg.shapes import Percent, outline_of, radii

_ADVICE = (
    "Upload the picture to the library; it is chosen when the template is filled in."
)


class Images:
    """Reads the pictures of one drawing."""

    def __init__(
        self,
        *,
        by_id: Mapping[str, Element],
        view: tuple[float, float],
        notes: Notes,
        percent: Percent,
    ) -> None:
        self._by_id, self._view = by_id, view
        self._notes, self._percent = notes, percent

    def find_in(self, pattern: Element) -> Element | None:
        """Give the picture that a pattern paints with, as Figma writes it."""
        for child in list(pattern)[:4]:
            found: Element | None = child
            if local(child.tag) == "use":
                found = self._by_id.get(href_of(child).removeprefix("#"))
            if found is not None and local(found.tag) == "image":
                return found
        return None

    def read(
        self, element: Element, picture: Element, matrix: Matrix, name: str
    ) -> Leaf:
        """Make a place for a picture: of an image, or of a shape filled with one.

        Raises:
            UnreadableError: it has no size, or one that can't be read.
        """
        data: dict[str, Any] = {"type": "image"}
        tag = local(element.tag)
        if tag == "image":
            box = self._box_of(element)
        else:
            box = box_of(outline_of(element, self._view))
            if tag in ("circle", "ellipse"):
                data["mask"] = "ellipse"
            elif tag == "rect":
                rx, _ = radii(element, box)
                if rx:
                    data["radius"] = self._percent(rx * matrix.scale)
            else:
                self._notes.add(name, "The picture fills the box around its shape.")
        if not matrix.keeps_boxes:
            self._notes.add(
                name,
                "The picture is turned; it is set upright in the box around it.",
                "Turn the picture itself.",
            )
        if href_of(picture):
            self._notes.add(
                name,
                "Its picture is not kept with the template, only its place.",
                _ADVICE,
            )
        slot = {"type": "image", "label": name[:60]}
        rect = matrix.box(box)
        return Leaf(name, data, rect, (True, True), slot=slot)

    def _box_of(self, image: Element) -> Rect:
        wide, tall = self._view
        box = Rect(
            to_px(image.get("x", "0"), of=wide),
            to_px(image.get("y", "0"), of=tall),
            to_px(image.get("width", "0"), of=wide),
            to_px(image.get("height", "0"), of=tall),
        )
        if box.width <= 0 or box.height <= 0:
            raise UnreadableError("it has no width or height.")
        return box
