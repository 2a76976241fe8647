import numpy as np
import pytest

from brandgen.engine.miniature.palette import (
    COLOR_NAMES,
    COLORS,
    from_oklab,
    mix,
    nearest_names,
    rgb,
    to_oklab,
)


class TestToOklab:
    def test_finds_white_black_and_red_where_the_source_puts_them(self) -> None:
        lab = to_oklab(np.array([[1.0, 1, 1], [0, 0, 0], [1, 0, 0]]))

        assert lab[0] == pytest.approx([1, 0, 0], abs=1e-3)
        assert lab[1] == pytest.approx([0, 0, 0], abs=1e-6)
        assert lab[2] == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)

    def test_is_undone_by_from_oklab(self) -> None:
        colors = np.random.default_rng(1).random((50, 3))

        assert from_oklab(to_oklab(colors)) == pytest.approx(colors, abs=1e-5)


class TestMix:
    def test_begins_and_ends_at_its_colors(self) -> None:
        mixed = mix(rgb("teal"), rgb("cream"), np.array([0.0, 1.0]))

        assert mixed[0] == pytest.approx(rgb("teal"), abs=1e-5)
        assert mixed[1] == pytest.approx(rgb("cream"), abs=1e-5)

    def test_is_halfway_in_lightness_at_half(self) -> None:
        middle = to_oklab(mix(rgb("black"), rgb("white"), 0.5))[0]
        ends = to_oklab(np.stack([rgb("black"), rgb("white")]))[:, 0]

        assert middle == pytest.approx(ends.mean(), abs=0.005)


class TestColors:
    def test_are_well_apart(self) -> None:
        lab = to_oklab(np.array(list(COLORS.values())) / 255)
        distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)

        assert len(COLORS) == 24
        assert distances[~np.eye(24, dtype=bool)].min() > 0.08


class TestNearestNames:
    def test_names_every_known_color_itself(self) -> None:
        assert nearest_names(np.array(list(COLORS.values())) / 255) == list(COLOR_NAMES)

    def test_names_a_color_that_is_a_little_off(self) -> None:
        assert nearest_names(np.array([rgb("teal") + 0.03])) == ["teal"]
