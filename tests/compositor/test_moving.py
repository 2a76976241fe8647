"""A layout at a moment: what has come, where it is, and what is gone."""

from typing import Any

import pytest

from brandgen.compositor import ImageSource, lay_out_creative, load_document
from brandgen.compositor.display import (
    Drawable,
    DrawImage,
    DrawText,
    GroupStart,
    Layout,
    MoveEnd,
    MoveStart,
    Rect,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.moving import at_moment, at_poster, moves_in, tell_apart
from tests.compositor.moving_documents import line, moving_document, panel, photo
from tests.compositor.pictures import make_photo

FADE = {"type": "fade", "duration_s": 1, "easing": "linear"}
PHOTO = ImageSource(make_photo(400, 200))


def lay_out(data: Any, locale: str = "") -> tuple[Any, Layout]:
    document = load_document(data)
    layout = lay_out_creative(
        document,
        format="banner",
        modifications={"line": "Two words"},
        images={"photo": PHOTO},
        brand=northwind_style(),
        locale=locale,
    )
    return document, layout


def items_at(at_s: float, data: Any, locale: str = "") -> tuple[Drawable, ...]:
    document, layout = lay_out(data, locale)
    nodes = tell_apart(document, layout, "banner", locale)
    return at_moment(layout, nodes, at_s).items


def move_at(at_s: float, data: Any, locale: str = "") -> MoveStart | None:
    """Give how the first layer is moved; None where it is not there or at rest."""
    found = items_at(at_s, data, locale)
    return next((item for item in found if isinstance(item, MoveStart)), None)


class TestAtMoment:
    def test_shows_nothing_before_a_layer_comes(self) -> None:
        data = moving_document(panel({"enter": {**FADE, "delay_s": 0.5}}))

        assert items_at(0.4, data) == ()

    def test_fades_evenly_where_it_is_linear(self) -> None:
        move = move_at(0.25, moving_document(panel({"enter": FADE})))

        assert move is not None
        assert move.opacity == pytest.approx(0.25)

    def test_is_the_layout_once_all_have_come(self) -> None:
        data = moving_document(panel({"enter": FADE, "exit": FADE}), line())

        assert items_at(1.0 - 1e-7, data) == lay_out(data)[1].items

    def test_shows_nothing_at_the_end_of_what_goes(self) -> None:
        assert items_at(2.0, moving_document(panel({"exit": FADE}))) == ()

    @pytest.mark.parametrize(
        ("side", "x", "y"),
        [("start", -90, 0), ("end", 150, 0), ("top", 0, -55), ("bottom", 0, 75)],
    )
    def test_slides_from_beyond_the_edge(self, side: str, x: int, y: int) -> None:
        slide = {**FADE, "type": "slide", "side": side}

        move = move_at(0.5, moving_document(panel({"enter": slide})))

        assert move is not None
        assert (move.x, move.y) == pytest.approx((x, y))

    def test_slides_from_the_other_side_where_lines_run_right_to_left(self) -> None:
        slide = {**FADE, "type": "slide", "side": "start", "distance": 40}
        locales = {"ar": {"direction": "rtl"}}
        data = {**moving_document(panel({"enter": slide})), "locales": locales}
        kept = moving_document(panel({"enter": slide}, mirror=False))

        mirrored, same = move_at(0.5, data, "ar"), move_at(0.5, data)
        fixed = move_at(0.5, {**kept, "locales": locales}, "ar")

        assert mirrored is not None
        assert same is not None
        assert fixed is not None
        assert (mirrored.x, same.x, fixed.x) == pytest.approx((20, -20, -20))

    def test_goes_beyond_its_size_where_it_overshoots(self) -> None:
        pop = {"type": "scale", "size": 0, "duration_s": 1, "easing": "overshoot"}
        data = moving_document(panel({"enter": pop}))

        sizes = [move.scale for n in range(1, 10) if (move := move_at(n / 10, data))]

        assert 1.05 < max(sizes) < 1.15

    def test_uncovers_from_a_side(self) -> None:
        wipe = {**FADE, "type": "wipe", "side": "end"}

        move = move_at(0.25, moving_document(panel({"enter": wipe})))

        assert move is not None
        assert move.clip is not None
        assert move.clip.rects == (Rect(160, 50, 20, 60),)

    def test_types_whole_letters(self) -> None:
        data = moving_document(line({"enter": {"type": "typewriter", "duration_s": 1}}))
        (text,) = (i for i in lay_out(data)[1].items if isinstance(i, DrawText))

        widths = set()
        for step in range(1, 100):
            move = move_at(step / 100, data)
            if move and move.clip:
                widths.add(round(move.clip.rects[-1].right, 2))

        ends = [text.rect.x]
        for piece in text.text.pieces:
            for glyph in piece.run.glyphs:
                ends.append(ends[-1] + glyph.advance * text.text.size_px)
        assert len(widths) >= 8
        whole = text.rect.grown(0.4 * text.text.size_px)
        assert widths <= {round(end, 2) for end in (*ends, whole.x, whole.right)}

    def test_moves_a_stack_and_what_moves_in_it(self) -> None:
        child = line({"enter": {**FADE, "delay_s": 0.2}})
        child.pop("box")
        stack = {
            "type": "stack",
            "id": "copy",
            "children": [child],
            "box": panel()["box"],
            "motion": {"exit": {**FADE, "type": "slide", "side": "top"}},
        }

        kinds = [type(item) for item in items_at(1.1, moving_document(stack))]

        assert kinds == [MoveStart, MoveStart, DrawText, MoveEnd, MoveEnd]

    def test_blends_what_moves_with_what_lies_below(self) -> None:
        data = moving_document(panel({"enter": FADE}, blend="multiply"))

        found = items_at(0.5, data)

        assert isinstance(found[0], GroupStart)
        assert isinstance(found[1], MoveStart)

    def test_zooms_a_picture_within_its_box(self) -> None:
        loop = {"type": "ken_burns", "zoom": 1.5}
        data = moving_document(photo({"loop": loop}, radius=20))

        start, move = items_at(0, data), move_at(1.0, data)

        assert [type(item) for item in start] == [DrawImage]
        assert move is not None
        assert move.scale == pytest.approx(1.25)
        assert move.clip is not None
        assert (move.clip.rects, move.clip.radius) == ((Rect(0, 0, 400, 200),), 20)

    @pytest.mark.parametrize(
        ("loop", "field", "most"),
        [
            ({"type": "pulse", "amount": 0.2}, "scale", 1.2),
            ({"type": "sway", "side": "end", "distance": 12}, "x", 12),
            ({"type": "fade", "opacity": 0.3}, "opacity", 0.3),
        ],
    )
    def test_goes_and_comes_back_in_each_round(
        self, loop: dict[str, Any], field: str, most: float
    ) -> None:
        data = moving_document(panel({"loop": {**loop, "duration_s": 1}}))

        far = [move_at(at_s, data) for at_s in (0.5, 1.5)]

        assert [getattr(move, field) for move in far] == pytest.approx([most] * 2)
        assert move_at(1.0, data) is None


class TestAtPoster:
    def test_leaves_a_layout_alone_without_a_time(self) -> None:
        document, layout = lay_out(moving_document(panel({"enter": FADE})))

        assert at_poster(document, layout, "banner") is layout

    def test_gives_the_moment_that_was_chosen(self) -> None:
        data = moving_document(panel({"enter": FADE}), poster_s=0.5)
        document, layout = lay_out(data)

        found = at_poster(document, layout, "banner")

        assert isinstance(found.items[0], MoveStart)


class TestMovesIn:
    def test_tells_formats_that_move(self) -> None:
        still, moving = moving_document(panel()), moving_document(panel({"exit": FADE}))

        assert not moves_in(load_document(still), "banner")
        assert moves_in(load_document(moving), "banner")
