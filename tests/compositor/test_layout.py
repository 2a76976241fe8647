"""Layout as pure data: anchors, percentages, plates, direction, gradients."""

from typing import Any

import pytest

from brandgen.compositor import load_document
from brandgen.compositor.display import (
    DrawImage,
    DrawShape,
    DrawText,
    Layout,
    Rect,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.layout import lay_out
from brandgen.compositor.text import load_text_engine
from tests.compositor.pictures import plain_document, text_layer

BRAND = northwind_style()


def laid_out(
    *layers: dict[str, Any], line: str = "Hello", images: tuple[str, ...] = ()
) -> Layout:
    return lay_out(
        load_document(plain_document(*layers)),
        format_name="banner",
        texts={"line": line},
        images=frozenset(images),
        brand=BRAND,
        engine=load_text_engine(()),
        logo_shapes={"primary": 4.0},
    )


def shape(x: dict[str, Any], y: dict[str, Any], **fields: Any) -> dict[str, Any]:
    fill = {"type": "solid", "color": "ink"}
    box = {"x": x, "y": y}
    return {"type": "shape", "id": "shape", "fill": fill, "box": box, **fields}


class TestLayOut:
    @pytest.mark.parametrize(
        ("axis", "expected"),
        [
            ({"anchor": "start", "size": 100, "offset": 10}, (10, 100)),
            ({"anchor": "end", "size": 100, "offset": 10}, (290, 100)),
            ({"anchor": "center", "size": 100, "offset": 10}, (160, 100)),
            ({"anchor": "both", "start": 10, "end": 30}, (10, 360)),
            ({"anchor": "scale", "start": 0.25, "size": 0.5}, (100, 200)),
            ({"anchor": "start", "size": "10%", "offset": "5%"}, (10, 20)),
            ({"anchor": "both", "start": 300, "end": 300}, (300, 1)),
        ],
    )
    def test_places_a_box_by_its_anchor(
        self, axis: dict[str, Any], expected: tuple[float, float]
    ) -> None:
        whole = {"anchor": "both"}

        rect = laid_out(shape(axis, whole)).boxes["shape"]

        assert (rect.x, rect.width) == expected
        assert (rect.y, rect.height) == (0, 200)

    def test_draws_in_the_order_of_the_document(self) -> None:
        edge = {"anchor": "both"}

        layout = laid_out(shape(edge, edge), text_layer())

        assert [item.layer for item in layout.items] == ["shape", "line"]

    def test_hugs_a_text_with_its_plate(self) -> None:
        plate = {"color": "ink", "padding_x": 10, "padding_y": 5, "radius": 999}

        layout = laid_out(text_layer(plate=plate, color="paper", valign="end"))

        ground, text = layout.items
        assert isinstance(ground, DrawShape)
        assert isinstance(text, DrawText)
        assert ground.rect.width == pytest.approx(text.rect.width + 20)
        assert ground.rect.height == pytest.approx(text.rect.height + 10)
        assert ground.radius == pytest.approx(ground.rect.height / 2)
        assert ground.rect.bottom == pytest.approx(180)

    def test_sets_right_to_left_text_from_the_other_side(self) -> None:
        left = laid_out(text_layer(), line="Hello").boxes["line"]
        right = laid_out(text_layer(), line="שלום").boxes["line"]

        assert left.x == pytest.approx(20)
        assert right.right == pytest.approx(380)

    def test_leaves_out_what_is_hidden_or_has_no_value(self) -> None:
        picture = {
            "type": "image",
            "id": "photo",
            "slot": "photo",
            "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
        }
        edge = {"anchor": "both"}
        bound = shape(edge, edge, visible_if="photo")

        without = laid_out(picture, bound, text_layer(hidden=True))
        filled = laid_out(picture, bound, text_layer(), images=("photo",))

        assert without.items == ()
        assert [i.layer for i in filled.items] == ["photo", "shape", "line"]
        assert isinstance(filled.items[0], DrawImage)

    def test_eases_a_scrim_from_nothing_to_its_strength(self) -> None:
        fill = {"type": "scrim", "color": "ink", "opacity": 0.8, "strongest": "top"}
        edge = {"anchor": "both"}

        item = laid_out(shape(edge, edge, fill=fill)).items[0]

        assert isinstance(item, DrawShape)
        strengths = [stop.opacity for stop in item.paint.stops]
        assert strengths == sorted(strengths)
        assert (strengths[0], strengths[-1]) == (0, pytest.approx(0.8))
        assert item.paint.angle_deg == 270

    def test_reports_a_stack_that_is_too_full(self) -> None:
        child = {k: v for k, v in text_layer(smallest=60).items() if k != "box"}
        stack = {
            "type": "stack",
            "id": "stack",
            "box": {"x": {"anchor": "both"}, "y": {"anchor": "start", "size": 80}},
            "children": [child, {**child, "id": "again"}],
        }

        layout = laid_out(stack)

        assert "stack-fit" in {f.rule for f in layout.findings}

    def test_reports_text_outside_the_safe_zone(self) -> None:
        formats = {
            "banner": {"width_px": 400, "height_px": 200, "safe_zone": {"left": 40}}
        }
        layout = lay_out(
            load_document(plain_document(text_layer(), formats=formats)),
            format_name="banner",
            texts={"line": "Hello"},
            images=frozenset(),
            brand=BRAND,
            engine=load_text_engine(()),
            logo_shapes={},
        )

        assert [f.place for f in layout.findings if f.rule == "safe-zone"] == ["line"]


def placed(
    *layers: dict[str, Any],
    line: str = "Hello",
    locale: str = "",
    format_name: str = "banner",
    **fields: Any,
) -> Layout:
    locales = {"ar": {"direction": "rtl"}, "de": {}}
    data = plain_document(*layers, **{"locales": locales, **fields})
    return lay_out(
        load_document(data),
        format_name=format_name,
        texts={"line": line},
        images=frozenset(),
        brand=BRAND,
        engine=load_text_engine(()),
        logo_shapes={"primary": 4.0},
        locale=locale,
    )


WHOLE = {"anchor": "both"}
LEFT = {"anchor": "start", "size": 100, "offset": 10}


class TestAttached:
    @pytest.mark.parametrize(
        ("axis", "expected"),
        [
            ({"anchor": "after", "size": 50, "gap": 5}, (115, 50)),
            ({"anchor": "after"}, (110, 290)),
            ({"anchor": "before", "size": 5, "gap": 2}, (3, 5)),
            ({"anchor": "before"}, (0, 10)),
            ({"anchor": "along"}, (10, 100)),
            ({"anchor": "along", "size": 40, "align": "end", "gap": 3}, (73, 40)),
        ],
    )
    def test_stands_by_the_other_box(
        self, axis: dict[str, Any], expected: tuple[float, float]
    ) -> None:
        follower = shape({**axis, "to": "first"}, WHOLE, id="follower")

        layout = placed(follower, shape(LEFT, WHOLE, id="first"))

        box = layout.boxes["follower"]
        assert (box.x, box.width) == expected
        assert [item.layer for item in layout.items] == ["follower", "first"]

    def test_follows_the_lines_of_a_text(self) -> None:
        rule = shape(WHOLE, {"anchor": "after", "to": "line", "size": 4}, id="rule")

        short, long = (
            placed(rule, text_layer(), line=line).boxes
            for line in ("Hi", "A text of several lines that goes on and on")
        )

        assert short["rule"].y == pytest.approx(short["line"].bottom)
        assert long["rule"].y > short["rule"].y

    def test_moves_up_where_the_other_does_not_show(self) -> None:
        rule = shape(
            WHOLE, {"anchor": "after", "to": "line", "gap": 9, "size": 4}, id="rule"
        )

        layout = placed(rule, text_layer(), line="")

        assert layout.boxes["rule"].y == 20

    def test_follows_a_child_of_a_stack(self) -> None:
        child = {k: v for k, v in text_layer().items() if k != "box"}
        stack = {
            "type": "stack",
            "id": "stack",
            "box": {"x": WHOLE, "y": WHOLE},
            "children": [child],
        }
        rule = shape(WHOLE, {"anchor": "after", "to": "line", "size": 4}, id="rule")

        boxes = placed(rule, stack).boxes

        assert boxes["rule"].y == pytest.approx(boxes["line"].bottom)


class TestMirroring:
    def test_turns_boxes_around(self) -> None:
        kept = shape(LEFT, WHOLE, id="kept", mirror=False)
        after = shape({"anchor": "after", "to": "shape", "size": 20}, WHOLE, id="after")

        boxes = placed(shape(LEFT, WHOLE), kept, after, locale="ar").boxes

        assert boxes["shape"].x == 290
        assert boxes["kept"].x == 10
        assert boxes["after"].right == 290

    def test_sets_latin_text_from_the_right(self) -> None:
        assert placed(text_layer(), locale="ar").boxes["line"].right == pytest.approx(
            380
        )

    def test_turns_a_scrim_and_keeps_what_is_upright(self) -> None:
        angles = []
        for strongest in ("left", "top"):
            fill = {"type": "scrim", "color": "ink", "strongest": strongest}
            item = placed(shape(WHOLE, WHOLE, fill=fill), locale="ar").items[0]
            assert isinstance(item, DrawShape)
            angles.append(item.paint.angle_deg)

        assert angles == [0, 270]


class TestOverrides:
    def test_go_from_class_to_format_to_locale(self) -> None:
        layer = shape(
            LEFT,
            WHOLE,
            overrides={
                "classes": {"landscape": {"opacity": 0.2, "radius": 2}},
                "formats": {"banner": {"opacity": 0.3, "label": "Banner"}},
                "locales": {"de": {"opacity": 0.4}},
            },
        )
        document = load_document(
            plain_document(
                layer,
                formats={
                    "banner": {"width_px": 400, "height_px": 200},
                    "other": {"width_px": 400, "height_px": 200},
                    "tall": {"width_px": 100, "height_px": 200},
                },
                locales={"de": {}},
            )
        )

        found = {
            (name, locale): document.layers_in(name, locale)[0].opacity
            for name in document.formats
            for locale in ("", "de")
        }

        assert found == {
            ("banner", ""): 0.3,
            ("banner", "de"): 0.4,
            ("other", ""): 0.2,
            ("other", "de"): 0.4,
            ("tall", ""): 1,
            ("tall", "de"): 0.4,
        }

    def test_share_what_does_not_differ(self) -> None:
        document = load_document(plain_document(text_layer(), locales={"de": {}}))

        assert document.layers_in("banner")[0] is document.layers_in("banner", "de")[0]


class TestPlaceholder:
    def test_fails_until_the_example_is_replaced(self) -> None:
        slots = {
            "line": {"type": "text", "example": "Your line", "change_required": True}
        }

        rules = [
            {f.rule for f in placed(text_layer(), line=line, slots=slots).findings}
            for line in ("Your line ", "Our line")
        ]

        assert ["placeholder" in found for found in rules] == [True, False]


class TestRect:
    def test_does_not_overlap_what_it_only_touches(self) -> None:
        rect = Rect(0, 0, 10, 10)

        assert not rect.overlaps(Rect(10, 0, 5, 5))
        assert rect.overlaps(Rect(9, 9, 5, 5))
        assert rect.holds(Rect(0, 0, 10, 10))
        assert not rect.holds(Rect(0, 0, 11, 10))
