"""Trains Stage B: image embeddings to the latents of Stage A."""

from typing import Any

import torch
from torch import nn

from brandgen.engine.cascade.semantic import SemanticEncoder
from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.pictures import LatentAlbum
from brandgen.engine.miniature.stages.noise import (
    QUARTER_NAMES,
    UNSAID,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    encode_captions,
)
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, mixed_precision

WEIGHT_FLOOR = 0.05
MOST_BLUR = 0.25
"""Noise on the image embeddings: the prior's are never quite those of a picture."""


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
        tokenizer: Any,
        text_encoder: Any,
        scale_factor: float,
        device: torch.device,
        is_joint: bool = False,
        batch: int = 16,
        learning_rate: float = 1e-3,
    ) -> None:
        """Take pictures with their latents, and the networks that stay as they are."""
        self.decoder = decoder.requires_grad_(requires_grad=True)
        self.album = album
        self.tokenizer = tokenizer
        self.text_encoder = text_encoder.to(device).eval()
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
            self.embeddings = embed_pictures(semantic_encoder, album.pictures, device)
        self.network = nn.ModuleDict(learners)

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of pictures."""
        rng, device = draws.numbers, self.device
        chosen = rng.integers(0, len(self.album.scenes), self.batch)
        texts = [
            ""
            if rng.random() < UNSAID
            else write_caption(self.album.scenes[i], rng).text
            for i in chosen
        ]
        _, pooled = encode_captions(self.tokenizer, self.text_encoder, texts, device)
        index = torch.from_numpy(chosen)
        clean = self.album.latents[index].float().to(device) / self.scale_factor
        image = self._embed(index)
        blur = draws.ratios(self.batch)[:, None, None, None] * MOST_BLUR
        blurred = image + (draws.normal(*image.shape) * blur).to(device)
        is_known = torch.from_numpy(rng.random(self.batch) >= 0.05).float().to(device)
        ratio = draws.ratios(self.batch).to(device)
        noise = draw_drifting_noise(draws, clean.shape).to(device)
        noisy = add_noise(clean, noise, ratio)
        with mixed_precision(device):
            predicted = self.decoder(
                sample=noisy,
                timestep_ratio=ratio,
                clip_text_pooled=pooled,
                effnet=blurred * is_known[:, None, None, None],
                return_dict=False,
            )[0]
        return diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)

    def _embed(self, index: torch.Tensor) -> torch.Tensor:
        if not self.is_joint:
            return self.embeddings[index].to(self.device)
        # Statistics of a small batch would tell the colors of one picture by another's.
        self.semantic_encoder.mapper.eval()
        with mixed_precision(self.device):
            embedded = self.semantic_encoder(
                to_colors(self.album.pictures[index]).to(self.device)
            )
        embeddings: torch.Tensor = embedded.float()
        return embeddings
