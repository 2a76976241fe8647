"""The sampling loop that both stages share, and its small steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from brandgen.engine.cascade.schedule import Schedule

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
    """Draw noise, on the CPU, each image's from its own generator."""
    noise = torch.cat(
        [
            torch.randn((1, *shape[1:]), generator=generator, dtype=dtype)
            for generator in generators
        ]
    )
    if device.type == "cuda":  # from pinned memory, so that the queue goes on
        return noise.pin_memory().to(device, non_blocking=True)
    return noise.to(device)


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
    if begin is not None:
        cut_schedule(scheduler, begin.strength)
    schedule = Schedule(scheduler, dtype)
    held = None
    if begin is not None:
        held = _Held(begin, schedule, seeds, latents)
        latents = schedule.add_noise(0, begin.clean, latents)
    pace = _Pace(device)
    for row in range(schedule.steps):
        ratio = schedule.ratios[row].expand(len(seeds))
        noise = predict(latents, ratio, row + 1)
        noise = schedule.limit_clean(row, noise, latents, x0_limit)
        clean = schedule.predict_clean(row, noise, latents)
        if steer:
            moment = Moment(row + 1, schedule.steps, schedule.levels[row])
            clean = move_clean(clean, moment, steer, x0_limit)
            noise = schedule.implied_noise(row, clean, latents)
        added = None
        if schedule.levels[row + 1] != 0:
            added = draw_noise(shape, generators, device=device, dtype=dtype)
        latents = schedule.step(row, noise, latents, added)
        if held is not None:
            latents = held.put_back(latents, row + 1)
        pace.keep()
        on_clean(row + 1, schedule.steps, clean)
    return latents


def move_clean(
    clean: torch.Tensor, moment: Moment, steer: Sequence[Steer], limit: float | None
) -> torch.Tensor:
    """Let each that steers move the clean latents, within the limit."""
    for move in steer:
        clean = move(clean, moment)
    return clean if limit is None else clean.clamp(-limit, limit)


class _Pace:
    """Keeps the host at most one step ahead of a GPU.

    So progress stays true and a run can be cancelled, and yet the queue never runs
    empty: what is waited for is the step before the one just queued.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._last: Any = None

    def keep(self) -> None:
        if self._device.type != "cuda":
            return
        event = torch.cuda.current_stream(self._device).record_event()
        if self._last is not None:
            self._last.synchronize()
        self._last = event


class _Held:
    """What lies outside the mask: put back after every step, as noisy as the rest."""

    def __init__(
        self,
        begin: Begin,
        schedule: Schedule,
        seeds: Sequence[int],
        latents: torch.Tensor,
    ) -> None:
        self.begin, self.schedule = begin, schedule
        own = make_generators([seed + HELD_NOISE_SEED for seed in seeds])
        self.noise = draw_noise(
            tuple(latents.shape), own, device=latents.device, dtype=latents.dtype
        )

    def put_back(self, latents: torch.Tensor, row: int) -> torch.Tensor:
        if self.begin.anew is None:
            return latents
        known = self.begin.clean.expand_as(latents)
        if self.schedule.levels[row] > 0:
            known = self.schedule.add_noise(row, known, self.noise)
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


def guide(prediction: torch.Tensor, scale: float) -> torch.Tensor:
    """Join the two halves of a guided batch: with the prompt, then without."""
    with_prompt, without = prediction.chunk(2)
    return torch.lerp(without, with_prompt, scale)
