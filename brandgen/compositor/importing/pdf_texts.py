"""The letters of a page of a PDF, each with its place and look."""

import ctypes
import math
import re
from collections.abc import Mapping
from typing import Any

import pypdfium2.raw as pdfium

from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.pdf_objects import address_of
from brandgen.compositor.importing.texts import Letter, Look, turn
from brandgen.compositor.importing.writing import hex_of
from brandgen.compositor.svg.geometry import Matrix
from brandgen.compositor.svg.notes import UnreadableError

MOST_LETTERS = 8_000
_SUBSET = re.compile(r"[A-Z]{6}\+")
# Cuts of variable fonts, as Chromium and others name them: Inter_700wght.
_WEIGHT = re.compile(r"_([1-9][0-9]{2})wght")
_AXES = re.compile(r"(_-?[0-9.]+[A-Za-z]{4})+\Z")
_INVISIBLE = 3
_BOLD_FLAG, _ITALIC_FLAG = 1 << 18, 1 << 6


def read_letters(
    text: Any, matrix: Matrix, order: Mapping[int, int]
) -> dict[int, list[Letter]]:
    """Give the letters that are seen, by how many degrees they are turned.

    Those that are turned are placed as if the page were turned back around its corner.
    `matrix` leads from the page to the drawing; `order` says when an object is painted.

    Raises:
        ImportedFileError: they are too many.
    """
    count = max(0, pdfium.FPDFText_CountChars(text))
    if count > MOST_LETTERS:
        raise ImportedFileError(
            f"The page has {count:,} letters; {MOST_LETTERS:,} are read. Choose a page "
            "that is a layout, not a document."
        )
    reader = _Reader(text, matrix)
    found: dict[int, list[Letter]] = {}
    for index in range(count):
        letter = reader.letter(index, order)
        if letter is not None:
            found.setdefault(letter[0], []).append(letter[1])
    return found


class _Reader:
    def __init__(self, text: Any, matrix: Matrix) -> None:
        self._text, self._matrix = text, matrix
        self._fonts: dict[int, tuple[str, int, bool, bool]] = {}

    def letter(self, index: int, order: Mapping[int, int]) -> tuple[int, Letter] | None:
        if pdfium.FPDFText_IsGenerated(self._text, index) == 1:
            return None
        code = pdfium.FPDFText_GetUnicode(self._text, index)
        raw = pdfium.FPDFText_GetTextObject(self._text, index)
        if not raw or code < 32 or code in (0xFFFE, 0xFFFF) or code > 0x10FFFF:
            return None
        if 0xD800 <= code <= 0xDFFF:
            return None
        font, weight, is_italic, is_hidden = self._font(raw)
        if is_hidden:
            return None
        own = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._text, index, own)
        try:
            matrix = self._matrix.then(Matrix(own.a, own.b, own.c, own.d, 0, 0))
        except UnreadableError:
            return None
        size = pdfium.FPDFText_GetFontSize(self._text, index) * matrix.scale
        if not 0.5 <= size <= 4000:
            return None
        angle_deg = round(math.degrees(math.atan2(matrix.b, matrix.a)))
        back = turn(-angle_deg).then(self._matrix)
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._text, index, x, y)
        box = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(self._text, index, box)
        left, base = back.point(x.value, y.value)
        corners = [(box.left, box.top), (box.right, box.bottom)]
        corners += [(box.left, box.bottom), (box.right, box.top)]
        right = max(back.point(*corner)[0] for corner in corners)
        if angle_deg % 90:  # the box around a turned letter is larger than it
            right = left + 0.75 * size
        look = self._look(index, font, weight, is_italic, round(size, 3))
        if look is None:
            return None
        place = order.get(address_of(raw), 10**6)
        return angle_deg, Letter(chr(code), left, base, max(left, right), look, place)

    def _look(
        self, index: int, font: str, weight: int, is_italic: bool, size: float
    ) -> Look | None:
        parts = [ctypes.c_uint() for _ in range(4)]
        pdfium.FPDFText_GetFillColor(self._text, index, *parts)
        red, green, blue, alpha = (part.value for part in parts)
        if not alpha:
            return None
        color = hex_of(red, green, blue)
        return Look(font, weight, is_italic, color, round(alpha / 255, 3), size)

    def _font(self, raw: Any) -> tuple[str, int, bool, bool]:
        """Give a text's font, its weight, its slant, and whether it is not seen."""
        key = address_of(raw)
        if key not in self._fonts:
            font = pdfium.FPDFTextObj_GetFont(raw)
            name, named_weight = _plain_name(_name_of(font))
            angle = ctypes.c_int()
            pdfium.FPDFFont_GetItalicAngle(font, angle)
            flags = max(0, pdfium.FPDFFont_GetFlags(font))
            weight = pdfium.FPDFFont_GetWeight(font)
            # Many files say 400 of all fonts, some 0: their names know better.
            is_bold = bool(flags & _BOLD_FLAG) or weight >= 600
            is_named = "-" in name
            mode = pdfium.FPDFTextObj_GetTextRenderMode(raw)
            self._fonts[key] = (
                name,
                named_weight or (700 if is_bold and not is_named else 400),
                (angle.value != 0 or bool(flags & _ITALIC_FLAG)) and not is_named,
                mode == _INVISIBLE,
            )
        return self._fonts[key]


def _plain_name(name: str) -> tuple[str, int | None]:
    """Give a font's name without what programs add, and the weight that they add."""
    name = _SUBSET.sub("", name).replace(",", "-")
    weight = _WEIGHT.search(name)
    name = _AXES.sub("", name)
    name = re.sub(r"(Variable|VF)(?=-|\Z)", "", name) or name
    return name or "unknown", round(float(weight[1])) if weight else None


def _name_of(font: Any) -> str:
    length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    if not 1 < length < 200:
        return ""
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, length)
    return buffer.value.decode("utf-8", "replace")
