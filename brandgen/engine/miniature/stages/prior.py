"""Trains Stage C: captions to image embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.pictures import Album
from brandgen.engine.miniature.scenes import Scene
from brandgen.engine.miniature.stages.noise import (
    UNSAID,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    encode_captions,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures
from brandgen.engine.miniature.training import Draws, mixed_precision

WEIGHT_FLOOR = 0.05


@dataclass(frozen=True)
class Shelf:
    """Pictures of one size as embeddings, and how often that size is trained."""

    scenes: Sequence[Scene]
    embeddings: torch.Tensor
    share: float


def make_shelf(album: Album, encoder: Any, device: torch.device, share: float) -> Shelf:
    """Embed an album."""
    return Shelf(album.scenes, embed_pictures(encoder, album.pictures, device), share)


class PriorLesson:
    """Predicts the noise on image embeddings from a caption, at several sizes.

    Larger sizes come in smaller batches, so that every step costs the same.
    """

    name = "c"

    def __init__(
        self,
        prior: Any,
        shelves: Sequence[Shelf],
        *,
        tokenizer: Any,
        text_encoder: Any,
        device: torch.device,
        batch: int = 32,
        learning_rate: float = 1e-3,
    ) -> None:
        """Take the embeddings to learn and the text encoder, which stays as it is."""
        self.prior = prior.requires_grad_(requires_grad=True)
        self.network = nn.ModuleDict({"prior": prior})
        self.shelves = shelves
        self.tokenizer = tokenizer
        self.text_encoder = text_encoder.to(device).eval()
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate
        self.figures = tuple(name_size(shelf.embeddings) for shelf in shelves)

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of one size."""
        rng, device = draws.numbers, self.device
        shares = [shelf.share for shelf in self.shelves]
        shelf = self.shelves[rng.choice(len(shares), p=shares)]
        cells = shelf.embeddings[0, 0].numel()
        n = max(1, round(self.batch * 36 / cells))
        chosen = rng.integers(0, len(shelf.scenes), n)
        texts = [
            "" if rng.random() < UNSAID else write_caption(shelf.scenes[i], rng).text
            for i in chosen
        ]
        words, pooled = encode_captions(
            self.tokenizer, self.text_encoder, texts, device
        )
        clean = shelf.embeddings[torch.from_numpy(chosen)].to(device)
        ratio = draws.ratios(n).to(device)
        noise = draw_drifting_noise(draws, clean.shape).to(device)
        noisy = add_noise(clean, noise, ratio)
        with mixed_precision(device):
            predicted = self.prior(
                sample=noisy,
                timestep_ratio=ratio,
                clip_text=words,
                clip_text_pooled=pooled,
                clip_img=noisy.new_zeros(
                    n, 1, self.prior.config.clip_image_in_channels
                ),
                return_dict=False,
            )[0]
        loss, _ = diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)
        return loss, {name_size(clean): loss.item()}


def name_size(embeddings: torch.Tensor) -> str:
    """Name the learning curve's column of a size."""
    return f"loss {embeddings.shape[2]} x {embeddings.shape[3]}"
