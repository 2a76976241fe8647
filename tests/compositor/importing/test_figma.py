"""Files of Figma as templates: frames become formats, constraints anchors."""

import json
from contextlib import suppress
from typing import Any

import pytest

from brandgen.compositor import Encoding, render_creative
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figma import is_figma, read_figma
from brandgen.compositor.importing.kinds import import_file
from brandgen.compositor.svg.importing import Imported
from brandgen.compositor.svg.notes import Notes
from tests.compositor.importing.figmas import (
    ACCENT,
    INK,
    PICTURE,
    figma,
    frame,
    gradient,
    node,
    solid,
    text,
)

SQUARE = (0, 0, 1080, 1080)
STORY = (1200, 0, 1080, 1920)


def imported(*frames: dict[str, Any]) -> Imported:
    return import_file(figma(*frames), brand=northwind_style(), name="Spring")


def square(*children: dict[str, Any], **more: Any) -> Imported:
    return imported(frame("Square", SQUARE, children, **more))


def only(found: Imported) -> dict[str, Any]:
    [layer] = found.data["layers"]
    return dict(layer)


def left_out(found: Imported) -> dict[str, str]:
    notes = [note for note in found.notes if note.kind == "left out"]
    return {note.element: note.problem for note in notes}


class TestIsFigma:
    def test_tells_it_from_a_template_document(self) -> None:
        assert is_figma(figma(frame("Square", SQUARE, []))[:1024])
        assert not is_figma(b'{"schema": 2, "name": "document", "formats": {}}')
        assert not is_figma(b"<svg/>")


class TestTexts:
    def test_becomes_a_slot_with_size_font_and_color(self) -> None:
        found = square(
            text("Headline", "Made for mornings", (108, 108, 600, 130), size=108)
        )

        layer = only(found)
        assert (layer["id"], layer["largest"], layer["color"]) == (
            "headline",
            "10%",
            "ink",
        )
        assert found.data["slots"]["headline"]["example"] == "Made for mornings"
        assert found.data["tokens"]["fonts"][layer["font"]]["weight"] == 700
        assert found.data["background"] == "background"

    def test_emphasizes_what_has_a_style_of_its_own(self) -> None:
        words = "Now in blue"
        marks = [0] * 7 + [3] * 4
        table = {"3": {"fills": [solid(ACCENT)]}}
        layer = text(
            "Headline",
            words,
            (108, 108, 400, 50),
            characterStyleOverrides=marks,
            styleOverrideTable=table,
        )

        found = square(layer)

        assert found.data["slots"]["headline"]["example"] == "Now in *blue*"

    def test_breaks_a_box_of_text_as_its_height_says(self) -> None:
        words = "Stoneware that keeps its warmth in six new colors made by the sea"
        style = {"textAutoResize": "HEIGHT", "textAlignHorizontal": "CENTER"}
        found = square(text("Copy", words, (240, 500, 600, 144), style=style))

        layer = only(found)
        assert (layer["max_lines"], layer["align"]) == (3, "center")
        example = found.data["slots"]["copy"]["example"]
        assert example.replace("\n", " ") == words

    def test_stands_on_its_baseline(self) -> None:
        layer = only(square(text("Headline", "Hello", (108, 500, 300, 48))))

        offset = layer["box"]["y"]["offset"]
        assert float(offset.rstrip("%")) == pytest.approx(500 / 10.8, abs=0.4)


