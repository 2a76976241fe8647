from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from diffusers import StableCascadeUNet
from torch import Tensor, nn

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.lean.unet import LeanUNet
from brandgen.engine.cascade.lean.unet import see as lean_see
from brandgen.engine.cascade.network import prepare
from tests.engine.cascade.lean.conftest import relative
from tests.engine.conftest import RES_TIME, RES_TIME_ATTENTION, TEXT_WIDTH, Tiny

CELLS = (6, 9)
LATENTS = (64, 96)


def prior_condition(prior: Any, count: int) -> dict[str, Tensor]:
    torch.manual_seed(1)
    config = prior.config
    return {
        "clip_text": torch.randn(count, 11, config.clip_text_in_channels),
        "clip_text_pooled": torch.randn(count, 1, config.clip_text_pooled_in_channels),
        "clip_img": torch.randn(count, 2, config.clip_image_in_channels),
    }


def decoder_condition(decoder: Any, count: int) -> dict[str, Tensor]:
    torch.manual_seed(1)
    width = decoder.config.clip_text_pooled_in_channels
    return {
        "clip_text_pooled": torch.randn(count, 1, width),
        "effnet": torch.randn(count, 16, *CELLS),
    }


def see(
    network: Any,
    latents: Tensor,
    condition: Mapping[str, Tensor],
    level: float = 0.4,
) -> Tensor:
    rows, columns = latents.shape[2:]
    run = prepare(
        network, rows=rows, columns=columns, images=len(latents), condition=condition
    )
    return run(latents, torch.full((len(latents),), level, dtype=latents.dtype))


def enliven(unet: Any) -> Any:
    """Give values to the weights that are zero before a training."""
    torch.manual_seed(2)
    for name, parameter in unet.named_parameters():
        if name.endswith(("gamma", "beta")):
            nn.init.normal_(parameter, std=0.3)
    return unet


