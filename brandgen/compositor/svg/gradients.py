"""Gradients of SVG: their stops and attributes, also of those that they go on from."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.colors import Ink, read_color, read_share, share_of
from brandgen.compositor.svg.css import Sheet, local
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.parsing import href_of


class Gradients:
    """Reads the gradients of one drawing."""

    def __init__(
        self, by_id: Mapping[str, Element], sheet: Sheet, notes: Notes
    ) -> None:
        self._by_id, self._sheet, self._notes = by_id, sheet, notes

    def attribute(self, gradient: Element, name: str, default: str) -> str:
        """Give what a gradient, or the first that it goes on from, says of itself."""
        values = (one.get(name) for one in self.chain(gradient))
        return next((value for value in values if value is not None), default)

    def chain(self, gradient: Element) -> list[Element]:
        """Give a gradient and those that it goes on from."""
        found = [gradient]
        while len(found) < 6:
            id_ = href_of(found[-1]).removeprefix("#")
            other = self._by_id.get(id_)
            if other is None or other in found:
                break
            found.append(other)
        return found

    def stops(self, gradient: Element) -> list[tuple[float, Ink]]:
        """Give the stops of a gradient as (place, color), in rising order."""
        found: list[tuple[float, Ink]] = []
        for one in self.chain(gradient):
            for stop in one:
                if local(stop.tag) != "stop" or len(found) >= 64:
                    continue
                style = self._sheet.own(stop)
                try:
                    at = share_of(stop.get("offset", "0"))
                    ink = read_color(style.get("stop-color", "#000000"))
                except UnreadableError as error:
                    name = stop.get("id", "A gradient's stop")
                    self._notes.add(name, f"{error}".capitalize())
                    continue
                ink = ink or Ink("#000000", 0)
                opacity = ink.opacity * read_share(style, "stop-opacity")
                at = max(at, found[-1][0]) if found else at
                found.append((at, Ink(ink.color, opacity)))
            if found:
                break
        return found
