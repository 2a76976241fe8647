"""Draws pictures from image embeddings, to find the encoder that would undo it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.text import encode_prompt
from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.drawing import SIDE_PX
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.pictures import CELLS
from brandgen.engine.miniature.scenes import Mix, sample_scene
from brandgen.engine.vocabulary import Vocabulary


@torch.no_grad()
def draw_pairs(
    parts: Mapping[str, Any],
    tokenizer: Any,
    *,
    count: int,
    seed: int,
    vocabulary: Vocabulary = VOCABULARY,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sample captions and draw their pictures, eight seeds of each.

    Returns the small pictures as bytes, shape (count, 3, 96, 96), and the image
    embeddings they were drawn from, float16, shape (count, 16, 6, 6).
    """
    rng = np.random.default_rng(seed)
    scheduler = DDPMWuerstchenScheduler()
    encoder = parts["text_encoder"]
    empty = encode_prompt(tokenizer, encoder, "")
    mix = Mix(vocabulary=vocabulary)
    small, kept = [], []
    for start in range(0, count, 8):
        seeds = range(start, min(start + 8, count))
        scene = sample_scene(rng, mix)
        prompt = encode_prompt(
            tokenizer, encoder, write_caption(scene, rng, vocabulary).text
        )
        embeddings = sample_prior(
            parts["prior"],
            scheduler,
            prompt=prompt,
            negative_prompt=empty,
            seeds=seeds,
            width_px=SIDE_PX,
            height_px=SIDE_PX,
            steps=12,
            guidance_scale=float(rng.uniform(1.5, 3)),
            x0_limit=2.8,
            on_step=lambda *_: None,
        )
        latents = sample_decoder(
            parts["decoder"],
            scheduler,
            image=embeddings,
            prompt=prompt.pooled,
            negative_prompt=empty.pooled,
            seeds=seeds,
            steps=6,
            guidance_scale=0,
            x0_limit=3.5,
            on_step=lambda *_: None,
        )
        colors = torch.nn.functional.interpolate(
            decode_latents(parts["vqgan"], latents),
            size=CELLS * CELL_PX,
            mode="bilinear",
            antialias=True,
        )
        small.append((colors * 255).round().byte())
        kept.append(embeddings.half())
    return torch.cat(small), torch.cat(kept)
