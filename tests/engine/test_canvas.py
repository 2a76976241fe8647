import numpy as np
import pytest

from brandgen.engine.canvas import (
    compose,
    cover_cells,
    extend,
    feather,
    fit_side,
    resize,
    resize_mask,
)
from brandgen.engine.errors import InvalidRequestError


def draw_noise(height: int = 256, width: int = 256, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def make_mask(height: int = 256, width: int = 256) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[100:150, 80:180] = 255
    return mask


class TestCompose:
    def test_keeps_every_byte_outside_the_mask(self) -> None:
        original, drawn, mask = draw_noise(), draw_noise(seed=2), make_mask()

        found = compose(original, drawn, mask)

        assert np.array_equal(found[mask == 0], original[mask == 0])
        assert np.array_equal(found[mask == 255], drawn[mask == 255])

    def test_mixes_where_the_mask_fades(self) -> None:
        black, white = (np.full((2, 1, 3), v, np.uint8) for v in (0, 255))

        found = compose(black, white, np.array([[64], [200]], np.uint8))

        assert found[:, 0, 0].tolist() == [64, 200]

    def test_refuses_two_sizes(self) -> None:
        with pytest.raises(InvalidRequestError, match="differ in size"):
            compose(draw_noise(), draw_noise(128), make_mask())


class TestFeather:
    def test_fades_outside_of_what_was_masked(self) -> None:
        mask = make_mask()

        soft = feather(mask, 16)

        assert (soft[mask == 255] == 255).all()
        row = soft[125].astype(int)
        assert row[50] == 0
        assert 0 < row[74] < row[78] <= 255
        assert (np.diff(row[:80]) >= 0).all()

    def test_can_be_left_out(self) -> None:
        assert np.array_equal(feather(make_mask(), 0), make_mask())


class TestExtend:
    def test_puts_the_picture_where_room_was_asked_for(self) -> None:
        pixels = draw_noise()

        canvas = extend(pixels, left_px=128, top_px=64, bottom_px=64)

        assert canvas.pixels.shape == (384, 384, 3)
        assert canvas.mask.shape == (384, 384)
        assert np.array_equal(canvas.pixels[64:320, 128:], pixels)
        assert (canvas.mask[:64] == 255).all()
        assert (canvas.mask[:, :128] == 255).all()
        assert (canvas.mask[100:280, 160:] == 0).all()

    def test_goes_on_as_the_picture_ends(self) -> None:
        pixels = np.full((256, 256, 3), (0, 128, 128), np.uint8)
        pixels[:, :40] = (250, 240, 220)

        canvas = extend(pixels, left_px=128, right_px=128)

        assert np.abs(canvas.pixels[:, :100].astype(int) - (250, 240, 220)).max() < 8
        assert np.abs(canvas.pixels[:, -100:].astype(int) - (0, 128, 128)).max() < 8

    def test_is_not_led_astray_by_an_odd_last_row(self) -> None:
        ground = np.full((256, 256, 3), 200, np.uint8)
        ground[0] = 120

        filled = extend(ground, top_px=128).pixels

        assert filled[:120].min() > 180

    @pytest.mark.parametrize(
        ("sides", "message"),
        [
            ({}, "No side is extended"),
            ({"left_px": 100}, "would be 356 px wide.* Add 28 px more"),
            ({"bottom_px": 2048}, r"would be 2304 px high.* Add less"),
            ({"top_px": -1}, "The top side to add is -1"),
        ],
    )
    def test_refuses_a_canvas_that_cannot_be_drawn(
        self, sides: dict[str, int], message: str
    ) -> None:
        with pytest.raises(InvalidRequestError, match=message):
            extend(draw_noise(), **sides)


class TestResize:
    def test_leaves_a_fitting_picture_alone(self) -> None:
        pixels = draw_noise()

        assert resize(pixels, 256, 256) is pixels
        assert resize(pixels, 384, 128).shape == (128, 384, 3)
        assert resize_mask(make_mask(), 384, 128).shape == (128, 384)


class TestFitSide:
    @pytest.mark.parametrize(
        ("side", "fitting"), [(10, 256), (500, 512), (600, 640), (9000, 2048)]
    )
    def test_finds_the_nearest_side(self, side: int, fitting: int) -> None:
        assert fit_side(side) == fitting


class TestCoverCells:
    def test_takes_every_cell_that_is_touched(self) -> None:
        mask = np.zeros((256, 256), np.uint8)
        mask[0:50, 0:128] = 255

        cells = cover_cells(mask, 6, 6)

        assert cells.tolist()[:3] == [[1, 1, 1, 0, 0, 0]] * 2 + [[0] * 6]
