from typing import Any

import pytest

from brandgen.brands.models import PaletteColor
from brandgen.presets.variables import (
    ValueErrors,
    VariableError,
    read_variables,
    resolve_values,
    write_variables,
)

DEFINITION: list[dict[str, Any]] = [
    {
        "name": "subject",
        "label": "Product",
        "type": "text",
        "is_required": True,
        "max_length": 20,
    },
    {
        "name": "scene",
        "label": "Scene",
        "type": "choice",
        "choices": [
            {"label": "Podium", "words": "on a podium"},
            {"label": "None", "words": ""},
        ],
    },
    {"name": "count", "label": "How many", "type": "number", "low": 1, "high": 9},
    {"name": "ground", "label": "Backdrop", "type": "color", "default": "Sand"},
]
PALETTE = [PaletteColor(name="Sand", prompt_name="cream", hex="#fbe9d0")]


def resolve(**values: str) -> dict[str, Any]:
    return resolve_values(read_variables(DEFINITION), values, PALETTE)


class TestReadVariables:
    def test_reads_back_what_was_written(self) -> None:
        variables = read_variables(DEFINITION)

        assert read_variables(write_variables(variables)) == variables

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"type": "file"}, "type is 'file'"),
            ({"name": "Sub ject"}, "small letters"),
            ({"name": "__class__"}, "small letters"),
            ({"label": " "}, "label"),
            ({"max_length": 0}, "1 to 300"),
            ({"default": "x" * 30}, "default is longer"),
            ({"size": 3}, "can't be read"),
            ({"name": "scene"}, "Two variables"),
        ],
    )
    def test_refuses_a_bad_definition(
        self, change: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(VariableError, match=message):
            read_variables([DEFINITION[0] | change, *DEFINITION[1:]])

    def test_refuses_a_range_that_runs_backwards(self) -> None:
        with pytest.raises(VariableError, match="9 to 1"):
            read_variables([DEFINITION[2] | {"low": 9, "high": 1}])

    def test_refuses_a_single_choice(self) -> None:
        with pytest.raises(VariableError, match="has 1 choices"):
            read_variables([DEFINITION[1] | {"choices": [{"label": "a", "words": ""}]}])

    def test_refuses_too_many(self) -> None:
        many = [DEFINITION[0] | {"name": f"v{n}"} for n in range(13)]

        with pytest.raises(VariableError, match="13 variables"):
            read_variables(many)


class TestResolveValues:
    def test_turns_answers_into_words_for_the_prompt(self) -> None:
        resolved = resolve(subject=" a  mug ", scene="Podium", count="3", ground="Sand")

        assert resolved == {
            "subject": "a mug",
            "scene": "on a podium",
            "count": 3,
            "ground": "cream",
        }

    def test_fills_in_defaults_and_leaves_the_rest_empty(self) -> None:
        assert resolve(subject="mug") == {
            "subject": "mug",
            "scene": "",
            "count": "",
            "ground": "cream",
        }

    def test_collects_a_sentence_for_every_bad_value(self) -> None:
        with pytest.raises(ValueErrors) as caught:
            resolve(subject="", scene="Beach", count="1.5", ground="Mauve", extra="x")

        assert caught.value.errors == {
            "subject": "Product is empty. Fill it in.",
            "scene": "Scene is 'Beach'. Pick one of: Podium, None.",
            "count": "How many is '1.5'. Use a whole number from 1 to 9.",
            "ground": "Backdrop is 'Mauve', which the palette does not have. "
            "Colors: Sand.",
            "extra": "The preset has no field 'extra'.",
        }

    @pytest.mark.parametrize("number", ["0", "10", "nan", "inf", "1e999", "three"])
    def test_refuses_a_number_outside_its_range(self, number: str) -> None:
        with pytest.raises(ValueErrors, match="whole number from 1 to 9"):
            resolve(subject="mug", count=number)

    def test_refuses_a_value_of_10000_characters(self) -> None:
        with pytest.raises(ValueErrors, match="Product has 10,000 characters"):
            resolve(subject="x" * 10_000)
