"""Text: sizes that fit, lines, scripts as they are written, ink equal in color."""

import numpy as np
import pytest
import skia

from brandgen.compositor.brand import BrandStyleError, FontFace
from brandgen.compositor.text import (
    SetText,
    TextEngine,
    load_text_engine,
)
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.typesetting.fonts import FONTS, Look
from tests.compositor.typesetting.samples import CJK, SAMPLES

ENGINE = load_text_engine(())
BOLD = Look("Inter", 700)


def style(**fields: object) -> TextStyle:
    known = {"look": BOLD, "largest_px": 60.0, "smallest_px": 20.0, "max_lines": 3}
    return TextStyle(**{**known, **fields})  # type: ignore[arg-type]


def paint(
    found: SetText,
    ink: str = "#000000",
    ground: int = 255,
    size: tuple[int, int] = (400, 90),
) -> np.ndarray:
    pixels = np.full((size[1], size[0], 4), ground, np.uint8)
    pixels[..., 3] = 255
    canvas = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType).getCanvas()
    ENGINE.paint(canvas, found, x=6, y=4, color=ink)
    return pixels[..., 0]


class TestFit:
    def test_takes_the_largest_size_that_fits(self) -> None:
        words = "Made for brighter mornings and long evenings"
        found = ENGINE.fit(words, style(), 400, 200)

        larger = style(largest_px=found.size_px + 1, smallest_px=found.size_px + 1)
        again = ENGINE.fit(words, larger, 400, 200)

        assert 20 < found.size_px < 60
        assert found.lines <= 3
        assert not found.is_cut
        assert again.is_cut or again.breaks_word or again.height_px > 200

    @pytest.mark.parametrize(
        ("text", "step", "size"),
        [("Mug", 8, 60), ("Mug", 15, 50), ("Mug " * 12, 7, 41), ("Mug " * 99, 7, 20)],
    )
    def test_takes_steps_from_the_smallest_size_on(
        self, text: str, step: float, size: float
    ) -> None:
        found = ENGINE.fit(text, style(step_px=step), 400, 200)

        assert found.size_px == size

    def test_takes_the_largest_step_that_fits(self) -> None:
        words = "Made for brighter mornings and long evenings"
        free = ENGINE.fit(words, style(), 400, 200)

        found = ENGINE.fit(words, style(step_px=3.5), 400, 200)

        assert (found.size_px - 20) % 3.5 == 0
        assert free.size_px - 3.5 < found.size_px <= free.size_px + 1

    def test_shrinks_before_it_breaks_a_word(self) -> None:
        found = ENGINE.fit("Donaudampfschifffahrt", style(), 400, 200)

        assert found.lines == 1
        assert found.width_px <= 400
        assert not found.breaks_word

    def test_says_that_a_word_is_longer_than_a_line(self) -> None:
        assert ENGINE.fit("Donaudampfschifffahrt" * 2, style(), 200, 200).breaks_word

    def test_cuts_at_a_word_with_an_ellipsis(self) -> None:
        words = "Stoneware that keeps its warmth, " * 6

        found = ENGINE.fit(words, style(max_lines=2), 300, 400)

        assert found.is_cut
        assert found.lines == 2
        assert found.text.endswith("…")
        assert words.startswith(found.text[:-1])
        assert found.text[-2].isalpha()

    def test_cuts_one_endless_word_between_letters(self) -> None:
        found = ENGINE.fit("e\u0301" * 300, style(max_lines=1), 300, 400)

        assert found.is_cut
        assert found.lines == 1
        assert found.width_px <= 300

    def test_balances_lines_without_adding_any(self) -> None:
        words = "Made for brighter mornings and more"
        plain = ENGINE.fit(words, style(largest_px=40), 600, 300)

        found = ENGINE.fit(words, style(largest_px=40, balance=True), 600, 300)

        assert found.lines == plain.lines == 2
        assert found.width_px < plain.width_px * 0.85

    def test_keeps_lines_that_the_writer_broke(self) -> None:
        assert ENGINE.fit("One\nTwo\nThree", style(), 400, 400).lines == 3

    def test_names_and_leaves_out_what_no_font_has(self) -> None:
        found = ENGINE.fit("Hi 👋 世 ok", style(), 600, 300)

        assert set(found.missing) == {"👋", "世"}
        assert found.text.split() == ["Hi", "ok"]

    @pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.files != CJK])
    def test_has_every_glyph_of_the_scripts_it_ships(self, name: str) -> None:
        for family in ("Inter", "Noto Sans"):
            assert ENGINE.missing_characters(SAMPLES[name].text, family) == ""

    def test_takes_joiners_and_selectors_for_no_glyphs(self) -> None:
        assert ENGINE.missing_characters("a\u200db\u200c\ufe0f\u00ad", "Inter") == ""

    @pytest.mark.parametrize("text", ["", " ", "\n", "👋", "\u200d", "\u202e"])
    def test_survives_nothing(self, text: str) -> None:
        found = ENGINE.fit(text, style(balance=True), 100, 50)

        assert found.text == "" or found.width_px <= 1


