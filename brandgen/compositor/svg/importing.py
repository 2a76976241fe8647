"""Make a template of a drawing: SVG from Figma, Illustrator, Inkscape or by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Rect
from brandgen.compositor.document import Document
from brandgen.compositor.loading import TemplateDocumentError, load_document
from brandgen.compositor.svg.bundling import Bundler
from brandgen.compositor.svg.colors import Palette
from brandgen.compositor.svg.css import Sheet, local
from brandgen.compositor.svg.fonts import Fonts
from brandgen.compositor.svg.growing import grow
from brandgen.compositor.svg.nodes import Leaf, Node, each_leaf
from brandgen.compositor.svg.notes import Note, Notes, SvgError
from brandgen.compositor.svg.paints import Paints
from brandgen.compositor.svg.parsing import (
    MAX_BYTES,
    by_id,
    find_paper,
    is_svg,
    label_of,
    parse_svg,
)
from brandgen.compositor.svg.placing import Placer, tidy
from brandgen.compositor.svg.reading import Reader
from brandgen.compositor.svg.texts import Texts
from brandgen.compositor.text import load_text_engine

__all__ = ["MAX_BYTES", "Imported", "Note", "SvgError", "import_svg", "is_svg"]


NOUNS = {
    "text": ("text", "texts"),
    "image": ("place for a picture", "places for pictures"),
    "svg": ("drawing", "drawings"),
    "shape": ("shape", "shapes"),
    "path": ("path", "paths"),
    "line": ("line", "lines"),
}


@dataclass(frozen=True)
class Imported:
    """A template document made of a drawing, and what it could not take over.

    `taken` says what it did: "4 texts, 1 picture".
    """

    data: dict[str, Any]
    document: Document
    notes: tuple[Note, ...]
    taken: str = ""


def import_svg(
    source: bytes, *, brand: BrandStyle, name: str = "", before: Sequence[Note] = ()
) -> Imported:
    """Make a template document of a drawing, in the colors and fonts of a brand.

    `before` are notes of who made the drawing, of another file.

    Raises:
        SvgError: it is no SVG, is refused, or can't become a template.
        BrandStyleError: a font of the brand can't be read.
    """
    notes = Notes(before)
    root = parse_svg(source)
    title = name.strip() or _title_of(root)
    paper = find_paper(root, notes, title)
    short = paper.format.short_side_px

    def percent(length_px: float) -> str:
        text = f"{length_px / short * 100:.3f}".rstrip("0").rstrip(".")
        return f"{'0' if text == '-0' else text}%"

    engine = load_text_engine(brand.fonts, brand.fonts_folder)
    sheet, known = Sheet(root, notes), by_id(root)
    palette, fonts = Palette(brand.palette, notes), Fonts(engine, notes)
    paints = Paints(palette, known, sheet, notes)
    texts = Texts(engine=engine, fonts=fonts, paints=paints, sheet=sheet, notes=notes)
    reader = Reader(
        paper=paper,
        by_id=known,
        sheet=sheet,
        texts=texts,
        paints=paints,
        notes=notes,
        percent=percent,
    )
    nodes, frame_name = tidy(reader.read(root))
    page = Rect(0, 0, paper.format.width_px, paper.format.height_px)
    background = _background(nodes, page)
    nodes = Bundler(page, palette.known, notes).bundle(nodes)
    leaves = list(each_leaf(nodes))
    for leaf in leaves:
        grow(leaf, leaves, page, engine)
    _tell_of_outlines(leaves, notes)
    placer = Placer(page, percent)
    data: dict[str, Any] = {
        "schema": 2,
        "name": (title or frame_name or "Imported drawing")[:120],
        "formats": {paper.key: paper.data},
        "layers": placer.place(nodes),
        "tokens": {"colors": palette.tokens, "fonts": fonts.tokens},
        "slots": placer.slots,
    }
    if background:
        data["background"] = background
    taken = _say_taken(Counter(leaf.data["type"] for leaf in each_leaf(nodes)))
    return Imported(data, _check(data, notes), notes.all(), taken)


def _say_taken(counts: Mapping[str, int]) -> str:
    """Say how many layers of which kind there are."""
    found = [
        f"{counts[kind]} {plural if counts[kind] != 1 else noun}"
        for kind, (noun, plural) in NOUNS.items()
        if counts.get(kind)
    ]
    return ", ".join(found)


def _title_of(root: Element) -> str:
    for child in root:
        if local(child.tag) == "title" and (child.text or "").strip():
            return (child.text or "").strip()
    return label_of(root)


def _background(nodes: list[Node], page: Rect) -> str:
    """Take a plain rectangle behind everything off, and give its color."""
    first = nodes[0] if nodes else None
    if not isinstance(first, Leaf) or not first.rect.holds(page):
        return ""
    fill = first.data.get("fill", {})
    is_plain = set(first.data) == {"type", "fill"} and first.data["type"] == "shape"
    if not is_plain or fill["type"] != "solid" or "opacity" in fill:
        return ""
    del nodes[0]
    return str(fill["color"])


def _tell_of_outlines(leaves: list[Leaf], notes: Notes) -> None:
    kinds = [leaf.data["type"] for leaf in leaves]
    if "text" not in kinds and {"path", "svg"} & set(kinds):
        notes.add(
            "The drawing",
            "It has no text, only paths: nothing can be written anew.",
            "Export it with text as text (in Figma: Outline text off).",
        )


def _check(data: dict[str, Any], notes: Notes) -> Document:
    """Load the document strictly.

    Raises:
        SvgError: it has no layer, or more than a template may have.
    """
    if not data["layers"]:
        why = " ".join(str(note) for note in notes.all()[:3])
        raise SvgError(f"Nothing of the drawing can be taken over. {why}".strip())
    try:
        return load_document(data)
    except TemplateDocumentError as error:
        raise SvgError(
            f"The drawing can't become a template. {error} Simplify it: join paths, "
            "leave out what is not needed, and export it again."
        ) from error
