"""Holds our sampling loops against the stock pipelines of diffusers, bit by bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.sampling import make_generators
from brandgen.engine.cascade.text import encode_prompt
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.requests import DecoderRequest, PriorRequest
from tests.engine.conftest import Tiny

PROMPT = "a teal bottle on a coral podium"
NEGATIVE = "stripes"
SEEDS = [7, 8, 9]


def ignore(*_: object) -> None:
    pass


def run_prior(tiny: Tiny, seeds: list[int], **changes: Any) -> torch.Tensor:
    options = {
        "width_px": 384,
        "height_px": 256,
        "steps": 4,
        "guidance_scale": 4.0,
        "on_step": ignore,
    } | changes
    with torch.inference_mode():
        return sample_prior(
            tiny.prior,
            DDPMWuerstchenScheduler(),
            prompt=encode_prompt(tiny.tokenizer, tiny.text_encoder, PROMPT),
            negative_prompt=encode_prompt(tiny.tokenizer, tiny.text_encoder, NEGATIVE),
            seeds=seeds,
            **options,
        )


def run_stock_prior(tiny: Tiny, seeds: list[int], guidance_scale: float = 4.0) -> Any:
    return tiny.prior_pipeline()(
        PROMPT,
        negative_prompt=NEGATIVE,
        num_images_per_prompt=len(seeds),
        width=384,
        height=256,
        num_inference_steps=4,
        guidance_scale=guidance_scale,
        generator=make_generators(seeds),
    ).image_embeddings


def run_decoder(
    tiny: Tiny, image: torch.Tensor, seeds: list[int], guidance_scale: float
) -> torch.Tensor:
    with torch.inference_mode():
        latents = sample_decoder(
            tiny.decoder,
            DDPMWuerstchenScheduler(),
            image=image,
            prompt=encode_prompt(tiny.tokenizer, tiny.text_encoder, PROMPT).pooled,
            negative_prompt=encode_prompt(
                tiny.tokenizer, tiny.text_encoder, NEGATIVE
            ).pooled,
            seeds=seeds,
            steps=3,
            guidance_scale=guidance_scale,
            on_step=ignore,
        )
        return decode_latents(tiny.vqgan, latents)


def relative(difference: torch.Tensor, reference: torch.Tensor) -> float:
    return float(difference.abs().max() / reference.abs().max())


class TestSamplePrior:
    @pytest.mark.parametrize("guidance_scale", [4.0, 1.0, 0.0])
    def test_equals_the_stock_pipeline_in_every_bit(
        self, tiny: Tiny, guidance_scale: float
    ) -> None:
        ours = run_prior(tiny, SEEDS, guidance_scale=guidance_scale)

        stock = run_stock_prior(tiny, SEEDS, guidance_scale)

        assert ours.shape == (3, 16, 6, 9)
        assert torch.equal(ours, stock)

    def test_gives_each_image_of_a_batch_as_alone(self, tiny: Tiny) -> None:
        batch = run_prior(tiny, SEEDS)

        alone = torch.cat([run_prior(tiny, [seed]) for seed in SEEDS])

        # Other batch sizes add numbers in another order: the last bits differ.
        assert relative(batch - alone, alone) < 1e-4
        assert relative(alone[0] - alone[1], alone) > 0.1

    def test_repeats_itself_in_every_bit(self, tiny: Tiny) -> None:
        assert torch.equal(run_prior(tiny, [7]), run_prior(tiny, [7]))

    def test_heeds_the_negative_prompt_only_under_guidance(self, tiny: Tiny) -> None:
        plain = encode_prompt(tiny.tokenizer, tiny.text_encoder, "")

        def differs(scale: float) -> bool:
            with_it = run_prior(tiny, [7], guidance_scale=scale)
            without = run_prior_without_negative(tiny, plain, scale)
            return not torch.equal(with_it, without)

        assert differs(4.0)
        assert not differs(1.0)

    def test_holds_the_clean_latents_within_the_limit(self, tiny: Tiny) -> None:
        seen: list[float] = []

        def watch(index: int, of: int, clean: torch.Tensor) -> None:
            seen.append(float(clean.abs().max()))

        run_prior(tiny, [7], on_step=watch)
        free, seen = seen, []
        run_prior(tiny, [7], x0_limit=2.6, on_step=watch)

        assert max(free) > 10
        # At the noisiest step the clean latents are a difference of large numbers.
        assert max(seen) < 2.6 * 1.001

    def test_guides_only_the_first_share_of_the_steps(self, tiny: Tiny) -> None:
        sizes: list[int] = []
        watch = tiny.prior.register_forward_pre_hook(
            lambda _, __, named: sizes.append(len(named["sample"])), with_kwargs=True
        )

        run_prior(tiny, SEEDS, guidance_until=0.5)
        watch.remove()

        assert sizes == [6, 6, 3, 3]

    def test_follows_a_schedule_of_its_own(self, tiny: Tiny) -> None:
        even = run_prior(tiny, SEEDS)

        same = run_prior(tiny, SEEDS, timesteps=(1.0, 0.75, 0.5, 0.25, 0.0))
        other = run_prior(tiny, SEEDS, timesteps=(1.0, 0.9, 0.8, 0.25, 0.0))

        assert torch.equal(same, even)
        assert relative(other - even, even) > 0.01


def run_prior_without_negative(tiny: Tiny, plain: Any, scale: float) -> torch.Tensor:
    with torch.inference_mode():
        return sample_prior(
            tiny.prior,
            DDPMWuerstchenScheduler(),
            prompt=encode_prompt(tiny.tokenizer, tiny.text_encoder, PROMPT),
            negative_prompt=plain,
            seeds=[7],
            width_px=384,
            height_px=256,
            steps=4,
            guidance_scale=scale,
            on_step=ignore,
        )


class TestSampleDecoder:
    @pytest.mark.parametrize("guidance_scale", [0.0, 1.5])
    def test_equals_the_stock_pipeline_in_every_bit(
        self, tiny: Tiny, guidance_scale: float
    ) -> None:
        image = run_prior(tiny, SEEDS).clone()

        ours = run_decoder(tiny, image, SEEDS, guidance_scale)
        stock = tiny.decoder_pipeline()(
            image_embeddings=image,
            prompt=PROMPT,
            negative_prompt=NEGATIVE,
            num_inference_steps=3,
            guidance_scale=guidance_scale,
            generator=make_generators(SEEDS),
            output_type="pt",
        ).images

        assert ours.shape == (3, 3, 256, 384)
        assert torch.equal(ours, stock)

    def test_gives_each_image_of_a_batch_as_alone(self, tiny: Tiny) -> None:
        image = run_prior(tiny, SEEDS)

        batch = run_decoder(tiny, image, SEEDS, 0.0)
        alone = torch.cat(
            [
                run_decoder(tiny, image[i : i + 1], [SEEDS[i]], 0.0)
                for i in range(len(SEEDS))
            ]
        )

        assert relative(batch - alone, alone) < 1e-3


class TestEncodePrompt:
    def test_gives_the_state_before_the_final_norm(self, tiny: Tiny) -> None:
        inputs = tiny.tokenizer(PROMPT, return_tensors="pt", padding="max_length")

        with torch.inference_mode():
            found = encode_prompt(tiny.tokenizer, tiny.text_encoder, PROMPT).tokens
            output = tiny.text_encoder(**inputs)
            normed = find_final_norm(tiny.text_encoder)(found)

        assert not torch.allclose(found, output.last_hidden_state, atol=1e-3)
        assert torch.allclose(normed, output.last_hidden_state, atol=1e-6)

    def test_leaves_out_what_goes_past_the_limit(self, tiny: Tiny) -> None:
        long = encode_prompt(tiny.tokenizer, tiny.text_encoder, "teal " * 100)
        full = encode_prompt(
            tiny.tokenizer,
            tiny.text_encoder,
            "teal " * (tiny.tokenizer.model_max_length - 2),
        )

        assert torch.equal(long.tokens, full.tokens)
        assert torch.equal(long.pooled, full.pooled)


def find_final_norm(text_encoder: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    (norm,) = (
        module
        for name, module in text_encoder.named_modules()
        if name.endswith("final_layer_norm")
    )
    return norm


class TestCascadeEngine:
    def test_equals_the_stock_pipelines_on_published_folders(
        self, tiny: Tiny, tiny_hub_folder: Path
    ) -> None:
        """Loaded from files, computed in memory: alignment must not tell them apart."""
        engine = CascadeEngine(tiny_hub_folder, lean=False)
        prior = engine.run_prior(
            PriorRequest(PROMPT, 7, 384, 256, NEGATIVE, steps=4, guidance_scale=4.0)
        )
        pixels = engine.run_decoder(DecoderRequest(prior.embeddings, 5, steps=3))

        stock = run_stock_prior(tiny, [7])
        picture = tiny.decoder_pipeline()(
            image_embeddings=stock,
            prompt=PROMPT,
            num_inference_steps=3,
            generator=make_generators([5]),
            output_type="pil",
        ).images[0]

        kept = read_embeddings(prior.embeddings, family="stable-cascade")
        assert torch.equal(torch.from_numpy(kept.image), stock)
        assert pixels.tobytes() == picture.tobytes()
