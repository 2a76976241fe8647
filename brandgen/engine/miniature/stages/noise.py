"""What the lessons of both diffusion stages share."""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDPMWuerstchenScheduler
from torch import nn

from brandgen.engine.miniature.tokenizer import encode_texts
from brandgen.engine.miniature.training import Draws, mixed_precision

UNSAID = 0.1
"""Share of empty captions, for guidance. The original has 5 to 10 %."""
MOST_DRIFT = 0.2
"""Standard deviation of the drift of the noise's mean, at most."""
QUARTERS = 4
QUARTER_NAMES = tuple(f"noise {q / 4:.2f} to {(q + 1) / 4:.2f}" for q in range(4))
SCHEDULER = DDPMWuerstchenScheduler()


def add_noise(
    clean: torch.Tensor, noise: torch.Tensor, ratio: torch.Tensor
) -> torch.Tensor:
    """Mix clean latents with noise, by the schedule that sampling uses."""
    noisy: torch.Tensor = SCHEDULER.add_noise(clean, noise, ratio)
    return noisy


def draw_drifting_noise(draws: Draws, shape: Sequence[int]) -> torch.Tensor:
    """Draw noise that is a little too light or dark as a whole, or in its parts.

    The first sampling step can't place the mean of a picture exactly, and white noise
    of many pixels has next to none: a network that has seen only white noise takes the
    first step's error for the picture's color. With 64 x 64 latents that cost 3 dB.
    """
    n, channels = shape[:2]
    noise = draws.normal(*shape)
    strength = draws.ratios(n)[:, None, None, None] ** 2 * MOST_DRIFT
    whole = draws.normal(n, channels, 1, 1)
    parts = nn.functional.interpolate(
        draws.normal(n, channels, 3, 3), size=tuple(shape[2:]), mode="bicubic"
    )
    return noise + strength * (whole + 0.5 * parts)


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
