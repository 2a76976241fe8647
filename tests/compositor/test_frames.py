"""Frames: what is drawn once and moved looks as what is drawn anew."""

from typing import Any

import numpy as np
import pytest

from brandgen.compositor import ImageSource, lay_out_creative, load_document
from brandgen.compositor.draw import draw
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.frames import Frames
from brandgen.compositor.moving import at_moment, tell_apart
from brandgen.compositor.text import load_text_engine
from tests.compositor.moving_documents import line, moving_document, panel, photo
from tests.compositor.pictures import make_photo

BRAND = northwind_style()
ENGINE = load_text_engine(BRAND.fonts, BRAND.fonts_folder)
IMAGES = {"photo": ImageSource(make_photo(400, 200))}
FADE = {"type": "fade", "duration_s": 1, "easing": "linear"}


def prepare(data: Any, scale: float = 1.0) -> tuple[Frames, Any]:
    document = load_document(data)
    layout = lay_out_creative(
        document,
        format="banner",
        modifications={"line": "Two words"},
        images=IMAGES,
        brand=BRAND,
    )
    nodes = tell_apart(document, layout, "banner")
    options: Any = {"images": IMAGES, "brand": BRAND, "engine": ENGINE, "scale": scale}

    def draw_anew(at_s: float) -> np.ndarray:
        return draw(at_moment(layout, nodes, at_s), **options)[0]

    return Frames(layout, nodes, **options), draw_anew


class TestFrames:
    @pytest.mark.parametrize(
        "motion",
        [
            {"enter": FADE},
            {"enter": {**FADE, "type": "slide", "side": "start"}},
            {"enter": {**FADE, "type": "scale", "size": 0.4}},
            {"enter": {**FADE, "type": "wipe", "side": "bottom"}},
            {"loop": {"type": "sway", "distance": 10}},
        ],
    )
    @pytest.mark.parametrize("scale", [1.0, 0.73])
    def test_look_as_what_is_drawn_anew(
        self, motion: dict[str, Any], scale: float
    ) -> None:
        layers = [photo(), panel(motion), panel({"exit": FADE}, id="over", opacity=0.4)]
        frames, draw_anew = prepare(moving_document(*layers), scale)

        for at_s in (0.0, 0.3, 0.77, 1.0, 1.4):
            off = frames.draw_at(at_s).astype(int) - draw_anew(at_s)
            # Edges that move by parts of a pixel are smoothed twice.
            assert np.abs(off).mean() < 0.6
            assert np.percentile(np.abs(off), 99) < 30

    def test_are_the_still_picture_once_all_is_at_rest(self) -> None:
        data = moving_document(photo(), panel({"enter": FADE}), line({"enter": FADE}))
        frames, draw_anew = prepare(data)

        off = frames.draw_at(1.5).astype(int) - draw_anew(1.5)

        assert np.abs(off).max() <= 1

    def test_blend_what_stands_still_above_what_moves(self) -> None:
        over = panel(id="over", blend="multiply", opacity=0.5)
        data = moving_document(photo({"enter": FADE}), over)
        frames, draw_anew = prepare(data)

        off = frames.draw_at(0.5).astype(int) - draw_anew(0.5)

        assert np.abs(off).max() <= 2

    def test_zoom_into_a_picture_about_its_focal_point(self) -> None:
        loop = {"type": "ken_burns", "zoom": 2, "focal": [0.5, 0.72]}
        frames, _ = prepare(moving_document(photo({"loop": loop})))

        first, last = frames.draw_at(0.0), frames.draw_at(2.0)

        def red(frame: np.ndarray) -> int:
            return int((frame[..., 0].astype(int) - frame[..., 1] > 60).sum())

        assert red(last) > 2.5 * red(first)

    def test_are_one_array_while_nothing_changes(self) -> None:
        frames, _ = prepare(moving_document(panel({"enter": FADE})))

        drawn = list(frames.draw_all([0.2, 0.4, 1.0, 1.2, 1.4]))

        assert drawn[0] is not drawn[1]
        assert drawn[2] is drawn[3] is drawn[4]
        assert (drawn[0] != drawn[1]).any()
