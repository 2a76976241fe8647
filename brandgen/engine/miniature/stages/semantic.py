"""Trains the semantic encoder: pictures to image embeddings."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.cascade.semantic import SemanticEncoder
from brandgen.engine.miniature.networks import Reconstructor
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision


class ReconstructionLesson:
    """Learns embeddings from which the picture can be drawn again; from nothing."""

    name = "semantic"
    figures = ("psnr",)

    def __init__(
        self,
        encoder: SemanticEncoder,
        pictures: torch.Tensor,
        *,
        device: torch.device,
        batch: int = 32,
        learning_rate: float = 2e-3,
    ) -> None:
        """Take small pictures, bytes of shape (n, 3, 96, 96)."""
        self.encoder = encoder.requires_grad_(requires_grad=True)
        self.pictures = pictures.to(device)
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate
        self.network = nn.ModuleDict(
            {"encoder": encoder, "reconstructor": Reconstructor()}
        )

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of pictures."""
        pictures = to_colors(self.pictures[draws.below(len(self.pictures), self.batch)])
        with mixed_precision(self.device):
            embeddings = self.encoder(pictures)
            # A little noise keeps neighbors apart that must not be confused.
            blur = draws.normal(*embeddings.shape) * 0.12
            drawn = self.network["reconstructor"](embeddings + blur)
        error = (drawn.float() - pictures) / 2
        loss = error.abs().mean() + 3 * error.pow(2).mean()
        return loss, {"psnr": -10 * torch.log10(error.detach().pow(2).mean())}


class InversionLesson:
    """Learns which embeddings a trained decoder draws a picture from.

    This finds an encoder again for a bundle that came without one, so that its prior
    and decoder can be trained on: they keep the embeddings they know.
    """

    name = "inversion"
    figures = ("error",)

    def __init__(
        self,
        encoder: SemanticEncoder,
        pictures: torch.Tensor,
        embeddings: torch.Tensor,
        *,
        device: torch.device,
        batch: int = 32,
        learning_rate: float = 2e-3,
    ) -> None:
        """Take small pictures and the embeddings (n, 16, 6, 6) they were drawn from."""
        self.encoder = encoder.requires_grad_(requires_grad=True)
        self.network = nn.ModuleDict({"encoder": encoder})
        self.pictures = pictures.to(device)
        self.embeddings = embeddings.float().to(device)
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of pairs."""
        chosen = draws.below(len(self.pictures), self.batch)
        with mixed_precision(self.device):
            guessed = self.encoder(to_colors(self.pictures[chosen]))
        right = self.embeddings[chosen]
        error = (guessed.detach().float() - right).pow(2).mean()
        loss = functional.smooth_l1_loss(guessed.float(), right, beta=0.5)
        return loss, {"error": error}


def to_colors(pictures: torch.Tensor) -> torch.Tensor:
    """Turn bytes to colors from -1 to 1."""
    return pictures.float() / 127.5 - 1


@torch.no_grad()
def embed_pictures(
    encoder: Any, pictures: torch.Tensor, device: torch.device, batch: int = 128
) -> torch.Tensor:
    """Compute the embeddings of small pictures, bytes of shape (n, 3, h, w).

    They stay on the device.
    """
    encoder = encoder.to(device).eval()
    parts = []
    for part in torch.split(pictures, batch):
        with mixed_precision(device):
            parts.append(encoder(to_colors(part.to(device))).float())
    return torch.cat(parts)
