"""Direction, cleaning and cutting, as Unicode has them."""

import pytest

from brandgen.compositor.writing import (
    base_direction_is_rtl,
    clean_text,
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
        assert clean_text("a\x00\u202eb\r\nc\x07d\te") == "ab\ncd e"

    def test_composes_marks(self) -> None:
        assert clean_text("e\u0301") == "é"


class TestIsInvisible:
    def test_knows_joiners_selectors_and_controls(self) -> None:
        assert all(map(is_invisible, "\u200d\ufe0f\u00ad\n\u2028"))
        assert not any(map(is_invisible, "a é"))
