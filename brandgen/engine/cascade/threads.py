"""Chooses how many threads share the arithmetic on a CPU, by trying it."""

import json
import os
import statistics
import time
from collections.abc import Mapping
from functools import cache
from math import inf
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import conv2d, gelu, layer_norm, linear

from brandgen.engine.bundle import Bundle
from brandgen.engine.embeddings import count_cells
from brandgen.engine.layout import Component

Threads = int | Literal["auto"]

WORTH = 1.15
"""More threads are chosen where they are at least so many times as fast: what they take
is taken from whatever else computes."""
ROUNDS = 5
WIDEST, LARGEST_SIDE = 512, 32
"""Channels and cells of the trial. Beyond them one thread less or more is the same."""
DECODER_CELLS = 2.67
"""Sides of the decoder's latents by those of the prior, after its 2 x 2 patches."""


def choose_threads(bundle: Bundle, device: torch.device) -> int:
    """Return how many threads draw fastest here and now: once for each process.

    On a GPU one: there is nothing to share.
    """
    if device.type != "cpu":
        return 1
    side = count_cells(bundle.profile.native_side_px)
    shapes = []
    parts: dict[Component, float] = {"prior": 1, "decoder": DECODER_CELLS}
    for part, scale in parts.items():
        channels = find_width(bundle, part)
        if channels is not None:
            cells = round(side * scale)
            shapes.append((min(channels, WIDEST), min(cells, LARGEST_SIDE)))
    return choose(measure(tuple(shapes), count_cores()))


def find_width(bundle: Bundle, part: Component) -> int | None:
    """Return a network's channels at its widest; None where it is not there."""
    folder = bundle.find_part(part)
    try:
        text = "" if folder is None else (folder / "config.json").read_text("utf-8")
        return int(max(json.loads(text)["block_out_channels"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # whoever loads the network says what is wrong with it


def count_cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose(seconds: Mapping[int, float]) -> int:
    """Return the number of threads that is worth it, by what each number takes."""
    fastest = min(seconds, key=lambda threads: (seconds[threads], threads))
    return fastest if seconds[1] >= WORTH * seconds[fastest] else 1


@cache
def measure(shapes: tuple[tuple[int, int], ...], cores: int) -> dict[int, float]:
    """Time blocks of (channels, side in cells) with 1, 2, 4 and more threads.

    The numbers take turns, so that a busy moment slows all alike. Returns medians of
    seconds; about a second in all, as a number that takes twice as long as one thread
    is given up: where other processes compute, threads that wait for each other take
    a hundred times as long.
    """
    numbers = [2**power for power in range(cores.bit_length()) if 2**power <= cores]
    taken: dict[int, list[float]] = {threads: [] for threads in numbers}
    before = torch.get_num_threads()
    blocks = [make_block(*shape) for shape in shapes]
    try:
        for _ in range(ROUNDS):
            alone_s = inf
            for threads in numbers:
                if inf in taken[threads]:
                    continue
                torch.set_num_threads(threads)
                run(blocks[:1], within_s=2 * alone_s)  # wakes the threads
                taken[threads].append(run(blocks, within_s=2 * alone_s))
                if threads == 1:
                    alone_s = taken[1][-1]
            if all(inf in taken[threads] for threads in numbers[1:]):
                break  # one thread is left
    finally:
        torch.set_num_threads(before)
    return {
        threads: inf if inf in each else statistics.median(each)
        for threads, each in taken.items()
    }


Block = tuple[Tensor, Tensor, Tensor, Tensor]
"""Cells (2, channels, side, side), a depthwise kernel, two matrices."""


def make_block(channels: int, side: int) -> Block:
    """Make what a residual block of Stage C or B computes with: shapes, no sense."""
    return (
        torch.ones(2, channels, side, side),
        torch.ones(channels, 1, 3, 3),
        torch.ones(4 * channels, channels),
        torch.ones(channels, 4 * channels),
    )


def run(blocks: list[Block], *, within_s: float) -> float:
    """Compute each block five times; return the seconds, infinite where given up."""
    started = time.perf_counter()
    with torch.inference_mode():
        for cells, kernel, up, down in blocks:
            for _ in range(5):
                seen = conv2d(cells, kernel, padding=1, groups=cells.shape[1])
                rows = layer_norm(seen.permute(0, 2, 3, 1), cells.shape[1:2])
                linear(gelu(linear(rows, up)), down)
                if time.perf_counter() - started > within_s:
                    return inf
    return time.perf_counter() - started
