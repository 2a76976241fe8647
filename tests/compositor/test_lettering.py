"""Text layers: emphasis, fonts' settings, hyphens, direction, sizes that are one."""

from typing import Any

import pytest

from brandgen.compositor import TemplateDocumentError, Verdict, load_document
from brandgen.compositor.display import DrawText, Layout
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.layout import lay_out
from brandgen.compositor.text import load_text_engine
from brandgen.lib.findings import Finding
from tests.compositor.pictures import plain_document, text_layer

BRAND = northwind_style()
FONTS = {"copy": {"weight": 500}, "heavy": {"weight": 850}}
TOKENS = {"colors": {"ink": "ink", "paper": "white", "warm": "accent"}, "fonts": FONTS}
MIXED = "Northwind: مجموعة الربيع"
LOCALES = {"ar": {"direction": "rtl"}, "de": {}}


def laid_out(
    *layers: dict[str, Any], line: str = "Hi", locale: str = "", **fields: Any
) -> Layout:
    return lay_out(
        load_document(plain_document(*layers, **{"tokens": TOKENS, **fields})),
        format_name="banner",
        texts={"line": line},
        images=frozenset(),
        brand=BRAND,
        engine=load_text_engine(()),
        logo_shapes={},
        locale=locale,
    )


def texts_of(layout: Layout) -> dict[str, DrawText]:
    return {item.layer: item for item in layout.items if isinstance(item, DrawText)}


def set_text(line: str, locale: str = "", **fields: Any) -> DrawText:
    layout = laid_out(text_layer(**fields), line=line, locale=locale, locales=LOCALES)
    return texts_of(layout)["line"]


def found(layout: Layout, rule: str) -> list[Finding]:
    return [finding for finding in layout.findings if finding.rule == rule]


def document_with(**fields: Any) -> dict[str, Any]:
    return plain_document(text_layer(**fields), tokens=TOKENS)


class TestEmphasis:
    def test_sets_marked_words_in_their_own_font_and_color(self) -> None:
        item = set_text(
            "so *warm*", largest=20, emphasis={"font": "heavy", "color": "warm"}
        )

        plain, loud = item.text.pieces
        assert item.text.text == "so warm"
        assert (plain.run.look, loud.run.look) == (0, 1)
        assert plain.run.cut is not loud.run.cut
        assert item.emphasis_color == BRAND.palette["accent"]

    def test_keeps_the_color_where_only_a_font_is_named(self) -> None:
        item = set_text("so *warm*", emphasis={"font": "heavy"})

        assert item.emphasis_color is None

    def test_leaves_stars_where_the_layer_has_no_emphasis(self) -> None:
        assert set_text("a *5 star* hotel").text.text == "a *5 star* hotel"

    def test_drops_a_slots_stars_where_another_layer_does_not_emphasize(self) -> None:
        top = {"x": {"anchor": "both"}, "y": {"anchor": "start", "size": 60}}
        loud = text_layer(id="loud", box=top, emphasis={"color": "warm"})

        texts = texts_of(laid_out(loud, text_layer(), line="so *warm*"))

        assert texts["line"].text.text == texts["loud"].text.text == "so warm"
        assert texts["line"].emphasis_color is None

    @pytest.mark.parametrize(
        ("emphasis", "pointer"),
        [
            ({}, "/layers/0/emphasis"),
            ({"font": "hevy"}, "/layers/0/emphasis/font"),
            ({"color": "wram"}, "/layers/0/emphasis/color"),
            ({"weight": 800}, "/layers/0/emphasis/weight"),
        ],
    )
    def test_is_refused_where_nothing_would_be_seen(
        self, emphasis: dict[str, Any], pointer: str
    ) -> None:
        with pytest.raises(TemplateDocumentError) as caught:
            load_document(document_with(emphasis=emphasis))

        assert caught.value.pointer == pointer


