"""Has ways to make pictures take turns, and sums up what each took."""

import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.ways import STOCK, Way

SHEET = 4
"""Candidates of a contact sheet."""


@dataclass(frozen=True)
class Row:
    """What one way takes: medians, in seconds, MB and times as fast as stock."""

    way: str
    batch: int
    image_s: float
    """For each image of a batch: prior and decoder."""
    variation_s: float
    """For each image of a batch: the decoder again, from another seed."""
    sheet_s: float
    """For four candidates, by the prior alone, this many at once."""
    memory_mb: int
    """At the most, beside what was held before: on a GPU all that was held."""
    ratio: float
    difference: int


@dataclass(frozen=True)
class Turn:
    """What one way took once, for a whole batch."""

    sketch_s: float
    finish_s: float
    variation_s: float
    memory_mb: int
    pictures: Any

    @property
    def image_s(self) -> float:
        """Prior and decoder."""
        return self.sketch_s + self.finish_s


@dataclass(frozen=True)
class Clock:
    """Times work to its end, on a GPU too."""

    device: torch.device
    now: Callable[[], float] = time.perf_counter

    def time(self, work: Callable[[], Any]) -> tuple[float, Any]:
        """Do some work; return its seconds and what it gave."""
        self._wait()
        started = self.now()
        result = work()
        self._wait()
        return self.now() - started, result

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def measure(
    ways: Mapping[str, Way],
    batches: Sequence[int],
    *,
    repeats: int,
    clock: Clock,
) -> list[Row]:
    """Measure each way at each batch; the ways take turns."""
    rows = []
    for batch in batches:
        turns: dict[str, list[Turn]] = {name: [] for name in ways}
        for repeat in range(repeats + 1):
            seeds = range(repeat * batch, (repeat + 1) * batch)
            for name, way in ways.items():
                turns[name].append(take_turn(way, seeds, clock))
        stock = turns[STOCK][1:]  # the first warms up
        rows += [make_row(name, batch, turns[name][1:], stock) for name in ways]
    return rows


def take_turn(way: Way, seeds: Sequence[int], clock: Clock) -> Turn:
    """Draw a batch, and then another variation of each picture."""
    memory = watch_memory(clock.device)
    sketch_s, sketches = clock.time(lambda: way.sketch(seeds))
    finish_s, pictures = clock.time(lambda: way.finish(sketches, seeds))
    memory_mb = memory()
    others = [seed + 1000 for seed in seeds]
    variation_s, _ = clock.time(lambda: way.finish(sketches, others))
    return Turn(sketch_s, finish_s, variation_s, memory_mb, np.stack(pictures))


def make_row(
    name: str, batch: int, turns: Sequence[Turn], stock: Sequence[Turn]
) -> Row:
    """Sum up the turns of one way beside those of the stock pipelines."""
    ratios, differences = [], []
    for turn, other in zip(turns, stock, strict=True):
        ratios.append(other.image_s / turn.image_s)
        apart = np.abs(turn.pictures.astype(int) - other.pictures)
        differences.append(int(apart.max()))
    return Row(
        name,
        batch,
        round(statistics.median(turn.image_s for turn in turns) / batch, 4),
        round(statistics.median(turn.variation_s for turn in turns) / batch, 4),
        round(statistics.median(turn.sketch_s for turn in turns) / batch * SHEET, 4),
        max(turn.memory_mb for turn in turns),
        round(statistics.median(ratios), 2),
        max(differences),
    )


def watch_memory(device: torch.device) -> Callable[[], int]:
    """Begin to watch the peak; what is returned says it in MB."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return lambda: torch.cuda.max_memory_allocated() // 2**20
    try:  # Source: proc(5): 5 sets the peak back to what is held now.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return lambda: 0
    before = read_status("VmRSS")
    return lambda: (read_status("VmHWM") - before) // 1024


def read_status(name: str) -> int:
    """Read a figure about this process, in KB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s*(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0