class TestShapes:
    def test_takes_fills_radius_and_opacity(self) -> None:
        box = (100, 900, 300, 80)
        found = square(
            node(
                "RECTANGLE",
                "Button",
                box,
                fills=[solid(ACCENT)],
                cornerRadius=40,
                opacity=0.5,
            )
        )

        layer = only(found)
        assert (layer["type"], layer["radius"]) == ("shape", "3.704%")
        assert (layer["fill"]["color"], layer["opacity"]) == ("accent", 0.5)

    def test_takes_linear_gradients_and_tells_of_others(self) -> None:
        fills = [gradient(INK, ACCENT)]
        radial = [gradient(INK, ACCENT, INK, kind="RADIAL")]
        found = square(
            node("RECTANGLE", "Band", (0, 0, 540, 80), fills=fills),
            node("ELLIPSE", "Glow", (0, 200, 90, 90), fills=radial),
        )

        band, glow = found.data["layers"]
        assert [stop["color"] for stop in band["fill"]["stops"]] == ["ink", "accent"]
        assert glow["fill"]["color"] == "accent"
        assert any(
            n.element == "Glow" and "not linear" in n.problem for n in found.notes
        )

    def test_draws_a_line_inside_where_it_is(self) -> None:
        found = square(
            node(
                "RECTANGLE",
                "Card",
                (100, 100, 200, 200),
                strokes=[solid(INK)],
                strokeWeight=10,
                strokeAlign="INSIDE",
            )
        )

        layer = only(found)
        assert layer["view"] == [105, 105, 190, 190]
        assert layer["stroke"]["width"] == "0.926%"

    def test_draws_vectors_by_their_geometry(self) -> None:
        geometry = [{"path": "M0 0L100 0L50 80Z", "windingRule": "NONZERO"}]
        box = (200, 300, 100, 80)
        fills = [solid(ACCENT)]
        found = square(
            node("VECTOR", "Peak", box, fills=fills, fillGeometry=geometry),
            node("VECTOR", "Unknown", (500, 300, 90, 90), fills=fills),
        )

        assert only(found)["view"] == [200, 300, 100, 80]
        assert "geometry=paths" in str(
            [n.advice for n in found.notes if n.element == "Unknown"]
        )

    def test_becomes_a_place_for_a_picture_cut_as_it_is(self) -> None:
        found = square(
            node("ELLIPSE", "Portrait", (100, 100, 200, 200), fills=[PICTURE])
        )

        layer = only(found)
        assert (layer["type"], layer["mask"]) == ("image", "ellipse")
        assert found.data["slots"]["portrait"]["type"] == "image"

    def test_is_masked_by_what_lies_below(self) -> None:
        mask = node(
            "ELLIPSE", "Mask", (100, 100, 200, 200), fills=[solid(INK)], isMask=True
        )
        photo = node("RECTANGLE", "Photo", (0, 0, 540, 540), fills=[PICTURE])

        layer = only(square(mask, photo))

        assert layer["type"] == "group"
        assert layer["clip"] == "ellipse"
        assert layer["children"][0]["type"] == "image"


class TestConstraints:
    @pytest.mark.parametrize(
        ("horizontal", "axis"),
        [
            ("LEFT", {"anchor": "start", "size": "10%", "offset": "70%"}),
            ("RIGHT", {"anchor": "end", "size": "10%", "offset": "20%"}),
            ("CENTER", {"anchor": "center", "size": "10%", "offset": "25%"}),
            ("LEFT_RIGHT", {"anchor": "both", "start": "70%", "end": "20%"}),
            ("SCALE", {"anchor": "scale", "start": 0.7, "size": 0.1}),
        ],
    )
    def test_becomes_an_anchor(self, horizontal: str, axis: dict[str, Any]) -> None:
        found = square(
            node(
                "RECTANGLE",
                "Dot",
                (756, 100, 108, 108),
                fills=[solid(INK)],
                constraints={"horizontal": horizontal, "vertical": "TOP"},
            )
        )

        assert only(found)["box"]["x"] == axis


def layout(box: tuple[float, float, float, float], size: float) -> dict[str, Any]:
    x, y, width, height = box
    button = (x + 80, y + height - 200, 300, 90)
    return frame(
        f"Post {width:g} x {height:g}",
        box,
        [
            node("RECTANGLE", "Photo", (x, y, width, height / 2), fills=[PICTURE]),
            text(
                "Headline",
                "Made for mornings",
                (x + 80, y + height / 2 + 60, 700, size * 1.2),
                size=size,
            ),
            node("RECTANGLE", "Button", button, fills=[solid(ACCENT)], cornerRadius=45),
        ],
    )


