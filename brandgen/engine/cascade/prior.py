"""Samples image embeddings from prompts (Stage C)."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from brandgen.engine.cascade.sampling import (
    draw_noise,
    guide,
    limit_clean,
    make_generators,
    predict_clean,
)
from brandgen.engine.cascade.text import PromptEmbeddings
from brandgen.engine.embeddings import count_cells

OnPriorStep = Callable[[int, int, torch.Tensor], None]
"""Called with the step from 1, the number of steps, and the clean embeddings so far."""


def sample_prior(
    prior: Any,
    scheduler: Any,
    *,
    prompt: PromptEmbeddings,
    negative_prompt: PromptEmbeddings,
    seeds: Sequence[int],
    width_px: int,
    height_px: int,
    steps: int,
    guidance_scale: float,
    x0_limit: float | None = None,
    on_step: OnPriorStep,
) -> torch.Tensor:
    """Sample the image embeddings of each seed, shape (seeds, channels, rows, columns).

    Equal to `StableCascadePriorPipeline` of diffusers 0.42.1 in every bit where
    `x0_limit` is None and that gets the same generators. What `on_step` raises leaves
    this function at once.
    """
    n = len(seeds)
    shape = (n, prior.config.in_channels, count_cells(height_px), count_cells(width_px))
    generators = make_generators(seeds)
    latents = draw_noise(shape, generators, device=prior.device, dtype=prior.dtype)
    is_guided = guidance_scale > 1
    texts = [prompt, negative_prompt] if is_guided else [prompt]
    condition = {
        "clip_text": _repeat([text.tokens for text in texts], n, prior.dtype),
        "clip_text_pooled": _repeat([text.pooled for text in texts], n, prior.dtype),
        "clip_img": latents.new_zeros(
            n * len(texts), 1, prior.config.clip_image_in_channels
        ),
    }
    scheduler.set_timesteps(steps, device=prior.device)
    for index, time in enumerate(scheduler.timesteps[:-1], start=1):
        ratio = time.expand(n).to(latents.dtype)
        noise = prior(
            sample=torch.cat([latents] * len(texts)),
            timestep_ratio=torch.cat([ratio] * len(texts)),
            return_dict=False,
            **condition,
        )[0]
        if is_guided:
            noise = guide(noise, guidance_scale)
        noise = limit_clean(scheduler, noise, ratio, latents, x0_limit)
        clean = predict_clean(scheduler, noise, ratio, latents)
        latents = scheduler.step(
            noise, ratio, latents, generator=generators
        ).prev_sample
        on_step(index, steps, clean)
    return latents


def _repeat(halves: Sequence[torch.Tensor], n: int, dtype: torch.dtype) -> torch.Tensor:
    return torch.cat([half.expand(n, *half.shape[1:]) for half in halves]).to(dtype)
