"""Emphasis in copy."""

import pytest

from brandgen.compositor.typesetting.marked import MarkedText


def show(text: str) -> str:
    marked = MarkedText.parse(text)
    assert len(marked.text) == len(marked.strong)
    return "".join(
        letter.upper() if flag else letter
        for letter, flag in zip(marked.text, marked.strong, strict=True)
    )


class TestParse:
    @pytest.mark.parametrize(
        ("text", "seen"),
        [
            ("for *brighter* days", "for BRIGHTER days"),
            ("*one* and *two*", "ONE and TWO"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("a star * alone", "a star * alone"),
            (r"5\* hotel, *5\* price*", "5* hotel, 5* PRICE"),
            (r"back\\slash \n", r"back\slash \n"),
            ("*over\nlines*", "*over\nlines*"),
            ("**", "**"),
            ("<b>no</b> *&amp;*", "<b>no</b> &AMP;"),
        ],
    )
    def test_reads_stars(self, text: str, seen: str) -> None:
        assert show(text) == seen

    def test_takes_no_longer_for_many_stars(self) -> None:
        assert show("*a " * 660).count("*") in (0, 660)


class TestMarkedText:
    def test_keeps_marks_with_their_letters(self) -> None:
        marked = MarkedText.parse("  a *bc* ").strip()

        assert (marked.text, marked.strong) == ("a bc", b"\0\0\1\1")
        assert marked.without("b").strong == b"\0\0\1"
        assert marked.part(2, 4).ending_in("…") == MarkedText("bc…", b"\1\1\1")
