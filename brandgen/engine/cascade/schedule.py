"""Every number that the steps of a run need of the noise schedule, computed once.

The stock scheduler computes them anew at each step and asks the device which step it is
at, so a GPU's queue runs empty each time. These are the same numbers from the same
formulas in the same order: `DDPMWuerstchenScheduler.step` of diffusers 0.42.1.
"""

from typing import Any

import torch


class Schedule:
    """The noise levels of a run as tables; a step's row is its index from 1, less one.

    `scheduler` has its timesteps set. The last row is the end: no noise.
    """

    def __init__(self, scheduler: Any, dtype: torch.dtype) -> None:
        times = scheduler.timesteps
        self.levels: tuple[float, ...] = tuple(times.tolist())
        """The noise levels, from 1 down to 0."""
        self.ratios: torch.Tensor = times.to(dtype)
        """The same as the networks read them."""
        # The scheduler has no public name for its cumulative product.
        product = scheduler._alpha_cumprod(self.ratios, times.device)
        product = product.view(-1, 1, 1, 1)
        after = scheduler._alpha_cumprod(times, times.device).view(-1, 1, 1, 1)[1:]
        self._kept: torch.Tensor = product.sqrt()
        self._noise: torch.Tensor = (1 - product).sqrt()
        before = product[:-1]
        alpha = before / after
        self._growth: torch.Tensor = (1.0 / alpha).sqrt()
        self._removed: torch.Tensor = 1 - alpha
        self._spread: torch.Tensor = (
            (1 - alpha) * (1.0 - after) / (1.0 - before)
        ).sqrt()

    @property
    def steps(self) -> int:
        """How many steps the run has."""
        return len(self.levels) - 1

    def add_noise(
        self, row: int, clean: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        """Mix clean latents with noise at the noise level of a row."""
        mixed = self._kept[row] * clean + self._noise[row] * noise
        return mixed.to(noise.dtype)

    def predict_clean(
        self, row: int, prediction: torch.Tensor, sample: torch.Tensor
    ) -> torch.Tensor:
        """Say which clean latents a noise prediction implies."""
        return (sample - self._noise[row] * prediction) / self._kept[row]

    def implied_noise(
        self, row: int, clean: torch.Tensor, sample: torch.Tensor
    ) -> torch.Tensor:
        """Say which noise prediction implies these clean latents."""
        noise = (sample - self._kept[row] * clean) / self._noise[row]
        return noise.to(sample.dtype)

    def limit_clean(
        self,
        row: int,
        prediction: torch.Tensor,
        sample: torch.Tensor,
        limit: float | None,
    ) -> torch.Tensor:
        """Change a noise prediction so that the clean latents it implies keep a range.

        Small models overshoot under guidance; their latents have unit variance, so a
        limit of 2 to 4 holds them. None changes nothing. What is infinite becomes no
        number, so that an overflow is found at the end and not drawn at the limit.
        """
        if limit is None:
            return prediction
        clean = self.predict_clean(row, prediction, sample)
        clean = clean.clamp(-limit, limit) + (clean - clean)
        return self.implied_noise(row, clean, sample)

    def step(
        self,
        row: int,
        prediction: torch.Tensor,
        sample: torch.Tensor,
        noise: torch.Tensor | None,
    ) -> torch.Tensor:
        """Go one step down; `noise` is what the step adds, None at the last."""
        removed = self._removed[row] * prediction / self._noise[row]
        mean = self._growth[row] * (sample - removed)
        if noise is not None:
            mean = mean + self._spread[row] * noise
        return mean.to(prediction.dtype)
