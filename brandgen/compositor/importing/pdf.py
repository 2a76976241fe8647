"""Read a page of a PDF: its texts, outlines and places of pictures, as SVG.

Runs in a process of its own (`workers`): PDFs are from strangers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figures import Figure, name_figure
from brandgen.compositor.importing.pdf_objects import (
    Drawn,
    clips_of,
    outline_in,
    paints_of,
    walk_objects,
)
from brandgen.compositor.importing.pdf_seen import Seen
from brandgen.compositor.importing.pdf_sheets import find_sheet, find_size
from brandgen.compositor.importing.pdf_texts import read_letters
from brandgen.compositor.importing.texts import (
    Block,
    Letter,
    Look,
    Row,
    gather_blocks,
    upright,
)
from brandgen.compositor.importing.writing import SvgWriter, Words, show
from brandgen.compositor.outlines import rectangle
from brandgen.compositor.svg.geometry import box_of
from brandgen.compositor.svg.notes import Notes, UnreadableError

GROUND = 0.6
"""Of the page, up to which what a text stands on is its button or card."""
CENTERED = 0.012
"""Of a frame's width, up to which what is off its middle counts as centered."""
_UNKNOWN = "#ffffff"
"""What is said of patterns and gradients, which have no color."""


def read_pdf(data: bytes, page_number: int, notes: Notes) -> str:
    """Give a page of a PDF, counted from 1, as SVG.

    Raises:
        ImportedFileError: it is no PDF that can be read, or has no such page.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ImportedFileError(
                "The PDF is protected by a password. Save it without one."
            ) from error
        raise ImportedFileError(
            f"The PDF can't be read: {error}. Export it again."
        ) from error
    count = len(document)
    if not 1 <= page_number <= count:
        raise ImportedFileError(
            f"The PDF has {count} page{'s' if count != 1 else ''}, and no page "
            f"{page_number}. Choose one that it has."
        )
    try:
        page = document[page_number - 1]
    except pypdfium2.PdfiumError as error:
        raise ImportedFileError(
            f"Page {page_number} of the PDF can't be read: {error}."
        ) from error
    if count > 1:
        notes.add(
            "The PDF",
            f"It has {count} pages; page {page_number} was taken.",
            "Import the others as templates of their own.",
        )
    return _Page(page, notes, document.get_metadata_value("Title")).read()


class _Page:
    """Reads one page."""

    def __init__(self, page: Any, notes: Notes, title: str) -> None:
        self._page, self._notes = page, notes
        self._sheet = find_sheet(page)
        size = find_size(self._sheet, notes)
        self._view = Rect(0, 0, *size.view)
        self._writer = SvgWriter(
            view=size.view, size=(size.width, size.height), title=title
        )
        self._grounds: list[Rect] = []
        self._seen: Seen | None = None

    def read(self) -> str:
        objects = list(walk_objects(self._page, self._sheet.matrix, self._notes))
        order = {one.address: n for n, one in enumerate(objects)}
        text = self._page.get_textpage()
        letters = read_letters(text.raw, self._sheet.matrix, order)
        blocks = self._blocks(letters)
        self._tell_of_annotations()
        waiting = iter(blocks)
        block = next(waiting, None)
        for index, one in enumerate(objects):
            while block and block.order <= index:
                self._block(block)
                block = next(waiting, None)
            try:
                self._object(one)
            except UnreadableError as error:
                self._notes.add(one.noun, f"It is left out: {error}", "Draw it anew.")
        while block:
            self._block(block)
            block = next(waiting, None)
        return self._writer.source()

    def _blocks(self, letters: Mapping[int, Sequence[Letter]]) -> list[Block]:
        """Gather letters by how they are turned; what is turned is set upright."""
        found = []
        for angle_deg, turned in letters.items():
            for block in gather_blocks(turned):
                if angle_deg:
                    block = upright(block, angle_deg)
                    self._notes.add(
                        _name_of(block),
                        f"It is turned by {angle_deg} degrees, which texts of a "
                        "template are not; it is set upright.",
                        "Move it in the editor, or turn it into paths before the "
                        "export.",
                    )
                found.append(block)
        return sorted(found, key=lambda block: block.order)

    def _block(self, block: Block) -> None:
        if len(block.rows) == 1 and self._is_centered(block.rows[0]):
            block.side = "middle"
        lines = []
        for row in block.rows:
            place = block.place_of(row)
            runs = [
                Words(text, place, row.y, _style(look, row.spacing))
                for text, _, look in row.runs()
            ]
            lines.append(runs)
        self._writer.text(lines, _name_of(block), anchor=block.side)

    def _is_centered(self, row: Row) -> bool:
        """Say whether a row stands in the middle of its button or card, or the page."""
        size = row.look.size
        box = Rect(row.x, row.y - size, row.right - row.x, 1.2 * size)
        below = [ground for ground in self._grounds if ground.holds(box)]
        frame = min(below, key=_area_of, default=self._view)
        off = box.x + box.width / 2 - frame.x - frame.width / 2
        return abs(off) <= CENTERED * frame.width

    def _object(self, one: Drawn) -> None:
        if one.kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(one)
        elif one.kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self._picture(one)
        elif one.kind == pdfium.FPDF_PAGEOBJ_SHADING:
            self._shading(one)

    def _path(self, one: Drawn) -> None:
        outline = outline_in(one.raw, one.matrix)
        paints = paints_of(one)
        if not outline or not (paints.fill or paints.stroke):
            return
        box = box_of(outline)
        if not _touches(box, self._view):
            return
        is_plain = paints.fill or len(outline) == 2
        figure = name_figure(outline, box) if is_plain else Figure("path")
        attributes = paints.attributes(one.matrix.scale)
        clip = self._clip(one, box)
        if paints.fill and _area_of(box) < GROUND * _area_of(self._view):
            self._grounds.append(box)
        if paints.fill and paints.fill[0] == _UNKNOWN and self._is_gradient(box):
            attributes["fill"] = self._gradient(box)
        if figure.tag == "path":
            self._writer.path(outline, clip_path=clip, **attributes)
            return
        shape = self._writer.add(figure.tag, clip_path=clip, **attributes)
        for key, value in figure.attributes.items():
            shape.set(key, show(value))

    def _picture(self, one: Drawn) -> None:
        box = one.matrix.box(Rect(0, 0, 1, 1))
        if not _touches(box, self._view) or min(box.width, box.height) < 0.5:
            return
        if not one.matrix.keeps_boxes:
            self._notes.add(
                "picture",
                "The picture is turned; it is set upright in the box around it.",
                "Turn the picture itself.",
            )
        clip = self._clip(one, box)
        image = self._writer.picture(box.x, box.y, box.width, box.height, "picture")
        if clip:
            image.set("clip-path", clip)

    def _shading(self, one: Drawn) -> None:
        """Fill what a gradient is cut to; the smallest of several outlines."""
        view = self._view
        whole = rectangle(view.x, view.y, view.width, view.height)
        outlines = [outline for outline, _ in clips_of(one)] or [whole]
        outline = min(outlines, key=lambda one: _area_of(box_of(one)))
        box = box_of(outline)
        if not _touches(box, view):
            return
        figure, paint = name_figure(outline, box), self._gradient(box)
        if figure.tag == "path":
            self._writer.path(outline, fill=paint)
            return
        shape = self._writer.add(figure.tag, fill=paint)
        for key, value in figure.attributes.items():
            shape.set(key, show(value))

    def _look(self) -> Seen:
        if self._seen is None:
            self._seen = Seen(self._page, self._sheet.box, self._sheet.size)
        return self._seen

    def _is_gradient(self, box: Rect) -> bool:
        """Say whether a fill that is said to be white is not, as patterns are not."""
        common = _common(box, self._view)
        return common is not None and not self._look().has_white(common)

    def _gradient(self, box: Rect) -> str:
        """Give the gradient that a box is seen to be filled with, on the whole page."""
        colors = self._look().along(_common(box, self._view) or box)
        self._notes.add(
            "gradient",
            "Its gradient was read off the page as it is seen, with what lies upon it.",
            "Compare its colors and its direction with the page.",
        )
        if len({color for _, color in colors.stops}) == 1:
            return colors.stops[0][1]
        stops = [(at, color, 1.0) for at, color in colors.stops]
        return self._writer.gradient(colors.line, stops)

    def _clip(self, one: Drawn, box: Rect) -> str:
        """Write what cuts an object, where it does; the smallest of several."""
        cutting = []
        for outline, is_even_odd in clips_of(one):
            around = box_of(outline)
            if around.holds(self._view) and len(outline) <= 6:
                continue
            figure = name_figure(outline, around)
            if figure.tag == "rect" and not figure.attributes.get("rx"):
                if around.holds(box):
                    continue
            elif not _touches(around, box):
                continue
            cutting.append((_area_of(around), outline, is_even_odd))
        if not cutting:
            return ""
        if len(cutting) > 1:
            self._notes.add(
                one.noun,
                "It is cut by several outlines; it is cut to the smallest.",
                "Compare it with the page.",
            )
        _, outline, is_even_odd = min(cutting, key=lambda cut: cut[0])
        return self._writer.clip(outline, is_even_odd=is_even_odd)

    def _tell_of_annotations(self) -> None:
        count = pdfium.FPDFPage_GetAnnotCount(self._page.raw)
        if count > 0:
            self._notes.add(
                "The page",
                f"{count} link{'s' if count != 1 else ''}, comments or form fields are "
                "left out.",
                "Give layers a link in the editor.",
            )


def _name_of(block: Block) -> str:
    return " ".join(block.text.split()[:4])[:30]


def _style(look: Look, spacing: float) -> dict[str, str]:
    style = {
        "font-family": look.font,
        "font-size": show(look.size),
        "fill": look.color,
    }
    if look.weight != 400:
        style["font-weight"] = str(look.weight)
    if look.is_italic:
        style["font-style"] = "italic"
    if spacing:
        style["letter-spacing"] = show(spacing)
    if look.opacity < 1:
        style["fill-opacity"] = show(look.opacity)
    return style


def _area_of(box: Rect) -> float:
    return box.width * box.height


def _touches(box: Rect, view: Rect) -> bool:
    return (
        box.x < view.right
        and box.right > view.x
        and box.y < view.bottom
        and box.bottom > view.y
    )


def _common(box: Rect, view: Rect) -> Rect | None:
    x, y = max(box.x, view.x), max(box.y, view.y)
    width, height = min(box.right, view.right) - x, min(box.bottom, view.bottom) - y
    return Rect(x, y, width, height) if width > 0 and height > 0 else None
