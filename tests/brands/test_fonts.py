import io
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

from brandgen.brands.fonts import LARGEST_FONT_BYTES, FontError, check_font
from tests.factories import make_picture

BUNDLED = Path("brandgen/compositor/fonts")


def make_font(*, fs_type: int = 0, is_looping: bool = False, **names: str) -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A", "B"])
    builder.setupCharacterMap({65: "A", 66: "B"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((250, 700))
    pen.closePath()
    shape: Any = pen.glyph()
    glyphs = {".notdef": shape, "A": shape, "B": shape}
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    given = {"familyName": "Northwind Sans", "styleName": "Bold"} | names
    builder.setupNameTable({name: {"en": text} for name, text in given.items() if text})
    builder.setupOS2(usWeightClass=700, fsType=fs_type)
    builder.setupPost()
    if is_looping:
        for one, other in (("A", "B"), ("B", "A")):
            builder.font["glyf"][one] = make_composite(other)
    file = io.BytesIO()
    builder.font.recalcBBoxes = False
    builder.font["maxp"].recalc = lambda font: None
    builder.font.save(file)
    return file.getvalue()


def make_composite(of: str) -> Glyph:
    glyph, component = Glyph(), GlyphComponent()
    component.glyphName, component.x, component.y, component.flags = of, 0, 0, 0x3
    glyph.numberOfContours, glyph.components = -1, [component]
    glyph.xMin = glyph.yMin = glyph.xMax = glyph.yMax = 0
    return glyph


def convert(data: bytes, flavor: str) -> bytes:
    font, file = TTFont(io.BytesIO(data)), io.BytesIO()
    font.flavor = flavor
    font.save(file)
    return file.getvalue()


class TestCheckFont:
    def test_tells_what_a_font_is(self) -> None:
        facts = check_font(make_font(licenseDescription="Ours alone."))

        assert (facts.family, facts.weight) == ("Northwind Sans", 700)
        assert (facts.file_format, facts.glyph_count) == ("ttf", 3)
        assert not facts.is_italic
        assert facts.license_text == "Ours alone."

    def test_reads_woff2(self) -> None:
        assert check_font(convert(make_font(), "woff2")).file_format == "woff2"

    def test_reads_a_real_font_of_some_thousand_glyphs(self) -> None:
        facts = check_font((BUNDLED / "NotoSans-Regular.ttf").read_bytes())

        assert facts.family == "Noto Sans"
        assert facts.glyph_count > 1000
        assert facts.embedding == "installable"

    @pytest.mark.parametrize(
        ("fs_type", "embedding"),
        [(0, "installable"), (2, "restricted"), (4, "preview"), (8, "editable")],
    )
    def test_reads_the_right_to_embed(self, fs_type: int, embedding: str) -> None:
        assert check_font(make_font(fs_type=fs_type)).embedding == embedding

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "empty"),
            (make_picture(8, 8), "is a picture, whatever"),
            (b"<svg xmlns='x'/>", "text file"),
            (b"ttcf" + bytes(40), "collection"),
            (b"wOFF" + bytes(40), "WOFF 1"),
            (b"hello, I am a font", "no font that can be read"),
            (b"\x00\x01\x00\x00" + b"\xff" * 500, "damaged or cut off"),
            (b"OTTO" + bytes(500), "lacks the table|damaged"),
            (b"wOF2" + bytes(500), "damaged or cut off"),
            (b"\x00\x01\x00\x00" + bytes(LARGEST_FONT_BYTES), "more than 20 MB"),
        ],
    )
    def test_refuses_what_is_no_font(self, data: bytes, message: str) -> None:
        with pytest.raises(FontError, match=message):
            check_font(data)

    def test_refuses_a_font_that_was_cut_off(self) -> None:
        data = make_font()

        with pytest.raises(FontError, match=r"damaged or cut off|lacks the table"):
            check_font(data[: len(data) // 2])

    def test_refuses_glyphs_that_are_made_of_each_other(self) -> None:
        with pytest.raises(FontError, match=r"made of itself|damaged"):
            check_font(make_font(is_looping=True))

    def test_refuses_a_font_without_a_name(self) -> None:
        with pytest.raises(FontError, match="what it is called"):
            check_font(make_font(familyName=" "))

    def test_stops_a_reader_that_takes_too_long(self) -> None:
        data = (BUNDLED / "NotoSans-Regular.ttf").read_bytes()

        with pytest.raises(FontError, match="too much memory or time"):
            check_font(data, timeout_s=0)
