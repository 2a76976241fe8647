"""Set text: choose a size that fits, break lines, place and paint its glyphs.

Only fonts that were handed in are used, never the system's: a missing family would
silently become another.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import skia

from brandgen.compositor.brand import BrandStyleError, FontFace
from brandgen.compositor.strict import name_nearest
from brandgen.compositor.typesetting.fitting import Fitting, TextStyle, balance
from brandgen.compositor.typesetting.fonts import (
    OWN_FAMILY,
    Face,
    Library,
    Look,
    explain_foreign,
    nameable,
)
from brandgen.compositor.typesetting.ink import draw_run, write_run
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import (
    Line,
    Paragraph,
    Setting,
    missing_in,
)
from brandgen.compositor.typesetting.self_test import check_typesetting
from brandgen.compositor.typesetting.shaping import Run
from brandgen.compositor.writing import (
    clean_text,
    is_right_to_left,
)

_ABOVE_BASELINE = 0.8
"""Of an em of letters, what stands above the baseline."""


class LineBox(NamedTuple):
    """A line of a set text: what it says, and its box from the text's top left."""

    text: str
    x: float
    y: float
    width: float
    height: float


class Piece(NamedTuple):
    """Glyphs of one font in a line, and where their pen starts; in pixels."""

    run: Run
    line: int
    x: float
    y: float


class Area(NamedTuple):
    """What letters of one look cover in a line, from the text's top left."""

    line: int
    is_emphasized: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class SetText:
    """A text with its size and its lines decided.

    `width_px` is the longest line, `measure_px` the width that lines were broken to;
    `breaks_word` says that a word was longer than that.
    """

    text: str
    style: TextStyle
    size_px: float
    measure_px: float
    width_px: float
    height_px: float
    boxes: tuple[LineBox, ...]
    is_cut: bool
    is_rtl: bool
    missing: str
    breaks_word: bool = False
    is_overfull: bool = False
    pieces: tuple[Piece, ...] = field(default=(), repr=False, compare=False)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.boxes)

    def areas(self) -> Iterator[Area]:
        """Give what letters cover, line by line, those emphasized apart.

        An em high, without the room between lines.
        """
        size = self.size_px
        kinds = itertools.groupby(self.pieces, lambda p: (p.line, bool(p.run.look)))
        for (line, is_emphasized), group in kinds:
            pieces = list(group)
            right = max(piece.x + piece.run.width * size for piece in pieces)
            x, y = pieces[0].x, pieces[0].y - _ABOVE_BASELINE * size
            yield Area(line, is_emphasized, x, y, right - x, size)


@functools.lru_cache(maxsize=8)
def load_text_engine(
    faces: tuple[FontFace, ...], folder: Path | None = None
) -> "TextEngine":
    """Load the brand's faces beside our own; kept, because fonts are slow to read.

    Raises:
        BrandStyleError: a font can't be read.
        TextSelfTestError: text is measured wrongly in this process.
    """
    check_typesetting()
    return TextEngine(faces, folder)


