import pytest
import torch

from brandgen.engine.miniature.stages.noise import (
    QUARTER_NAMES,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    weigh,
)
from brandgen.engine.miniature.training import Draws


class TestDrawDriftingNoise:
    def test_is_noise_whose_mean_drifts(self) -> None:
        noise = draw_drifting_noise(Draws.from_seed(1), (32, 4, 64, 64))

        assert noise.std().item() == pytest.approx(1, abs=0.02)
        white = 1 / 64
        assert noise.mean((2, 3)).std().item() > 3 * white


class TestWeigh:
    def test_counts_the_error_of_the_clean_image_where_noise_is_low(self) -> None:
        ratio = torch.tensor([0.2, 0.5])
        kept = add_noise(torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1), ratio)
        kept = kept.flatten() ** 2

        assert weigh(ratio, 0) == pytest.approx((1 - kept) / kept)

    def test_is_held_by_its_floor_where_nothing_is_left_of_the_image(self) -> None:
        assert weigh(torch.tensor([1.0]), 0.05).item() == pytest.approx(20, rel=0.01)


class TestDiffusionLoss:
    def test_is_nothing_where_the_noise_was_found(self) -> None:
        noise = torch.randn(8, 4, 6, 6)

        loss, figures = diffusion_loss(noise, noise, torch.linspace(0.1, 0.9, 8), 0.05)

        assert loss.item() == 0
        assert figures == dict.fromkeys(QUARTER_NAMES, 0)