class TestFontSettings:
    def fonts(self, **fields: Any) -> dict[str, Any]:
        return {**TOKENS, "fonts": {"copy": {"weight": 500, **fields}}}

    def layout(self, line: str, **fields: Any) -> Layout:
        tokens = self.fonts(**fields)
        return laid_out(text_layer(largest=20), line=line, tokens=tokens)

    def test_give_figures_one_width(self) -> None:
        plain, even = (
            [
                texts_of(self.layout(line, **fields))["line"].text.width_px
                for line in ("111", "808")
            ]
            for fields in ({}, {"features": {"tnum": 1}})
        )

        assert plain[0] < plain[1]
        assert even[0] == pytest.approx(even[1])

    def test_move_a_variable_fonts_axes(self) -> None:
        narrow, wide = (
            texts_of(self.layout("mornings", axes={"opsz": value}))["line"]
            for value in (32, 14)
        )

        assert narrow.text.width_px < wide.text.width_px

    def test_are_named_once_where_the_font_does_not_have_them(self) -> None:
        layout = self.layout("Hi", features={"tnum": 1, "xxxx": 1}, axes={"wdth": 75})

        (finding,) = found(layout, "font-setting")
        assert finding.verdict == Verdict.WARN
        assert finding.measured == "no feature xxxx, axis wdth in Inter"

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"axes": {"wght": 700}}, "/tokens/fonts/copy/axes/wght"),
            ({"features": {"toolong": 1}}, "/tokens/fonts/copy/features/toolong"),
            ({"features": {"tnum": "on"}}, "/tokens/fonts/copy/features/tnum"),
            ({"axes": {"wdth": 1e9}}, "/tokens/fonts/copy/axes/wdth"),
        ],
    )
    def test_are_refused_where_they_are_none(
        self, fields: dict[str, Any], pointer: str
    ) -> None:
        document = plain_document(text_layer(), tokens=self.fonts(**fields))

        with pytest.raises(TemplateDocumentError) as caught:
            load_document(document)

        assert caught.value.pointer == pointer


class TestHyphenate:
    WORD = "Spülmaschinenfestes"

    def test_parts_words_by_the_rules_of_the_language(self) -> None:
        narrow = {"x": {"anchor": "start", "size": 180}, "y": {"anchor": "both"}}
        layer = text_layer(largest=36, box=narrow, max_lines=9)

        whole, parted = (
            texts_of(
                laid_out({**layer, "hyphenate": value}, line=self.WORD, language="de")
            )["line"].text
            for value in (False, True)
        )

        assert whole.lines == 1
        assert parted.size_px > whole.size_px
        assert "".join(box.text for box in parted.boxes) == self.WORD

    def test_takes_the_language_of_the_locale(self) -> None:
        narrow = {"x": {"anchor": "start", "size": 180}, "y": {"anchor": "both"}}
        fields = {"largest": 36, "box": narrow, "max_lines": 9, "hyphenate": True}

        lines = {
            locale: set_text(self.WORD, locale, **fields).text.lines
            for locale in ("", "de")
        }

        assert lines[""] == 1 < lines["de"]


class TestDirection:
    @pytest.mark.parametrize(
        ("line", "locale", "direction", "is_rtl"),
        [
            (MIXED, "", "auto", False),
            (MIXED, "", "rtl", True),
            (MIXED, "ar", "auto", True),
            (MIXED, "ar", "ltr", False),
            ("مجموعة Northwind", "", "auto", True),
            ("مجموعة Northwind", "de", "auto", False),
            ("مجموعة", "de", "auto", True),
            ("Northwind 49", "ar", "auto", False),
            ("49", "ar", "auto", False),
        ],
    )
    def test_follows_letters_then_layer_then_locale_then_the_first_letter(
        self, line: str, locale: str, direction: str, is_rtl: bool
    ) -> None:
        assert set_text(line, locale, direction=direction).text.is_rtl is is_rtl

    @pytest.mark.parametrize("line", [MIXED, "Northwind", "مجموعة"])
    def test_stands_on_the_right_where_the_page_is_mirrored(self, line: str) -> None:
        item = set_text(line, "ar", largest=20)

        assert item.rect.right == pytest.approx(380)


