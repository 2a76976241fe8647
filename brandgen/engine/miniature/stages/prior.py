"""Trains Stage C: captions to image embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.networks import IMAGE_PX
from brandgen.engine.miniature.pictures import Album
from brandgen.engine.miniature.scenes import Scene, cover_subject
from brandgen.engine.miniature.stages.noise import (
    Speaker,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

WEIGHT_FLOOR = 0.05
SEEN = 0.1
"""Share of samples with an image embedding, as in the original."""
SUBJECT_WEIGHT = 5.0
"""How much more an error counts where the subject stands.

A product covers a tenth of the cells, and what tells a bottle from a can a few of them:
with equal weights its kind was the last thing to be learned.
"""
MORE_PRODUCTS = 0.3
"""Share of samples that are taken from pictures of products alone."""


@dataclass(frozen=True)
class Shelf:
    """Pictures of one size as embeddings, and how often that size is trained."""

    captions: torch.Tensor
    """Token numbers, shape (n, captions, tokens)."""
    embeddings: torch.Tensor
    share: float
    seen: torch.Tensor
    """What the image encoder says of each, shape (n, 1, width); zeros without one."""
    is_subject: torch.Tensor
    """Whether a cell may show the subject, shape (n, rows, columns)."""
    with_product: torch.Tensor
    """Which of the pictures show a product, shape (m,)."""


def make_shelf(
    album: Album,
    scenes: Sequence[Scene],
    encoder: Any,
    device: torch.device,
    share: float,
    *,
    image_encoder: Any = None,
    image_width: int,
) -> Shelf:
    """Embed an album of scenes."""
    embeddings = embed_pictures(encoder, album.pictures, device)
    rows, columns = embeddings.shape[2:]
    is_subject = np.stack([cover_subject(scene, columns, rows) for scene in scenes])
    has_product = torch.tensor([scene.product is not None for scene in scenes])
    seen = torch.zeros(len(embeddings), 1, image_width, device=device)
    if image_encoder is not None:
        seen = see_pictures(image_encoder, album.pictures, device)
    return Shelf(
        album.captions.to(device),
        embeddings,
        share,
        seen,
        torch.from_numpy(is_subject).to(device),
        has_product.nonzero().flatten().to(device),
    )


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
        middle = to_colors(part[..., top : top + side, left : left + side].to(device))
        small = functional.interpolate(
            middle, size=IMAGE_PX, mode="bilinear", antialias=True
        )
        with mixed_precision(device):
            seen = image_encoder(pixel_values=small).image_embeds
        parts.append(seen.float().unsqueeze(1))
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
        speaker: Speaker,
        device: torch.device,
        batch: int = 32,
        learning_rate: float = 1e-3,
    ) -> None:
        """Take the embeddings to learn, and who says their captions."""
        self.prior = prior.requires_grad_(requires_grad=True)
        self.network = nn.ModuleDict({"prior": prior})
        self.shelves = shelves
        self.speaker = speaker
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate
        self.figures = tuple(name_size(shelf.embeddings) for shelf in shelves)

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of one size."""
        shares = [shelf.share for shelf in self.shelves]
        shelf = self.shelves[draws.numbers.choice(len(shares), p=shares)]
        n = max(1, round(self.batch * 36 / shelf.embeddings[0, 0].numel()))
        chosen = self.choose(shelf, draws, n)
        words, pooled = self.speaker.say(shelf.captions[chosen], draws)
        clean = shelf.embeddings[chosen]
        is_seen = (draws.uniform(n) < SEEN)[:, None, None]
        ratio = draws.ratios(n)
        noise = draw_drifting_noise(draws, clean.shape)
        with mixed_precision(self.device):
            predicted = self.prior(
                sample=add_noise(clean, noise, ratio),
                timestep_ratio=ratio,
                clip_text=words,
                clip_text_pooled=pooled,
                clip_img=shelf.seen[chosen] * is_seen,
                return_dict=False,
            )[0]
        emphasis = 1 + (SUBJECT_WEIGHT - 1) * shelf.is_subject[chosen]
        loss, _ = diffusion_loss(
            predicted, noise, ratio, WEIGHT_FLOOR, emphasis=emphasis.unsqueeze(1)
        )
        return loss, {name_size(clean): loss.detach()}

    def choose(self, shelf: Shelf, draws: Draws, n: int) -> torch.Tensor:
        """Choose pictures of a shelf, products more often than they were drawn."""
        chosen = draws.below(len(shelf.embeddings), n)
        if not len(shelf.with_product):
            return chosen
        products = shelf.with_product[draws.below(len(shelf.with_product), n)]
        return torch.where(draws.uniform(n) < MORE_PRODUCTS, products, chosen)


def name_size(embeddings: torch.Tensor) -> str:
    """Name the learning curve's column of a size."""
    return f"loss {embeddings.shape[2]} x {embeddings.shape[3]}"
