"""Samples image embeddings from prompts (Stage C)."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch

from brandgen.engine.cascade.lean.unet import Added, Run
from brandgen.engine.cascade.network import NOTHING, prepare
from brandgen.engine.cascade.sampling import Begin, OnClean, Steer, denoise, guide
from brandgen.engine.cascade.text import PromptEmbeddings
from brandgen.engine.embeddings import count_cells


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
    guidance_until: float = 1.0,
    timesteps: Sequence[float] = (),
    references: torch.Tensor | None = None,
    begin: Begin | None = None,
    added: Added = NOTHING,
    x0_limit: float | None = None,
    steer: Sequence[Steer] = (),
    on_step: OnClean,
) -> torch.Tensor:
    """Sample the image embeddings of each seed, shape (seeds, channels, rows, columns).

    Prompts are one for all seeds or one for each. `references` are CLIP image
    embeddings, shape (1 or seeds, pictures, width); the negative half sees none.
    `added` is what a ControlNet adds to some blocks, in both halves alike.
    Equal to `StableCascadePriorPipeline` of diffusers 0.42.1 in every bit where only
    what that pipeline knows is asked for and it gets the same generators. What
    `on_step` raises leaves this function at once.
    """
    n = len(seeds)
    rows, columns = count_cells(height_px), count_cells(width_px)
    is_guided = guidance_scale > 1 and guidance_until > 0
    texts = [prompt, negative_prompt] if is_guided else [prompt]
    if references is None:
        width = prior.config.clip_image_in_channels
        references = torch.zeros(1, 1, width, device=prior.device)
    looks = [references, torch.zeros_like(references)] if is_guided else [references]
    condition = {
        "clip_text": _join([text.tokens for text in texts], n, prior.dtype),
        "clip_text_pooled": _join([text.pooled for text in texts], n, prior.dtype),
        "clip_img": _join(looks, n, prior.dtype),
    }
    alone = {name: value[:n] for name, value in condition.items()}
    if timesteps:
        scheduler.set_timesteps(timesteps=list(timesteps), device=prior.device)
    else:
        scheduler.set_timesteps(steps, device=prior.device)
    last_guided = guidance_until * (len(scheduler.timesteps) - 1)

    @cache
    def prepared(is_double: bool) -> Run:
        return prepare(
            prior,
            rows=rows,
            columns=columns,
            images=n,
            condition=condition if is_double else alone,
            added=added,
        )

    def predict(latents: torch.Tensor, ratio: torch.Tensor, index: int) -> torch.Tensor:
        is_double = is_guided and index <= last_guided
        noise = prepared(is_double)(latents, ratio)
        return guide(noise, guidance_scale) if is_double else noise

    return denoise(
        predict,
        scheduler,
        shape=(n, prior.config.in_channels, rows, columns),
        seeds=seeds,
        device=prior.device,
        dtype=prior.dtype,
        begin=begin,
        x0_limit=x0_limit,
        steer=steer,
        on_clean=on_step,
    )


def _join(halves: Sequence[torch.Tensor], n: int, dtype: torch.dtype) -> torch.Tensor:
    return torch.cat([half.expand(n, *half.shape[1:]) for half in halves]).to(dtype)
