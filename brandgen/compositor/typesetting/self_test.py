"""Set a known text before the first real one: native libraries can clash unseen.

Two copies of HarfBuzz in one process have been seen to give wrong widths without an
error; a creative must not be the place where that shows.
"""

import functools

from brandgen.compositor.typesetting.fonts import FONTS, OWN_FAMILY, Library, Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import Paragraph, Setting

TEXT = "AV Northwind 49 %"
WIDTH_EM, CAP_HEIGHT_EM = 9.3306, 0.7275
LINES = ["AV", "Northwind", "49 %"]


class TextSelfTestError(RuntimeError):
    """Text is measured or drawn wrongly in this process."""


@functools.cache
def check_typesetting() -> None:
    """Measure and break a known text, once a process.

    Raises:
        TextSelfTestError: the widths, lines or outlines are not those that they are.
    """
    library = Library(())
    paragraph = Paragraph(
        MarkedText.plain(TEXT), Setting((Look(OWN_FAMILY, 400),)), library
    )
    lines = [TEXT[line.start : line.end] for line in paragraph.lines(5.0)]
    cut = library.chain(Look(OWN_FAMILY, 400))[0]
    height = -cut.outline(cut.glyph(ord("H"))).getBounds().top() / cut.em
    if (
        abs(paragraph.width - WIDTH_EM) > 0.001
        or lines != LINES
        or abs(height - CAP_HEIGHT_EM) > 0.001
    ):
        raise TextSelfTestError(
            f"{TEXT!r} in {FONTS / 'InterVariable.ttf'} is {paragraph.width:.3f} em "
            f"wide (not {WIDTH_EM}), breaks into {lines}, with capitals of "
            f"{height:.3f} em. Another library in this process clashes with uharfbuzz, "
            "icu4py or skia-python. Start a process that does not import it."
        )
