"""Draws many scenes, on all cores where there are many.

Nothing here imports torch, so that a worker starts fast.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from brandgen.engine.miniature.scenes import Pixels, Scene, draw_scene

CHUNK = 256
"""Scenes that are drawn by one hand, with random choices of their own."""
FEW_CORES = 4
"""With so many or fewer, the cores have other work: one draws."""
SIDE_PX = 256
WHOLE = 2 / 3
"""Share of pictures that are no cuts."""


@dataclass(frozen=True)
class Job:
    """A chunk of scenes to draw."""

    scenes: Sequence[Scene]
    seed: tuple[int, int]
    size: tuple[int, int] | None
    """Width and height in px; None draws cuts of 256 px."""


def draw_chunks(
    scenes: Sequence[Scene],
    seed: int,
    size: tuple[int, int] | None,
    workers: int | None = None,
) -> Iterator[Pixels]:
    """Draw scenes in their order, in chunks of shape (n, height, width, 3).

    The same pictures come whatever the number of workers.
    """
    jobs = [
        Job(scenes[start : start + CHUNK], (seed, start // CHUNK), size)
        for start in range(0, len(scenes), CHUNK)
    ]
    count = min(len(jobs), count_workers() if workers is None else workers)
    if count <= 1:
        yield from map(draw_chunk, jobs)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from pool.map(draw_chunk, jobs)


def draw_chunk(job: Job) -> Pixels:
    """Draw one chunk."""
    rng = np.random.default_rng(job.seed)
    if job.size is None:
        return np.stack([draw_cut(scene, rng) for scene in job.scenes])
    width_px, height_px = job.size
    return np.stack([draw_scene(s, rng, width_px, height_px) for s in job.scenes])


def draw_cut(scene: Scene, rng: np.random.Generator) -> Pixels:
    """Draw a scene at 256 px, or a random square of it drawn at 512 px."""
    if rng.random() < WHOLE:
        return draw_scene(scene, rng, SIDE_PX, SIDE_PX)
    picture = draw_scene(scene, rng, 2 * SIDE_PX, 2 * SIDE_PX)
    top, left = rng.integers(0, SIDE_PX + 1, 2)
    return picture[top : top + SIDE_PX, left : left + SIDE_PX]


def count_workers() -> int:
    """Say how many processes draw at once."""
    cores = os.cpu_count() or 1
    return 1 if cores <= FEW_CORES else cores - 1
