"""The torture test: finds what breaks, and only promises count as faults."""

import json
from typing import Any

import pytest

from brandgen.compositor import ImageSource, load_document
from brandgen.compositor.__main__ import main
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from brandgen.compositor.torture import Cell, count_cells, list_cases, run_torture
from brandgen.lib.findings import Verdict
from tests.compositor.pictures import make_photo, plain_document, text_layer


def run(*layers: dict[str, Any], **fields: Any) -> dict[str, Cell]:
    """Try a plain document of one format; cells by the name of their case."""
    document = load_document(plain_document(*layers, **fields))
    image = ImageSource(make_photo(200, 200))
    cells = run_torture(document, brand=northwind_style(), images={"photo": image})
    return {cell.case.name: cell for cell in cells}


def line_slot(**fields: Any) -> dict[str, Any]:
    slot = {"type": "text", "example": "Good morning", "max_chars": 60, **fields}
    return {"line": slot}


def rules(cell: Cell) -> set[str]:
    return {finding.rule for finding in cell.findings}


class TestListCases:
    def test_tries_what_the_template_does_not_name_too(self) -> None:
        names = [case.name for case in list_cases(load_spring())]

        assert names == [
            "examples",
            "longest",
            "expanded",
            "pseudo",
            "empty",
            "rtl",
            "cjk",
            "picture-light",
            "picture-dark",
            "picture-busy",
        ]

    def test_tries_no_pictures_where_there_is_no_slot_for_one(self) -> None:
        document = load_document(plain_document(text_layer(), slots=line_slot()))

        assert not [c for c in list_cases(document) if c.picture]

    def test_stretches_data_as_it_does_slots(self) -> None:
        data = {"product": {"name": "Sea mug", "price": "$49"}}
        layer = text_layer(slot=None, text="{{ product.name }}: {{ product.price }}")
        document = load_document(plain_document(layer, data=data))

        said = {case.name: case.data["product"] for case in list_cases(document)}

        assert said["examples"] == said["empty"] == data["product"]
        assert len(said["longest"]["name"]) == 24
        assert said["longest"]["price"] == "$88888"
        assert said["pseudo"]["name"].startswith("[Šéá múğ")
        assert "أوان" in said["rtl"]["name"]
        assert said["cjk"]["name"] == "温暖的清"
        assert said["rtl"]["price"] == "$49"

    def test_leaves_optional_data_out_where_nothing_optional_is_filled(self) -> None:
        layer = text_layer(
            slot=None, text="{{ product.price }}", visible_if="product.price"
        )
        document = load_document(
            plain_document(layer, data={"product": {"price": "$49"}})
        )

        cases = {case.name: case for case in list_cases(document)}

        assert cases["empty"].data == {"product": {"price": ""}}

    @pytest.mark.parametrize(
        "layer",
        [
            {"text": "{{ product.kind }}", "visible_if": "product.kind == 'sale'"},
            {"text": "Now{% if product.kind == 'sale' %} less{% endif %}"},
            {"text": "Now", "visible_if": "product.kind"},
        ],
    )
    def test_leaves_data_that_is_compared_its_example(self, layer: dict) -> None:
        data = {"product": {"kind": "sale"}}
        document = load_document(
            plain_document(text_layer(slot=None, **layer), data=data)
        )

        said = {c.data["product"]["kind"] for c in list_cases(document)}

        assert said - {""} == {"sale"}

    def test_tries_each_locale_once(self) -> None:
        locales = {"de": {}, "fr": {}, "ar": {"direction": "rtl"}, "ja": {}}
        document = load_document(plain_document(text_layer(), locales=locales))

        cases = {case.name: case for case in list_cases(document)}

        assert [name for name in cases if name.startswith("locale-")] == [
            "locale-fr",
            "locale-ar",
            "locale-ja",
        ]
        assert cases["expanded"].locale == "de"
        assert not {"rtl", "cjk"} & set(cases)

    def test_leaves_codes_their_example(self) -> None:
        code = {
            "type": "barcode",
            "id": "code",
            "slot": "line",
            "color": "ink",
            "ground": "paper",
            "box": text_layer()["box"],
        }
        slots = line_slot(example="4006381333931")
        document = load_document(plain_document(code, slots=slots))

        texts = {case.texts["line"] for case in list_cases(document) if case.texts}

        assert texts == {"4006381333931"}

    def test_leaves_links_their_example(self) -> None:
        layer = {**text_layer(slot=None, text="Go"), "link": "{{ line }}"}
        slots = line_slot(example="https://northwind.example")
        document = load_document(plain_document(layer, slots=slots))

        texts = {case.texts["line"] for case in list_cases(document) if case.texts}

        assert texts == {"https://northwind.example"}


