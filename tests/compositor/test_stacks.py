"""Stacks: along and across, hugging and filling, wrapping, mirrored."""

from typing import Any

import pytest

from brandgen.compositor import load_document
from brandgen.compositor.display import DrawShape, Layout
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.layout import lay_out
from brandgen.compositor.text import load_text_engine
from tests.compositor.pictures import plain_document, text_layer

WHOLE = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}


def block(
    id_: str, width: float | str | None, height: float | str, **fields: Any
) -> dict[str, Any]:
    size = {"height": height} if width is None else {"width": width, "height": height}
    ground = {"type": "solid", "color": "ink"}
    return {"type": "shape", "id": id_, "fill": ground, "size": size, **fields}


def words(id_: str = "line", **fields: Any) -> dict[str, Any]:
    return {
        **{k: v for k, v in text_layer().items() if k != "box"},
        "id": id_,
        **fields,
    }


def laid_out(
    *children: dict[str, Any], locale: str = "", line: str = "Hello", **fields: Any
) -> Layout:
    stack = {"type": "stack", "id": "stack", "box": WHOLE, "children": list(children)}
    locales = {"ar": {"direction": "rtl"}}
    return lay_out(
        load_document(plain_document({**stack, **fields}, locales=locales)),
        format_name="banner",
        texts={"line": line},
        images=frozenset(),
        brand=northwind_style(),
        engine=load_text_engine(()),
        logo_shapes={"primary": 4.0},
        locale=locale,
    )


def spans(layout: Layout, axis: str = "x") -> dict[str, tuple[float, float]]:
    side = "width" if axis == "x" else "height"
    return {
        name: (getattr(box, axis), getattr(box, side))
        for name, box in layout.boxes.items()
        if name != "stack"
    }


class TestRow:
    def test_sets_children_side_by_side(self) -> None:
        layout = laid_out(
            block("a", 50, 40), block("b", 70, 80), direction="row", gap=10,
            align="center", padding_x=20,
        )  # fmt: skip

        assert spans(layout) == {"a": (20, 50), "b": (80, 70)}
        assert spans(layout, "y") == {"a": (80, 40), "b": (60, 80)}

    @pytest.mark.parametrize(
        ("justify", "first"), [("start", 0), ("center", 150), ("end", 300)]
    )
    def test_is_justified(self, justify: str, first: float) -> None:
        layout = laid_out(
            block("a", 40, 40), block("b", 60, 40), direction="row", justify=justify
        )

        assert layout.boxes["a"].x == first

    def test_spreads_what_is_between(self) -> None:
        parts = [block(name, 50, 40) for name in "abc"]

        layout = laid_out(*parts, direction="row", justify="between", gap=10)

        assert spans(layout) == {"a": (0, 50), "b": (175, 50), "c": (350, 50)}

    def test_gives_what_is_left_to_those_that_fill(self) -> None:
        layout = laid_out(
            block("a", 100, 40), block("b", "fill", "fill"), block("c", "fill", 40),
            direction="row", gap=10,
        )  # fmt: skip

        assert spans(layout) == {"a": (0, 100), "b": (110, 140), "c": (260, 140)}
        assert layout.boxes["b"].height == 40

    def test_hugs_a_text_and_gives_it_what_others_leave(self) -> None:
        layout = laid_out(words(), block("a", 60, 40), direction="row", gap=10)

        text = layout.boxes["line"]
        assert layout.boxes["a"].x == pytest.approx(text.width + 10, abs=2)

        long = laid_out(
            words(), block("a", 60, 40), direction="row", gap=10,
            line="A much longer line of text than fits beside it",
        )  # fmt: skip
        assert long.boxes["a"].right <= 400.5

    def test_wraps_into_lines(self) -> None:
        parts = [block(name, 150, 40) for name in "abc"]

        layout = laid_out(*parts, direction="row", wrap=True, gap=10)

        assert spans(layout) == {"a": (0, 150), "b": (160, 150), "c": (0, 150)}
        assert spans(layout, "y") == {"a": (0, 40), "b": (0, 40), "c": (50, 40)}

    def test_runs_from_the_right_where_a_locale_does(self) -> None:
        parts = [block(name, 50, 40) for name in "ab"]

        layout = laid_out(*parts, direction="row", gap=10, locale="ar")

        assert spans(layout) == {"a": (350, 50), "b": (290, 50)}


class TestColumn:
    def test_aligns_children_across(self) -> None:
        layout = laid_out(block("a", 100, 40), block("b", None, 20), align="end")

        assert spans(layout) == {"a": (300, 100), "b": (0, 400)}

    def test_mirrors_its_alignment(self) -> None:
        layout = laid_out(block("a", 100, 40), locale="ar")

        assert spans(layout) == {"a": (300, 100)}

    def test_leaves_room_for_the_gap_after_what_fills(self) -> None:
        layout = laid_out(
            block("a", "fill", 40), block("b", 100, 40), direction="row", gap=20
        )

        assert layout.boxes["a"].width == 280
        assert layout.boxes["b"].x == 300
        assert not layout.findings

    def test_fills_what_is_left_below(self) -> None:
        layout = laid_out(block("a", None, 50), block("b", None, "fill"), gap=10)

        assert spans(layout, "y") == {"a": (0, 50), "b": (60, 140)}

    def test_paints_a_ground_that_hugs_it(self) -> None:
        fill = {"type": "solid", "color": "paper"}

        layout = laid_out(
            block("a", 100, 40), justify="center", align="center", padding_x=20,
            padding_y=10, ground=fill, radius=8,
        )  # fmt: skip

        ground = layout.items[0]
        assert isinstance(ground, DrawShape)
        assert (ground.rect.x, ground.rect.width) == (130, 140)
        assert (ground.rect.y, ground.rect.height) == (70, 60)


class TestNested:
    def test_hugs_its_own_children(self) -> None:
        inner = {
            "type": "stack",
            "id": "inner",
            "direction": "row",
            "gap": 10,
            "padding_x": 5,
            "size": {"width": "hug"},
            "children": [block("a", 50, 40), block("b", 70, 60)],
        }

        layout = laid_out(inner, block("c", None, 20), gap=10)

        assert (layout.boxes["inner"].width, layout.boxes["inner"].height) == (140, 60)
        assert layout.boxes["c"].y == 70

    def test_takes_no_room_when_it_is_empty(self) -> None:
        inner = {
            "type": "stack",
            "id": "inner",
            "children": [block("a", 50, 40, hidden=True)],
        }

        layout = laid_out(inner, block("c", None, 20), gap=10)

        assert layout.boxes["c"].y == 0

    def test_shrinks_its_texts_with_the_others(self) -> None:
        inner = {"type": "stack", "id": "inner", "children": [words("inner-line")]}

        layout = laid_out(words(), inner, line="Some longer words " * 3)

        bottom = max(box.bottom for box in layout.boxes.values())
        assert bottom <= 200.5
