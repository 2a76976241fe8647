"""Template documents: what is read, what is refused, and where the error points."""

import json
import random
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from brandgen.compositor import (
    TemplateDocumentError,
    document_schema,
    dump_document,
    load_document,
)
from brandgen.compositor.examples.northwind import SPRING
from brandgen.compositor.layers import TextLayer
from brandgen.compositor.loading import find_document_problems
from tests.compositor.pictures import plain_document, spring_data, text_layer

REFERENCE = Path(__file__).parents[2] / "docs/reference"
SCHEMA = REFERENCE / "template.schema.json"
LAYERS = REFERENCE / "layers"
EDGE = {"anchor": "both"}


def refusal(data: Any) -> TemplateDocumentError:
    with pytest.raises(TemplateDocumentError) as caught:
        load_document(data)
    return caught.value


COPY_FONT = {"fonts": {"copy": {}}}


class TestLoadDocument:
    def test_reads_the_spring_template(self) -> None:
        document = load_document(json.dumps(spring_data()))

        assert list(document.formats) == ["square", "story", "landscape"]
        assert document.slots["hero"].required

    @pytest.mark.parametrize("role", ["accent", "accent-2", "ink-24", "white", "black"])
    def test_takes_every_color_of_a_palette(self, role: str) -> None:
        tokens = {"colors": {"ink": role, "paper": "white"}}
        data = plain_document(text_layer(font="copy"), tokens={**tokens, **COPY_FONT})

        assert load_document(data).tokens.colors["ink"] == role

    @pytest.mark.parametrize("role", ["acent", "accent-1", "accent-25", "white-2", ""])
    def test_refuses_a_color_that_no_palette_has(self, role: str) -> None:
        data = plain_document(text_layer(), tokens={"colors": {"ink": role}})

        with pytest.raises(TemplateDocumentError, match=r"does not match.*accent"):
            load_document(data)

    def test_applies_the_overrides_of_a_format(self) -> None:
        document = load_document(spring_data())

        hidden = {
            name: next(x for x in document.layers_in(name) if x.id == "panel").hidden
            for name in document.formats
        }

        assert hidden == {"square": True, "story": False, "landscape": True}

    def test_keeps_the_axis_that_an_override_leaves_out(self) -> None:
        document = load_document(spring_data())

        hero = document.layers_in("story")[0]

        assert hero.box is not None
        assert hero.box.x.anchor == "both"
        assert hero.box.y.anchor == "start"

    @pytest.mark.parametrize(
        ("change", "pointer", "words"),
        [
            ({"slot": "lin"}, "/layers/0/slot", "Did you mean 'line'?"),
            ({"slot": "photo"}, "/layers/0/slot", "does not hold text"),
            ({"slot": None}, "/layers/0", "either 'slot' or 'text'"),
            ({"colour": "ink"}, "/layers/0/colour", "Did you mean 'color'?"),
            ({"color": "inc"}, "/layers/0/color", "Did you mean 'ink'?"),
            ({"font": "head"}, "/layers/0/font", "Known: copy, noto."),
            ({"type": "txt"}, "/layers/0/type", "Did you mean 'text'?"),
            ({"largest": "60px"}, "/layers/0/largest", "is not a length"),
            ({"largest": True}, "/layers/0/largest", "is not a length"),
            ({"max_lines": 0}, "/layers/0/max_lines", "1 to 40 are allowed"),
            ({"max_lines": 2.5}, "/layers/0/max_lines", "whole number"),
            ({"line_height": float("nan")}, "/layers/0/line_height", "number"),
            ({"visible_if": "price"}, "/layers/0/visible_if", "no slot"),
            ({"locked": ["all"]}, "/layers/0/locked/0", "none of position"),
            ({"box": None}, "/layers/0", "'box' is missing"),
            ({"size": {"height": 9}}, "/layers/0/size", "only a child of a stack"),
            (
                {"overrides": {"formats": {"banner": {"align": "middle"}}}},
                "/layers/0/overrides/formats/banner/align",
                "none of start, center, end",
            ),
            (
                {"overrides": {"formats": {"banner": {"id": "x"}}}},
                "/layers/0/overrides/formats/banner/id",
                "can't differ",
            ),
            (
                {"overrides": {"formats": {"baner": {}}}},
                "/layers/0/overrides/formats/baner",
                "Did you mean 'banner'?",
            ),
            (
                {"overrides": {"locales": {"fr": {}}}},
                "/layers/0/overrides/locales/fr",
                "no locale",
            ),
            (
                {"overrides": {"classes": {"wide": {}}}},
                "/layers/0/overrides/classes/wide",
                "none of square",
            ),
            (
                {"visible_if": "line and"},
                "/layers/0/visible_if",
                "can't be read",
            ),
            (
                {"slot": None, "text": "{{ lime }}"},
                "/layers/0/text",
                "Did you mean 'line'?",
            ),
            (
                {
                    "box": {
                        "x": {"anchor": "after", "to": "lin"},
                        "y": {"anchor": "both"},
                    }
                },
                "/layers/0/box/x/to",
                "Did you mean 'line'?",
            ),
            (
                {"box": {"x": {"anchor": "left"}, "y": {"anchor": "both"}}},
                "/layers/0/box/x/anchor",
                "'left' is not known",
            ),
        ],
    )
    def test_points_at_what_is_wrong(
        self, change: dict[str, Any], pointer: str, words: str
    ) -> None:
        error = refusal(plain_document(text_layer(**change)))

        assert error.pointer == pointer
        assert words in error.problem

    def test_refuses_two_layers_of_one_id(self) -> None:
        error = refusal(plain_document(text_layer(), text_layer()))

        assert error.pointer == "/layers/1/id"

    def test_refuses_more_layers_than_it_can_draw_in_time(self) -> None:
        child = {k: v for k, v in text_layer().items() if k != "box"}
        stacks = [
            {
                "type": "stack",
                "id": f"stack-{n}",
                "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
                "children": [{**child, "id": f"line-{n}-{m}"} for m in range(12)],
            }
            for n in range(13)
        ]

        assert refusal(plain_document(*stacks)).pointer == "/layers"

    def test_refuses_more_pixels_than_it_can_draw(self) -> None:
        formats = {"wall": {"width_px": 8192, "height_px": 8192}}

        error = refusal(plain_document(text_layer(), formats=formats))

        assert error.pointer == "/formats/wall"

    def test_refuses_a_safe_zone_that_leaves_nothing(self) -> None:
        zone = {"left": 200, "right": 200}
        formats = {"ad": {"width_px": 400, "height_px": 200, "safe_zone": zone}}

        assert (
            "/safe_zone"
            in refusal(plain_document(text_layer(), formats=formats)).pointer
        )

    @pytest.mark.parametrize(
        "source",
        [
            b"",
            b"[]",
            b"{",
            b"\xff\xfe",
            b'{"a":' * 20_000,
            b"[" * 100_000,
            b" " * 600_000,
            b'{"schema": 1, "schema": 1}',
            b"NaN",
            b'{"schema": 3}',
            b'{"schema": true}',
            b'{"schema": [1]}',
        ],
        ids=[
            "empty",
            "list",
            "cut",
            "not-utf8",
            "deep",
            "deep-list",
            "long",
            "twice",
            "nan",
            "newer",
            "schema-true",
            "schema-list",
        ],
    )
    def test_refuses_what_is_no_document(self, source: bytes) -> None:
        assert refusal(source).problem

    def test_refuses_data_that_holds_itself(self) -> None:
        data = plain_document(text_layer())
        data["layers"][0]["overrides"] = {"banner": data}
        data["layers"].append(data)

        assert refusal(data).pointer

    def test_meets_mutated_documents_with_its_own_error_only(self) -> None:
        chance = random.Random(7)  # noqa: S311 - not a secret
        sources = [
            path.read_bytes() for path in (SPRING, *sorted(LAYERS.glob("*.json")))
        ]
        refused: list[TemplateDocumentError] = []
        slowest = 0.0

        for number in range(10_000):
            data = json.loads(sources[number % len(sources)])
            for _ in range(chance.randint(1, 3)):
                mutate(data, chance)
            started, before = time.process_time(), len(refused)
            try:
                load_document(data)
            except TemplateDocumentError as error:
                refused.append(error)
            slowest = max(slowest, time.process_time() - started)
            if number < 1000:
                assert bool(find_document_problems(data)) == (len(refused) > before)

        assert 5_000 < len(refused) < 10_000
        assert max(len(str(error)) for error in refused) < 1000
        assert all(error.pointer[:1] in ("", "/") for error in refused)
        assert slowest < 2


