import pytest

from brandgen.engine.extending import Extension
from brandgen.engine.framing import crop_to, find_fit


class TestExtension:
    def test_says_where_the_picture_lies_on_the_larger_ground(self) -> None:
        extension = Extension(find_fit(1024, 1024), left=384, right=512, top=128)

        assert extension.size == (1920, 1152)
        assert extension.kept == pytest.approx((384 / 1920, 128 / 1152, 1408 / 1920, 1))
        assert extension.sides == {"left": 384, "top": 128, "right": 512, "bottom": 0}

    def test_says_how_much_of_the_picture_the_model_sees(self) -> None:
        fit = crop_to(400, 200, (256, 256))

        assert Extension(fit, left=128).kept_share(of=(400, 200)) == 0.5


class TestFindFocal:
    def test_is_the_middle_of_the_picture_along_an_axis_that_grew(self) -> None:
        extension = Extension(find_fit(1024, 1024), left=128)

        x, y = extension.find_focal((0.9, 0.2), of=(1024, 1024))

        assert x == pytest.approx((128 + 512) / 1152)
        assert y == 0.2

    def test_lies_inside_of_what_the_model_sees(self) -> None:
        extension = Extension(crop_to(400, 200, (256, 256)), top=128)

        assert extension.find_focal((0.5, 0.5), of=(400, 200))[0] == 0.5
        assert extension.find_focal((0.375, 0.5), of=(400, 200))[0] == 0.25
        assert extension.find_focal((0.1, 0.5), of=(400, 200))[0] == 0
