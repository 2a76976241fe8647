"""Trains Stage B: image embeddings to the latents of Stage A."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from brandgen.engine.cascade.semantic import SemanticEncoder
from brandgen.engine.miniature.stages.noise import (
    QUARTER_NAMES,
    Speaker,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

WEIGHT_FLOOR = 0.05
MOST_BLUR = 0.25
"""Noise on the image embeddings: the prior's are never quite those of a picture."""
UNKNOWN = 0.05
"""Share of pictures whose image embeddings are kept from the decoder."""
ENOUGH = 64
"""Pictures in a batch whose statistics don't tell one by the others' colors.

With so many, the semantic encoder keeps its unit variance by them while it learns;
louder embeddings would shout down the noise that is put on them.
"""


@dataclass(frozen=True)
class LatentAlbum:
    """Pictures of 256 px as Stage A latents, with the small picture of each."""

    pictures: torch.Tensor
    """Bytes, shape (n, 3, 96, 96)."""
    latents: torch.Tensor
    """Float16, shape (n, 4, 64, 64), as Stage A gives them."""
    captions: torch.Tensor
    """Token numbers, shape (n, captions, tokens)."""

    def to(self, device: torch.device) -> "LatentAlbum":
        """Move it to a device."""
        kept = (self.pictures, self.latents, self.captions)
        return LatentAlbum(*(part.to(device) for part in kept))


class DecoderLesson:
    """Predicts the noise on Stage A latents from image embeddings.

    With `is_joint` the semantic encoder learns along, as in Würstchen: it keeps what
    the decoder can use. The prior must follow afterwards.
    """

    name = "b"
    figures = QUARTER_NAMES

    def __init__(
        self,
        decoder: Any,
        album: LatentAlbum,
        *,
        semantic_encoder: SemanticEncoder,
        speaker: Speaker,
        scale_factor: float,
        device: torch.device,
        is_joint: bool = False,
        batch: int = 16,
        learning_rate: float = 1e-3,
    ) -> None:
        """Take pictures with their latents, and the networks that stay as they are."""
        self.decoder = decoder.requires_grad_(requires_grad=True)
        self.album = album.to(device)
        self.speaker = speaker
        self.scale_factor = scale_factor
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate
        self.semantic_encoder = semantic_encoder.to(device)
        self.is_joint = is_joint
        learners = {"decoder": decoder}
        if is_joint:
            self.name = "joint"
            learners["encoder"] = semantic_encoder.requires_grad_(requires_grad=True)
        else:
            self.embeddings = embed_pictures(
                semantic_encoder, self.album.pictures, device
            )
        self.network = nn.ModuleDict(learners)

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of pictures."""
        n = self.batch
        chosen = draws.below(len(self.album.latents), n)
        _, pooled = self.speaker.say(self.album.captions[chosen], draws)
        clean = self.album.latents[chosen].float() / self.scale_factor
        image = self._embed(chosen)
        blur = draws.ratios(n)[:, None, None, None] * MOST_BLUR
        blurred = image + draws.normal(*image.shape) * blur
        is_known = (draws.uniform(n) >= UNKNOWN)[:, None, None, None]
        ratio = draws.ratios(n)
        noise = draw_drifting_noise(draws, clean.shape)
        with mixed_precision(self.device):
            predicted = self.decoder(
                sample=add_noise(clean, noise, ratio),
                timestep_ratio=ratio,
                clip_text_pooled=pooled,
                effnet=blurred * is_known,
                return_dict=False,
            )[0]
        return diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)

    def _embed(self, chosen: torch.Tensor) -> torch.Tensor:
        if not self.is_joint:
            return self.embeddings[chosen]
        if self.batch < ENOUGH:
            self.semantic_encoder.mapper.eval()
        with mixed_precision(self.device):
            embedded = self.semantic_encoder(to_colors(self.album.pictures[chosen]))
        embeddings: torch.Tensor = embedded.float()
        return embeddings
