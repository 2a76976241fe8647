"""Documents with pages: read strictly, drawn page by page, tried under torture."""

from dataclasses import replace
from typing import Any

import pytest

from brandgen.compositor import (
    Document,
    Encoding,
    ImageSource,
    Rendered,
    TemplateDocumentError,
    UnknownPageError,
    dump_document,
    find_slot_problems,
    load_document,
    render_creative,
)
from brandgen.compositor.document import MOST_PAGES
from brandgen.compositor.examples.northwind import CAROUSEL, northwind_style
from brandgen.compositor.examples.scene import SUN, draw_scene
from brandgen.compositor.loading import find_document_problems
from brandgen.compositor.pictures import decode
from brandgen.compositor.strict import MissingError
from brandgen.compositor.torture import count_cells, run_torture
from brandgen.lib.findings import Verdict
from tests.compositor.moving_documents import PANEL
from tests.compositor.pictures import plain_document, text_layer

COVER, CLOSING = {"name": "cover"}, {"name": "closing"}
COUNTER = "{{ page.number }} of {{ page.count }}: {{ page.name }}"


def paged(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Make a document of two pages, with a line on both if no layer is given."""
    return plain_document(
        *(layers or (text_layer(),)), **{"pages": [COVER, CLOSING], **fields}
    )


def panel(**fields: Any) -> dict[str, Any]:
    return {**PANEL, **fields}


def attached(to: str, **fields: Any) -> dict[str, Any]:
    x = {"anchor": "after", "to": to, "size": 20}
    return panel(**{"id": "beside", "box": {**PANEL["box"], "x": x}, **fields})


def refusal(data: Any) -> TemplateDocumentError:
    with pytest.raises(TemplateDocumentError) as caught:
        load_document(data)
    return caught.value


def draw(document: Document, **values: Any) -> Rendered:
    return render_creative(
        document,
        format="banner",
        modifications={"line": "Bright"},
        images={},
        brand=northwind_style(),
        encoding=Encoding("png"),
        **values,
    )


class TestLoadDocument:
    def test_reads_pages_and_writes_them_again(self) -> None:
        pages = [{"name": "cover", "label": "Cover", "seconds": 3.5}, CLOSING]
        data = paged(text_layer(), panel(pages=["closing"]), pages=pages)

        dumped = dump_document(load_document(data))

        assert dumped["pages"] == pages
        assert "pages" not in dumped["layers"][0]
        assert dumped["layers"][1]["pages"] == ["closing"]
        assert load_document(dumped) == load_document(data)

    @pytest.mark.parametrize(
        ("data", "pointer", "words"),
        [
            (paged(pages=[COVER, COVER]), "/pages/1/name", "two pages"),
            (paged(pages=[{"label": "Cover"}]), "/pages/0", "'name' is missing"),
            (paged(pages=[{"name": "A b"}]), "/pages/0/name", "A b"),
            (paged(pages=[{**COVER, "second": 2}]), "/pages/0/second", "seconds"),
            (paged(pages=[{**COVER, "seconds": 0}]), "/pages/0/seconds", "0"),
            (paged(pages={"cover": {}}), "/pages", "list"),
            (paged(motion={"duration_s": 2}), "/motion", "can't move"),
            (paged(slots={"page": {"type": "text"}}), "/slots/page", "bindings"),
            (paged(data={"page": {"price": "5"}}), "/data/page", "bindings"),
            (
                paged(text_layer(pages=["covr"]), panel()),
                "/layers/0/pages/0",
                "Did you mean 'cover'",
            ),
            (
                paged(text_layer(pages=["cover", "cover"]), panel()),
                "/layers/0/pages/1",
                "twice",
            ),
            (
                paged(text_layer(pages=["cover"]), pages=[]),
                "/layers/0/pages/0",
                "no 'pages'",
            ),
            (paged(text_layer(pages=["cover"])), "/pages/1", "no layer stands"),
            (
                paged(
                    text_layer(overrides={"formats": {"banner": {"pages": ["cover"]}}})
                ),
                "/layers/0/overrides/formats/banner/pages",
                "can't differ",
            ),
            (
                paged(panel(pages=["cover"]), attached("panel")),
                "/layers/1/box/x/to",
                "on the page 'closing' there is no 'panel'",
            ),
            (
                plain_document(text_layer(slot=None, text=COUNTER)),
                "/layers/0/text",
                "no value is called 'page'",
            ),
            (
                paged(text_layer(slot=None, text="{{ page.nmber }}")),
                "/layers/0/text",
                "Did you mean 'number'",
            ),
        ],
    )
    def test_points_at_what_is_wrong(
        self, data: dict[str, Any], pointer: str, words: str
    ) -> None:
        error = refusal(data)

        assert error.pointer == pointer
        assert words in error.problem

    def test_lets_the_stack_say_where_its_children_stand(self) -> None:
        child = text_layer(pages=["cover"])
        del child["box"]
        stack = panel(type="stack", id="stack", children=[child])
        del stack["fill"]

        error = refusal(paged(stack))

        assert error.pointer == "/layers/0/children/0/pages"
        assert "'stack'" in error.problem

    def test_takes_what_is_attached_on_the_same_pages(self) -> None:
        beside = attached("panel", pages=["cover"])

        document = load_document(paged(text_layer(), panel(), beside))

        assert len(document.on_page(1).layers_in("banner")) == 3
        assert len(document.on_page(2).layers_in("banner")) == 2

    def test_has_a_limit(self) -> None:
        pages = [{"name": f"page-{n}"} for n in range(MOST_PAGES + 1)]

        load_document(paged(pages=pages[:-1]))

        assert refusal(paged(pages=pages)).pointer == "/pages"

    def test_tells_what_is_missing_of_a_half_written_page(self) -> None:
        found = find_document_problems(paged(pages=[COVER, {}]))

        assert [one.pointer for one in found] == ["/pages/1"]
        assert isinstance(found[0], MissingError)


class TestOnPage:
    def test_holds_the_layers_of_one_page(self) -> None:
        document = load_document(paged(text_layer(), panel(pages=["closing"])))

        first, second = (document.on_page(n).layers_in("banner") for n in (1, 2))

        assert [layer.id for layer in first] == ["line"]
        assert [layer.id for layer in second] == ["line", "panel"]

    @pytest.mark.parametrize("number", [-1, 0, 3])
    def test_refuses_a_page_that_is_not_there(self, number: int) -> None:
        with pytest.raises(UnknownPageError, match="from 1 to 2"):
            load_document(paged()).on_page(number)

    def test_is_the_document_itself_without_pages(self) -> None:
        document = load_document(plain_document(text_layer()))

        assert document.on_page(1) is document
        with pytest.raises(UnknownPageError):
            document.on_page(2)

    def test_keeps_stars_apart_that_another_page_shows_as_emphasis(self) -> None:
        loud = text_layer(id="loud", emphasis={"color": "ink"}, pages=["closing"])
        document = load_document(paged(text_layer(pages=["cover"]), loud))

        assert document.on_page(1).plain_text("line", "*Bright*") == "Bright"


class TestRenderCreative:
    def test_draws_each_page_with_its_number(self) -> None:
        layers = text_layer(slot=None, text=COUNTER), panel(pages=["closing"])
        told = text_layer(slot=None, text="1 of 2: cover")
        document = load_document(paged(*layers))

        first, second = (draw(document.on_page(n)) for n in (1, 2))

        assert set(first.boxes) == {"line"}
        assert set(second.boxes) == {"line", "panel"}
        assert first.data == draw(load_document(plain_document(told))).data

    def test_compares_the_number(self) -> None:
        layers = text_layer(), panel(visible_if="page.number == page.count")
        document = load_document(paged(*layers))

        boxes = [set(draw(document.on_page(n)).boxes) for n in (1, 2)]

        assert boxes == [{"line"}, {"line", "panel"}]

    def test_refuses_to_draw_all_pages_as_one(self) -> None:
        with pytest.raises(UnknownPageError, match="2 pages"):
            draw(load_document(paged()))

    def test_knows_the_fixed_pictures_of_other_pages(self) -> None:
        photo = {**PANEL, "type": "image", "image": "sea", "pages": ["closing"]}
        del photo["fill"]
        document = load_document(paged(text_layer(), photo))

        rendered = render_creative(
            document.on_page(1),
            format="banner",
            modifications={"line": "Bright"},
            images={"sea": ImageSource(draw_scene())},
            brand=northwind_style(),
            encoding=Encoding("png"),
        )

        assert set(rendered.boxes) == {"line"}


class TestRunTorture:
    def test_tries_every_page(self) -> None:
        layers = text_layer(overflow="error", pages=["cover"]), panel(pages=["closing"])
        document = load_document(paged(*layers))

        cells = list(run_torture(document, brand=northwind_style(), images={}))

        assert len(cells) == count_cells(document)
        assert {cell.page for cell in cells} == {1, 2}
        placed = {cell.page: cell.rendered for cell in cells}
        assert placed[2] is not None
        assert set(placed[2].boxes) == {"panel"}


class TestCarousel:
    def test_holds_under_torture_on_every_page_of_eight_formats(self) -> None:
        document = load_document(CAROUSEL.read_bytes())
        images = {"hero": ImageSource(draw_scene(), focal=SUN, is_ai_made=True)}

        cells = list(run_torture(document, brand=northwind_style(), images=images))

        assert len({(cell.format, cell.page) for cell in cells}) == 8 * 3
        wrong = [c for c in cells if c.verdict != Verdict.PASS and not c.lacks_font]
        assert [(c.case.name, c.format, c.page, c.findings) for c in wrong] == []

    def test_asks_for_what_all_pages_need_at_once(self) -> None:
        document = load_document(CAROUSEL.read_bytes())

        asked = {
            problem.slot for problem in find_slot_problems(document.on_page(2), {}, {})
        }

        assert asked == {"hero", "headline", "first", "closing"}

    def test_shows_its_pages_apart(self) -> None:
        document = load_document(CAROUSEL.read_bytes())
        scene = ImageSource(draw_scene(), focal=SUN)
        texts = {name: slot.example for name, slot in document.worded.items()}
        pixels = [
            decode(
                render_creative(
                    document.on_page(number),
                    format="square",
                    modifications=texts,
                    images={"hero": scene},
                    brand=replace(northwind_style(), fonts_folder=None),
                    encoding=Encoding("png"),
                    scale=0.2,
                ).data,
                name="page",
            ).pixels.tobytes()
            for number in document.page_numbers
        ]

        assert len(set(pixels)) == 3
