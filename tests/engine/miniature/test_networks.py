import math
from pathlib import Path

import pytest
import torch

from brandgen.engine.cascade.semantic import SemanticEncoder, load_own_encoder
from brandgen.engine.miniature.networks import (
    SIZES,
    Size,
    make_decoder,
    make_prior,
    make_text_encoder,
    make_vqgan,
    save_semantic_encoder,
    widen_prior,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures

NARROW = Size(prior_width=64)


def predict(prior: torch.nn.Module, sample: torch.Tensor) -> torch.Tensor:
    draws = torch.Generator().manual_seed(2)
    n = len(sample)
    with torch.no_grad():
        return prior(
            sample=sample,
            timestep_ratio=torch.full((n,), 0.5),
            clip_text=torch.randn(n, 8, 128, generator=draws),
            clip_text_pooled=torch.randn(n, 1, 128, generator=draws),
            clip_img=torch.zeros(n, 1, 64),
            return_dict=False,
        )[0]


class TestMakePrior:
    def test_notices_the_amplitude_of_its_input(self) -> None:
        torch.manual_seed(1)
        prior = make_prior(NARROW)
        torch.nn.init.normal_(prior.clf[1].weight)
        sample = torch.randn(1, 16, 6, 6)

        one, double = predict(prior, sample), predict(prior, sample * 2)

        assert (one - double).abs().max() > 0.1 * one.std()

    def test_predicts_nothing_before_it_learns(self) -> None:
        prior = make_prior(NARROW)

        assert predict(prior, torch.randn(2, 16, 6, 6)).abs().max() == 0


class TestWidenPrior:
    def test_changes_no_prediction(self) -> None:
        prior = make_prior(NARROW, kernel=3)
        torch.nn.init.normal_(prior.clf[1].weight)
        sample = torch.randn(2, 16, 6, 12)

        wide = widen_prior(prior, kernel=7)

        assert wide.config.kernel_size == 7
        before, after = predict(prior, sample), predict(wide, sample)
        assert torch.allclose(before, after, atol=1e-4 * float(before.std()))

    def test_leaves_a_wide_prior_alone(self) -> None:
        prior = make_prior(NARROW, kernel=7)

        assert widen_prior(prior, kernel=7) is prior


class TestSemanticEncoder:
    @pytest.mark.parametrize(("rows", "columns"), [(6, 6), (12, 18)])
    def test_gives_a_cell_for_every_16_pixels(self, rows: int, columns: int) -> None:
        encoder = SemanticEncoder(widths=(16, 16), blocks=(1, 1)).eval()

        embeddings = encoder(torch.zeros(2, 3, rows * 16, columns * 16))

        assert embeddings.shape == (2, 16, rows, columns)

    def test_is_kept_and_loaded_again(self, tmp_path: Path) -> None:
        encoder = SemanticEncoder(widths=(16, 24), blocks=(1, 2)).eval()
        pictures = torch.randint(0, 255, (3, 3, 96, 96), dtype=torch.uint8)

        save_semantic_encoder(encoder, tmp_path)
        loaded = load_own_encoder(tmp_path)

        device = torch.device("cpu")
        before = embed_pictures(encoder, pictures, device)
        after = embed_pictures(loaded, pictures, device)
        error = (before - after).pow(2).mean().sqrt() / before.std()
        assert not math.isnan(error)
        assert error < 0.05


class TestSizes:
    def test_has_the_parameters_that_its_name_promises(self) -> None:
        for name, least, most in (("s", 5.2e6, 5.8e6), ("m", 9.6e6, 10.6e6)):
            size = SIZES[name]
            networks = (
                make_prior(size),
                make_decoder(size),
                make_vqgan(size),
                make_text_encoder(900, size),
            )
            count = sum(p.numel() for network in networks for p in network.parameters())
            assert least < count < most