class TextEngine:
    """Sets text in a fixed set of fonts: a brand's, ours, and those of a folder."""

    def __init__(
        self, faces: tuple[FontFace, ...] = (), folder: Path | None = None
    ) -> None:
        self._library = Library(faces, folder)
        self.main_family = faces[0].family if faces else OWN_FAMILY
        self._fit = functools.lru_cache(maxsize=2048)(self._fit_anew)
        self._paragraph = functools.lru_cache(maxsize=1024)(
            lambda marked, setting: Paragraph(marked, setting, self._library)
        )

    def resolve_family(self, name: str) -> str:
        """Give the family that a font token means.

        Raises:
            BrandStyleError: no such family is loaded.
        """
        family = self.main_family if name == "brand" else name
        if family not in self._library.families:
            raise BrandStyleError(
                f"The template uses the font {family!r}, which the brand kit does not "
                f"have. Upload it. {name_nearest(family, self.families)}"
            )
        return family

    @property
    def families(self) -> tuple[str, ...]:
        """The families that a template may name."""
        return nameable(self._library.own)

    def explain_foreign(self, family: str) -> str:
        """Say that a family is not the brand's, and which are; "" where it is."""
        return explain_foreign(family, self._library.own)

    def has(self, look: Look) -> bool:
        """Say whether a family has this weight and slant, and not only one near it."""
        return self._library.has(look)

    def nearest(self, look: Look) -> Face:
        """Give the face that a look is set in."""
        return self._library.face(look)

    def is_own(self, family: str) -> bool:
        """Say whether a family is the brand's."""
        return family in self._library.own

    def missing_characters(self, text: str, family: str) -> str:
        """Name the characters that no font of the chain can draw, each once."""
        return missing_in(text, self._library.chain(Look(family)))

    def lacks(self, look: Look) -> list[str]:
        """Name the features and axes of a look that its family's font does not have."""
        return self._library.chain(look)[0].face.lacks(look)

    def fit(self, text: str, style: TextStyle, width: float, height: float) -> SetText:
        """Set a text as large as it fits a box; cut it where even the smallest is not.

        Characters that no font has are left out and named in `missing`. What was fitted
        lately is remembered: formats, previews and rows of a batch ask again.
        """
        return self._fit(text, style, width, height)

    def _fit_anew(
        self, text: str, style: TextStyle, width: float, height: float
    ) -> SetText:
        text = clean_text(text)
        parse = MarkedText.parse if style.emphasis else MarkedText.plain
        marked, missing = self._leave_out(parse(text), style)
        shape = functools.partial(self._shape, style=style)
        fitting = Fitting(shape, marked, style, width, height)
        size = fitting.choose_size()
        paragraph, lines = fitting.paragraph, fitting.lines(size)
        is_overfull = not fitting.fits(lines, size)
        is_cut = is_overfull and style.overflow == "ellipsis"
        if is_cut:
            marked, paragraph, lines = fitting.cut(size)
        breaks_word = fitting.paragraph.longest_word * size > width + 0.5
        measure = width
        if style.balance and len(lines) > 1 and "\n" not in marked.text:
            measure = balance(paragraph, len(lines), width / size) * size
            lines = paragraph.lines(measure / size)
        return _place(
            paragraph,
            lines,
            SetText(
                text=marked.text,
                style=style,
                size_px=size,
                measure_px=measure,
                width_px=0,
                height_px=0,
                boxes=(),
                is_cut=is_cut,
                is_rtl=is_right_to_left(marked.text, style.direction),
                missing=missing,
                breaks_word=breaks_word,
                is_overfull=is_overfull,
            ),
            self._library.chain(style.look)[0],
        )

    def _leave_out(
        self, marked: MarkedText, style: TextStyle
    ) -> tuple[MarkedText, str]:
        """Drop what no font has, or has only in name; say which characters."""
        missing = missing_in(marked.text, self._library.chain(style.look))
        marked = (marked.without(missing) if missing else marked).strip()
        while notdef := self._shape(marked, style).notdef:
            missing += "".join(dict.fromkeys(notdef))
            marked = marked.without(notdef).strip()
        return marked, missing

    def _shape(self, marked: MarkedText, style: TextStyle) -> Paragraph:
        setting = Setting(
            looks=(style.look, style.emphasis or style.look),
            is_rtl=is_right_to_left(marked.text, style.direction),
            language=style.language,
            spacing=style.letter_spacing_em,
            hyphenate=style.hyphenate,
        )
        return self._paragraph(marked, setting)

    def paint(
        self,
        canvas: Any,
        found: SetText,
        *,
        x: float,
        y: float,
        color: str,
        opacity: float = 1.0,
        emphasis_color: str | None = None,
        said: list[str | None] | None = None,
    ) -> None:
        """Paint a set text with its top left corner at x, y.

        As glyph paths the color does not change the weight. With `said` it is written
        as letters, and what words say whose glyphs don't tell is added there.
        """
        paints = [
            skia.Paint(AntiAlias=True, Color=_argb(one, opacity))
            for one in (color, emphasis_color or color)
        ]
        for piece in found.pieces:
            left, baseline = x + piece.x, y + piece.y
            size, paint = found.size_px, paints[piece.run.look]
            if said is None:
                baseline = _on_whole_pixel(canvas, baseline)
                draw_run(canvas, piece.run, x=left, y=baseline, size=size, paint=paint)
            else:
                said += write_run(
                    canvas, piece.run, x=left, y=baseline, size=size, paint=paint
                )


def _place(
    paragraph: Paragraph, lines: Sequence[Line], draft: SetText, cut: Any
) -> SetText:
    """Stand a text's lines in a box as wide as the longest."""
    style, size = draft.style, draft.size_px
    height = size * style.line_height
    width = max((line.width for line in lines), default=0.0) * size
    align = side_of(draft)
    share = {"start": 0.0, "center": 0.5, "end": 1.0}[align]
    # Half of what a line is taller than the font stands above it, as in CSS.
    ascent = (height + (cut.ascent - cut.descent) * size) / 2
    boxes, pieces = [], []
    for number, line in enumerate(lines):
        x = left = share * (width - line.width * size)
        for run in paragraph.pieces(line):
            pieces.append(Piece(run, number, x, number * height + ascent))
            x += run.width * size
        text = paragraph.text[line.start : line.end]
        boxes.append(LineBox(text, left, number * height, line.width * size, height))
    return replace(
        draft,
        width_px=width,
        height_px=len(lines) * height,
        boxes=tuple(boxes),
        pieces=tuple(pieces),
    )


def side_of(text: SetText) -> str:
    """Give the side that a text stands on, start being left."""
    sides = {"left": "start", "right": "end"}
    if text.is_rtl:
        sides = {**sides, "start": "end", "end": "start"}
    return sides.get(text.style.align, text.style.align)


def _on_whole_pixel(canvas: Any, y: float) -> float:
    """Move a baseline to the nearest row of pixels, so that letters stand crisply."""
    matrix = canvas.getTotalMatrix()
    scale, shift = matrix.getScaleY(), matrix.getTranslateY()
    return float((round(y * scale + shift) - shift) / scale)


def _argb(color: str, opacity: float) -> int:
    return round(opacity * 255) << 24 | int(color.lstrip("#"), 16)
