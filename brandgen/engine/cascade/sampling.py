"""The sampling loop that both stages share, and its small steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor

HELD_NOISE_SEED = 2**53
"""Added to a seed for the noise on what is held, beside the noise of the sampling."""


@dataclass(frozen=True)
class Moment:
    """Where a run stands when a step has said which clean latents it sees."""

    index: int
    """From 1."""
    of: int
    noise: float
    """The noise level before the step, from 1 down to 0."""


Predict = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]
"""Latents, the noise level of each, and the step from 1: the noise that it sees."""

Steer = Callable[[torch.Tensor, Moment], torch.Tensor]
"""Moves the clean latents that a step implies, shape (n, channels, rows, columns)."""

OnClean = Callable[[int, int, torch.Tensor], None]
"""Called with the step from 1, the number of steps, and the clean latents so far."""


@dataclass(frozen=True)
class Begin:
    """Clean latents to begin from, in place of noise alone."""

    clean: torch.Tensor
    """Shape (1 or n, channels, rows, columns)."""
    strength: float
    """The noise level to begin at: 1 keeps nothing of it but what is held."""
    anew: torch.Tensor | None = None
    """Shape (1, 1, rows, columns): 1 is made anew, 0 is held to the clean latents."""


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


def denoise(
    predict: Predict,
    scheduler: Any,
    *,
    shape: tuple[int, ...],
    seeds: Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
    begin: Begin | None = None,
    x0_limit: float | None = None,
    steer: Sequence[Steer] = (),
    on_clean: OnClean,
) -> torch.Tensor:
    """Run the scheduler's steps from noise to clean latents of a shape.

    `scheduler` has its timesteps set. Each image has a generator of its own, first for
    the noise that it starts from and then for each step's. What `on_clean` raises
    leaves at once.
    """
    generators = make_generators(seeds)
    latents = draw_noise(shape, generators, device=device, dtype=dtype)
    held = None
    if begin is not None:
        held = _Held(begin, scheduler, seeds, latents)
        cut_schedule(scheduler, begin.strength)
        latents = add_noise(scheduler, begin.clean, latents, scheduler.timesteps[0])
    times = scheduler.timesteps
    of = len(times) - 1
    for index, time in enumerate(times[:-1], start=1):
        ratio = time.expand(len(seeds)).to(latents.dtype)
        noise = predict(latents, ratio, index)
        noise = limit_clean(scheduler, noise, ratio, latents, x0_limit)
        clean = predict_clean(scheduler, noise, ratio, latents)
        if steer:
            moment = Moment(index, of, float(time))
            for move in steer:
                clean = move(clean, moment)
            if x0_limit is not None:
                clean = clean.clamp(-x0_limit, x0_limit)
            noise = implied_noise(scheduler, clean, ratio, latents)
        latents = scheduler.step(
            noise, ratio, latents, generator=generators
        ).prev_sample
        if held is not None:
            latents = held.put_back(latents, times[index])
        on_clean(index, of, clean)
    return latents


class _Held:
    """What lies outside the mask: put back after every step, as noisy as the rest."""

    def __init__(
        self, begin: Begin, scheduler: Any, seeds: Sequence[int], latents: torch.Tensor
    ) -> None:
        self.begin, self.scheduler = begin, scheduler
        own = make_generators([seed + HELD_NOISE_SEED for seed in seeds])
        self.noise = draw_noise(
            tuple(latents.shape), own, device=latents.device, dtype=latents.dtype
        )

    def put_back(self, latents: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        if self.begin.anew is None:
            return latents
        known = self.begin.clean.expand_as(latents)
        if float(time) > 0:
            known = add_noise(self.scheduler, known, self.noise, time)
        return torch.lerp(known, latents, self.begin.anew.to(latents.dtype))


def cut_schedule(scheduler: Any, strength: float) -> None:
    """Begin a schedule at a noise level, with steps about as wide as they were.

    The level itself is always the first; at 0 a single step is left that does nothing.
    """
    times = scheduler.timesteps
    if strength >= 1:
        return
    later = times[times < strength]
    if not len(later):
        later = times[-1:]
    first = times.new_tensor([max(strength, 1e-4)])
    scheduler.set_timesteps(timesteps=torch.cat([first, later]))


def add_noise(
    scheduler: Any, clean: torch.Tensor, noise: torch.Tensor, time: torch.Tensor
) -> torch.Tensor:
    """Mix clean latents with noise at a noise level."""
    ratio = time.expand(noise.shape[0]).to(noise.dtype)
    kept, share = _shares(scheduler, ratio, noise)
    return kept * clean + share * noise


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


def implied_noise(
    scheduler: Any, clean: torch.Tensor, ratio: torch.Tensor, sample: torch.Tensor
) -> torch.Tensor:
    """Say which noise prediction implies these clean latents."""
    kept, noise = _shares(scheduler, ratio, sample)
    return ((sample - kept * clean) / noise).to(sample.dtype)


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
    clean = predict_clean(scheduler, prediction, ratio, sample).clamp(-limit, limit)
    return implied_noise(scheduler, clean, ratio, sample)


def _shares(
    scheduler: Any, ratio: torch.Tensor, sample: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    # The scheduler has no public name for its cumulative product.
    product = scheduler._alpha_cumprod(ratio, sample.device).view(-1, 1, 1, 1)
    return product.sqrt(), (1 - product).sqrt()
