"""Sample texts: as long as asked, within the slot, in the writing that is meant."""

import pytest

from brandgen.compositor.document import TextSlot
from brandgen.compositor.sample_texts import (
    LANGUAGES,
    accented,
    fill,
    is_figure,
    longest,
    translate,
)


def slot(example: str = "Made for brighter mornings", **fields: object) -> TextSlot:
    return TextSlot(type="text", example=example, **fields)  # type: ignore[arg-type]


class TestFill:
    @pytest.mark.parametrize("tag", LANGUAGES)
    @pytest.mark.parametrize("length", [1, 7, 40, 333])
    def test_is_exactly_so_long_and_keeps_it_when_trimmed(
        self, tag: str, length: int
    ) -> None:
        assert len(fill(LANGUAGES[tag], length).strip()) == length


class TestLongest:
    def test_reaches_the_limit(self) -> None:
        assert len(longest(slot(max_chars=70))) == 70

    def test_takes_the_longest_choice(self) -> None:
        assert longest(slot("New", choices=("New", "Last chance"))) == "Last chance"

    @pytest.mark.parametrize(
        ("example", "made"), [("€ 24.90", "€ 888.88"), ("-20 %", "-88888 %")]
    )
    def test_widens_figures(self, example: str, made: str) -> None:
        assert longest(slot(example, max_chars=8)) == made


class TestTranslate:
    def test_grows_as_the_language_does(self) -> None:
        english = "x" * 50

        assert len(translate(slot(english), LANGUAGES["de"])) == 70
        assert len(translate(slot(english), LANGUAGES["zh"])) == 25

    def test_stays_within_the_slot(self) -> None:
        assert len(translate(slot("x" * 50, max_chars=60), LANGUAGES["de"])) == 60
        assert len(translate(slot("x" * 50, min_chars=40), LANGUAGES["zh"])) == 40

    @pytest.mark.parametrize("text", ["€ 24.90", "50 %", "12.03.2027"])
    def test_leaves_figures(self, text: str) -> None:
        assert translate(slot(text), LANGUAGES["ar"]) == text


class TestAccented:
    def test_grows_by_a_third_and_shows_its_ends(self) -> None:
        text = accented(slot(max_chars=200))

        assert text.startswith("[Má")
        assert text.endswith("]")
        assert len(text) >= 4 / 3 * len("Made for brighter mornings")

    def test_stays_within_the_slot(self) -> None:
        assert len(accented(slot(max_chars=26))) <= 26


class TestIsFigure:
    @pytest.mark.parametrize("text", ["from three", "", "—", "Ab 1"])
    def test_is_no_word(self, text: str) -> None:
        assert not is_figure(text)
