"""Texts that a creative must bear: there, in its language, large enough."""

from dataclasses import replace
from typing import Any

import pytest

from brandgen.compositor import Verdict, load_document
from brandgen.compositor.brand import Disclaimer
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.render import lay_out_creative
from brandgen.lib.findings import Finding
from tests.compositor.pictures import plain_document, text_layer

ASKED = "Only while stocks last."
STOCKS = Disclaimer("Stocks", {"": ASKED, "de": "Nur solange der Vorrat reicht."})


def judge(
    line: str, *disclaimers: Disclaimer, locale: str = "", **fields: Any
) -> list[Finding]:
    locales = {"de-AT": {}, "fr": {}}
    document = plain_document(text_layer(**fields), locales=locales)
    layout = lay_out_creative(
        load_document(document),
        format="banner",
        modifications={"line": line},
        images={},
        brand=replace(northwind_style(), disclaimers=disclaimers),
        locale=locale,
    )
    return [found for found in layout.findings if found.rule == "disclaimer"]


class TestCheckDisclaimers:
    def test_asks_for_a_text_that_is_missing(self) -> None:
        (found,) = judge("New in spring", STOCKS)

        assert found.verdict == Verdict.FAIL
        assert (found.measured, found.place) == ("missing", "")
        assert ASKED in found.message

    @pytest.mark.parametrize(
        "line",
        [
            ASKED,
            "New in spring. * ONLY while\nstocks  last.",
            "Mugs. Only while stocks last. See our shop.",
        ],
    )
    def test_finds_it_however_it_is_set(self, line: str) -> None:
        (found,) = judge(line, STOCKS)

        assert found.verdict == Verdict.PASS
        assert found.place == "line"

    @pytest.mark.parametrize("line", ["Only while stock lasts.", "Only while stocks"])
    def test_takes_no_other_words_for_it(self, line: str) -> None:
        (found,) = judge(line, STOCKS)

        assert found.measured == "missing"

    def test_takes_nothing_that_is_cut_off(self) -> None:
        line = f"Stoneware that keeps its warmth for very long mornings. {ASKED}"
        narrow = {"largest": 60, "smallest": 50, "overflow": "ellipsis"}

        (found,) = judge(line, STOCKS, **narrow)

        assert found.measured == "missing"

    def test_measures_its_size_as_on_a_phone(self) -> None:
        size = {"largest": 10, "smallest": 10}

        (fine,) = judge(ASKED, replace(STOCKS, smallest_px=9.7), **size)
        (small,) = judge(ASKED, replace(STOCKS, smallest_px=9.9), **size)

        assert fine.verdict == Verdict.PASS
        # 10 of 400 px, on a phone that is 390 px wide.
        assert small.measured == "9.8 px as seen on a phone"
        assert (small.verdict, small.allowed) == (Verdict.FAIL, "at least 9.9 px")

    def test_measures_it_in_points_on_paper(self) -> None:
        paper = {"width_mm": 100, "height_mm": 50, "dpi": 144, "bleed_mm": 0}
        document = plain_document(
            text_layer(largest=12, smallest=12), formats={"banner": paper}
        )

        layout = lay_out_creative(
            load_document(document),
            format="banner",
            modifications={"line": ASKED},
            images={},
            brand=replace(
                northwind_style(), disclaimers=(replace(STOCKS, smallest_pt=6.5),)
            ),
        )

        (found,) = (f for f in layout.findings if f.rule == "disclaimer")
        assert found.measured == "6.0 pt on paper"
        assert found.verdict == Verdict.FAIL

    def test_asks_in_the_language_of_the_layout(self) -> None:
        (other,) = judge(ASKED, STOCKS, locale="de-AT")
        (own,) = judge("Nur solange der Vorrat reicht.", STOCKS, locale="de-AT")

        assert "Nur solange der Vorrat reicht." in other.message
        assert own.verdict == Verdict.PASS

    def test_warns_of_a_language_without_a_wording(self) -> None:
        german = Disclaimer("Stocks", {"de": "Nur solange der Vorrat reicht."})

        (found,) = judge("Nouveau", german, locale="fr")

        assert found.verdict == Verdict.WARN
        assert "no wording of “Stocks” for fr" in found.message

    @pytest.mark.parametrize(
        ("line", "is_asked"),
        [
            ("20 % off", True),
            ("20% OFF", True),
            ("FREE shipping", True),
            ("Freedom of choice", False),
            ("New in spring", False),
        ],
    )
    def test_asks_only_where_the_copy_says_a_word(
        self, line: str, *, is_asked: bool
    ) -> None:
        found = judge(line, replace(STOCKS, triggers=("%", "free")))

        assert bool(found) == is_asked

    def test_is_not_made_necessary_by_its_own_words(self) -> None:
        free = Disclaimer("Shipping", {"": "Free above 50 €."}, ("free",))

        assert judge("Free above 50 €.", free) == []
        assert judge("Free mugs. Free above 50 €.", free)[0].verdict == Verdict.PASS


class TestWording:
    @pytest.mark.parametrize(
        ("locale", "wording"),
        [("", "any"), ("pt-br", "Brasil"), ("pt-PT", "Portugal"), ("fr-FR", "any")],
    )
    def test_is_that_of_the_nearest_language(self, locale: str, wording: str) -> None:
        texts = {"": "any", "pt": "Portugal", "pt-BR": "Brasil"}

        assert Disclaimer("One", texts).wording(locale) == wording
