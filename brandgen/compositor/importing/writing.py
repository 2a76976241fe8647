"""Write what was read of another program's file as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from brandgen.compositor.importing.figures import name_figure
from brandgen.compositor.outlines import Outline
from brandgen.compositor.svg.geometry import box_of, write_path

PICTURE = "data:image/png;base64,"
"""Stands for the pixels of a picture, which are not kept."""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class SvgWriter:
    """Writes a drawing from back to front."""

    def __init__(
        self, *, view: tuple[float, float], size: tuple[str, str], title: str = ""
    ) -> None:
        """Begin a drawing of a view in units of its own, and a size of CSS."""
        self.root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg")
        self.root.set("viewBox", f"0 0 {show(view[0])} {show(view[1])}")
        self.root.set("width", size[0])
        self.root.set("height", size[1])
        if title:
            ET.SubElement(self.root, "title").text = clean(title)
        self._at = [self.root]
        self._count = 0

    @contextmanager
    def group(self, name: str = "", **attributes: str) -> Iterator[ET.Element]:
        """Put what is written meanwhile into a group."""
        group = self.add("g", name, **attributes)
        self._at.append(group)
        yield group
        self._at.pop()

    def add(self, tag: str, name: str = "", **attributes: str) -> ET.Element:
        """Write an element; underscores in names of attributes become hyphens."""
        found = ET.SubElement(self._at[-1], tag)
        if name:
            found.set("data-name", clean(name))
        for key, value in attributes.items():
            if value:
                found.set(key.replace("_", "-"), value)
        return found

    def path(self, outline: Outline, name: str = "", **attributes: str) -> ET.Element:
        """Write an outline."""
        return self.add("path", name, d=write_path(outline, 3), **attributes)

    def picture(
        self, x: float, y: float, width: float, height: float, name: str = ""
    ) -> ET.Element:
        """Write the place of a picture."""
        found = self.add("image", name, href=PICTURE)
        for key, value in (("x", x), ("y", y), ("width", width), ("height", height)):
            found.set(key, show(value))
        return found

    def text(
        self,
        lines: Sequence[Sequence["Words"]],
        name: str = "",
        *,
        anchor: str = "start",
        **attributes: str,
    ) -> ET.Element:
        """Write a text, each line of runs that stand where their first one does."""
        found = self.add("text", name, text_anchor=anchor, **attributes)
        found.set(_SPACE, "preserve")
        for line in lines:
            for index, run in enumerate(line):
                span = ET.SubElement(found, "tspan", dict(run.style))
                if index == 0:
                    span.set("x", show(run.x))
                    span.set("y", show(run.y))
                span.text = clean(run.text)
        return found

    def clip(self, outline: Outline, *, is_even_odd: bool = False) -> str:
        """Write a clip path; gives how it is referred to."""
        self._count += 1
        holder = ET.SubElement(self._at[-1], "clipPath", id=f"clip{self._count}")
        figure = name_figure(outline, box_of(outline))
        shape = ET.SubElement(holder, figure.tag)
        for key, value in figure.attributes.items():
            shape.set(key, show(value))
        if figure.tag == "path":
            shape.set("d", write_path(outline, 3))
        if is_even_odd:
            shape.set("clip-rule", "evenodd")
        return f"url(#clip{self._count})"

    def gradient(
        self,
        line: tuple[float, float, float, float],
        stops: Sequence[tuple[float, str, float]],
    ) -> str:
        """Write a linear gradient between two points; gives how it is referred to."""
        self._count += 1
        found = ET.SubElement(
            self._at[-1], "linearGradient", id=f"gradient{self._count}"
        )
        found.set("gradientUnits", "userSpaceOnUse")
        for key, value in zip(("x1", "y1", "x2", "y2"), line, strict=True):
            found.set(key, show(value))
        for at, color, opacity in stops:
            stop = ET.SubElement(found, "stop", offset=show(at))
            stop.set("stop-color", color)
            if opacity < 1:
                stop.set("stop-opacity", show(opacity))
        return f"url(#gradient{self._count})"

    def source(self) -> str:
        """Give the drawing."""
        return ET.tostring(self.root, encoding="unicode")


class Words:
    """A run of letters in one style, where its baseline begins."""

    def __init__(self, text: str, x: float, y: float, style: Mapping[str, str]) -> None:
        self.text, self.x, self.y, self.style = text, x, y, style


def show(value: float) -> str:
    """Write a number as short as it is exact to a thousandth."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def clean(text: str) -> str:
    """Leave out characters that XML can't hold."""
    return "".join(
        letter
        for letter in text
        if letter >= " " or letter in "\t\n\r"
        if not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff"
    )


def hex_of(red: float, green: float, blue: float) -> str:
    """Give a color of levels from 0 to 255."""
    levels = (min(255, max(0, round(level))) for level in (red, green, blue))
    return "#" + "".join(f"{level:02x}" for level in levels)
