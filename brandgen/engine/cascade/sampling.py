"""What the sampling loops of both stages share."""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor


def make_generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """Make one generator for each image, so that a batch repeats its single images.

    Noise is drawn on the CPU for every device: the same seed, the same noise.
    """
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(
    shape: tuple[int, ...],
    generators: list[torch.Generator],
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> torch.Tensor:
    """Draw the noise that a stage starts from."""
    noise: torch.Tensor = randn_tensor(
        shape, generator=generators, device=device, dtype=dtype
    )
    return noise


def guide(prediction: torch.Tensor, scale: float) -> torch.Tensor:
    """Join the two halves of a guided batch: with the prompt, then without."""
    with_prompt, without = prediction.chunk(2)
    return torch.lerp(without, with_prompt, scale)


def predict_clean(
    scheduler: Any, prediction: torch.Tensor, ratio: torch.Tensor, sample: torch.Tensor
) -> torch.Tensor:
    """Say which clean latents a noise prediction implies."""
    kept, noise = _shares(scheduler, ratio, sample)
    return (sample - noise * prediction) / kept


def limit_clean(
    scheduler: Any,
    prediction: torch.Tensor,
    ratio: torch.Tensor,
    sample: torch.Tensor,
    limit: float | None,
) -> torch.Tensor:
    """Change a noise prediction so that the clean latents it implies stay in a range.

    Small models overshoot under guidance; their latents have unit variance, so a limit
    of 2 to 4 holds them. None changes nothing.
    """
    if limit is None:
        return prediction
    kept, noise = _shares(scheduler, ratio, sample)
    clean = ((sample - noise * prediction) / kept).clamp(-limit, limit)
    return ((sample - kept * clean) / noise).to(prediction.dtype)


def _shares(
    scheduler: Any, ratio: torch.Tensor, sample: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    # The scheduler has no public name for its cumulative product.
    product = scheduler._alpha_cumprod(ratio, sample.device).view(-1, 1, 1, 1)
    return product.sqrt(), (1 - product).sqrt()
