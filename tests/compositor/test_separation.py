"""Colors become inks: by the profile, black alone for neutrals, a brand's own kept."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from brandgen.compositor.profiles import GENERIC, OWN, load_profile
from brandgen.compositor.separation import Separation, total
from brandgen.lib.colors import luminance

PRINT = Separation(load_profile(GENERIC))


class TestInksOf:
    def test_prints_black_in_black_alone(self) -> None:
        assert PRINT.inks_of((0, 0, 0)) == (0, 0, 0, 100)

    def test_leaves_white_to_the_paper(self) -> None:
        assert PRINT.inks_of((255, 255, 255)) == (0, 0, 0, 0)
        assert PRINT.converted((255, 255, 255)) == (0, 0, 0, 0)

    def test_prints_grays_in_black_alone_as_light_as_they_are(self) -> None:
        blacks = []
        for level in range(0, 256, 15):
            *colored, black = PRINT.inks_of((level,) * 3)
            seen = PRINT.seen((0, 0, 0, black))

            assert colored == [0, 0, 0]
            # From paper to black alone is the room that there is.
            darkest = luminance(np.array(PRINT.seen((0, 0, 0, 100)), np.float64))
            wanted = luminance(np.array((level,) * 3, np.float64))
            got = luminance(np.array(seen, np.float64))
            assert got == pytest.approx(darkest + (1 - darkest) * wanted, abs=0.02), (
                level
            )
            blacks.append(black)
        assert blacks == sorted(blacks, reverse=True)

    def test_keeps_the_brands_own(self) -> None:
        own = Separation(PRINT.profile, {"#F4803C": (0, 60, 85, 0)})

        assert own.inks_of((0xF4, 0x80, 0x3C)) == (0, 60, 85, 0)
        assert own.inks_of((0xF4, 0x80, 0x3D)) == PRINT.inks_of((0xF4, 0x80, 0x3D))

    def test_looks_again_like_what_was_asked(self) -> None:
        for color in [(0x0B, 0x3C, 0x49), (0xFF, 0xF4, 0xE3), (200, 90, 80)]:
            seen = PRINT.seen(PRINT.inks_of(color))

            assert np.abs(np.subtract(seen, color)).max() <= 4, color


class TestPicture:
    def test_does_as_littlecms_for_the_whole_picture_at_once(self) -> None:
        random = np.random.default_rng(1)
        pixels = random.integers(0, 256, (300, 200, 3), np.uint8)
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        transform = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"),
            str(OWN / f"{GENERIC}.icc"),
            "RGB",
            "CMYK",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags,
        )

        inks = PRINT.picture(pixels)

        expected = ImageCms.applyTransform(Image.fromarray(pixels), transform)
        assert (inks == np.asarray(expected)).all()

    def test_keeps_to_the_profiles_limit(self) -> None:
        levels = np.arange(0, 256, 5, np.uint8)
        colors = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 1, 3)

        inks = PRINT.picture(colors)

        assert inks.sum(axis=-1, dtype=int).max() / 2.55 <= 301


class TestTotal:
    def test_is_the_sum(self) -> None:
        assert total((100, 90, 80, 70)) == 340