class TestPaint:
    @pytest.mark.parametrize("size", [14.0, 24.0, 60.0])
    def test_lays_equal_ink_in_black_and_in_white(self, size: float) -> None:
        found = ENGINE.fit("Quick brown foxes", style(largest_px=size), 600, 100)

        dark = (255 - paint(found, size=(620, 100)).astype(int)).sum()
        light = paint(found, "#ffffff", 0, size=(620, 100)).astype(int).sum()

        assert light == pytest.approx(dark, rel=0.002)

    def test_lays_the_ink_that_the_outlines_enclose(self) -> None:
        small = ENGINE.fit("Quick brown foxes", style(largest_px=20.0), 600, 100)
        large = ENGINE.fit("Quick brown foxes", style(largest_px=160.0), 4000, 400)

        ink = (255 - paint(small).astype(int)).sum()
        true = (255 - paint(large, size=(1800, 260)).astype(int)).sum() / 64

        assert ink == pytest.approx(true, rel=0.02)

    def test_stands_where_it_was_put(self) -> None:
        found = ENGINE.fit("Hi", style(largest_px=50.0), 200, 60)

        columns = np.flatnonzero(paint(found).min(axis=0) < 128)

        assert 8 <= columns[0] <= 14
        assert columns[-1] <= 6 + found.width_px + 1

    @pytest.mark.parametrize("align", ["start", "center", "end"])
    @pytest.mark.parametrize("text", ["مجموعة الربيع وصلت الآن", "Made for mornings"])
    def test_paints_the_lines_that_were_set(self, text: str, align: str) -> None:
        for size in (30.0, 31.0, 33.0):
            look = style(largest_px=size, align=align, letter_spacing_em=-0.02)
            found = ENGINE.fit(text, look, 380, 60)

            ink = paint(found).min(axis=0) < 128

            columns = np.flatnonzero(ink)
            assert found.lines == 1
            assert columns[0] == pytest.approx(6, abs=6)
            assert columns[-1] == pytest.approx(6 + found.width_px, abs=6)

    def test_never_spaces_letters_that_join(self) -> None:
        tight = ENGINE.fit("الربيع", style(letter_spacing_em=-0.1), 380, 80)

        assert tight.width_px == ENGINE.fit("الربيع", style(), 380, 80).width_px

    def test_makes_each_weight_heavier(self) -> None:
        ink = [
            int(
                (
                    255
                    - paint(
                        ENGINE.fit("Hamburg", style(look=Look("Inter", w)), 390, 80)
                    )
                ).sum()
            )
            for w in (200, 400, 600, 800)
        ]

        assert ink == sorted(ink)
        assert ink[-1] > ink[0] * 1.8


class TestTextEngine:
    def test_uses_a_brands_own_font_first(self) -> None:
        data = (FONTS / "NotoSans-Bold.ttf").read_bytes()
        engine = TextEngine((FontFace("Northwind Sans", 700, False, data),))

        own = engine.fit("Hamburg", style(look=Look("Northwind Sans", 700)), 400, 90)

        assert engine.resolve_family("brand") == "Northwind Sans"
        assert own.width_px == pytest.approx(
            ENGINE.fit("Hamburg", style(look=Look("Noto Sans", 700)), 400, 90).width_px
        )

    def test_refuses_a_file_that_is_no_font(self) -> None:
        with pytest.raises(BrandStyleError, match="can't be read"):
            TextEngine((FontFace("Fake", 400, False, b"not a font"),))

    def test_refuses_a_family_that_is_not_there(self) -> None:
        with pytest.raises(BrandStyleError, match="Did you mean 'Noto Sans'"):
            ENGINE.resolve_family("NotoSans")

    def test_never_falls_back_to_the_systems_fonts(self) -> None:
        # DejaVu Sans has U+2713 and may be installed; no font of ours has it.
        found = ENGINE.fit("✓", style(), 100, 100)

        assert found.missing == "✓" or ENGINE.missing_characters("✓", "Inter") == ""


class TestVariableFonts:
    def test_sets_each_weight_from_one_file(self) -> None:
        face = FontFace("House", 400, False, (FONTS / "InterVariable.ttf").read_bytes())
        engine = load_text_engine((face,))

        widths = [
            engine.fit(
                "Wide enough",
                TextStyle(Look("House", weight), 40, 40),
                900,
                90,
            ).width_px
            for weight in (600, 700, 800)
        ]

        assert widths == sorted(set(widths))