class TestRunTorture:
    def test_passes_a_template_that_has_room(self) -> None:
        cells = run(text_layer(), slots=line_slot())

        assert all(c.verdict == Verdict.PASS or c.lacks_font for c in cells.values())

    def test_makes_a_cell_for_every_case_in_every_format(self) -> None:
        document = load_spring()
        images = {"hero": ImageSource(make_photo(200, 200))}

        cells = list(run_torture(document, brand=northwind_style(), images=images))

        assert len(cells) == count_cells(document) == 30

    def test_finds_data_that_has_no_room(self) -> None:
        layer = text_layer(
            slot=None,
            text="{{ product.name }}",
            overflow="error",
            max_lines=1,
            smallest=56,
            largest=60,
        )

        cells = run(layer, slots=line_slot(), data={"product": {"name": "Sea mug"}})

        assert cells["examples"].verdict == Verdict.PASS
        assert cells["longest"].verdict == Verdict.FAIL
        assert rules(cells["longest"]) == {"text-fit"}

    def test_finds_the_gap_that_an_empty_slot_leaves(self) -> None:
        cells = run(text_layer(slot=None, text="Only {{ line }}"), slots=line_slot())

        assert rules(cells["empty"]) == {"empty-value"}

    @pytest.mark.parametrize(
        ("color", "bad"),
        [
            ("paper", {"picture-light", "picture-busy"}),
            ("ink", {"picture-dark", "picture-busy"}),
        ],
    )
    def test_warns_of_pictures_on_which_a_text_is_lost(
        self, color: str, bad: set[str]
    ) -> None:
        photo = {
            "type": "image",
            "id": "photo",
            "slot": "photo",
            "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
        }
        slots = {**line_slot(), "photo": {"type": "image"}}

        cells = run(photo, text_layer(color=color), slots=slots)

        tried = {name: c for name, c in cells.items() if name.startswith("picture-")}
        assert {name for name, cell in tried.items() if cell.findings} == bad
        assert {tried[name].verdict for name in bad} == {Verdict.WARN}
        assert all(rules(tried[name]) == {"text-contrast"} for name in bad)

    def test_finds_a_limit_that_is_too_high(self) -> None:
        layer = text_layer(overflow="error", max_lines=1, smallest=40)

        cells = run(layer, slots=line_slot())

        assert cells["examples"].verdict == Verdict.PASS
        assert cells["longest"].verdict == Verdict.FAIL
        (finding,) = cells["longest"].findings
        assert (finding.rule, finding.place) == ("text-fit", "line")
        assert "fewer characters" in finding.message
        assert "Shorten" not in finding.message

    def test_only_warns_where_the_template_may_cut(self) -> None:
        layer = text_layer(overflow="ellipsis", max_lines=1, smallest=40)

        assert run(layer, slots=line_slot())["longest"].verdict == Verdict.WARN

    def test_only_warns_of_languages_that_are_not_named(self) -> None:
        layer = text_layer(overflow="error", max_lines=1, largest=60, smallest=56)
        slots = line_slot(example="Good mornings")
        arabic = {"locales": {"ar": {"direction": "rtl"}}}

        assert run(layer, slots=slots)["rtl"].verdict == Verdict.WARN
        named = run(layer, slots=slots, **arabic)
        assert named["locale-ar"].verdict == Verdict.FAIL

    def test_says_once_that_a_writing_has_no_font(self) -> None:
        cell = run(text_layer(), slots=line_slot())["cjk"]

        assert cell.lacks_font
        assert cell.verdict == Verdict.WARN

    def test_fails_where_a_named_writing_has_no_font(self) -> None:
        cells = run(text_layer(), slots=line_slot(), locales={"ja": {}})

        assert not cells["locale-ja"].lacks_font
        assert cells["locale-ja"].verdict == Verdict.FAIL
        assert rules(cells["locale-ja"]) == {"missing-glyph"}

    def test_blames_no_template_for_a_picture(self) -> None:
        photo = {
            "type": "image",
            "id": "photo",
            "slot": "photo",
            "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
        }
        low = text_layer(color="paper")
        slots = {**line_slot(), "photo": {"type": "image"}}

        on_picture = run(photo, low, slots=slots)
        on_paper = run(low, slots=slots)

        assert on_picture["examples"].verdict == Verdict.WARN
        assert on_paper["examples"].verdict == Verdict.FAIL

    def test_shows_what_is_left_when_nothing_optional_is_filled(self) -> None:
        fixed = text_layer(id="fixed", slot=None, text="Always")

        cell = run(text_layer(), fixed, slots=line_slot())["empty"]

        assert cell.rendered is not None
        assert set(cell.rendered.boxes) == {"fixed"}

    def test_reports_what_the_brand_lacks(self) -> None:
        logo = {"type": "logo", "id": "logo", "box": text_layer()["box"]}
        document = load_document(plain_document(logo))
        bare = type(northwind_style())(palette=northwind_style().palette)

        cells = list(run_torture(document, brand=bare, images={}))

        assert {cell.verdict for cell in cells} == {Verdict.FAIL}
        assert "logo" in cells[0].findings[0].message


class TestCommand:
    @pytest.mark.parametrize(("overflow", "code"), [("error", 1), ("ellipsis", 0)])
    def test_says_what_breaks_and_keeps_the_pictures(
        self, tmp_path: Any, capsys: Any, overflow: str, code: int
    ) -> None:
        layer = text_layer(overflow=overflow, max_lines=1, smallest=40)
        path = tmp_path / "template.json"
        path.write_text(json.dumps(plain_document(layer, slots=line_slot())))

        found = main(["torture", str(path), "--out", str(tmp_path / "cells")])

        assert found == code
        said = capsys.readouterr().out
        assert "Longest texts, banner" in said
        assert "Text fits (text-fit) line" in said
        assert (tmp_path / "cells" / "longest-banner.jpg").stat().st_size > 1000
