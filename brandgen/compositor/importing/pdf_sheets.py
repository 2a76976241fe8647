"""What of a page of a PDF is the format, and how large it is."""

from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from brandgen.compositor.formats import (
    CSS_DPI,
    MM_PER_INCH,
    POINTS_PER_INCH,
    format_library,
)
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.pdf_objects import boxes_of
from brandgen.compositor.svg.geometry import Matrix
from brandgen.compositor.svg.notes import Notes

LEAST_POINTS, MOST_POINTS = 8.0, 14_400.0
ROUNDED_PX = 1.5
"""How far a page may be from a format: programs round it up to whole points."""
_MM = MM_PER_INCH / POINTS_PER_INCH


@dataclass(frozen=True)
class Sheet:
    """What of a page is the format: its box in points, and how it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    has_bleed: bool

    @property
    def matrix(self) -> Matrix:
        """Leads from the page to points from the top left corner, as it is seen."""
        return {
            0: Matrix(1, 0, 0, -1, -self.left, self.top),
            1: Matrix(0, 1, 1, 0, -self.bottom, -self.left),
            2: Matrix(-1, 0, 0, 1, self.right, -self.bottom),
            3: Matrix(0, -1, -1, 0, self.top, self.right),
        }[self.rotation]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its edges on the page: left, bottom, right, top."""
        return self.left, self.bottom, self.right, self.top

    @property
    def size(self) -> tuple[float, float]:
        """How wide and tall it is seen, in points."""
        wide, tall = self.right - self.left, self.top - self.bottom
        return (tall, wide) if self.rotation % 2 else (wide, tall)


def find_sheet(page: Any) -> Sheet:
    """Find what of a page is the format: where it is trimmed.

    Raises:
        ImportedFileError: it is too small or too large.
    """
    media, trim = boxes_of(page.raw)
    left, bottom, right, top = trim
    wide, tall = right - left, top - bottom
    if not all(LEAST_POINTS <= side <= MOST_POINTS for side in (wide, tall)):
        raise ImportedFileError(
            f"The page is {wide * _MM:.0f} x {tall * _MM:.0f} mm, which can't become a "
            "format. Export it larger or smaller."
        )
    rotation = max(0, pdfium.FPDFPage_GetRotation(page.raw)) % 4
    has_bleed = any(abs(a - b) > 1 for a, b in zip(media, trim, strict=True))
    return Sheet(left, bottom, right, top, rotation, has_bleed)


@dataclass(frozen=True)
class Size:
    """How large a page is, in CSS, and what of it is shown, in points."""

    width: str
    height: str
    view: tuple[float, float]


def find_size(sheet: Sheet, notes: Notes) -> Size:
    """Say how large a page is: in pixels if a format of the screen is, else on paper.

    Some programs export a pixel as a point, others as three quarters of one.
    """
    wide, tall = sheet.size
    known = {
        (one.get("width_px"), one.get("height_px")) for one in format_library().values()
    }
    if not sheet.has_bleed:
        for scale in (1.0, CSS_DPI / POINTS_PER_INCH):
            for width, height in known:
                if width is None or height is None:
                    continue
                off = abs(wide * scale - width), abs(tall * scale - height)
                if max(off) <= ROUNDED_PX:
                    view = width / scale, height / scale
                    return Size(f"{width}px", f"{height}px", view)
    papers = {
        (one["width_mm"], one["height_mm"])
        for one in format_library().values()
        if "width_mm" in one
    }
    width_mm, height_mm = wide * _MM, tall * _MM
    is_paper = any(
        abs(w - width_mm) < 0.6 and abs(h - height_mm) < 0.6 for w, h in papers
    )
    if is_paper or sheet.has_bleed:
        return Size(f"{width_mm:.2f}mm", f"{height_mm:.2f}mm", sheet.size)
    pixels = (
        round(wide * CSS_DPI / POINTS_PER_INCH),
        round(tall * CSS_DPI / POINTS_PER_INCH),
    )
    notes.add(
        "The format",
        f"{width_mm:.0f} x {height_mm:.0f} mm is no format of the library; it became "
        f"{pixels[0]} x {pixels[1]} pixels, 96 to the inch.",
        "Change its size in the editor if you meant another.",
    )
    return Size(f"{pixels[0]}px", f"{pixels[1]}px", sheet.size)
