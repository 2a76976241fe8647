"""What the lessons of both diffusion stages share."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from brandgen.engine.miniature.tokenizer import encode_texts, mask_padding
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

UNSAID = 0.1
"""Share of empty captions, for guidance. The original has 5 to 10 %."""
MOST_DRIFT = 0.2
"""Standard deviation of the drift of the noise's mean, at most."""
QUARTERS = 4
QUARTER_NAMES = tuple(f"noise {q / 4:.2f} to {(q + 1) / 4:.2f}" for q in range(4))
OFFSET = 0.008


def add_noise(
    clean: torch.Tensor, noise: torch.Tensor, ratio: torch.Tensor
) -> torch.Tensor:
    """Mix clean latents with noise, by the schedule that sampling uses."""
    kept = keep_share(ratio)[:, None, None, None]
    return clean * kept.sqrt() + noise * (1 - kept).sqrt()


def keep_share(ratio: torch.Tensor) -> torch.Tensor:
    """Say what share of the variance is the image's at each noise ratio.

    It is the schedule of `DDPMWuerstchenScheduler`, whose own code copies constants to
    the device at each call, for which a GPU waits.
    """
    start = math.cos(OFFSET / (1 + OFFSET) * math.pi / 2) ** 2
    angle = (ratio + OFFSET) / (1 + OFFSET) * (math.pi / 2)
    return (angle.cos().square() / start).clamp(0.0001, 0.9999)


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
    kept = keep_share(ratio)
    return (1 - kept) / (kept + floor)


def diffusion_loss(
    predicted: torch.Tensor,
    noise: torch.Tensor,
    ratio: torch.Tensor,
    floor: float,
    *,
    emphasis: torch.Tensor | None = None,
) -> Loss:
    """Compute the weighted loss of a batch, and its error by quarter of noise.

    `emphasis`, of shape (n, 1, rows, columns), says how much each cell counts.
    """
    squares = (predicted.float() - noise).pow(2)
    if emphasis is not None:
        squares = squares * (emphasis / emphasis.mean())
    errors = squares.mean((1, 2, 3))
    weights = weigh(ratio, floor)
    loss = (errors * weights).mean() / weights.mean()
    figures = {}
    for quarter, name in enumerate(QUARTER_NAMES):
        is_in = (ratio >= quarter / QUARTERS) & (ratio < (quarter + 1) / QUARTERS)
        figures[name] = (errors.detach() * is_in).sum() / is_in.sum()
    return loss, figures


class Speaker:
    """Says in embeddings what a picture's captions say, one of them at each step."""

    def __init__(self, tokenizer: Any, encoder: Any, device: torch.device) -> None:
        """Take a text encoder, which stays as it is."""
        self.tokenizer = tokenizer
        self.encoder = encoder.to(device).eval()
        self.device = device
        self.nothing = encode_texts(tokenizer, [""]).ids.to(device)

    def say(
        self, captions: torch.Tensor, draws: Draws, unsaid: float = UNSAID
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode one caption of each picture, a share of them left empty.

        `captions` has shape (n, captions, tokens). Returns words (n, tokens, width) and
        pooled text (n, 1, width).
        """
        n, count, _ = captions.shape
        rows = torch.arange(n, device=captions.device)
        ids = captions[rows, draws.below(count, n)].long()
        is_unsaid = draws.uniform(n) < unsaid
        return self.encode(torch.where(is_unsaid[:, None], self.nothing, ids))

    def say_texts(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode texts, as `say` does."""
        return self.encode(encode_texts(self.tokenizer, texts).ids.to(self.device))

    @torch.no_grad()
    def encode(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode token numbers of shape (n, tokens)."""
        with mixed_precision(self.device):
            output = self.encoder(
                ids,
                attention_mask=mask_padding(ids, self.tokenizer.eos_token_id),
                output_hidden_states=True,
            )
        return output.hidden_states[-1].float(), output.text_embeds.float().unsqueeze(1)
