from typing import Any

import pytest
import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.cascade.sampling import (
    Begin,
    Moment,
    cut_schedule,
    denoise,
)
from brandgen.engine.cascade.schedule import Schedule

SHAPE = (2, 3, 4, 6)
SEEDS = [7, 8]


def run(steps: int = 5, **changes: Any) -> torch.Tensor:
    """Sample with a network that sees no noise anywhere."""
    scheduler = DDPMWuerstchenScheduler()
    scheduler.set_timesteps(steps)
    options = {
        "shape": SHAPE,
        "seeds": SEEDS,
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "on_clean": lambda *_: None,
    }
    return denoise(
        lambda latents, ratio, index: torch.zeros_like(latents),
        scheduler,
        **(options | changes),
    )


class TestDenoise:
    def test_holds_what_the_mask_keeps(self) -> None:
        clean = torch.full(SHAPE, 0.5)
        anew = torch.zeros(1, 1, *SHAPE[2:])
        anew[..., 3:] = 1

        found = run(begin=Begin(clean, strength=1.0, anew=anew))

        assert torch.equal(found[..., :3], clean[..., :3])
        assert (found[..., 3:] - 0.5).abs().max() > 0.1

    def test_begins_nearer_to_the_picture_the_weaker_it_is(self) -> None:
        clean = torch.full(SHAPE, 0.5)
        scheduler = DDPMWuerstchenScheduler()
        scheduler.set_timesteps(10)
        exact = lambda latents, ratio, index: Schedule(  # noqa: E731
            scheduler, torch.float32
        ).implied_noise(index - 1, clean, latents)
        seen: list[int] = []

        found = denoise(
            exact,
            scheduler,
            shape=SHAPE,
            seeds=SEEDS,
            device=torch.device("cpu"),
            dtype=torch.float32,
            begin=Begin(clean, strength=0.35),
            on_clean=lambda index, of, _: seen.append(of),
        )

        assert seen == [4] * 4
        assert torch.allclose(found, clean, atol=1e-2)

    def test_lets_the_clean_latents_be_moved(self) -> None:
        moments: list[Moment] = []

        def to_one(clean: torch.Tensor, moment: Moment) -> torch.Tensor:
            moments.append(moment)
            return torch.ones_like(clean)

        found = run(steps=4, steer=[to_one])

        assert [moment.index for moment in moments] == [1, 2, 3, 4]
        assert [round(moment.noise, 2) for moment in moments] == [1, 0.75, 0.5, 0.25]
        assert torch.allclose(found, torch.ones(SHAPE), atol=0.05)

    def test_keeps_moved_latents_within_the_limit(self) -> None:
        seen: list[float] = []

        run(
            steer=[lambda clean, moment: clean + 100],
            x0_limit=2.0,
            on_clean=lambda index, of, clean: seen.append(float(clean.max())),
        )

        assert max(seen) == 2.0


@pytest.mark.gpu
class TestDenoiseOnGpu:
    def test_runs_at_most_one_step_ahead_of_what_it_reports(self) -> None:
        done: list[torch.cuda.Event] = []
        waited: list[bool] = []

        def predict(
            latents: torch.Tensor, ratio: torch.Tensor, index: int
        ) -> torch.Tensor:
            torch.cuda._sleep(20_000_000)
            done.append(torch.cuda.Event())
            done[-1].record()
            return torch.zeros_like(latents)

        scheduler = DDPMWuerstchenScheduler()
        scheduler.set_timesteps(6, device="cuda")
        denoise(
            predict,
            scheduler,
            shape=SHAPE,
            seeds=SEEDS,
            device=torch.device("cuda"),
            dtype=torch.bfloat16,
            on_clean=lambda *_: waited.append(all(e.query() for e in done[:-1])),
        )

        assert waited == [True] * 6


class TestCutSchedule:
    @pytest.mark.parametrize(
        ("strength", "times"),
        [
            (1.0, [1.0, 0.75, 0.5, 0.25, 0.0]),
            (0.8, [0.8, 0.75, 0.5, 0.25, 0.0]),
            (0.5, [0.5, 0.25, 0.0]),
            (0.1, [0.1, 0.0]),
            (0.0, [1e-4, 0.0]),
        ],
    )
    def test_begins_at_the_noise_level(
        self, strength: float, times: list[float]
    ) -> None:
        scheduler = DDPMWuerstchenScheduler()
        scheduler.set_timesteps(4)

        cut_schedule(scheduler, strength)

        assert scheduler.timesteps.tolist() == pytest.approx(times)
