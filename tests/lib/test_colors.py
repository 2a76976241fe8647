"""Colors against values that others published."""

import numpy as np
import pytest

from brandgen.lib.colors import (
    ColorError,
    contrast_behind,
    contrast_of,
    distance,
    luminance,
    parse_hex,
    parse_inks,
    to_oklab,
)


class TestParseHex:
    def test_reads_both_cases(self) -> None:
        assert parse_hex("#0B39fF") == (11, 57, 255)

    @pytest.mark.parametrize(
        "text", ["", "#fff", "teal", "#12345g", "#1234567", "#12345\n"]
    )
    def test_refuses_what_is_no_color(self, text: str) -> None:
        with pytest.raises(ColorError, match="is not a color"):
            parse_hex(text)


class TestToOklab:
    @pytest.mark.parametrize(
        ("hex_color", "expected"),
        [
            # Ottosson's reference implementation, as CSS Color 4 prints it.
            ("#ffffff", (1.0, 0.0, 0.0)),
            ("#ff0000", (0.62796, 0.22486, 0.12585)),
            ("#00ff00", (0.86644, -0.23389, 0.17950)),
            ("#0000ff", (0.45201, -0.03246, -0.31153)),
        ],
    )
    def test_agrees_with_published_values(
        self, hex_color: str, expected: tuple[float, float, float]
    ) -> None:
        found = to_oklab(np.array(parse_hex(hex_color), np.float64))

        assert found == pytest.approx(expected, abs=2e-4)


class TestDistance:
    def test_is_a_hundred_from_black_to_white(self) -> None:
        black, white = to_oklab(np.array([[0, 0, 0], [255, 255, 255]], np.float64))

        assert float(distance(black, white)) == pytest.approx(100, abs=0.01)


class TestContrastOf:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#ffffff", "#ffffff", 1.0),
        ],
    )
    def test_agrees_with_wcag(self, one: str, other: str, ratio: float) -> None:
        assert contrast_of(one, other) == pytest.approx(ratio, abs=0.01)
        assert contrast_of(other, one) == contrast_of(one, other)


class TestContrastBehind:
    def test_is_zero_without_pixels(self) -> None:
        assert contrast_behind(np.empty((0, 5, 3), np.uint8), "#000000") == 0

    @pytest.mark.parametrize("width", [1, 2, 7, 90])
    def test_is_reached_by_nine_pixels_in_ten(self, width: int) -> None:
        chance = np.random.default_rng(width)
        pixels = chance.integers(0, 256, (5, width, 3)).astype(np.uint8)

        found = contrast_behind(pixels, "#ffffff")

        every = 1.05 / (luminance(pixels) + 0.05)
        assert found == pytest.approx(np.percentile(every, 10))


class TestParseInks:
    @pytest.mark.parametrize(
        "text",
        ["0 60 85 12.5", "C0 M60 Y85 K12.5", "0/60/85/12.5", " 0%, 60%, 85%, 12.5% "],
    )
    def test_reads_what_people_write(self, text: str) -> None:
        assert parse_inks(text) == (0, 60, 85, 12.5)

    @pytest.mark.parametrize(
        "text",
        ["", "0 60 85", "0 60 85 101", "1000", "06085 0", "0 60 85 0 0", "M0 C60 Y8 K0",
         "PANTONE 156 C", "-1 0 0 0", "\u0660 0 0 0"],
    )  # fmt: skip
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(ColorError, match="from 0 to 100: 0 60 85 0"):
            parse_inks(text)
