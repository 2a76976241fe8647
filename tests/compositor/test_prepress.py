"""A display list for print: blacks are deep, blends are pictures of themselves."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skia

from brandgen.compositor.display import (
    Drawable,
    DrawShape,
    GroupEnd,
    GroupStart,
    Layout,
    Paint,
    Rect,
    Stop,
)
from brandgen.compositor.fills import Blend
from brandgen.compositor.painting import draw_shape, group_paint
from brandgen.compositor.prepress import Patch, deepen_blacks, flatten_blends

PAGE = Rect(0, 0, 40, 20)


def shape(color: str, rect: Rect = PAGE) -> DrawShape:
    paint = Paint((Stop(0, color, 1),))
    return DrawShape("shape", "rect", rect, 0, paint, 1.0)


def group(*inner: Drawable, blend: Blend = "screen") -> list[Drawable]:
    start = GroupStart("group", PAGE, "none", 0, 1.0, blend)
    return [start, *inner, GroupEnd("group", PAGE)]


def draw(canvas: Any, item: Drawable) -> None:
    if isinstance(item, GroupStart):
        canvas.saveLayer(None, group_paint(item))
    elif isinstance(item, GroupEnd):
        canvas.restore()
    elif isinstance(item, DrawShape):
        draw_shape(canvas, item)


def flatten(items: list[Drawable], **fields: Any) -> list[Drawable | Patch]:
    options = {"whole": PAGE, "background": "#ffffff", "scale": 2.0} | fields
    return list(flatten_blends(items, draw=draw, **options))


class TestFlattenBlends:
    def test_leaves_what_is_not_blended(self) -> None:
        items = [shape("#ff0000"), *group(shape("#00ff00"), blend="normal")]

        assert flatten(items) == items

    def test_pictures_what_a_group_changes_and_no_more(self) -> None:
        small = Rect(10, 5, 20, 10)
        items = [shape("#ff0000"), *group(shape("#0000ff", small))]

        kept, patch = flatten(items)

        assert kept == items[0]
        assert isinstance(patch, Patch)
        assert patch.rect == small
        assert patch.pixels.shape == (20, 40, 4)
        assert (patch.pixels == (255, 0, 255, 255)).all()

    def test_is_clear_where_a_group_changes_nothing(self) -> None:
        corners = [shape("#0000ff", Rect(x, x / 2, 4, 2)) for x in (0, 36)]

        _, patch = flatten([shape("#ff0000"), *group(*corners)])

        assert isinstance(patch, Patch)
        assert patch.pixels[20, 40, 3] == 0
        assert (patch.pixels[0, 0] == (255, 0, 255, 255)).all()

    def test_leaves_out_what_changes_nothing_at_all(self) -> None:
        items = [shape("#ffffff"), *group(shape("#ff0000"))]

        assert flatten(items) == items[:1]

    def test_sees_earlier_patches_below(self) -> None:
        items = [
            shape("#400000"),
            *group(shape("#004000")),
            *group(shape("#000040")),
        ]

        *_, last = flatten(items)

        assert isinstance(last, Patch)
        assert (last.pixels[5, 5] == (0x40, 0x40, 0x40, 255)).all()

    def test_pictures_the_outermost_group(self) -> None:
        items = group(*group(shape("#00ff00"), blend="hue"), blend="normal")

        found = flatten([shape("#ff0000"), *items])

        assert [type(item) for item in found] == [DrawShape, Patch]

    def test_goes_on_into_the_bleed(self) -> None:
        whole = PAGE.grown(3)
        items = [shape("#ff0000", whole), *group(shape("#0000ff", whole))]

        _, patch = flatten(items, whole=whole)

        assert isinstance(patch, Patch)
        assert patch.rect == whole

    def test_lies_where_it_was_at_odd_scales(self) -> None:
        whole = PAGE.grown(2.7)
        items = group(shape("#0000ff", Rect(10, 5, 20, 10)), blend="multiply")

        (patch,) = flatten(items, whole=whole, scale=1.37)

        assert isinstance(patch, Patch)
        assert patch.rect.x == pytest.approx(10, abs=1)
        assert patch.rect.right == pytest.approx(30, abs=1)
        assert patch.rect.bottom == pytest.approx(15, abs=1)
        assert np.asarray(patch.pixels).flags.c_contiguous
        assert skia.Image.fromarray(patch.pixels).width() == patch.pixels.shape[1]


class TestDeepenBlacks:
    layout = Layout(40, 20, "#808080", (shape("#000000"), shape("#0a2a33")), {}, ())

    def test_tells_neutral_shapes_from_letters(self) -> None:
        deep = deepen_blacks(self.layout, {})

        assert deep.background == "#808081"
        assert [i.paint.stops[0].color for i in deep.items] == [  # type: ignore[union-attr]
            "#000001",
            "#0a2a33",
        ]

    def test_leaves_white_and_the_brands_own(self) -> None:
        white = replace(self.layout, background="#FFFFFF")
        own = {"#000000": (60.0, 40.0, 40.0, 100.0)}

        deep = deepen_blacks(white, own)

        assert deep == white
