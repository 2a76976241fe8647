from decimal import Decimal

import pytest

from brandgen.creatives.planning import (
    Plan,
    Rule,
    Source,
    read_number,
    read_ranges,
)


class TestPlan:
    def test_is_read_as_it_was_written(self) -> None:
        plan = Plan(
            name="Spring",
            sources={"headline": Source(column="Headline"), "cta": Source(fixed="Go")},
            formats=("square",),
            locales=("de",),
            rows_out="3",
            rules=(Rule(column="Stock", test="is", value="0", format="square"),),
            without_bad=True,
            uses_extensions=True,
        )

        assert Plan.from_json(plan.as_json()) == plan
        assert Plan.from_json({}) == Plan()

    def test_has_a_mark_that_tells_states_apart(self) -> None:
        plan = Plan(name="Spring")

        assert plan.mark == Plan.from_json(plan.as_json()).mark
        assert plan.mark != Plan(name="Autumn").mark


class TestReadRanges:
    @pytest.mark.parametrize(
        ("text", "ranges"),
        [
            ("", []),
            ("3", [(3, 3)]),
            ("3, 7-9", [(3, 3), (7, 9)]),
            ("7 – 9;12\n14,", [(7, 9), (12, 12), (14, 14)]),
        ],
    )
    def test_reads_numbers_as_people_write_them(
        self, text: str, ranges: list[tuple[int, int]]
    ) -> None:
        assert list(read_ranges(text)) == ranges

    @pytest.mark.parametrize("text", ["x", "3-", "-4", "3.5", "12345678"])
    def test_names_what_is_no_number(self, text: str) -> None:
        with pytest.raises(ValueError, match=f"“{text}” is no row number"):
            list(read_ranges(f"1, {text}"))


class TestReadNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("39", "39"),
            ("€ 1,299.00", "1299.00"),
            ("1.299,50 €", "1299.50"),
            ("12,5", "12.5"),
            ("1,299", "1299"),
            ("\N{MINUS SIGN}25 %", "-25"),
            ("-0.5", "-0.5"),
        ],
    )
    def test_reads_prices_of_any_country(self, text: str, number: str) -> None:
        assert read_number(text) == Decimal(number)

    @pytest.mark.parametrize("text", ["", "sold out", "1-2-3", "--", "1.2.3.4"])
    def test_takes_nothing_else_for_a_number(self, text: str) -> None:
        assert read_number(text) is None


class TestRule:
    @pytest.mark.parametrize(
        ("test", "cell", "value", "applies"),
        [
            ("is", "Sold out ", "sold out", True),
            ("is", "sold", "sold out", False),
            ("is_not", "sold", "sold out", True),
            ("contains", "Sea mug, blue", "MUG", True),
            ("contains", "Sea mug", "", False),
            ("empty", " ", "", True),
            ("filled", " ", "", False),
            ("less", "9", "10", True),
            ("less", "10", "9", False),
            ("less", "ten", "20", False),
            ("more", "€ 1,299.00", "€ 300", True),
            ("more", "", "0", False),
        ],
    )
    def test_tests_a_cell(
        self, test: str, cell: str, value: str, applies: bool
    ) -> None:
        rule = Rule(column="Cell", test=test, value=value)

        assert rule.applies({"Cell": cell}) is applies