class TestFrames:
    def test_of_the_same_layers_become_formats_of_one_layout(self) -> None:
        found = imported(layout(SQUARE, 90), layout(STORY, 120))

        assert list(found.data["formats"]) == ["instagram-square", "instagram-story"]
        assert [one["id"] for one in found.data["layers"]] == [
            "photo",
            "headline",
            "button",
        ]
        headline = found.data["layers"][1]
        changes = headline["overrides"]["formats"]["instagram-story"]
        assert (headline["largest"], changes["largest"]) == ("8.333%", "11.111%")
        assert found.taken.startswith("2 formats of one layout")

    def test_lie_in_each_format_where_its_frame_says(self) -> None:
        found = imported(layout(SQUARE, 90), layout(STORY, 120))

        for name, y in (("instagram-square", 880), ("instagram-story", 1720)):
            rendered = render_creative(
                found.document,
                format=name,
                modifications={"headline": "Hello"},
                images={},
                brand=northwind_style(),
                encoding=Encoding("png"),
            )
            box = rendered.boxes["button"]
            assert (round(box.x), round(box.y)) == (80, y)
            assert (round(box.width), round(box.height)) == (300, 90)

    def test_hides_what_a_frame_does_not_have(self) -> None:
        first, second = layout(SQUARE, 90), layout(STORY, 120)
        second["children"].append(
            text("Swipe", "Swipe up", (1280, 1840, 200, 48), size=40)
        )
        found = imported(first, second)

        swipe = next(one for one in found.data["layers"] if one["id"] == "swipe")
        assert swipe["hidden"] is True
        assert swipe["overrides"]["formats"]["instagram-story"] == {"hidden": False}

    def test_that_are_something_else_are_told_of(self) -> None:
        other = frame("Banner", STORY, [text("Price", "9.90", (1300, 90, 200, 48))])

        found = imported(layout(SQUARE, 90), other)

        assert list(found.data["formats"]) == ["instagram-square"]
        assert "other names" in left_out(found)["Banner"]

    def test_of_one_size_are_told_of(self) -> None:
        found = imported(layout(SQUARE, 90), layout((3000, 0, 1080, 1080), 80))

        assert "size is that of another" in str(left_out(found))

    def test_of_sizes_of_their_own_become_custom_formats(self) -> None:
        found = imported(layout((0, 0, 700, 700), 60), layout((900, 0, 710, 900), 60))

        assert list(found.data["formats"]) == ["custom", "custom-2"]
        assert found.data["formats"]["custom-2"]["label"] == "Post 710 x 900"


class TestNotes:
    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"visible": False}, "hidden"),
            ({"effects": [{"type": "DROP_SHADOW", "visible": True}]}, "drop shadow"),
            ({"blendMode": "LINEAR_BURN"}, "linear burn"),
            ({"fills": [{"type": "VIDEO"}, solid(ACCENT)]}, "video"),
        ],
    )
    def test_says_what_is_left_out(self, more: dict[str, Any], words: str) -> None:
        found = square(
            node(
                "RECTANGLE", "Thing", (0, 0, 90, 90), **{"fills": [solid(INK)], **more}
            ),
            node("RECTANGLE", "Other", (200, 0, 90, 90), fills=[solid(INK)]),
        )

        assert words in left_out(found)["Thing"]

    def test_tells_of_auto_layout(self) -> None:
        inner = text("Headline", "Hello", (100, 100, 300, 48))

        found = square(inner, layoutMode="VERTICAL")

        assert any("auto layout" in note.problem for note in found.notes)


class TestRefusal:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b'{"document": nonsense', "not JSON"),
            (b'{"document": {"children": []}}', "no frame"),
            (b'{"document": 5, "lastModified": ""}', "no frame"),
            (b'{"document": ' + b"[" * 200_000, "not JSON|can't be read"),
            (figma(frame("Empty", (0, 0, 0, 0), [])), "no size"),
        ],
    )
    def test_names_what_is_wrong(self, data: bytes, words: str) -> None:
        with pytest.raises(ImportedFileError, match=words):
            import_file(data, brand=northwind_style())

    def test_names_one_that_is_too_deep(self) -> None:
        inner = node("RECTANGLE", "Dot", (0, 0, 9, 9), fills=[solid(INK)])
        for n in range(60):
            inner = node("GROUP", f"Group {n}", (0, 0, 9, 9), children=[inner])

        with pytest.raises(ImportedFileError, match="deeper than 40"):
            square(inner)

    def test_only_names_errors_of_wrong_values(self) -> None:
        whole = json.loads(figma(layout(SQUARE, 90)))
        wrong: list[Any] = [None, -1, 1e300, "x", [], {}, [[]], True]

        def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
            if isinstance(value, dict | list):
                items = value.items() if isinstance(value, dict) else enumerate(value)
                for key, inner in items:
                    yield (*path, key)
                    yield from places(inner, (*path, key))

        start = ("document", "children", 0, "children", 0)
        found = [path for path in places(whole) if path[: len(start)] == start]
        for index, path in enumerate(found[:: max(1, len(found) // 300)]):
            broken = json.loads(json.dumps(whole))
            node_ = broken
            for key in path[:-1]:
                node_ = node_[key]
            node_[path[-1]] = wrong[index % len(wrong)]
            with suppress(ImportedFileError):
                read_figma(json.dumps(broken).encode(), Notes())
