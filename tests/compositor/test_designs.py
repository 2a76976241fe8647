"""The designs that ship: no finding in any format and language, nor under torture."""

from pathlib import Path

import pytest

from brandgen.compositor import (
    Document,
    Encoding,
    ImageSource,
    dump_document,
    load_document,
    render_creative,
)
from brandgen.compositor.document import TextSlot
from brandgen.compositor.examples.northwind import (
    CAROUSEL,
    DESIGNS,
    load_copy,
    northwind_style,
)
from brandgen.compositor.examples.scene import SUN, draw_scene
from brandgen.compositor.torture import run_torture
from brandgen.lib.findings import Verdict

LANGUAGES = ("en", "de", "fr", "ar")


def load(name: str) -> Document:
    return load_document(DESIGNS[name].read_bytes())


def pictures(document: Document) -> dict[str, ImageSource]:
    scene = ImageSource(draw_scene(), focal=SUN, is_ai_made=True)
    slots = document.slots.items()
    return {name: scene for name, slot in slots if not isinstance(slot, TextSlot)}


@pytest.mark.parametrize("name", DESIGNS)
class TestDesign:
    def test_has_eight_formats_of_every_size_class(self, name: str) -> None:
        formats = load(name).formats

        assert len(formats) == 8
        assert {shape.size_class for shape in formats.values()} == {
            "square", "portrait", "landscape", "leaderboard", "skyscraper",
        }  # fmt: skip

    @pytest.mark.parametrize("locale", LANGUAGES)
    def test_has_no_finding(self, name: str, locale: str) -> None:
        document, images = load(name), pictures(load(name))
        texts = load_copy()[name][locale]

        for format_name in document.formats:
            rendered = render_creative(
                document,
                format=format_name,
                modifications=texts,
                images=images,
                brand=northwind_style(),
                encoding=Encoding("jpeg"),
                locale=locale,
            )

            found = [f for f in rendered.findings if f.verdict != Verdict.PASS]
            assert found == [], format_name
            assert {"logo", "ai"} <= set(rendered.boxes), format_name

    def test_holds_under_torture(self, name: str) -> None:
        document = load(name)
        cells = run_torture(
            document, brand=northwind_style(), images=pictures(document)
        )

        broken = [
            (cell.case.name, cell.format, cell.findings)
            for cell in cells
            if not cell.lacks_font and cell.verdict != Verdict.PASS
        ]

        assert broken == []

    def test_is_mirrored_where_one_reads_from_the_right(self, name: str) -> None:
        document = load(name)

        def logo_x(locale: str) -> float:
            rendered = render_creative(
                document,
                format="leaderboard",
                modifications=load_copy()[name][locale],
                images=pictures(document),
                brand=northwind_style(),
                encoding=Encoding("jpeg"),
                locale=locale,
            )
            box = rendered.boxes["logo"]
            return box.x + box.width / 2

        assert logo_x("ar") == pytest.approx(728 - logo_x("en"), abs=3)

    def test_is_what_its_normal_form_says(self, name: str) -> None:
        document = load(name)

        assert load_document(dump_document(document)) == document


class TestCopy:
    def test_says_all_in_each_language(self) -> None:
        for name, said in load_copy().items():
            slots = load(name).slots.items()
            texts = {slot for slot, kind in slots if isinstance(kind, TextSlot)}
            assert tuple(said) == LANGUAGES
            assert all(set(words) == texts for words in said.values())

    def test_stands_beside_the_designs(self) -> None:
        folder = next(iter(DESIGNS.values())).parent

        assert {Path(p).name for p in folder.glob("northwind_*.json")} == {
            "northwind_copy.json",
            "northwind_spring.json",
            CAROUSEL.name,
            *(path.name for path in DESIGNS.values()),
        }
