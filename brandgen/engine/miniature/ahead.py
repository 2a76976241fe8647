"""Prepares the batches of a lesson, in other processes where there are cores."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np
from torch.utils.data import DataLoader, Dataset

from brandgen.engine.miniature.drawing import FEW_CORES
from brandgen.engine.miniature.training import Draws

Batch = TypeVar("Batch")
READY = 4
"""Batches that each process prepares before one is asked for."""


class Batches(Dataset[Batch], Generic[Batch]):
    """Batches by their number: the same seed and number give the same one."""

    def __init__(self, make: Callable[[np.random.Generator], Batch], seed: int) -> None:
        self.make = make
        self.seed = seed

    def __getitem__(self, number: int) -> Batch:
        return self.make(np.random.default_rng((self.seed, number)))


class Ahead(Generic[Batch]):
    """Hands out one batch for each step, drawn freshly.

    Which batch a step gets does not depend on how many processes there are, nor on
    whether the training was stopped before.
    """

    def __init__(
        self,
        make: Callable[[np.random.Generator], Batch],
        workers: int | None = None,
    ) -> None:
        """Take what makes a batch; it can be pickled."""
        self.make = make
        self.workers = count_preparers() if workers is None else workers
        self.batches: Iterator[Batch] = iter(())
        self.awaited: int | None = None

    def next(self, draws: Draws) -> Batch:
        """Return the batch of this step; the next one's is being prepared."""
        if draws.step != self.awaited:
            loader: DataLoader[Any] = DataLoader(
                Batches(self.make, draws.seed),
                batch_size=None,
                sampler=itertools.count(draws.step),
                num_workers=self.workers,
                prefetch_factor=READY if self.workers else None,
            )
            self.batches = iter(loader)
        self.awaited = draws.step + 1
        return next(self.batches)


def count_preparers() -> int:
    """Say how many processes prepare: none where the cores have other work."""
    cores = os.cpu_count() or 1
    return 0 if cores <= FEW_CORES else cores // 2
