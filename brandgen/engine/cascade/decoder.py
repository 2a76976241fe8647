"""Makes pixels from image embeddings (Stage B, then Stage A)."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from brandgen.engine.cascade.devices import check_finite
from brandgen.engine.cascade.levers import Decode, decode_stock
from brandgen.engine.cascade.network import prepare
from brandgen.engine.cascade.sampling import Begin, denoise, guide
from brandgen.engine.results import STAGE_A

# Latents of Stage B along one side of a cell of the image embeddings.
# Source: `latent_dim_scale` of the decoder pipeline in diffusers 0.42.1.
LATENTS_PER_CELL = 10.67

OnDecoderStep = Callable[[int, int], None]
"""Called with the step from 1 and the number of steps."""


def sample_decoder(
    decoder: Any,
    scheduler: Any,
    *,
    image: torch.Tensor,
    prompt: torch.Tensor,
    negative_prompt: torch.Tensor,
    seeds: Sequence[int],
    steps: int,
    guidance_scale: float,
    begin: Begin | None = None,
    x0_limit: float | None = None,
    on_step: OnDecoderStep,
) -> torch.Tensor:
    """Sample the latents of Stage B for each seed, shape (seeds, 4, height, width).

    `image` holds the image embeddings of each seed; `prompt` and `negative_prompt` are
    pooled, shape (1 or seeds, 1, width). Equal to `StableCascadeDecoderPipeline` of
    diffusers 0.42.1 in every bit where `x0_limit` and `begin` are None. What `on_step`
    raises leaves at once.
    """
    n, _, rows, columns = image.shape
    height, width = count_latents(rows), count_latents(columns)
    is_guided = guidance_scale > 1
    pooled = [prompt, negative_prompt] if is_guided else [prompt]
    images = [image, torch.zeros_like(image)] if is_guided else [image]
    condition = {
        "clip_text_pooled": torch.cat([text.expand(n, -1, -1) for text in pooled]),
        "effnet": torch.cat(images),
    }
    scheduler.set_timesteps(steps, device=decoder.device)

    run = prepare(decoder, rows=height, columns=width, images=n, condition=condition)

    def predict(latents: torch.Tensor, ratio: torch.Tensor, index: int) -> torch.Tensor:
        noise = run(latents, ratio)
        return guide(noise, guidance_scale) if is_guided else noise

    return denoise(
        predict,
        scheduler,
        shape=(n, decoder.config.in_channels, height, width),
        seeds=seeds,
        device=decoder.device,
        dtype=decoder.dtype,
        begin=begin,
        x0_limit=x0_limit,
        on_clean=lambda index, of, _: on_step(index, of),
    )


def count_latents(cells: int) -> int:
    """Say how many latents Stage B has along a side of this many cells."""
    return int(cells * LATENTS_PER_CELL)


def decode_latents(
    vqgan: Any, latents: torch.Tensor, decode: Decode = decode_stock
) -> torch.Tensor:
    """Turn latents into colors from 0 to 1, shape (n, 3, height, width) (Stage A).

    Raises:
        NonFiniteError: a color is infinite or no number.
    """
    colors = decode(vqgan, vqgan.config.scale_factor * latents.to(vqgan.dtype))
    check_finite(colors, STAGE_A)  # clamping would hide what is infinite
    return colors.clamp(0, 1)
