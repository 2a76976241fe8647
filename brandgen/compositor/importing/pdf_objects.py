"""What a page of a PDF draws, through all forms that it nests: paths, pictures."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.writing import hex_of, show
from brandgen.compositor.outlines import MOST_STEPS, Outline, Step
from brandgen.compositor.svg.geometry import Matrix
from brandgen.compositor.svg.notes import Notes, UnreadableError

MOST_OBJECTS = 3_000
DEEPEST_FORMS = 16
MOST_CLIPS = 12
_CAPS = {1: "round", 2: "square"}
_JOINS = {1: "round", 2: "bevel"}
_NOUNS = {
    pdfium.FPDF_PAGEOBJ_PATH: "path",
    pdfium.FPDF_PAGEOBJ_IMAGE: "picture",
    pdfium.FPDF_PAGEOBJ_SHADING: "gradient",
    pdfium.FPDF_PAGEOBJ_TEXT: "text",
}


@dataclass(frozen=True)
class Drawn:
    """One object of a page: `matrix` leads from its own space to the drawing's.

    `outer` leads there from the space that it stands in, as its clip paths do.
    """

    raw: Any
    kind: int
    matrix: Matrix
    outer: Matrix

    @property
    def address(self) -> int:
        """What it is known by."""
        return address_of(self.raw)

    @property
    def noun(self) -> str:
        """What people call it."""
        return _NOUNS.get(self.kind, "part")


def address_of(raw: Any) -> int:
    """Give what an object of the page is known by."""
    return int(ctypes.cast(raw, ctypes.c_void_p).value or 0)


def walk_objects(page: Any, matrix: Matrix, notes: Notes) -> Iterator[Drawn]:
    """Give all objects of a page in the order of painting.

    Raises:
        ImportedFileError: they are too many.
    """
    count = pdfium.FPDFPage_CountObjects(page.raw)
    walk = _Walk(notes)
    for index in range(count):
        raw = pdfium.FPDFPage_GetObject(page.raw, index)
        yield from walk.objects(raw, matrix, 0)


class _Walk:
    def __init__(self, notes: Notes) -> None:
        self._notes, self._count = notes, 0

    def objects(self, raw: Any, outer: Matrix, deep: int) -> Iterator[Drawn]:
        self._count += 1
        if self._count > MOST_OBJECTS:
            raise ImportedFileError(
                f"The page has more than {MOST_OBJECTS:,} parts. Simplify it, or "
                "import a part of it as a drawing."
            )
        if not raw:
            return
        kind = pdfium.FPDFPageObj_GetType(raw)
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(raw, own)
        try:
            matrix = outer.then(Matrix(own.a, own.b, own.c, own.d, own.e, own.f))
        except UnreadableError as error:
            self._notes.add(_NOUNS.get(kind, "part"), f"It is left out: {error}")
            return
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield Drawn(raw, kind, matrix, outer)
            return
        if deep >= DEEPEST_FORMS:
            self._notes.add("part", "It is nested too deeply, and left out.")
            return
        for index in range(max(0, pdfium.FPDFFormObj_CountObjects(raw))):
            inner = pdfium.FPDFFormObj_GetObject(raw, index)
            yield from self.objects(inner, matrix, deep + 1)


Box = tuple[float, float, float, float]


def boxes_of(page: Any) -> tuple[Box, Box]:
    """Give a page's paper, and where it is trimmed: left, bottom, right, top."""
    found: list[Box] = []
    for read in (
        pdfium.FPDFPage_GetMediaBox,
        pdfium.FPDFPage_GetCropBox,
        pdfium.FPDFPage_GetTrimBox,
    ):
        edges = [ctypes.c_float() for _ in range(4)]
        if read(page, *edges):
            left, bottom, right, top = (float(edge.value) for edge in edges)
            box = min(left, right), min(bottom, top), max(left, right), max(bottom, top)
            found.append(box)
    if not found:
        size = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        found.append((0.0, 0.0, float(size[0]), float(size[1])))
    return found[0], found[-1]


def outline_in(raw: Any, matrix: Matrix) -> Outline:
    """Give the outline of a path, mapped.

    Raises:
        UnreadableError: it has too many steps.
    """
    count = max(0, pdfium.FPDFPath_CountSegments(raw))
    segments = (pdfium.FPDFPath_GetPathSegment(raw, n) for n in range(count))
    return _outline(segments, count, matrix)