class TestLeanUNet:
    @pytest.fixture(autouse=True)
    def inference(self) -> Iterator[None]:
        with torch.inference_mode():
            yield

    @pytest.mark.parametrize("images", [1, 3])
    @pytest.mark.parametrize("halves", [1, 2])
    def test_sees_what_stage_c_sees(self, tiny: Tiny, images: int, halves: int) -> None:
        latents = torch.randn(images, 16, *CELLS)
        condition = prior_condition(tiny.prior, images * halves)

        ours = see(LeanUNet(tiny.prior), latents, condition)

        assert relative(ours, see(tiny.prior, latents, condition)) < 1e-5

    @pytest.mark.parametrize("images", [1, 3])
    @pytest.mark.parametrize("halves", [1, 2])
    def test_sees_what_stage_b_sees(self, tiny: Tiny, images: int, halves: int) -> None:
        latents = torch.randn(images, 4, *LATENTS)
        condition = decoder_condition(tiny.decoder, images * halves)

        ours = see(LeanUNet(tiny.decoder), latents, condition)

        assert relative(ours, see(tiny.decoder, latents, condition)) < 1e-5

    def test_sees_what_the_miniature_sees_at_every_noise_level(
        self, miniature: CascadeEngine
    ) -> None:
        prior, decoder = miniature.parts.prior, miniature.parts.decoder
        cells, latents = torch.randn(2, 16, *CELLS), torch.randn(2, 4, *LATENTS)
        for level in (1.0, 0.5, 0.05):
            text, image = prior_condition(prior, 4), decoder_condition(decoder, 2)

            c = see(LeanUNet(prior), cells, text, level)
            b = see(LeanUNet(decoder), latents, image, level)

            assert relative(c, see(prior, cells, text, level)) < 1e-5
            assert relative(b, see(decoder, latents, image, level)) < 1e-5

    def test_gives_each_image_of_a_batch_as_alone_in_every_bit(
        self, tiny: Tiny
    ) -> None:
        latents = torch.randn(3, 16, *CELLS)
        condition = prior_condition(tiny.prior, 6)
        lean = LeanUNet(tiny.prior)

        batch = see(lean, latents, condition)

        for i in range(3):
            own = {name: value[i::3] for name, value in condition.items()}
            assert torch.equal(batch[i::3], see(lean, latents[i : i + 1], own))

    def test_reads_every_weight_anew_for_each_run(self, tiny: Tiny) -> None:
        """As adapters need it, which change weights for the length of a run."""
        unet = StableCascadeUNet.from_config(tiny.prior.config).eval()
        unet.load_state_dict(tiny.prior.state_dict())
        lean = LeanUNet(unet)
        latents = torch.randn(1, 16, *CELLS)
        condition = prior_condition(unet, 2)
        before = see(lean, latents, condition)

        for name, module in unet.named_modules():
            if getattr(module, "weight", None) is None:
                continue
            own = module.weight.data
            module.weight.data = own + torch.randn_like(own) * 0.2 * own.abs().mean()
            assert (
                relative(see(lean, latents, condition), see(unet, latents, condition))
                < 1e-5
            ), name
            module.weight.data = own

        assert torch.equal(see(lean, latents, condition), before)

    @pytest.mark.parametrize("switch_level", [(True,), (False,), None])
    def test_goes_between_levels_as_the_stock_network(
        self, switch_level: tuple[bool] | None
    ) -> None:
        torch.manual_seed(0)
        unet = enliven(
            StableCascadeUNet(
                conditioning_dim=24,
                block_out_channels=(32, 48),
                num_attention_heads=(-1, 2),
                down_num_layers_per_block=(1, 2),
                up_num_layers_per_block=(2, 1),
                down_blocks_repeat_mappers=(1, 2),
                up_blocks_repeat_mappers=(3, 2),
                block_types_per_layer=(RES_TIME, RES_TIME_ATTENTION),
                clip_text_in_channels=TEXT_WIDTH,
                clip_text_pooled_in_channels=TEXT_WIDTH,
                clip_image_in_channels=24,
                switch_level=switch_level,
            ).eval()
        )
        latents = torch.randn(2, 16, 8, 12)
        condition = prior_condition(unet, 4)

        ours = see(LeanUNet(unet), latents, condition)

        assert relative(ours, see(unet, latents, condition)) < 1e-5

    def test_stretches_a_level_that_was_odd(self) -> None:
        unet = StableCascadeUNet(
            conditioning_dim=24,
            block_out_channels=(32, 48),
            num_attention_heads=(2, 2),
            down_num_layers_per_block=(1, 1),
            up_num_layers_per_block=(1, 1),
            clip_text_in_channels=TEXT_WIDTH,
            clip_text_pooled_in_channels=TEXT_WIDTH,
            clip_image_in_channels=24,
            switch_level=(True,),
        ).eval()
        latents = torch.randn(1, 16, 7, 9)
        condition = prior_condition(unet, 1)

        ours = see(LeanUNet(unet), latents, condition)

        assert relative(ours, see(unet, latents, condition)) < 1e-5

    def test_computes_in_bfloat16_as_near_as_the_stock_network(
        self, tiny: Tiny
    ) -> None:
        latents = torch.randn(1, 16, *CELLS)
        condition = prior_condition(tiny.prior, 2)
        exact = see(tiny.prior, latents, condition)
        state = tiny.prior.state_dict()
        prior = StableCascadeUNet.from_config(tiny.prior.config).eval()
        prior.load_state_dict(state)
        prior.to(torch.bfloat16)
        half = {name: value.bfloat16() for name, value in condition.items()}

        ours = see(LeanUNet(prior), latents.bfloat16(), half)
        stock = see(prior, latents.bfloat16(), half)

        assert ours.dtype == torch.bfloat16
        assert relative(ours.float(), exact) < 1.5 * relative(stock.float(), exact)

    def test_is_one_graph_for_the_compiler(self, tiny: Tiny) -> None:
        # fullgraph=True raises at the first break.
        step = torch.compile(lean_see, fullgraph=True, dynamic=False, backend="eager")
        latents = torch.randn(1, 16, *CELLS)
        condition = prior_condition(tiny.prior, 2)

        ours = see(LeanUNet(tiny.prior, step=step), latents, condition)

        assert relative(ours, see(tiny.prior, latents, condition)) < 1e-5

    def test_refuses_blocks_that_it_does_not_know(self, tiny: Tiny) -> None:
        other = StableCascadeUNet.from_config(tiny.prior.config)
        other.up_blocks[0].append(nn.Conv2d(1, 1, 1))

        with pytest.raises(TypeError, match=r"Conv2d.*ENGINE_LEAN"):
            LeanUNet(other)
