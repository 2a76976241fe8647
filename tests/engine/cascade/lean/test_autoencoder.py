import pytest
import torch
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from torch import nn

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.lean import autoencoder
from brandgen.engine.cascade.lean.autoencoder import decode
from tests.engine.cascade.lean.conftest import relative


class TestDecode:
    @pytest.mark.parametrize("is_piecewise", [True, False])
    @torch.inference_mode()
    def test_equals_the_stock_decoder(
        self, is_piecewise: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(autoencoder, "FLOATS_IN_CACHE", 5_000)  # several pieces
        monkeypatch.setattr(autoencoder, "is_piecewise", lambda x: is_piecewise)
        torch.manual_seed(0)
        vqgan = PaellaVQModel(
            levels=3, bottleneck_blocks=2, embed_dim=32, num_vq_embeddings=8
        ).eval()
        for name, parameter in vqgan.named_parameters():
            if name.endswith("gammas"):  # all zero before a training
                nn.init.normal_(parameter)
        latents = torch.randn(2, 4, 9, 12)

        ours = decode(vqgan, latents)

        assert relative(ours, vqgan.decode(latents).sample) < 1e-5

    @torch.inference_mode()
    def test_equals_the_miniature(self, miniature: CascadeEngine) -> None:
        vqgan = miniature.parts.vqgan
        latents = torch.randn(1, 4, 64, 96)

        ours = decode(vqgan, latents)

        assert relative(ours, vqgan.decode(latents).sample) < 1e-5