def mutate(data: Any, chance: random.Random) -> None:
    """Change one place, somewhere, to something it is not."""
    holder, key = data, chance.choice(list(data))
    for _ in range(chance.randint(0, 6)):
        if not isinstance(holder[key], dict | list) or not holder[key]:
            break
        holder = holder[key]
        steps = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = chance.choice(list(steps))
    junk = [
        None,
        -1,
        1e308,
        "x" * 3000,
        [],
        {},
        [[[]]],
        {"a": {"b": {}}},
        True,
        "{{ 7*7 }}",
    ]
    action = chance.random()
    if action < 0.6:
        holder[key] = chance.choice(junk)
    elif action < 0.8 and isinstance(holder, dict):
        holder[chance.choice(["__class__", "constructor", "ünïcode", "a/b~c"])] = 1
    elif isinstance(holder, dict):
        del holder[key]


class TestDocumentSchema:
    def test_is_what_the_reference_publishes(self) -> None:
        published = json.loads(SCHEMA.read_text())

        assert published == document_schema(), (
            "Run: python -m brandgen.compositor schema > docs/reference/"
            "template.schema.json"
        )

    def test_is_valid_and_accepts_every_example(self) -> None:
        schema = document_schema()

        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in [SPRING, *LAYERS.glob("*.json")]:
            validator.validate(json.loads(path.read_bytes()))

    def test_refuses_what_the_reader_refuses(self) -> None:
        validator = jsonschema.Draft202012Validator(document_schema())
        changes: list[dict[str, Any]] = [
            {"colour": "ink"},
            {"type": "txt"},
            {"largest": "60px"},
            {"max_lines": 0},
            {"locked": ["all"]},
            {"id": "Ünsafe id"},
            {"align": "left"},
        ]
        for change in changes:
            data = plain_document(text_layer(**change))

            assert list(validator.iter_errors(data)), change
            assert refusal(data)


