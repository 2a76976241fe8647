"""Trains Stage C: captions to image embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.networks import IMAGE_PX
from brandgen.engine.miniature.pictures import Album
from brandgen.engine.miniature.scenes import Scene
from brandgen.engine.miniature.stages.noise import (
    UNSAID,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    encode_captions,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, mixed_precision

WEIGHT_FLOOR = 0.05
SEEN = 0.1
"""Share of samples with an image embedding, as in the original."""


@dataclass(frozen=True)
class Shelf:
    """Pictures of one size as embeddings, and how often that size is trained."""

    scenes: Sequence[Scene]
    embeddings: torch.Tensor
    share: float
    seen: torch.Tensor
    """What the image encoder says of each, shape (n, 1, width); zeros without one."""


def make_shelf(
    album: Album,
    encoder: Any,
    device: torch.device,
    share: float,
    *,
    image_encoder: Any = None,
    image_width: int,
) -> Shelf:
    """Embed an album."""
    embeddings = embed_pictures(encoder, album.pictures, device)
    seen = torch.zeros(len(album.scenes), 1, image_width)
    if image_encoder is not None:
        seen = see_pictures(image_encoder, album.pictures, device)
    return Shelf(album.scenes, embeddings, share, seen)


@torch.no_grad()
def see_pictures(
    image_encoder: Any, pictures: torch.Tensor, device: torch.device
) -> torch.Tensor:
    """Embed the middle square of pictures, bytes (n, 3, h, w), for the prior."""
    image_encoder = image_encoder.to(device).eval()
    height, width = pictures.shape[2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    parts = []
    for part in torch.split(pictures, 64):
        middle = to_colors(part[..., top : top + side, left : left + side])
        small = functional.interpolate(
            middle, size=IMAGE_PX, mode="bilinear", antialias=True
        )
        with mixed_precision(device):
            seen = image_encoder(pixel_values=small.to(device)).image_embeds
        parts.append(seen.float().cpu().unsqueeze(1))
    return torch.cat(parts)


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
        is_seen = torch.from_numpy(rng.random(n) < SEEN)[:, None, None]
        seen = (shelf.seen[torch.from_numpy(chosen)] * is_seen).to(device)
        ratio = draws.ratios(n).to(device)
        noise = draw_drifting_noise(draws, clean.shape).to(device)
        noisy = add_noise(clean, noise, ratio)
        with mixed_precision(device):
            predicted = self.prior(
                sample=noisy,
                timestep_ratio=ratio,
                clip_text=words,
                clip_text_pooled=pooled,
                clip_img=seen,
                return_dict=False,
            )[0]
        loss, _ = diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)
        return loss, {name_size(clean): loss.item()}


def name_size(embeddings: torch.Tensor) -> str:
    """Name the learning curve's column of a size."""
    return f"loss {embeddings.shape[2]} x {embeddings.shape[3]}"
