"""Fonts that stand in: told by layer, letters and family; once, where it is right."""

from typing import Any

import pytest

from brandgen.compositor import Verdict, load_document
from brandgen.compositor.brand import BrandStyle, FontFace
from brandgen.compositor.display import Layout
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.layout import lay_out
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.torture import Cell, run_torture
from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.lib.findings import Finding
from tests.brands.test_fonts import make_font
from tests.compositor.pictures import plain_document, text_layer

ARABIC = "مجموعة"


def read(stem: str) -> bytes:
    return (FONTS / f"{stem}.ttf").read_bytes()


AB = FontFace("Acme", 700, False, make_font())
LATIN = FontFace("Acme", 400, False, read("NotoSans-Regular"))
VARIABLE = FontFace("Acme", 400, False, read("InterVariable"))
OWN_ARABIC = FontFace("Acme Arabic", 400, False, read("NotoSansArabic-Regular"))


def laid_out(
    *faces: FontFace, line: str, font: dict[str, Any] | None = None, **fields: Any
) -> Layout:
    tokens = {
        "colors": {"ink": "ink", "paper": "white"},
        "fonts": {"copy": font or {"weight": faces[0].weight if faces else 400}},
    }
    return lay_out(
        load_document(plain_document(text_layer(**fields), tokens=tokens)),
        format_name="banner",
        texts={"line": line},
        images=frozenset(),
        brand=northwind_style(),
        engine=load_text_engine(faces),
        logo_shapes={},
    )


def found(layout: Layout, rule: str) -> list[Finding]:
    return [finding for finding in layout.findings if finding.rule == rule]


class TestReportLetters:
    def test_names_layer_letters_and_both_families(self) -> None:
        (finding,) = found(laid_out(AB, line="BABE CAB"), "font-fallback")

        assert (finding.place, finding.verdict) == ("line", Verdict.WARN)
        assert (finding.measured, finding.allowed) == (
            "2 letters in Inter",
            "all letters in Acme",
        )
        assert "Acme does not have E (U+0045) C (U+0043); Inter" in finding.message

    def test_is_silent_where_the_font_has_all_letters(self) -> None:
        assert not found(laid_out(AB, line="BAAB AB"), "font-fallback")

    def test_passes_a_writing_that_the_font_lacks_altogether(self) -> None:
        (finding,) = found(laid_out(LATIN, line=f"Sea {ARABIC}"), "font-fallback")

        assert finding.verdict == Verdict.PASS
        assert "Noto Sans Arabic stands in" in finding.message

    def test_warns_of_a_letter_of_a_writing_that_the_font_has(self) -> None:
        # Noto Sans lacks the arrow, which Inter has.
        (finding,) = found(laid_out(LATIN, line="Sea → sky"), "font-fallback")

        assert finding.verdict == Verdict.WARN
        assert "→ (U+2192)" in finding.message

    def test_takes_the_brands_own_font_of_another_writing_first(self) -> None:
        layout = laid_out(LATIN, OWN_ARABIC, line=f"Sea {ARABIC}")

        assert not found(layout, "font-fallback")
        assert not found(laid_out(line=f"Sea {ARABIC}"), "font-fallback")

    def test_tells_of_emphasized_letters_what_their_font_lacks(self) -> None:
        layout = laid_out(
            AB, line="BAA *CAB*", emphasis={"font": "copy", "color": "ink"}
        )

        assert "C (U+0043)" in found(layout, "font-fallback")[0].message


class TestReportLook:
    @pytest.mark.parametrize(
        ("face", "asked", "given"),
        [(AB, 100, "700"), (LATIN, 700, "400"), (AB, 700, ""), (VARIABLE, 100, "")],
    )
    def test_names_the_weight_that_stands_in(
        self, face: FontFace, asked: int, given: str
    ) -> None:
        findings = found(
            laid_out(face, line="A", font={"weight": asked}), "font-weight"
        )

        assert [f.measured for f in findings] == ([given] if given else [])
        assert all(f.verdict == Verdict.WARN and f.place == "copy" for f in findings)

    def test_fails_a_family_that_is_not_the_brands(self) -> None:
        (finding,) = found(
            laid_out(AB, line="A", font={"family": "Inter"}), "font-family"
        )

        assert (finding.verdict, finding.place) == (Verdict.FAIL, "copy")
        assert "Choose one that is (Acme)" in finding.message
        assert not found(laid_out(line="A", font={"family": "Inter"}), "font-family")

    def test_says_that_letters_are_only_slanted(self) -> None:
        font = {"weight": 700, "is_italic": True}

        (finding,) = found(laid_out(AB, line="A", font=font), "font-slant")

        assert (finding.measured, finding.allowed) == ("slanted", "italic")


class TestTortureTest:
    def run(self, *faces: FontFace, **fields: Any) -> dict[str, Cell]:
        style = northwind_style()
        brand = BrandStyle(style.palette, faces, style.logos)
        slots = {"line": {"type": "text", "example": "Good day", "max_chars": 60}}
        layer = text_layer(font="copy", largest=20)
        tokens = {
            "colors": {"ink": "ink", "paper": "white"},
            "fonts": {"copy": {"weight": 400}},
        }
        document = plain_document(layer, slots=slots, tokens=tokens, **fields)
        cells = run_torture(load_document(document), brand=brand, images={})
        return {cell.case.name: cell for cell in cells}

    def test_warns_of_a_font_that_stands_in_for_a_locale(self) -> None:
        locales = {"ar": {"direction": "rtl"}}

        (finding,) = self.run(LATIN, locales=locales)["locale-ar"].findings

        assert (finding.rule, finding.verdict) == ("font-fallback", Verdict.WARN)
        assert "publish with the one that stands in" in finding.message

    def test_is_silent_about_writings_that_are_not_promised(self) -> None:
        assert self.run(LATIN)["rtl"].verdict == Verdict.PASS
