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


class TestRect:
    def test_does_not_overlap_what_it_only_touches(self) -> None:
        rect = Rect(0, 0, 10, 10)

        assert not rect.overlaps(Rect(10, 0, 5, 5))
        assert rect.overlaps(Rect(9, 9, 5, 5))
        assert rect.holds(Rect(0, 0, 10, 10))
        assert not rect.holds(Rect(0, 0, 11, 10))
