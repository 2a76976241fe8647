"""Where lines, letters and words may be parted."""

import pytest

from brandgen.compositor.typesetting.breaks import (
    can_hyphenate,
    find_breaks,
    find_letters,
)
from tests.compositor.typesetting.unicode_data import parse_breaks
from tests.compositor.typesetting.unicode_data import test_lines as lines_of


def parts(text: str, language: str = "en", *, hyphenate: bool = False) -> list[str]:
    ends = [b.at for b in find_breaks(text, language, hyphenate=hyphenate)]
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


class TestFindBreaks:
    def test_agrees_with_unicodes_tests(self) -> None:
        cases = [parse_breaks(line) for line in lines_of("LineBreakTest")]

        wrong = [t for t, ends in cases if [b.at for b in find_breaks(t, "en")] != ends]

        # ICU is some versions of Unicode ahead of the file (LB20a), and lets no line
        # end between a comma and a digit.
        assert len(cases) > 2500
        assert len(wrong) < len(cases) * 0.006

    @pytest.mark.parametrize(
        ("language", "text", "found"),
        [
            ("en", "all-new trail", ["all-", "new ", "trail"]),
            ("en", "49\u00a0% off", ["49\u00a0% ", "off"]),
            ("th", "สวัสดีชาวโลก", ["สวัสดี", "ชาว", "โลก"]),
            ("ja", "「朝」は、ショッ", ["「朝」", "は、", "ショッ"]),
            ("", "東京ー。", ["東", "京ー。"]),
            ("ko", "오늘 아침은", ["오늘 ", "아침은"]),
            ("en", "👩\u200d👧 ok", ["👩\u200d👧 ", "ok"]),
        ],
    )
    def test_breaks_as_a_language_is_written(
        self, language: str, text: str, found: list[str]
    ) -> None:
        assert parts(text, language) == found

    def test_must_break_where_the_writer_did(self) -> None:
        assert [b.is_hard for b in find_breaks("a b\nc", "en")] == [False, True, False]

    def test_parts_words_only_where_asked(self) -> None:
        assert parts("Silbentrennung", "de") == ["Silbentrennung"]
        assert parts("Silbentrennung", "de-AT", hyphenate=True) == [
            "Sil",
            "ben",
            "tren",
            "nung",
        ]

    def test_parts_no_words_of_a_language_without_rules(self) -> None:
        assert parts("Silbentrennung", "", hyphenate=True) == ["Silbentrennung"]
        assert not can_hyphenate("xx")
        assert can_hyphenate("de-CH")

    def test_knows_soft_hyphens(self) -> None:
        assert [b.has_hyphen for b in find_breaks("Trenn\u00adung", "de")] == [
            True,
            False,
        ]


class TestFindLetters:
    def test_agrees_with_unicodes_tests(self) -> None:
        cases = [parse_breaks(line) for line in lines_of("GraphemeBreakTest")]

        wrong = [text for text, ends in cases if [0, *find_letters(text)] != ends]

        # No pictograph any more in later versions of Unicode.
        assert len(cases) > 500
        assert wrong == ["\u2701\u200d\u2701"]

    def test_tears_neither_marks_nor_joined_emoji(self) -> None:
        assert find_letters("ae\u0301👩\u200d👧क्षि") == [1, 3, 6, 10]
