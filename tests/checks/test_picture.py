"""Sharpness, resolution and contrast, on pictures whose answer is known."""

import cv2
import numpy as np
import pytest

from brandgen.checks import (
    Verdict,
    box_contrast,
    check_contrast,
    check_resolution,
    check_sharpness,
    sharpness,
)


def edges() -> np.ndarray:
    pixels = np.full((256, 256, 3), (240, 200, 160), np.uint8)
    for index in range(5):
        cv2.circle(pixels, (40 + 44 * index, 60 + 30 * index), 26, (20, 60, 90), -1)
        cv2.rectangle(
            pixels, (20 * index, 200), (20 * index + 9, 250), (90, 20, 60), -1
        )
    return pixels


class TestSharpness:
    def test_falls_with_every_blur(self) -> None:
        scores = [sharpness(edges())]
        for sigma in (1.0, 2.0, 4.0):
            scores.append(sharpness(cv2.GaussianBlur(edges(), (0, 0), sigma)))

        assert None not in scores
        assert scores == sorted(scores, key=lambda score: -(score or 0))

    def test_falls_when_a_picture_was_enlarged(self) -> None:
        large = cv2.resize(edges(), (1024, 1024), interpolation=cv2.INTER_CUBIC)

        assert (sharpness(large) or 0) < 0.6 * (sharpness(edges()) or 0)

    def test_has_no_answer_without_edges(self) -> None:
        assert sharpness(np.full((64, 64, 3), 80, np.uint8)) is None


class TestCheckSharpness:
    def test_warns_of_a_blurred_picture_only(self) -> None:
        blurred = cv2.GaussianBlur(edges(), (0, 0), 4)

        assert check_sharpness(edges()).verdict == Verdict.PASS
        assert check_sharpness(blurred).verdict == Verdict.WARN

    def test_passes_a_plain_ground(self) -> None:
        finding = check_sharpness(np.full((64, 64, 3), 80, np.uint8))

        assert finding.verdict == Verdict.PASS
        assert finding.measured == "no edges"


class TestCheckResolution:
    @pytest.mark.parametrize(
        ("size", "verdict"),
        [
            ((1024, 1024), Verdict.PASS),
            ((540, 960), Verdict.PASS),
            ((540, 959), Verdict.WARN),
            ((512, 2000), Verdict.WARN),
        ],
    )
    def test_takes_the_side_that_is_enlarged_most(
        self, size: tuple[int, int], verdict: Verdict
    ) -> None:
        finding = check_resolution(*size, for_width_px=1080, for_height_px=1920)

        assert finding.verdict == verdict
        assert finding.allowed == "at least 540 x 960 px"


class TestCheckContrast:
    def test_knows_black_on_white(self) -> None:
        white = np.full((20, 60, 3), 255, np.uint8)

        finding = check_contrast(white, "#000000")

        assert finding.measured == "21.0 : 1"
        assert finding.verdict == Verdict.PASS

    def test_judges_by_the_worst_part_not_the_mean(self) -> None:
        behind = np.full((20, 60, 3), 0, np.uint8)
        behind[:, 40:] = 250

        assert check_contrast(behind, "#ffffff").verdict == Verdict.FAIL

    def test_asks_less_of_large_text(self) -> None:
        gray = np.full((20, 60, 3), 130, np.uint8)

        assert check_contrast(gray, "#ffffff").verdict == Verdict.FAIL
        assert check_contrast(gray, "#ffffff", is_large=True).verdict == Verdict.PASS


class TestBoxContrast:
    def test_looks_into_the_box_alone(self) -> None:
        pixels = np.full((100, 200, 3), 255, np.uint8)
        pixels[:, :100] = 0

        assert box_contrast(pixels, (0.0, 0.2, 0.5, 0.8), (255, 255, 255)) == 21
        assert box_contrast(pixels, (0.5, 0.2, 1.0, 0.8), (255, 255, 255)) == 1

    def test_lets_a_hundredth_of_the_pixels_be_worse(self) -> None:
        pixels = np.zeros((100, 100, 3), np.uint8)
        pixels[:5, :10] = 255
        sides = (0.0, 0.0, 1.0, 1.0)

        assert box_contrast(pixels, sides, (255, 255, 255)) == 21
        pixels[:11, :10] = 255
        assert box_contrast(pixels, sides, (255, 255, 255)) == 1

    def test_finds_a_pixel_in_the_smallest_box(self) -> None:
        pixels = np.zeros((64, 64, 3), np.uint8)

        assert box_contrast(pixels, (0.999, 0.999, 1.0, 1.0), (255, 255, 255)) == 21
