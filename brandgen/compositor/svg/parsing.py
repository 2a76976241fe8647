"""Parse a stranger's drawing: what is refused, how large it is, what has a name."""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.formats import Format, format_library
from brandgen.compositor.strict import DataError
from brandgen.compositor.svg.css import local
from brandgen.compositor.svg.geometry import (
    MM_PER_UNIT,
    PX_PER_UNIT,
    Matrix,
    read_length,
    read_numbers,
)
from brandgen.compositor.svg.notes import Notes, SvgError, UnreadableError
from brandgen.lib.xml_trees import XmlError, parse_xml

MAX_BYTES = 8 * 2**20
MAX_ELEMENTS = 10_000
MAX_DEPTH = 48
SVG = "{http://www.w3.org/2000/svg}"
_ACTIVE = frozenset(
    ["script", "handler", "iframe", "object", "embed", "audio", "video"]
)
_PICTURE = re.compile(r"data:image/(png|jpe?g|webp|gif)[;,]", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?(?!\s*[#\"'])", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{2,4})_")
# Names that programs give on their own.
_AUTOMATIC = re.compile(
    r"(rect|path|g|text|tspan|image|img|circle|ellipse|line|poly(gon|line)|use|svg|"
    r"layer|flowroot|tspan|clip|mask|cls|xml|id|svgid)[-_]?\d+([-_]\d+)*_?\Z",
    re.IGNORECASE,
)


def is_svg(data: bytes | str) -> bool:
    """Say whether a file or a text seems to be a drawing, and not JSON."""
    if isinstance(data, str):
        return data.lstrip("\ufeff \t\r\n").startswith("<")
    start = data[:64]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"<" in start[:6]
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def parse_svg(data: bytes) -> Element:
    """Parse a drawing and refuse what could do or fetch something.

    Raises:
        SvgError: it is no SVG, is beyond the bounds, or has parts that are refused.
    """
    lines: dict[Element, int] = {}
    try:
        root = parse_xml(
            data,
            most_bytes=MAX_BYTES,
            deepest=MAX_DEPTH,
            most_elements=MAX_ELEMENTS,
            allow_doctype=True,
            lines=lines,
        )
    except XmlError as error:
        raise SvgError(
            f"The drawing {error} Export it again as a plain SVG, without the "
            "program's own editing data."
        ) from error
    if local(root.tag) != "svg":
        raise SvgError(
            f"The file is XML, but no SVG: its root is {local(root.tag)[:40]!r}. "
            "Choose a drawing that was exported as SVG."
        )
    for element in root.iter():
        _refuse(element, lines[element])
    return root


def _refuse(element: Element, line: int) -> None:
    """Refuse an element that runs or fetches something.

    Raises:
        SvgError: it does; the message names the element and its line.
    """
    tag = local(element.tag)
    if tag.lower() in _ACTIVE:
        raise SvgError(
            f"The drawing has a {tag} element in line {line}. Remove it: drawings must "
            "not run or embed anything."
        )
    what = f"{tag[:40]} element in line {line}"
    if name := label_of(element):
        what = f"{what} ({name[:40]})"
    if tag == "style":
        _refuse_url("".join(element.itertext()), f"the {what}")
    for key, value in element.attrib.items():
        name = local(key)
        if name.lower().startswith("on"):
            raise SvgError(
                f"The drawing runs a script by {name[:40]!r}, in the {what}. Remove it "
                "and export the drawing again."
            )
        is_link = tag == "a" and not value.strip().lower().startswith("javascript:")
        if name in ("href", "src") and not is_link:
            _refuse_href(value.strip(), what)
        elif key == name and "(" in value:
            _refuse_url(value, f"{name[:40]} of the {what}")


def _refuse_href(value: str, what: str) -> None:
    if value.startswith("#") or not value or _PICTURE.match(value):
        return
    raise SvgError(
        f"The drawing refers to {value[:60]!r} outside of itself, in the {what}. Embed "
        "the picture, or leave it out, and export again."
    )


def _refuse_url(text: str, where: str) -> None:
    if "@import" in text.lower() or (_URL.search(text) and not _is_inner(text)):
        raise SvgError(
            f"The drawing loads something from outside of itself, in {where}. Embed "
            "it, or leave it out, and export again."
        )


def _is_inner(text: str) -> bool:
    """Say whether all that a text loads is in it; fonts are not read, but harmless."""
    urls = re.findall(r"url\(\s*[\"']?([^\"')]*)", text, re.IGNORECASE)
    return all(url.startswith(("#", "data:")) for url in urls)


def by_id(root: Element) -> dict[str, Element]:
    """Give the elements that have an id, the first of each."""
    found: dict[str, Element] = {}
    for element in root.iter():
        if name := element.get("id"):
            found.setdefault(name, element)
    return found


def label_of(element: Element) -> str:
    """Give the name that a designer gave an element; empty if a program did."""
    for key, value in element.attrib.items():
        if local(key) in ("label", "data-name") and value.strip():
            return value.strip()[:120]
    name = element.get("id", "").strip()
    if not name or _AUTOMATIC.match(name):
        return ""
    # Illustrator writes signs of a name as _x20_, and counts doubles at its end.
    name = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name)
    return re.sub(r"_\d+_?\Z", "", name).replace("_", " ").strip()[:120]


def href_of(element: Element) -> str:
    """Give what an element refers to."""
    for name, value in element.attrib.items():
        if local(name) == "href":
            return value.strip()
    return ""


@dataclass(frozen=True)
class Paper:
    """What is drawn on: its format, and how the drawing's units lie upon it."""

    key: str
    data: dict[str, Any]
    format: Format
    matrix: Matrix
    view: tuple[float, float]


def find_paper(root: Element, notes: Notes, title: str) -> Paper:
    """Find the format of a drawing: one of the library's if the size is equal.

    Raises:
        SvgError: it says no size, or one that can't be rendered.
    """
    try:
        view = _view_of(root)
        size = [_length_of(root, name) for name in ("width", "height")]
    except UnreadableError as error:
        raise SvgError(f"The size of the drawing can't be read: {error}") from error
    if view is None and None in size:
        raise SvgError(
            "The drawing says neither its width and height nor a viewBox. Export it "
            "again with its size."
        )
    left, top, wide, tall = view or (0.0, 0.0, *_in_px(size))
    key, data, shape = _format_of(wide, tall, size, notes, title)
    scale = min(shape.width_px / wide, shape.height_px / tall)
    matrix = Matrix(
        scale,
        0,
        0,
        scale,
        (shape.width_px - wide * scale) / 2 - left * scale,
        (shape.height_px - tall * scale) / 2 - top * scale,
    )
    return Paper(key, data, shape, matrix, (wide, tall))


def find_view(root: Element) -> tuple[float, float, float, float]:
    """Find the part of the plane that a drawing shows: x, y, width and height.

    Raises:
        SvgError: it says none.
    """
    try:
        view = _view_of(root)
        size = [_length_of(root, name) for name in ("width", "height")]
    except UnreadableError as error:
        raise SvgError(f"The size of the drawing can't be read: {error}") from error
    if view is None and None in size:
        raise SvgError(
            "The drawing says neither its width and height nor a viewBox. Export it "
            "again with its size."
        )
    return view or (0.0, 0.0, *_in_px(size))


def _in_px(size: list[tuple[float, str] | None]) -> tuple[float, float]:
    wide, tall = (PX_PER_UNIT[one[1]] * one[0] for one in size if one)
    return wide, tall


def _view_of(root: Element) -> tuple[float, float, float, float] | None:
    text = root.get("viewBox")
    if text is None:
        return None
    values = read_numbers(text, most=4)
    if len(values) != 4 or values[2] <= 0 or values[3] <= 0:
        raise UnreadableError(f"the viewBox {text[:60]!r} is no box.")
    return values[0], values[1], values[2], values[3]


def _length_of(root: Element, name: str) -> tuple[float, str] | None:
    """Give a side of the drawing with its unit; None where it has none of its own."""
    text = root.get(name)
    if text is None:
        return None
    value, unit = read_length(text)
    if unit not in PX_PER_UNIT or value <= 0:
        return None
    return value, unit


def _format_of(
    wide: float,
    tall: float,
    size: list[tuple[float, str] | None],
    notes: Notes,
    title: str,
) -> tuple[str, dict[str, Any], Format]:
    if size[0] and size[1] and size[0][1] in MM_PER_UNIT and size[1][1] in MM_PER_UNIT:
        width_mm, height_mm = (
            length[0] * MM_PER_UNIT[length[1]] for length in size if length
        )
        for key, entry in format_library().items():
            sides = entry.get("width_mm", 0), entry.get("height_mm", 0)
            if abs(sides[0] - width_mm) < 0.6 and abs(sides[1] - height_mm) < 0.6:
                return _read_format(key, {"use": key})
        data: dict[str, Any] = {
            "width_mm": round(width_mm, 2),
            "height_mm": round(height_mm, 2),
            "label": "Custom size",
        }
        return _read_format("custom", data)
    if size[0] and size[1]:
        wide, tall = (PX_PER_UNIT[n[1]] * n[0] for n in size if n)
    width, height = round(wide), round(tall)
    same = [
        key
        for key, entry in format_library().items()
        if (entry.get("width_px"), entry.get("height_px")) == (width, height)
    ]
    if not same:
        return _read_format(
            "custom", {"width_px": width, "height_px": height, "label": "Custom size"}
        )
    words = title.lower()
    library = format_library()
    named = [key for key in same if library[key]["channel"].lower() in words]
    chosen = (named or same)[0]
    if len(same) > 1:
        others = ", ".join(library[key]["label"] for key in same if key != chosen)
        notes.add(
            "The format",
            f"{width} x {height} is {library[chosen]['label']}, and also {others}.",
            "Change it in the editor if you meant another.",
        )
    return _read_format(chosen, {"use": chosen})


def _read_format(key: str, data: dict[str, Any]) -> tuple[str, dict[str, Any], Format]:
    try:
        return key, data, Format.read_json(data, "")
    except DataError as error:
        size = " x ".join(f"{value:g}" for value in list(data.values())[:2])
        raise SvgError(
            f"The drawing is {size}, which can't be rendered: {error.problem} Export "
            "it larger or smaller."
        ) from error
