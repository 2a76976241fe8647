"""Layouts of Photoshop as templates: texts, shapes, groups, masks; what is left out."""

from typing import Any

import numpy as np
import pytest
from psd_tools.constants import BlendMode

from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.kinds import import_file
from brandgen.compositor.svg.importing import Imported
from brandgen.compositor.svg.notes import SvgError
from tests.compositor.importing.psds import (
    add_pixels,
    add_shape,
    add_stroke,
    add_text,
    new,
    rectangle,
    saved,
    set_outline,
)


def imported(document: Any) -> Imported:
    return import_file(saved(document), brand=northwind_style(), name="Post")


def layers(found: Imported, kind: str) -> list[dict[str, Any]]:
    return [one for one in found.data["layers"] if one["type"] == kind]


def said(found: Imported) -> list[str]:
    slots = found.data["slots"].values()
    return [slot["example"] for slot in slots if slot["type"] == "text"]


def left_out(found: Imported) -> dict[str, str]:
    notes = [note for note in found.notes if note.kind == "left out"]
    return {note.element: note.problem for note in notes}


class TestTexts:
    def test_becomes_a_slot_with_name_size_font_and_color(self) -> None:
        document = new()
        look = {"size": 108, "font": "Inter-ExtraBold", "color": (0.043, 0.235, 0.286)}
        add_text(document, "Headline", [("Made for mornings", look)], at=(108, 540))

        found = imported(document)

        [text] = layers(found, "text")
        assert (text["id"], text["slot"], text["largest"]) == (
            "headline",
            "headline",
            "10%",
        )
        assert text["color"] == "primary"
        assert found.data["tokens"]["fonts"][text["font"]]["weight"] == 800
        assert found.notes == () or left_out(found) == {}
        assert found.data["formats"]["instagram-square"] == {"use": "instagram-square"}

    def test_keeps_its_lines_and_what_is_emphasized(self) -> None:
        document = new()
        runs = [
            ("Made for\rbrighter ", {}),
            ("mornings", {"color": (0.957, 0.502, 0.235)}),
        ]
        add_text(document, "Headline", runs)

        found = imported(document)

        assert said(found) == ["Made for\nbrighter *mornings*"]

    @pytest.mark.parametrize(
        ("justification", "align"), [(0, "start"), (1, "end"), (2, "center")]
    )
    def test_is_aligned_as_it_was(self, justification: int, align: str) -> None:
        document = new()
        add_text(
            document,
            "Headline",
            [("Made for\rmornings", {})],
            at=(400, 300),
            justification=justification,
        )

        [text] = layers(imported(document), "text")

        assert text["align"] == align

    def test_breaks_the_lines_of_a_text_in_a_box_as_its_height_says(self) -> None:
        document = new()
        words = "Stoneware that keeps its warmth in six new colors made by the sea"
        add_text(
            document, "Copy", [(words, {"size": 30})], box=(100, 800, 420, 30 + 2 * 36)
        )

        found = imported(document)

        [text] = said(found)
        [layer] = layers(found, "text")
        assert text.replace("\n", " ") == words
        assert layer["max_lines"] == 3
        assert any("broken anew" in note.problem for note in found.notes)

    def test_takes_tracking_capitals_leading_and_faux_bold(self) -> None:
        document = new()
        look = {"tracking": 200, "caps": True, "bold": True, "size": 20, "leading": 30}
        add_text(document, "Kicker", [("Summer\redition", look)])

        found = imported(document)

        [text] = layers(found, "text")
        assert text["letter_spacing_em"] == pytest.approx(0.2)
        assert text["transform"] == "upper"
        assert text["line_height"] == pytest.approx(1.5)
        assert found.data["tokens"]["fonts"][text["font"]]["weight"] == 700

    def test_scales_with_its_transform_and_tells_of_a_turn(self) -> None:
        document = new()
        add_text(document, "Twice", [("Twice", {"size": 27})], matrix=(2, 0, 0, 2))
        add_text(document, "Turned", [("Turned", {})], matrix=(0.9, 0.4, -0.4, 0.9))

        found = imported(document)

        assert layers(found, "text")[0]["largest"] == "5%"
        assert any(
            note.element == "Turned" and "upright" in note.problem
            for note in found.notes
        )