def clips_of(one: Drawn) -> list[tuple[Outline, bool]]:
    """Give the outlines that an object is cut to, and whether by even and odd."""
    clip = pdfium.FPDFPageObj_GetClipPath(one.raw)
    count = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
    found = []
    for index in range(min(max(0, count), MOST_CLIPS)):
        length = max(0, pdfium.FPDFClipPath_CountPathSegments(clip, index))
        segments = (
            pdfium.FPDFClipPath_GetPathSegment(clip, index, n) for n in range(length)
        )
        outline = _outline(segments, length, one.outer)
        if outline:
            found.append((outline, False))
    return found


def _outline(segments: Iterator[Any], count: int, matrix: Matrix) -> Outline:
    if count > 3 * MOST_STEPS:
        raise UnreadableError(f"its path has more than {MOST_STEPS:,} steps.")
    steps: list[Step] = []
    curve: list[float] = []
    for segment in segments:
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.point(float(x.value), float(y.value))
        if not all(abs(value) <= 1e6 for value in point):
            raise UnreadableError("a number of its path is too large.")
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            steps.append(("M", *point))
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            steps.append(("L", *point))
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            curve += point
            if len(curve) == 6:
                steps.append(("C", *curve))
                curve = []
        if pdfium.FPDFPathSegment_GetClose(segment):
            steps.append(("Z",))
    if steps and steps[0][0] != "M":
        raise UnreadableError("its path begins nowhere.")
    while steps and steps[-1][0] == "M":
        steps.pop()
    if len(steps) > MOST_STEPS:
        raise UnreadableError(f"its path has more than {MOST_STEPS:,} steps.")
    return tuple(steps)


@dataclass(frozen=True)
class Painting:
    """What a path is filled and stroked with, by the names of SVG."""

    fill: tuple[str, float] | None
    stroke: tuple[str, float] | None
    is_even_odd: bool
    width: float
    cap: str
    join: str
    dash: tuple[float, ...]

    def attributes(self, scale: float) -> dict[str, str]:
        """Give the attributes of an element; lengths are scaled."""
        found = {"fill": self.fill[0] if self.fill else "none"}
        if self.fill and self.fill[1] < 1:
            found["fill_opacity"] = show(self.fill[1])
        if self.is_even_odd:
            found["fill_rule"] = "evenodd"
        if self.stroke:
            found["stroke"] = self.stroke[0]
            # A line of no width is as thin as it can be drawn.
            found["stroke_width"] = show(max(0.25, self.width * scale))
            found["stroke_linecap"], found["stroke_linejoin"] = self.cap, self.join
            if self.stroke[1] < 1:
                found["stroke_opacity"] = show(self.stroke[1])
            if self.dash:
                found["stroke_dasharray"] = " ".join(
                    show(part * scale) for part in self.dash
                )
        return found


def paints_of(one: Drawn) -> Painting:
    """Read what a path is painted with."""
    rule, strokes = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(one.raw, rule, strokes)
    width = ctypes.c_float()
    pdfium.FPDFPageObj_GetStrokeWidth(one.raw, width)
    count = min(16, max(0, pdfium.FPDFPageObj_GetDashCount(one.raw)))
    dash = (ctypes.c_float * count)()
    if count:
        pdfium.FPDFPageObj_GetDashArray(one.raw, dash, count)
    return Painting(
        fill=_ink(one.raw, pdfium.FPDFPageObj_GetFillColor) if rule.value else None,
        stroke=(
            _ink(one.raw, pdfium.FPDFPageObj_GetStrokeColor) if strokes.value else None
        ),
        is_even_odd=rule.value == pdfium.FPDF_FILLMODE_ALTERNATE,
        width=float(width.value),
        cap=_CAPS.get(pdfium.FPDFPageObj_GetLineCap(one.raw), ""),
        join=_JOINS.get(pdfium.FPDFPageObj_GetLineJoin(one.raw), ""),
        dash=tuple(float(part) for part in dash),
    )


def _ink(raw: Any, read: Any) -> tuple[str, float] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not read(raw, *parts):
        return None
    red, green, blue, alpha = (part.value for part in parts)
    return (hex_of(red, green, blue), alpha / 255) if alpha else None
