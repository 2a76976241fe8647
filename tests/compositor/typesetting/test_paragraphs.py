"""Paragraphs: fonts by coverage, lines of any measure, glyphs in visual order."""

import pytest

from brandgen.compositor.typesetting.fonts import Library, Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import (
    Line,
    Paragraph,
    Setting,
    missing_in,
)
from brandgen.compositor.typesetting.shaping import Run

LIBRARY = Library(())
PLAIN, BOLD = Look("Inter", 400), Look("Inter", 800)


def make(text: str, **fields: object) -> Paragraph:
    setting = Setting(**{"looks": (PLAIN, BOLD), **fields})  # type: ignore[arg-type]
    return Paragraph(MarkedText.parse(text), setting, LIBRARY)


def broken(paragraph: Paragraph, measure: float) -> list[str]:
    return [paragraph.text[n.start : n.end] for n in paragraph.lines(measure)]


def runs(paragraph: Paragraph) -> list[Run]:
    return paragraph.pieces(Line(0, len(paragraph.text), 0))


class TestLines:
    def test_breaks_where_the_next_word_does_not_fit(self) -> None:
        paragraph = make("Made for brighter mornings")
        measure = make("Made for brighter").width

        assert broken(paragraph, measure) == ["Made for brighter", "mornings"]
        assert broken(paragraph, measure - 0.01) == [
            "Made for",
            "brighter",
            "mornings",
        ]

    def test_measures_what_it_draws(self) -> None:
        paragraph = make("Wave to AV, 49 % of Tokyo: ok")

        for line in paragraph.lines(5.0):
            drawn = sum(run.width for run in paragraph.pieces(line))
            assert drawn == pytest.approx(line.width, abs=1e-6)

    def test_keeps_empty_lines(self) -> None:
        assert broken(make("a\n\nb"), 10) == ["a", "", "b"]

    def test_breaks_an_endless_word_between_letters(self) -> None:
        paragraph = make("नमस्ते" * 8)

        lines = broken(paragraph, 4.0)

        assert "".join(lines) == paragraph.text
        assert len(lines) > 4
        assert not any(line[0] in "\u0938\u094d\u0947"[1:] for line in lines)

    def test_sets_at_least_one_letter_a_line(self) -> None:
        assert broken(make("abc"), 0.001) == ["a", "b", "c"]

    def test_parts_words_with_a_hyphen_that_is_seen(self) -> None:
        paragraph = make("Silbentrennung", language="de", hyphenate=True)

        first, *_ = lines = paragraph.lines(4.0)

        assert first.has_hyphen
        assert not lines[-1].has_hyphen
        assert first.width <= 4.0
        assert paragraph.pieces(first)[-1].text in "\u2010-"

    def test_shows_no_soft_hyphen_inside_a_line(self) -> None:
        assert make("Trenn\u00adung").width == pytest.approx(make("Trennung").width)

    def test_leaves_out_the_space_after_the_last_letter(self) -> None:
        spaced = make("abc", spacing=0.5)

        assert spaced.lines(9)[0].width == pytest.approx(make("abc").width + 1.0)

    def test_never_spaces_letters_that_join(self) -> None:
        for word in ("الربيع", "सुबह"):
            assert make(word, spacing=0.5).width == make(word).width


class TestFonts:
    def test_takes_each_letter_from_the_first_font_that_has_it(self) -> None:
        found = [(r.cut.face.family, r.script) for r in runs(make("Ab кофе สวัสดี सुबह"))]

        assert found == [
            ("Inter", "Latn"),
            ("Inter", "Cyrl"),
            ("Noto Sans Thai", "Thai"),
            ("Inter", "Thai"),
            ("Noto Sans Devanagari", "Deva"),
        ]

    def test_gives_emphasis_its_own_look(self) -> None:
        plain, strong, *_ = runs(make("for *brighter* days"))

        assert (plain.look, strong.look) == (0, 1)
        assert strong.width > make("brighter").width

    def test_slants_upright_letters_where_there_is_no_italic(self) -> None:
        italic = Look("Inter", 400, is_italic=True)

        leans = [r.is_slanted for r in runs(make("Ab שלום", looks=(italic,)))]

        assert leans == [True, False]

    def test_switches_features(self) -> None:
        tabular = Look("Inter", 400, features=(("tnum", 1),))

        assert make("111", looks=(tabular,)).width == pytest.approx(
            make("888", looks=(tabular,)).width
        )
        assert make("111").width < make("888").width


class TestPieces:
    def test_stand_in_visual_order(self) -> None:
        paragraph = make("מבצע 50% Northwind", is_rtl=True)

        seen = [paragraph.text[r.start : r.end].strip() for r in runs(paragraph)]

        assert seen[0] == "Northwind"
        assert seen[-1] == "מבצע"

    def test_join_letters_across_a_cut(self) -> None:
        paragraph = make("ببب")

        first, *_ = paragraph.pieces(Line(0, 1, 0))
        alone, *_ = runs(make("ب"))

        assert first.glyphs[0].id != alone.glyphs[0].id


class TestMissingIn:
    def test_names_each_character_once(self) -> None:
        chain = LIBRARY.chain(PLAIN)

        assert missing_in("a世界世 \u200d\ufe0f", chain) == "世界"
