"""The fast gradient against skia's: equal to the eye."""

import numpy as np
import pytest
import skia

from brandgen.compositor.display import DrawShape, Paint, Rect, Stop
from brandgen.compositor.draw import draw_shape
from brandgen.compositor.shade import shade


def ground() -> np.ndarray:
    pixels = np.random.default_rng(2).integers(0, 255, (61, 83, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def item(angle: float, radius: float = 0, x: float = 5) -> DrawShape:
    stops = tuple(Stop(t, "#0a2a33", 0.9 * t * t) for t in (0, 0.25, 0.5, 0.75, 1))
    rect = Rect(x, 7, 70, 50)
    return DrawShape("shade", "rect", rect, radius, Paint(stops, angle), 0.8)


class TestShade:
    @pytest.mark.parametrize("angle", [0, 90, 180, 270, -90, 360])
    def test_agrees_with_skia(self, angle: float) -> None:
        ours, theirs = ground(), ground()
        surface = skia.Surface(theirs, skia.ColorType.kRGBA_8888_ColorType)

        done = shade(ours, item(angle), 1.0)
        draw_shape(surface.getCanvas(), item(angle))

        assert done
        difference = ours.astype(int) - theirs
        assert np.abs(difference).max() <= 3
        assert abs(difference.mean()) < 0.2

    def test_leaves_the_pixels_outside_alone(self) -> None:
        pixels = ground()

        shade(pixels, item(90), 1.0)

        untouched = np.ones(pixels.shape[:2], bool)
        untouched[7:57, 5:75] = False
        assert (pixels[untouched] == ground()[untouched]).all()

    @pytest.mark.parametrize(
        "other", [item(45), item(90, radius=4), item(90, x=5.5), item(90, x=-3)]
    )
    def test_leaves_other_kinds_to_skia(self, other: DrawShape) -> None:
        pixels = ground()

        assert not shade(pixels, other, 1.0)
        assert (pixels == ground()).all()

    def test_goes_by_single_levels_on_a_flat_ground(self) -> None:
        pixels = np.full((512, 8, 4), 255, np.uint8)
        stops = (Stop(0, "#000000", 0), Stop(1, "#000000", 0.5))
        whole = Rect(0, 0, 8, 512)

        shade(pixels, DrawShape("s", "rect", whole, 0, Paint(stops, 90), 1), 1.0)

        steps = np.diff(pixels[:, 0, 0].astype(int))
        assert set(steps) == {0, -1}
