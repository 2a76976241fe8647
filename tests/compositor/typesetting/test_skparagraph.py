"""Widths and line breaks against Skia's own paragraphs, in the same font."""

from typing import Any

import pytest
import skia

from brandgen.compositor.typesetting.fonts import Library, Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import Paragraph, Setting
from tests.compositor.typesetting.samples import SAMPLES

SIZE_PX = 20.0
LOOK = Look("Inter", 400)
LIBRARY = Library(())


def theirs(text: str) -> Any:
    """Build a paragraph in the cut of Inter that ours is set in."""
    layout = skia.textlayout
    provider = layout.TypefaceFontProvider()
    provider.registerTypeface(LIBRARY.chain(LOOK)[0].typeface, "Inter")
    fonts = layout.FontCollection()
    fonts.setDefaultFontManager(provider, "Inter")
    look = layout.TextStyle()
    look.setFontFamilies(["Inter"])
    look.setFontSize(SIZE_PX)
    whole = layout.ParagraphStyle()
    whole.setTextStyle(look)
    builder = layout.ParagraphBuilder.make(whole, fonts, skia.Unicodes.ICU.Make())
    builder.pushStyle(look)
    builder.addText(text)
    return builder.Build()


class TestParagraph:
    @pytest.mark.parametrize("name", ["latin", "vietnamese", "greek", "cyrillic"])
    def test_is_as_wide_and_has_as_many_lines(self, name: str) -> None:
        text = SAMPLES[name].text
        ours = Paragraph(MarkedText.plain(text), Setting((LOOK,)), LIBRARY)
        oracle = theirs(text)
        oracle.layout(1e6)
        line_px = oracle.Height

        assert ours.width * SIZE_PX == pytest.approx(
            oracle.MaxIntrinsicWidth, rel=0.001
        )
        for measure in range(120, 560, 15):
            oracle.layout(measure)
            lines = ours.lines(measure / SIZE_PX)
            longest = max(line.width for line in lines) * SIZE_PX
            assert len(lines) == round(oracle.Height / line_px), measure
            assert longest == pytest.approx(oracle.LongestLine, abs=0.3), measure
