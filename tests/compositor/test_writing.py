"""Direction, cleaning and cutting, as Unicode has them."""

import pytest

from brandgen.compositor.writing import (
    base_direction_is_rtl,
    clean_text,
    grapheme_ends,
    is_invisible,
)


class TestBaseDirection:
    @pytest.mark.parametrize(
        ("text", "is_rtl"),
        [("50% מבצע", True), ("Sale מבצע", False), ("123", False), ("", False)],
    )
    def test_follows_the_first_strong_letter(self, text: str, is_rtl: bool) -> None:
        assert base_direction_is_rtl(text) is is_rtl


class TestCleanText:
    def test_drops_controls_and_overrides_but_keeps_lines(self) -> None:
        assert clean_text("a\x00\u202eb\r\nc\x07\u2066d") == "ab\ncd"

    def test_composes_marks(self) -> None:
        assert clean_text("e\u0301") == "é"


class TestGraphemeEnds:
    def test_never_tears_a_mark_from_its_letter(self) -> None:
        assert list(grapheme_ends("ae\u0301b")) == [1, 3, 4]

    def test_never_tears_what_a_joiner_joins(self) -> None:
        assert list(grapheme_ends("a\u200db c")) == [3, 4, 5]


class TestIsInvisible:
    def test_knows_joiners_selectors_and_controls(self) -> None:
        assert all(map(is_invisible, "\u200d\ufe0f\u00ad\n\u2028"))
        assert not any(map(is_invisible, "a é"))