class TestShapes:
    def test_is_filled_with_its_color(self) -> None:
        document = new()
        add_shape(document, "Button", rectangle(100, 900, 300, 80))

        [shape] = layers(imported(document), "shape")

        assert shape["id"] == "button"
        assert shape["fill"] == {"type": "solid", "color": "accent"}
        assert shape["box"]["x"]["size"] == "27.778%"

    def test_is_filled_with_a_gradient(self) -> None:
        document = new()
        ends = ((11, 60, 73), (244, 128, 60))
        add_shape(document, "Band", rectangle(0, 900, 540, 80), gradient=ends)

        [shape] = layers(imported(document), "shape")

        assert shape["fill"]["angle_deg"] == 0
        stops = [(stop["at"], stop["color"]) for stop in shape["fill"]["stops"]]
        assert stops == [(0, "primary"), (1, "accent")]

    def test_has_its_line(self) -> None:
        document = new()
        star = [(500, 100), (560, 300), (400, 180), (600, 180), (440, 300)]
        layer = add_shape(document, "Star", star)
        add_stroke(layer, (11, 60, 73), 6)

        [path] = layers(imported(document), "path")

        assert path["is_even_odd"]
        assert path["stroke"] == {"color": "primary", "width": "0.556%"}


class TestPixels:
    def test_becomes_a_place_for_a_picture(self) -> None:
        document = new()
        add_pixels(document, "Photo", (0, 0, 1080, 600))

        found = imported(document)

        [image] = layers(found, "image")
        assert found.data["slots"][image["slot"]]["label"] == "Photo"
        assert "not kept" in left_out(found)["Photo"]

    def test_of_one_color_becomes_a_rectangle_or_the_background(self) -> None:
        document = new()
        add_pixels(document, "Ground", (0, 0, 1080, 1080), "#fff4e3")
        add_pixels(document, "Band", (0, 900, 1080, 80), "#0b3c49")

        found = imported(document)

        assert found.data["background"] == "background"
        [band] = layers(found, "shape")
        assert band["fill"]["color"] == "primary"

    def test_is_cut_to_the_layer_below_that_it_is_clipped_to(self) -> None:
        document = new()
        add_shape(document, "Window", rectangle(100, 100, 300, 400))
        photo = add_pixels(document, "Photo", (0, 0, 1080, 600))
        photo.clipping = True

        [image] = layers(imported(document), "image")

        box = image["box"]
        assert (box["x"]["size"], box["y"]["size"]) == ("27.778%", "37.037%")

    def test_is_cut_to_its_own_outline(self) -> None:
        document = new()
        photo = add_pixels(document, "Photo", (0, 0, 1080, 600))
        set_outline(photo, rectangle(540, 0, 540, 540))

        [image] = layers(imported(document), "image")

        assert image["box"]["x"] == {"anchor": "end", "size": "50%"}


class TestGroups:
    def test_keeps_groups_opacity_and_blending(self) -> None:
        document = new()
        one = add_shape(document, "One", rectangle(100, 100, 300, 80))
        two = add_shape(document, "Two", rectangle(100, 300, 300, 80))
        two.blend_mode = BlendMode.MULTIPLY
        group = document.create_group([one, two], name="Offer")
        group.opacity = 128

        [found] = layers(imported(document), "group")

        assert (found["id"], found["opacity"]) == ("offer", 0.502)
        assert [child["id"] for child in found["children"]] == ["one", "two"]
        assert found["children"][1]["blend"] == "multiply"

    def test_says_what_is_hidden_and_which_blend_mode_is_not_known(self) -> None:
        document = new()
        add_shape(document, "Seen", rectangle(100, 100, 300, 80))
        add_shape(document, "Hidden", rectangle(100, 300, 300, 80)).visible = False
        burned = add_shape(document, "Burned", rectangle(100, 500, 300, 80))
        burned.blend_mode = BlendMode.LINEAR_BURN

        found = imported(document)

        assert "hidden" in left_out(found)["Hidden"]
        assert "linear burn" in left_out(found)["Burned"]
        assert [one["id"] for one in found.data["layers"]] == ["seen", "burned"]


class TestRefusal:
    def test_names_a_damaged_file(self) -> None:
        with pytest.raises(ImportedFileError, match="PSD can't be read"):
            import_file(b"8BPS\x00\x01nonsense", brand=northwind_style())

    def test_names_one_without_layers(self) -> None:
        with pytest.raises(ImportedFileError, match="no layers"):
            imported(new())

    def test_names_one_that_is_too_large(self) -> None:
        data = bytearray(saved(new((64, 64))))
        data[14:22] = (30_000).to_bytes(4, "big") * 2

        with pytest.raises(ImportedFileError):
            import_file(bytes(data), brand=northwind_style())

    def test_only_names_errors_of_damaged_files(self) -> None:
        random = np.random.default_rng(7)
        document = new((200, 200))
        add_text(document, "Hello", [("Hello there", {})])
        add_shape(document, "Box", rectangle(10, 10, 50, 50))
        whole = saved(document)

        for _ in range(12):
            data = np.frombuffer(whole, np.uint8).copy()
            places = random.integers(4, len(data), 30)
            data[places] = random.integers(0, 256, 30)
            try:
                import_file(data.tobytes(), brand=northwind_style())
            except (ImportedFileError, SvgError):
                continue
