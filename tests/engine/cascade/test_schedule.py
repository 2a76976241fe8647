from typing import Any

import pytest
import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.cascade.sampling import draw_noise, make_generators
from brandgen.engine.cascade.schedule import Schedule
from brandgen.engine.requests import TUNED_TIMESTEPS

SHAPE = (3, 4, 8, 8)
SEEDS = [7, 8, 9]
CPU = torch.device("cpu")


def make_scheduler(steps: int | None, **options: Any) -> Any:
    scheduler = DDPMWuerstchenScheduler(**options)
    if steps is None:
        scheduler.set_timesteps(timesteps=list(TUNED_TIMESTEPS))
    else:
        scheduler.set_timesteps(steps)
    return scheduler


class TestStep:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    @pytest.mark.parametrize(
        ("steps", "options"),
        [(1, {}), (10, {}), (20, {"scaler": 0.5}), (20, {"scaler": 2.0}), (None, {})],
    )
    def test_equals_the_stock_scheduler_in_every_bit(
        self, steps: int | None, options: dict[str, Any], dtype: torch.dtype
    ) -> None:
        scheduler = make_scheduler(steps, **options)
        schedule = Schedule(scheduler, dtype)
        ours = stock = draw_noise(
            SHAPE, make_generators(SEEDS), device=CPU, dtype=dtype
        )
        our_generators = make_generators([1, 2, 3])
        stock_generators = make_generators([1, 2, 3])

        for row in range(schedule.steps):
            prediction = torch.sin(ours * 3)
            ratio = schedule.ratios[row].expand(len(SEEDS))
            stock = scheduler.step(
                prediction, ratio, stock, generator=stock_generators
            ).prev_sample
            noise = draw_noise(SHAPE, our_generators, device=CPU, dtype=dtype)
            is_last = row + 1 == schedule.steps
            ours = schedule.step(row, prediction, ours, None if is_last else noise)

            assert torch.equal(ours, stock)


class TestPredictClean:
    def test_finds_what_noise_was_added_to(self) -> None:
        schedule = Schedule(make_scheduler(20), torch.float32)
        torch.manual_seed(0)
        clean, noise = torch.randn(SHAPE), torch.randn(SHAPE)

        for row in range(schedule.steps):
            mixed = schedule.add_noise(row, clean, noise)

            # At the noisiest step the clean latents are a difference of large numbers.
            found = schedule.predict_clean(row, noise, mixed)
            assert torch.allclose(found, clean, atol=1e-3 if row == 0 else 1e-5)
            again = schedule.implied_noise(row, clean, mixed)
            assert torch.allclose(again, noise, atol=1e-5)


class TestLimitClean:
    def test_changes_nothing_without_a_limit(self) -> None:
        schedule = Schedule(make_scheduler(4), torch.float32)
        prediction, sample = torch.randn(SHAPE), torch.randn(SHAPE)

        assert schedule.limit_clean(0, prediction, sample, None) is prediction

    def test_holds_the_implied_latents_within_the_limit(self) -> None:
        schedule = Schedule(make_scheduler(4), torch.float32)
        prediction, sample = torch.randn(SHAPE), 9 * torch.randn(SHAPE)

        limited = schedule.limit_clean(2, prediction, sample, 2.0)

        clean = schedule.predict_clean(2, limited, sample)
        assert float(clean.abs().max()) == pytest.approx(2.0, abs=1e-4)
