"""Layers that lead somewhere: in the document, by data, and in the PDF."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from brandgen.compositor import (
    Document,
    Encoding,
    Rendered,
    TemplateDocumentError,
    Verdict,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.parts import find_empty
from brandgen.compositor.reading import read_bound
from tests.compositor.pictures import plain_document, text_layer

SHOP = "https://northwind.example/mugs?from=card"
EDGE = {"anchor": "both", "start": 40, "end": 40}
BOX = {"x": EDGE, "y": EDGE}


def load(*layers: dict[str, Any], **fields: Any) -> Document:
    return load_document(plain_document(*layers, **fields))


def render(
    document: Document,
    kind: Any = "pdf",
    *,
    texts: dict[str, str] | None = None,
    **fields: Any,
) -> Rendered:
    return render_creative(
        document,
        format="banner",
        modifications=texts or {"line": "Hello"},
        images={},
        brand=northwind_style(),
        encoding=Encoding(kind),
        **fields,
    )


def find_links(rendered: Rendered) -> list[tuple[str, list[float]]]:
    """Return the addresses of a PDF with their boxes, in pixels from the top left."""
    (page,) = PdfReader(io.BytesIO(rendered.data)).pages
    top = float(page.mediabox.top)
    found = []
    for link in page.get("/Annots", ()):
        x, low, right, high = (float(n) for n in link.get_object()["/Rect"])
        box = [x, top - high, right - x, high - low]
        found.append((link.get_object()["/A"]["/URI"], [n * 96 / 72 for n in box]))
    return found


def shape(**fields: Any) -> dict[str, Any]:
    fill = {"type": "solid", "color": "ink"}
    return {"id": "shape", "type": "shape", "fill": fill, "box": BOX, **fields}


LAYERS: list[dict[str, Any]] = [
    text_layer(),
    shape(),
    {"id": "logo", "type": "logo", "box": BOX},
    {
        "id": "group",
        "type": "group",
        "box": BOX,
        "children": [shape(box={"x": EDGE, "y": EDGE})],
    },
]


class TestLinks:
    @pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer["type"]))
    def test_lead_from_the_box_of_a_layer(self, layer: dict[str, Any]) -> None:
        rendered = render(load({**layer, "link": SHOP}))

        ((address, box),) = find_links(rendered)
        own = rendered.boxes[layer["id"]]
        assert address == SHOP
        assert box == pytest.approx([own.x, own.y, own.width, own.height], abs=0.1)

    def test_are_in_no_picture_but_do_not_stand_in_its_way(self) -> None:
        plain, linked = (
            render(load(shape(**fields)), "png") for fields in ({}, {"link": SHOP})
        )

        assert plain.data == linked.data

    def test_of_what_is_not_shown_are_left_out(self) -> None:
        document = load(text_layer(link=SHOP), shape(link=SHOP, visible_if="photo"))

        assert len(find_links(render(document))) == 1

    def test_take_parts_of_the_data(self) -> None:
        document = load(
            shape(link="https://northwind.example/{{ product.sku }}"),
            data={"product": {"sku": "mug-1"}},
        )

        ((address, _),) = find_links(render(document, data={"product": {"sku": "m-7"}}))

        assert address == "https://northwind.example/m-7"

    def test_take_a_slot(self) -> None:
        document = load(
            shape(link="{{ goal }}"),
            text_layer(),
            slots={"line": {"type": "text"}, "goal": {"type": "text"}},
        )

        found = find_links(render(document, texts={"line": "Hi", "goal": f" {SHOP} "}))
        nowhere = render(document, texts={"line": "Hi"})

        assert [address for address, _ in found] == [SHOP]
        assert find_links(nowhere) == []
        assert "link" not in {one.rule for one in nowhere.findings}

    @pytest.mark.parametrize("kind", ["pdf", "png"])
    @pytest.mark.parametrize(
        "value", ["javascript:alert(1)", "http://a.example", "https://a b.example", "x"]
    )
    def test_that_are_no_address_are_found_and_not_written(
        self, kind: str, value: str
    ) -> None:
        document = load(shape(link="{{ a.url }}"), data={"a": {"url": SHOP}})

        rendered = render(document, kind, data={"a": {"url": value}})

        (found,) = [one for one in rendered.findings if one.rule == "link"]
        assert (found.place, found.verdict) == ("shape", Verdict.FAIL)
        assert "Begin with https://" in found.message
        assert kind == "png" or find_links(rendered) == []

    def test_differ_by_locale(self) -> None:
        german = "https://northwind.example/de"
        layer = shape(link=SHOP, overrides={"locales": {"de": {"link": german}}})
        document = load(layer, locales={"en": {}, "de": {}})

        found = [find_links(render(document, locale=tag)) for tag in ("en", "de")]

        assert [address for ((address, _),) in found] == [SHOP, german]

    def test_of_whoever_renders_go_before_those_of_the_template(self) -> None:
        document = load(shape(link=SHOP))

        ((address, _),) = find_links(
            render(document, links={"shape": "mailto:mara@northwind.example"})
        )

        assert address == "mailto:mara@northwind.example"

    @pytest.mark.parametrize(
        ("link", "words"),
        [
            ("http://northwind.example", "not an address to link to"),
            ("javascript:alert(1)", "not an address to link to"),
            ("https://", "not an address to link to"),
            ("{{ product.ulr }}", "no part of 'product' is called 'ulr'"),
            ("{{ nothing }}", "no value is called 'nothing'"),
            ("", "0 characters"),
        ],
    )
    def test_of_a_template_lead_somewhere(self, link: str, words: str) -> None:
        with pytest.raises(TemplateDocumentError, match=words) as error:
            load(shape(link=link), data={"product": {"url": SHOP}})

        assert error.value.pointer == "/layers/0/link"


class TestData:
    def test_of_a_link_is_asked_for_but_not_needed(self) -> None:
        document = load(shape(link="{{ a.url }}"), data={"a": {"url": SHOP}})

        (part,) = document.parts

        assert (part.is_used, part.is_needed, part.is_words) == (True, False, False)
        assert list(find_empty(document.parts, {"a": {"url": ""}})) == []
        assert list(document.worded) == ["line", "a.url"]

    def test_of_a_link_is_not_read_out(self) -> None:
        document = load(
            text_layer(slot=None, text="Only {{ a.price }}", link="{{ a.url }}"),
            data={"a": {"url": SHOP, "price": "$9"}},
        )

        said = read_bound(document, format_name="banner", texts={}, data=document.data)

        assert said == ("Only $9",)
