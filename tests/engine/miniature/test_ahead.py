from functools import partial

import numpy as np
import pytest
import torch

from brandgen.engine.miniature.ahead import Ahead
from brandgen.engine.miniature.training import Draws


def roll(sides: int, rng: np.random.Generator) -> torch.Tensor:
    return torch.from_numpy(rng.integers(0, sides, 8))


def take(ahead: Ahead[torch.Tensor], steps: range) -> list[list[int]]:
    draws = Draws.from_seed(5)
    taken = []
    for draws.step in steps:
        taken.append(ahead.next(draws).tolist())
    return taken


class TestAhead:
    @pytest.mark.parametrize("workers", [0, 2])
    def test_gives_a_step_its_batch_whoever_prepares_it(self, workers: int) -> None:
        make = partial(roll, 1000)

        batches = take(Ahead(make, workers), range(5))

        alone = [make(np.random.default_rng((5, step))).tolist() for step in range(5)]
        assert batches == alone

    def test_goes_on_where_a_training_was_stopped(self) -> None:
        make = partial(roll, 1000)
        whole = take(Ahead(make, 0), range(6))

        assert take(Ahead(make, 0), range(4, 6)) == whole[4:]

    def test_begins_again_where_steps_were_only_tried(self) -> None:
        ahead = Ahead(partial(roll, 1000), 0)

        assert take(ahead, range(3)) == take(ahead, range(3))
