import copy
from typing import Any

import pytest

from brandgen.compositor.examples.northwind import load_spring
from brandgen.compositor.loading import dump_document
from brandgen.creatives.differences import Difference, compare

SPRING = dump_document(load_spring())


def told(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    return compare(before, after)


@pytest.fixture
def after() -> dict[str, Any]:
    return copy.deepcopy(SPRING)


class TestCompare:
    def test_finds_nothing_between_equal_documents(self, after: dict[str, Any]) -> None:
        assert told(SPRING, after) == []

    def test_names_fields_of_layers_as_people_do(self, after: dict[str, Any]) -> None:
        after["layers"][4]["children"][1]["largest"] = 96

        assert told(SPRING, after) == [
            Difference("Headline", "Largest size", "changed", "88", "96")
        ]

    def test_says_what_holds_in_one_format_only(self, after: dict[str, Any]) -> None:
        kicker = after["layers"][4]["children"][0]
        kicker["overrides"]["formats"]["story"]["color"] = "light"

        (one,) = told(SPRING, after)

        assert (one.place, one.what, one.only_in) == ("Kicker", "Color", "Story")
        assert (one.before, one.after) == ("signal", "light")

    def test_says_where_a_box_went(self, after: dict[str, Any]) -> None:
        after["layers"][2]["box"]["x"] = {"anchor": "end", "size": 404, "offset": 5}

        (one,) = told(SPRING, after)

        assert (one.place, one.what) == ("Ground of the logo", "Position across")
        assert one.after == "right edge, size 404, distance 5"

    def test_finds_layers_that_came_went_and_moved(self, after: dict[str, Any]) -> None:
        logo = after["layers"].pop(3)
        after["layers"].insert(0, logo)
        after["layers"][4]["children"].pop(0)
        shape = copy.deepcopy(after["layers"][2])
        after["layers"].append(shape | {"id": "badge", "label": "Badge"})

        found = {(one.place, one.kind) for one in told(SPRING, after)}

        assert found == {
            ("Kicker", "removed"),
            ("Badge", "added"),
            ("The page", "moved"),
        }

    def test_finds_formats_slots_tokens_and_languages(
        self, after: dict[str, Any]
    ) -> None:
        del after["formats"]["story"]
        after["slots"]["headline"]["max_chars"] = 50
        after["tokens"]["colors"]["signal"] = "primary"
        after["locales"] = {"de": {"label": "German"}}
        after["background"] = "light"

        found = [(one.place, one.what, one.kind) for one in told(SPRING, after)]

        assert found == [
            ("Template", "Background", "changed"),
            ("Format Story", "", "removed"),
            ("Slot Headline", "At most", "changed"),
            ("Language German", "", "added"),
            ("Color signal", "", "changed"),
        ]
