"""Trains Stage A: pictures to latents of a quarter of their side, and back."""

from typing import Any

import numpy as np
import torch
from torch import nn

from brandgen.engine.miniature.drawing import SIDE_PX
from brandgen.engine.miniature.pictures import to_planes
from brandgen.engine.miniature.scenes import draw_scene, sample_scene
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

CUT_PX = 128


class AutoencoderLesson:
    """Learns to draw a picture again from its latents, edges included."""

    name = "a"
    figures = ("psnr",)

    def __init__(
        self,
        vqgan: Any,
        pictures: torch.Tensor,
        *,
        device: torch.device,
        batch: int = 8,
        learning_rate: float = 2e-3,
        keeps_latents: bool = False,
    ) -> None:
        """Take a Stage A, whose codebook is left alone, and pictures of 256 px, bytes.

        With `keeps_latents` only the way back is learned: the latents stay those that a
        Stage B knows.
        """
        self.vqgan = vqgan.requires_grad_(requires_grad=True)
        vqgan.vquantizer.requires_grad_(requires_grad=False)
        norm = vqgan.down_blocks[-1][1]
        norm.requires_grad_(requires_grad=False)
        self.keeps_latents = keeps_latents
        if keeps_latents:
            for part in (vqgan.in_block, vqgan.down_blocks):
                part.requires_grad_(requires_grad=False)
        self.network = nn.ModuleDict({"vqgan": vqgan})
        self.pictures = pictures.to(device)
        self.device = device
        self.batch = batch
        self.learning_rate = learning_rate

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of cuts."""
        pictures = self._cut(draws).float() / 255
        if self.keeps_latents:
            # The last of these is a batch norm, whose statistics would move on.
            self.vqgan.down_blocks.eval()
        with mixed_precision(self.device):
            latents = self.vqgan.encode(pictures).latents
            # Stage B is never exact: Stage A must not hang on the last digit.
            blur = draws.normal(*latents.shape).to(latents) * 0.07
            drawn = self.vqgan.decode(latents + blur).sample
        error = drawn.float() - pictures
        across = (error[..., 1:] - error[..., :-1]).abs().mean()
        down = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
        squared = error.pow(2).mean()
        loss = error.abs().mean() + 2 * squared + 0.5 * (across + down)
        return loss, {"psnr": -10 * torch.log10(squared.detach())}

    def _cut(self, draws: Draws) -> torch.Tensor:
        chosen = draws.below(len(self.pictures), self.batch)
        places = torch.arange(CUT_PX, device=chosen.device)
        top, left = draws.below(SIDE_PX - CUT_PX + 1, 2, self.batch, 1)
        cuts = self.pictures[
            chosen[:, None, None],
            :,
            (top + places)[:, :, None],
            (left + places)[:, None, :],
        ]
        return cuts.permute(0, 3, 1, 2)


@torch.no_grad()
def measure_scale(vqgan: Any, device: torch.device, count: int = 32) -> float:
    """Measure the standard deviation of Stage A's latents, by which Stage B divides."""
    rng = np.random.default_rng(11)
    pictures = [
        draw_scene(sample_scene(rng), rng, SIDE_PX, SIDE_PX) for _ in range(count)
    ]
    planes = to_planes(np.stack(pictures)).float() / 255
    parts = [vqgan.encode(part.to(device)).latents for part in torch.split(planes, 16)]
    return float(torch.cat(parts).float().std())
