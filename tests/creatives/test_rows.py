import json
from dataclasses import replace

import pytest

from brandgen.brands.models import BrandKit
from brandgen.compositor import load_document
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.planning import Plan, Rule, Source
from brandgen.creatives.rows import Reading, read_rows
from brandgen.lib.feeds import Row, Table
from tests.factories import make_layout_kit, make_marked_asset

pytestmark = pytest.mark.django_db
LANGUAGES = {"en": {"label": "English"}, "de": {"label": "Deutsch"}}
SOURCES = {
    "headline": Source(column="Headline"),
    "headline@de": Source(column="Headline DE"),
    "hero": Source(column="Photo"),
    "cta": Source(fixed="See more"),
}
COLUMNS = ("Headline", "Headline DE", "Photo", "Stock")


def make_table(*lines: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> Table:
    rows = [
        Row(number, (*line, *[""] * (len(columns) - len(line))))
        for number, line in enumerate(lines, start=2)
    ]
    return Table("CSV", columns, tuple(rows))


@pytest.fixture
def kit() -> BrandKit:
    made = make_layout_kit()
    made.banned_terms.create(term="cheap")
    make_marked_asset(title="Mug")
    return made


def read(kit: BrandKit, table: Table, **changes: object) -> Reading:
    data = changes.pop("data", {})
    plan = Plan(sources=SOURCES, formats=("square", "story"), locales=("en", "de"))
    document = load_document(
        json.loads(SPRING.read_bytes()) | {"locales": LANGUAGES, "data": data}
    )
    return read_rows(table, replace(plan, **changes), document=document, kit=kit)


def cells_of(reading: Reading) -> list[tuple[int, str, str]]:
    return [
        (reading.fillings[cell.filling].number, cell.locale, cell.format)
        for cell in reading.cells
    ]


class TestReadRows:
    def test_makes_every_row_in_every_language_and_format(self, kit) -> None:
        table = make_table(("Sea mug", "Meerbecher", "Mug"), ("Bowl", "", "mug.jpg"))

        reading = read(kit, table)

        assert reading.problems == []
        assert cells_of(reading) == [
            (row, locale, shape)
            for row in (2, 3)
            for locale in ("en", "de")
            for shape in ("square", "story")
        ]
        first, second = reading.fillings
        assert first.texts_in("en") == {"headline": "Sea mug", "cta": "See more"}
        assert first.texts_in("de")["headline"] == "Meerbecher"
        assert second.texts_in("de")["headline"] == "Bowl"
        assert first.images["hero"].title == "Mug"
        assert first.label == "Sea mug"

    def test_uses_the_copy_as_it_is_where_no_language_is_chosen(self, kit) -> None:
        reading = read(kit, make_table(("Sea mug", "", "Mug")), locales=())

        assert cells_of(reading) == [(2, "", "square"), (2, "", "story")]

    def test_makes_a_row_in_its_own_language(self, kit) -> None:
        sources = SOURCES | {"#locale": Source(column="Stock")}
        table = make_table(
            ("Sea mug", "", "Mug", "EN"),
            ("Becher", "", "Mug", "de"),
            ("Mug", "", "Mug", ""),
            ("Tasse", "", "Mug", "fr"),
        )

        reading = read(kit, table, sources=sources, formats=("square",))

        assert cells_of(reading) == [
            (2, "en", "square"), (3, "de", "square"),
            (4, "en", "square"), (4, "de", "square"),
        ]  # fmt: skip
        (problem,) = reading.problems
        assert problem.row == 5
        assert "no language “fr”" in problem.message

    def test_fills_what_bindings_name(self, kit) -> None:
        sources = SOURCES | {"product.price": Source(column="Stock")}
        table = make_table(("Sea mug", "", "Mug", "€ 39"))

        reading = read(kit, table, sources=sources, data={"product": {"price": "€ 1"}})

        assert reading.fillings[0].data == {"product": {"price": "€ 39"}}


class TestProblems:
    @pytest.mark.parametrize(
        ("line", "key", "message"),
        [
            (("", "", "Mug"), "headline", "Headline is needed"),
            (("x" * 71, "", "Mug"), "headline", "71 characters; 70 are allowed"),
            (("Mug", "x" * 71, "Mug"), "headline@de", "71 characters"),
            (("So ch\u0435ap", "", "Mug"), "headline", "does not allow cheap"),
            (("Mug", "", ""), "hero", "Picture is needed"),
            (("Mug", "", "Vase"), "hero", "No approved picture is called “Vase”"),
        ],
    )
    def test_are_named_with_their_row_and_place(
        self, kit, line: tuple[str, ...], key: str, message: str
    ) -> None:
        reading = read(kit, make_table(("Sea mug", "", "Mug"), line))

        (problem,) = reading.problems
        assert (problem.row, problem.key) == (3, key)
        assert message in problem.message
        assert reading.bad_rows == {3}
        assert {row for row, _, _ in cells_of(reading)} == {2}

    def test_are_all_named_at_once(self, kit) -> None:
        reading = read(kit, make_table(("x" * 71, "cheap", "Vase")))

        assert {problem.key for problem in reading.problems} == {
            "headline", "headline@de", "hero",
        }  # fmt: skip

    def test_find_banned_words_in_what_bindings_name(self, kit) -> None:
        sources = SOURCES | {"product.price": Source(column="Stock")}
        table = make_table(("Sea mug", "", "Mug", "cheap"))

        reading = read(kit, table, sources=sources, data={"product": {"price": "€ 1"}})

        assert [problem.key for problem in reading.problems] == ["product.price"]

    @pytest.mark.parametrize(
        ("changes", "key", "message"),
        [
            ({"formats": ()}, "formats", "No format is chosen"),
            ({"rows_out": "3, x"}, "rows_out", "“x” is no row number"),
            (
                {"rules": (Rule(column="Price", test="is"),)},
                "rule1",
                "no column “Price”",
            ),
            (
                {"sources": {k: v for k, v in SOURCES.items() if k != "hero"}},
                "hero",
                "Picture is needed. Choose its column, or choose a picture once",
            ),
            (
                {"sources": SOURCES | {"cta": Source(column="Buton")}},
                "cta",
                "no column “Buton”",
            ),
        ],
    )
    def test_of_the_plan_are_named_once(
        self, kit, changes: dict, key: str, message: str
    ) -> None:
        reading = read(kit, make_table(("Sea mug", "", "Mug")), **changes)

        (problem,) = reading.plan_problems
        assert problem.key == key
        assert message in problem.message

    def test_say_that_there_are_too_many(self, kit, settings) -> None:
        settings.BATCH_MAX_CREATIVES = 3

        reading = read(kit, make_table(("Sea mug", "", "Mug")))

        (problem,) = reading.plan_problems
        assert "makes 4 creatives; a batch takes 3" in problem.message


class TestLeavingOut:
    TABLE = make_table(
        ("Sea mug", "", "Mug", "4"), ("Bowl", "", "Mug", "0"), ("Plate", "", "Mug", "9")
    )

    def test_takes_rows_by_number(self, kit) -> None:
        reading = read(kit, self.TABLE, rows_out="2, 4-9", locales=("en",))

        assert cells_of(reading) == [(3, "en", "square"), (3, "en", "story")]
        assert reading.left_out == 4

    def test_takes_a_row_that_can_not_be_used(self, kit) -> None:
        reading = read(
            kit,
            make_table(
                ("", "", "Mug"),
            ),
            rows_out="2",
        )

        assert reading.problems == []

    @pytest.mark.parametrize(
        ("rule", "kept"),
        [
            (Rule("Stock", "is", "0"), 8),
            (Rule("Stock", "less", "5"), 4),
            (Rule("Stock", "is", "0", format="story"), 10),
            (Rule("Stock", "is", "0", locale="de"), 10),
            (Rule("Stock", "is", "0", format="story", locale="de"), 11),
            (Rule("Stock", "filled"), 0),
        ],
    )
    def test_takes_cells_by_rule(self, kit, rule: Rule, kept: int) -> None:
        reading = read(kit, self.TABLE, rules=(rule,))

        assert len(reading.cells) == kept
        assert reading.left_out == 12 - kept
        assert all(f.number != 3 for f in reading.fillings) is (kept in {8, 4, 0})
