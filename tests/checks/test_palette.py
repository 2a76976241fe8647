"""The palette check: the brand's colors pass, others do not, shade does little."""

import numpy as np
import pytest

from brandgen.checks import Verdict, check_palette, palette_distance, share_distance

PALETTE = ["#0b3c49", "#f4803c", "#fff4e3"]


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> np.ndarray:
    pixels = np.empty((80, 120, 3), np.uint8)
    pixels[:, :60], pixels[:, 60:] = left, right
    return pixels


class TestPaletteDistance:
    def test_is_nothing_for_the_palettes_own_colors(self) -> None:
        mean, far = palette_distance(halves((11, 60, 73), (255, 244, 227)), PALETTE)

        assert mean < 0.5
        assert far == 0

    def test_counts_the_share_that_is_far(self) -> None:
        _, far = palette_distance(halves((11, 60, 73), (200, 0, 255)), PALETTE)

        assert far == pytest.approx(0.5, abs=0.03)

    def test_forgives_shade_more_than_another_hue(self) -> None:
        shaded, _ = palette_distance(halves((206, 104, 44), (206, 104, 44)), PALETTE)
        turned, _ = palette_distance(halves((150, 190, 60), (150, 190, 60)), PALETTE)

        assert shaded * 2 < turned

    def test_refuses_an_empty_palette(self) -> None:
        with pytest.raises(ValueError, match="palette is empty"):
            palette_distance(halves((0, 0, 0), (1, 1, 1)), [])


class TestShareDistance:
    def test_is_nothing_where_every_color_has_its_share(self) -> None:
        pixels = halves((11, 60, 73), (244, 128, 60))

        assert share_distance(pixels, [("#0b3c49", 1), ("#f4803c", 1)]) < 1

    def test_grows_with_the_share_that_is_missing(self) -> None:
        pixels = halves((11, 60, 73), (244, 128, 60))

        distances = [
            share_distance(pixels, [("#0b3c49", share), ("#f4803c", 1 - share)])
            for share in (0.5, 0.7, 0.9)
        ]

        assert distances == sorted(distances)
        assert distances[0] < 1 < distances[1]

    def test_is_the_distance_of_two_plain_colors(self) -> None:
        white = halves((255, 255, 255), (255, 255, 255))

        assert share_distance(white, [("#000000", 1)]) == pytest.approx(100, abs=0.1)

    def test_lets_colors_without_a_share_out(self) -> None:
        white = halves((255, 255, 255), (255, 255, 255))

        assert share_distance(white, [("#ffffff", 1), ("#000000", 0)]) < 0.1

    def test_refuses_a_palette_without_shares(self) -> None:
        with pytest.raises(ValueError, match="No color of the palette has a share"):
            share_distance(halves((0, 0, 0), (1, 1, 1)), [("#000000", 0)])


class TestCheckPalette:
    def test_warns_with_what_was_measured(self) -> None:
        finding = check_palette(halves((200, 0, 255), (0, 255, 0)), PALETTE)

        assert finding.verdict == Verdict.WARN
        assert finding.rule == "palette"
        assert "100%" in finding.message

    def test_passes_the_brands_colors(self) -> None:
        finding = check_palette(halves((11, 60, 73), (244, 128, 60)), PALETTE)

        assert finding.verdict == Verdict.PASS
