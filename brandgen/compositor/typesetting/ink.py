"""Draw placed glyphs: as paths, whose weight no color changes, or as a PDF's letters.

Skia's glyph masks are made heavier or lighter by the color of the text (measured:
+12.6 % and -7.7 % ink); filled outlines are not.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import skia

from brandgen.compositor.typesetting.fonts import unhinted
from brandgen.compositor.typesetting.shaping import UNSPACED, Glyph, Run

_SLANT = 0.2
"""How far upright letters lean that stand in for an italic: 11 degrees."""


def draw_run(
    canvas: Any, run: Run, *, x: float, y: float, size: float, paint: Any
) -> None:
    """Draw a run as paths, its pen at x on the baseline y."""
    if run.cut.face.is_color:
        _draw_letters(canvas, run, run.glyphs, x, y, size, paint)
    elif run.script in UNSPACED or paint.getAlpha() < 255:
        # Letters that meet are one shape: no seam where they do, nor where they
        # overlap.
        _draw_as_one(canvas, run, x, y, size, paint)
    else:
        _draw_apart(canvas, run, x, y, size, paint)


def write_run(
    canvas: Any, run: Run, *, x: float, y: float, size: float, paint: Any
) -> Iterator[str | None]:
    """Write a run of a text as a PDF's letters, word for word.

    Gives what each word says where its glyphs don't tell: ligatures, conjuncts, marks.
    Words that run right to left tell it by their glyphs alone, because readers of PDFs
    turn them around.
    """
    for (start, end), group in groupby(run.glyphs, _word_in(run)):
        glyphs = list(group)
        said = run.text[start:end]
        if not said.isspace():
            _draw_letters(canvas, run, glyphs, x, y, size, paint)
            yield None if run.level % 2 or _tell(run, glyphs, said) else said
        x += sum([glyph.advance for glyph in glyphs]) * size


def _tell(run: Run, glyphs: Sequence[Glyph], said: str) -> bool:
    """Say whether glyphs are the letters one by one, each beside the last."""
    nominal = [run.cut.glyph(ord(letter)) for letter in said]
    is_even = all(glyph.advance and not glyph.y for glyph in glyphs)
    return is_even and nominal == [glyph.id for glyph in glyphs]


def _word_in(run: Run) -> Callable[[Glyph], tuple[int, int]]:
    """Tell to which word of a run a glyph belongs, the spaces after it included."""
    found = re.finditer(r"\s+|\S+\s*", run.text[run.start : run.end])
    words = [(run.start + word.start(), run.start + word.end()) for word in found]
    starts = [start for start, _ in words]
    return lambda glyph: words[bisect_right(starts, glyph.cluster) - 1]


def _draw_apart(
    canvas: Any, run: Run, x: float, y: float, size: float, paint: Any
) -> None:
    scale, outline = size / run.cut.em, run.cut.outline
    lean = -_SLANT * scale if run.is_slanted else 0.0
    for glyph in run.glyphs:
        if path := outline(glyph.id):
            canvas.save()
            canvas.concat(
                skia.Matrix.MakeAll(
                    scale,
                    lean,
                    x + glyph.x * size,
                    0,
                    scale,
                    y - glyph.y * size,
                    0,
                    0,
                    1,
                )
            )
            canvas.drawPath(path, paint)
            canvas.restore()
        x += glyph.advance * size


def _draw_as_one(
    canvas: Any, run: Run, x: float, y: float, size: float, paint: Any
) -> None:
    whole = skia.Path()
    scale = size / run.cut.em
    lean = -_SLANT * scale if run.is_slanted else 0.0
    for glyph in run.glyphs:
        if path := run.cut.outline(glyph.id):
            left, top = x + glyph.x * size, y - glyph.y * size
            matrix = skia.Matrix.MakeAll(scale, lean, left, 0, scale, top, 0, 0, 1)
            whole.addPath(path, matrix)
        x += glyph.advance * size
    canvas.drawPath(whole, paint)


def _draw_letters(
    canvas: Any,
    run: Run,
    glyphs: Sequence[Glyph],
    x: float,
    y: float,
    size: float,
    paint: Any,
) -> None:
    font = unhinted(run.cut.embedded, size)
    if run.is_slanted:
        font.setSkewX(-_SLANT)
    places = []
    for glyph in glyphs:
        places.append(skia.Point(x + glyph.x * size, y - glyph.y * size))
        x += glyph.advance * size
    builder = skia.TextBlobBuilder()
    builder.allocRunPos(font, [glyph.id for glyph in glyphs], places)
    canvas.drawTextBlob(builder.make(), 0, 0, paint)