class TestMigration:
    def test_reads_a_document_of_version_1_as_before(self) -> None:
        first = text_layer(overrides={"banner": {"align": "end"}})
        data = plain_document(first, schema=1)

        document = load_document(data)

        layer = document.layers_in("banner")[0]
        assert isinstance(layer, TextLayer)
        assert layer.align == "end"
        assert data["schema"] == 1

    def test_points_into_the_document_of_version_1(self) -> None:
        first = text_layer(overrides={"banner": {"align": "middle"}})

        error = refusal(plain_document(first, schema=1))

        assert error.pointer == "/layers/0/overrides/banner/align"


class TestDumpDocument:
    def test_gives_a_document_that_reads_as_the_same(self) -> None:
        for path in [SPRING, *LAYERS.glob("*.json")]:
            document = load_document(path.read_bytes())

            dumped = dump_document(document)

            assert load_document(json.dumps(dumped)) == document
            assert dump_document(load_document(dumped)) == dumped

    def test_leaves_out_defaults_and_writes_lengths_as_they_are_read(self) -> None:
        data = plain_document(text_layer(opacity=1, hidden=False, largest="12.5%"))

        (layer,) = dump_document(load_document(data))["layers"]

        assert "opacity" not in layer
        assert layer["largest"] == "12.5%"


class TestAttachments:
    def test_refuses_boxes_in_a_circle(self) -> None:
        layers = [
            text_layer(id=name, box=attached(to))
            for name, to in (("a", "b"), ("b", "c"), ("c", "a"))
        ]

        error = refusal(plain_document(*layers))

        assert error.pointer == "/layers/2/box/y/to"
        assert "a -> b -> c -> a" in error.problem

    def test_refuses_a_box_attached_to_itself(self) -> None:
        error = refusal(plain_document(text_layer(box=attached("line"))))

        assert "in a circle" in error.problem

    def test_refuses_a_circle_that_one_format_makes(self) -> None:
        changed = {"formats": {"banner": {"box": {"y": attached("b")["y"]}}}}
        layers = [
            text_layer(id="a", overrides=changed),
            text_layer(id="b", box=attached("a")),
        ]

        assert refusal(plain_document(*layers)).pointer == "/layers/1/box/y/to"

    def test_refuses_what_lies_inside_a_group(self) -> None:
        edge = {"anchor": "both"}
        group = {
            "type": "group",
            "id": "group",
            "box": {"x": edge, "y": edge},
            "children": [text_layer(id="inner")],
        }

        error = refusal(plain_document(group, text_layer(box=attached("inner"))))

        assert error.pointer == "/layers/1/box/y/to"


def attached(to: str) -> dict[str, Any]:
    return {"x": {"anchor": "both"}, "y": {"anchor": "after", "to": to}}


class TestNesting:
    def test_refuses_layers_that_are_nested_too_deeply(self) -> None:
        edge = {"anchor": "both"}
        layer: dict[str, Any] = text_layer()
        for n in range(6):
            layer = {
                "type": "group",
                "id": f"group-{n}",
                "box": {"x": edge, "y": edge},
                "children": [layer],
            }

        assert "nested deeper" in refusal(plain_document(layer)).problem

    def test_refuses_more_layouts_than_it_checks_in_time(self) -> None:
        formats = {f"f{n}": {"width_px": 100, "height_px": 100} for n in range(40)}
        locales: dict[str, Any] = {f"a{chr(97 + n)}": {} for n in range(20)}

        data = plain_document(text_layer(), formats=formats, locales=locales)

        assert refusal(data).pointer == "/locales"