class TestOverflow:
    LINE = "Stoneware that keeps its warmth all through the day. " * 9

    def test_reaches_out_of_its_box_where_that_is_allowed(self) -> None:
        layout = laid_out(text_layer(overflow="visible", largest=30), line=self.LINE)

        item = texts_of(layout)["line"]
        assert item.text.text == self.LINE.strip()
        assert item.rect.height > 160

    def test_is_reported_all_the_same(self) -> None:
        layout = laid_out(text_layer(overflow="visible", largest=30), line=self.LINE)

        (finding,) = found(layout, "text-fit")
        assert finding.verdict == Verdict.WARN
        assert "reaches out" in finding.message


class TestSizeGroup:
    def layer(self, id_: str, start: float, **fields: Any) -> dict[str, Any]:
        box = {
            "x": {"anchor": "scale", "start": start, "size": 0.3},
            "y": {"anchor": "both", "start": 60, "end": 60},
        }
        base = {"id": id_, "slot": None, "max_lines": 1, "box": box, "smallest": 10}
        return text_layer(**{**base, "size_group": "cards", **fields})

    def sizes(self, *layers: dict[str, Any]) -> dict[str, float]:
        texts = texts_of(laid_out(*layers))
        return {name: item.text.size_px for name, item in texts.items()}

    def test_sets_its_texts_in_the_smallest_size_that_one_needs(self) -> None:
        short = self.layer("short", 0, text="Warm")
        long = self.layer("long", 0.35, text="Dishwasher safe")

        apart = self.sizes({**short, "size_group": None}, {**long, "size_group": None})
        linked = self.sizes(short, long)

        assert apart["short"] > apart["long"] == linked["short"] == linked["long"]

    def test_leaves_other_groups_alone(self) -> None:
        sizes = self.sizes(
            self.layer("short", 0, text="Warm"),
            self.layer("other", 0.35, text="Dishwasher safe", size_group="others"),
        )

        assert sizes["short"] > sizes["other"]

    def test_makes_no_text_smaller_than_its_own_smallest(self) -> None:
        short = self.layer("short", 0, text="Warm", smallest=30)
        long = self.layer("long", 0.35, text="Dishwasher safe")

        sizes = self.sizes(short, long)

        assert sizes["short"] == 30
        assert sizes["long"] < 30

    def test_links_texts_in_stacks_with_those_beside_them(self) -> None:
        whole = {"anchor": "both"}
        long = self.layer("long", 0.35, text="Dishwasher safe")
        child = {**self.layer("short", 0, text="Warm")}
        del child["box"]
        stack = {
            "type": "stack",
            "id": "stack",
            "children": [child],
            "box": {"x": whole, "y": whole},
        }

        sizes = self.sizes(stack, long)

        assert sizes["short"] == sizes["long"]

    def test_reports_each_finding_once(self) -> None:
        layers = (
            self.layer("short", 0, text="Warm"),
            self.layer("long", 0.35, text="Dishwasher safe"),
        )

        places = [finding.place for finding in found(laid_out(*layers), "text-fit")]

        assert sorted(places) == ["long", "short"]


class TestSizeStep:
    def test_is_taken_from_the_smallest_size_on(self) -> None:
        long = "Made for brighter mornings and long evenings by the sea"
        step = {"largest": 60, "smallest": 16, "size_step": "5%"}

        size = texts_of(laid_out(text_layer(**step), line=long))["line"].text.size_px

        assert 16 < size < 60
        assert (size - 16) % 10 == 0

    @pytest.mark.parametrize("step", [0, -4, "0%", "-2%"])
    def test_is_more_than_nothing(self, step: object) -> None:
        with pytest.raises(TemplateDocumentError, match="step of sizes") as caught:
            laid_out(text_layer(size_step=step))

        assert caught.value.pointer == "/layers/0/size_step"
