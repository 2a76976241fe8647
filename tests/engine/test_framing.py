import numpy as np

from brandgen.engine.framing import crop_to, cut, find_fit


class TestFindFit:
    def test_leaves_what_the_model_draws_as_it_is(self) -> None:
        fit = find_fit(512, 768)

        assert fit.size == (512, 768)
        assert fit.is_whole(512, 768)
        assert fit.cut_percent(512, 768) == 0

    def test_scales_a_photograph_to_what_the_model_was_trained_on(self) -> None:
        fit = find_fit(6000, 4000)

        assert fit.size == (1152, 768)
        assert fit.cut_percent(6000, 4000) < 1


class TestCropTo:
    def test_keeps_the_middle(self) -> None:
        fit = crop_to(400, 200, (256, 256))

        assert (fit.left, fit.top, fit.right, fit.bottom) == (100, 0, 300, 200)


class TestCut:
    def test_cuts_a_mask_as_it_cuts_its_picture(self) -> None:
        mask = np.zeros((200, 400), np.uint8)
        mask[:, 200:] = 255
        fit = crop_to(400, 200, (256, 256))

        small = cut(mask, fit)
        picture = cut(np.dstack([mask] * 3), fit)

        assert small.shape == (256, 256)
        assert small[0, 0] == 0
        assert small[0, -1] == 255
        assert np.array_equal(small > 127, picture[..., 0] > 127)
