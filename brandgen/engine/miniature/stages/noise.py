"""What the lessons of both diffusion stages share."""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.miniature.tokenizer import encode_texts
from brandgen.engine.miniature.training import mixed_precision

UNSAID = 0.1
"""Share of empty captions, for guidance. The original has 5 to 10 %."""
QUARTERS = 4
QUARTER_NAMES = tuple(f"noise {q / 4:.2f} to {(q + 1) / 4:.2f}" for q in range(4))
SCHEDULER = DDPMWuerstchenScheduler()


def add_noise(
    clean: torch.Tensor, noise: torch.Tensor, ratio: torch.Tensor
) -> torch.Tensor:
    """Mix clean latents with noise, by the schedule that sampling uses."""
    noisy: torch.Tensor = SCHEDULER.add_noise(clean, noise, ratio)
    return noisy


def weigh(ratio: torch.Tensor, floor: float) -> torch.Tensor:
    """Weigh the loss at each noise ratio so that it counts the clean image's error.

    The original's weight, 1 - kept, gave blown-up samples on this budget: it says
    little about the noisy end, where the picture is decided. A lower floor says more.
    """
    kept = SCHEDULER._alpha_cumprod(ratio, ratio.device)
    weights: torch.Tensor = (1 - kept) / (kept + floor)
    return weights


def diffusion_loss(
    predicted: torch.Tensor, noise: torch.Tensor, ratio: torch.Tensor, floor: float
) -> tuple[torch.Tensor, dict[str, float]]:
    """Compute the weighted loss of a batch, and its error by quarter of noise."""
    errors = (predicted.float() - noise).pow(2).mean((1, 2, 3))
    weights = weigh(ratio, floor)
    loss = (errors * weights).mean() / weights.mean()
    figures = {}
    for quarter, name in enumerate(QUARTER_NAMES):
        is_in = (ratio >= quarter / QUARTERS) & (ratio < (quarter + 1) / QUARTERS)
        if is_in.any():
            figures[name] = errors[is_in].mean().item()
    return loss, figures


@torch.no_grad()
def encode_captions(
    tokenizer: Any, encoder: Any, texts: Sequence[str], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Encode captions to words (n, tokens, width) and pooled text (n, 1, width)."""
    tokens = encode_texts(tokenizer, texts)
    with mixed_precision(device):
        output = encoder(
            tokens.ids.to(device),
            attention_mask=tokens.mask.to(device),
            output_hidden_states=True,
        )
    return output.hidden_states[-1].float(), output.text_embeds.float().unsqueeze(1)
