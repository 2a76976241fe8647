"""Backgrounds are removed from scenes whose truth is known, and no seam is left."""

import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.cutouts import draw, judge
from brandgen.compositor.alpha import clear_edge_colors, find_alpha_box
from brandgen.compositor.cutouts import CutOutError, cut_out
from brandgen.compositor.focal import suggest_focal
from brandgen.compositor.marks import Mark, MarkError, draw_marks, read_marks
from brandgen.compositor.pictures import resize_part
from brandgen.engine.miniature.scenes import Product, Scene

JAR = Scene("plain", "navy", product=Product("jar", "orange", "large"))


def make_disc() -> np.ndarray:
    """Draw a red disc with a soft edge on blue, 200 x 160 px."""
    y, x = np.mgrid[:160, :200]
    share = np.clip(50.5 - np.hypot(x - 90, y - 80), 0, 1)[..., None]
    colors = share * [220, 30, 30] + (1 - share) * [30, 60, 200]
    return colors.astype(np.uint8)


class TestCutOut:
    def test_finds_a_drawn_product_and_its_outline(self) -> None:
        pixels, truth = draw(JAR, 4, 384)

        found = cut_out(pixels).pixels[..., 3].astype(np.float32) / 255

        iou, edge = judge(found, truth)
        assert iou > 0.93
        assert edge < 0.2

    def test_gives_the_same_pixels_each_time(self) -> None:
        pixels, _ = draw(JAR, 4, 256)

        assert np.array_equal(cut_out(pixels).pixels, cut_out(pixels).pixels)

    def test_leaves_nothing_of_the_background_at_the_edge(self) -> None:
        made = cut_out(make_disc()).pixels

        seen = made[made[..., 3] > 40]
        assert seen[:, 2].max() < 90
        assert seen[:, 0].min() > 170

    def test_keeps_and_removes_what_a_person_marks(self) -> None:
        marks = (
            Mark("keep", "box", ((0.85, 0.1), (0.95, 0.2))),
            Mark("remove", "stroke", ((0.45, 0.5),), 0.1),
        )

        alpha = cut_out(make_disc(), marks).pixels[..., 3]

        assert alpha[24, 180] == 255
        assert alpha[80, 90] == 0
        assert alpha[60, 60] == 255

    def test_removes_all_outside_of_a_box(self) -> None:
        pixels = np.hstack([make_disc(), make_disc()])
        box = Mark("within", "box", ((0.05, 0.1), (0.4, 0.9)))

        alpha = cut_out(pixels, (box,)).pixels[..., 3]

        assert not alpha[:, 200:].any()
        assert alpha[80, 90] == 255

    def test_keeps_what_was_transparent_before(self) -> None:
        opaque = np.full((160, 200), 255, np.uint8)
        opaque[:80] = 0

        alpha = cut_out(np.dstack([make_disc(), opaque])).pixels[..., 3]

        assert not alpha[:80].any()
        assert alpha[110, 90] == 255

    def test_says_what_to_do_where_nothing_stands_out(self) -> None:
        with pytest.raises(CutOutError, match="Draw a box"):
            cut_out(np.full((60, 80, 3), 128, np.uint8))

    def test_says_so_where_everything_is_removed(self) -> None:
        with pytest.raises(CutOutError, match="Nothing is left"):
            cut_out(make_disc(), (Mark("remove", "box", ((0, 0), (1, 1))),))

    @pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3)])
    def test_takes_or_refuses_any_size_in_words(self, size: tuple[int, int]) -> None:
        pixels = np.random.default_rng(1).integers(0, 255, (*size, 3), np.uint8)

        try:
            made = cut_out(pixels)
        except CutOutError:
            return
        assert made.pixels.shape == (*size, 4)


class TestClearEdgeColors:
    def test_leaves_whole_pixels_as_they_are(self) -> None:
        pixels = make_disc()
        alpha = (pixels[..., 0] > 125).astype(np.float32)

        cleared = clear_edge_colors(pixels, alpha)

        assert np.array_equal(cleared[alpha == 1], pixels[alpha == 1])


class TestReadMarks:
    def test_reads_what_it_writes(self) -> None:
        marks = (
            Mark("keep", "stroke", ((0.1, 0.2), (0.3, 0.4)), 0.05),
            Mark("within", "box", ((0.0, 0.0), (1.0, 0.5))),
        )

        assert read_marks([mark.as_json() for mark in marks]) == marks

    @pytest.mark.parametrize(
        "mark",
        [
            7,
            {"effect": "paint", "shape": "box", "points": [[0, 0], [1, 1]]},
            {"effect": "keep", "shape": "stroke", "points": []},
            {"effect": "keep", "shape": "stroke", "points": [[0, 2]]},
            {"effect": "keep", "shape": "stroke", "points": [[0, float("nan")]]},
            {"effect": "keep", "shape": "stroke", "points": [[0, 0]], "width": 0},
            {"effect": "keep", "shape": "box", "points": [[0, 0], [0, 1]]},
            {"effect": "within", "shape": "stroke", "points": [[0, 0], [1, 1]]},
        ],
    )
    def test_refuses_what_is_no_mark(self, mark: object) -> None:
        with pytest.raises(MarkError):
            read_marks([mark])

    def test_refuses_more_points_than_a_hand_draws(self) -> None:
        stroke = {"effect": "keep", "shape": "stroke", "points": [[0, 0]] * 2001}

        with pytest.raises(MarkError, match="2001 points"):
            read_marks([stroke])


class TestDrawMarks:
    def test_lets_the_last_mark_count(self) -> None:
        left = Mark("remove", "box", ((0, 0), (0.5, 1)))
        all_of_it = Mark("keep", "box", ((0, 0), (1, 1)))

        kept, removed = draw_marks((left, all_of_it), (20, 10))

        assert kept.all()
        assert not removed.any()


class TestCutOutsInLayouts:
    def test_are_scaled_without_a_seam_of_what_is_not_seen(self) -> None:
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[..., 1] = 255  # green where nothing is seen
        pixels[20:44, 20:44] = (200, 0, 0, 255)

        scaled = resize_part(pixels, (0, 0, 64, 64), (23, 23))

        seen = scaled[scaled[..., 3] > 0]
        assert seen[:, 1].max() == 0
        assert seen[:, 0].min() >= 199

    def test_are_cropped_around_what_is_there(self) -> None:
        pixels = np.zeros((100, 200, 4), np.uint8)
        pixels[60:90, 20:60] = (90, 120, 30, 255)

        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        found = suggest_focal(file.getvalue())

        assert found.point == pytest.approx((0.2, 0.75))
        assert find_alpha_box(pixels) == pytest.approx((0.1, 0.6, 0.3, 0.9))
