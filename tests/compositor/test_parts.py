"""What a template needs of its data, and what stands in where it is missing."""

from typing import Any

import pytest

from brandgen.compositor import Document, load_document, render_creative
from brandgen.compositor.encode import Encoding
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.parts import complete_data, find_empty, preview_data
from brandgen.compositor.reading import read_bound
from brandgen.lib.findings import Finding, Verdict
from tests.compositor.pictures import plain_document, text_layer

BRAND = northwind_style()

DATA = {"product": {"price": "$49", "name": "Mug"}}


def document(*texts: str | dict[str, Any], **fields: Any) -> Document:
    layers = [
        text_layer(
            id=f"line{n}",
            slot=None,
            **(one if isinstance(one, dict) else {"text": one}),
        )
        for n, one in enumerate(texts)
    ]
    return load_document(plain_document(*layers, **({"data": DATA} | fields)))


def needed(found: Document) -> set[str]:
    return {part.key for part in found.parts if part.is_needed}


def findings(found: Document, data: dict[str, dict[str, str]]) -> list[Finding]:
    rendered = render_creative(
        found,
        format="banner",
        modifications={},
        images={},
        brand=BRAND,
        encoding=Encoding("png"),
        data=data,
    )
    rules = {"placeholder", "empty-value"}
    return [finding for finding in rendered.findings if finding.rule in rules]


class TestParts:
    @pytest.mark.parametrize(
        "text",
        [
            "{% if product.price %}Only {{ product.price }}{% endif %} now",
            "{{ product.price|default('Ask us', true) }}",
            "{{ product.price or 'Ask us' }}",
            {"text": "Only {{ product.price }}", "visible_if": "product.price"},
            {"text": "Only {{ product.price }}", "hidden": True},
        ],
    )
    def test_are_optional_where_the_template_asks_first(self, text: Any) -> None:
        assert needed(document(text)) == set()

    @pytest.mark.parametrize(
        "text",
        [
            "Only {{ product.price }} today",
            "{{ product.price|upper }}",
            "{% if product.name %}{{ product.price }}{% endif %}",
            {"text": "{{ product.price }}", "visible_if": "product.name"},
        ],
    )
    def test_are_needed_where_a_layer_just_prints_them(self, text: Any) -> None:
        assert needed(document(text)) == {"product.price"}

    def test_are_optional_inside_a_group_that_asks(self) -> None:
        inner = text_layer(slot=None, text="{{ product.price }}")
        edge = {"anchor": "both"}
        group = {
            "type": "group",
            "id": "offer",
            "box": {"x": edge, "y": edge},
            "visible_if": "product.price",
            "children": [inner],
        }

        found = load_document(plain_document(group, data=DATA))

        assert needed(found) == set()
        assert {part.key for part in found.parts if part.is_used} == {"product.price"}

    def test_are_not_used_where_no_layer_names_them(self) -> None:
        found = document("Only {{ product.price }}")

        assert [part.is_used for part in found.parts] == [True, False]
        assert list(found.worded) == ["line", "product.price"]

    def test_are_called_as_people_call_them(self) -> None:
        found = document("{{ shop.old_price }}", data={"shop": {"old_price": ""}})

        assert found.parts[0].label == "Shop old price"


class TestCompleteData:
    def test_never_takes_an_example(self) -> None:
        found = document("{{ product.price }}, {{ product.name }}")

        whole = complete_data(found.parts, {"product": {"name": "Bowl"}})

        assert whole == {"product": {"name": "Bowl", "price": ""}}
        assert [part.key for part in find_empty(found.parts, whole)] == [
            "product.price"
        ]


class TestPreviewData:
    def test_takes_the_example_of_what_is_needed_alone(self) -> None:
        found = document("{{ product.price }} {% if product.name %}x{% endif %}")

        assert preview_data(found.parts, {}) == {
            "product": {"price": "$49", "name": ""}
        }


class TestFindings:
    def test_fail_for_a_needed_value_that_is_empty(self) -> None:
        found = findings(
            document("Only {{ product.price }} today"), {"product": {"price": ""}}
        )

        assert [(one.rule, one.place, one.verdict) for one in found] == [
            ("empty-value", "line0", Verdict.WARN),
            ("placeholder", "product.price", Verdict.FAIL),
        ]
        assert "product.price is empty" in found[0].message

    def test_warn_where_all_values_are_the_examples(self) -> None:
        template = document("{{ product.name }}: {{ product.price }}")

        (same,) = findings(template, DATA)
        other = findings(template, {"product": {"price": "$49", "name": "Bowl"}})

        assert (same.place, same.verdict) == ("product", Verdict.WARN)
        assert other == []

    def test_say_nothing_of_examples_that_one_looks_at(self) -> None:
        assert findings(document("Only {{ product.price }} today"), {}) == []

    def test_say_nothing_where_the_template_asks_first(self) -> None:
        text = "Now{% if product.price %} {{ product.price }}{% endif %}"

        assert findings(document(text), {"product": {"price": ""}}) == []

    def test_warn_of_gaps_that_empty_slots_leave(self) -> None:
        (found,) = findings(document("Hello {{ line }}!", data={}), {})

        assert (found.rule, found.place) == ("empty-value", "line0")

    def test_say_nothing_of_a_text_that_is_empty_as_a_whole(self) -> None:
        template = document({"text": " {{ product.price }} "})

        assert [one.rule for one in findings(template, {"product": {"price": ""}})] == [
            "placeholder"
        ]


class TestReadBound:
    def read(self, template: Document, **data: str) -> tuple[str, ...]:
        return read_bound(
            template, format_name="banner", texts={"line": "Hi"}, data={"product": data}
        )

    def test_gives_the_words_that_are_printed(self) -> None:
        template = document("Only {{ product.price }} today", "Fixed", "{{ line }}")

        assert self.read(template, price="$20") == ("Only $20 today",)

    def test_leaves_out_what_does_not_show(self) -> None:
        template = document(
            {"text": "Only {{ product.price }}", "visible_if": "product.price"},
            {"text": "{{ product.name }}", "hidden": True},
            "{{ product.name }}",
            "{{ product.name }}",
        )

        assert self.read(template, price="", name="Mug") == ("Mug",)
