"""Trains networks for a time, so that it can be stopped and taken up at any moment."""

import csv
import math
import pickle
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from brandgen.engine.miniature.curves import draw_curves

CURVE_EVERY_STEPS = 20
UNREADABLE = (
    OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError,
)  # fmt: skip
EMA_DECAY = 0.999
"""Source: usual for diffusion models of this size; warmed up over the first steps."""


class CheckpointError(Exception):
    """A checkpoint can't be taken up again. The message is fit to show."""


class TrainingError(Exception):
    """Training can't go on. The message is fit to show."""


@dataclass
class Draws:
    """Every random choice of a run, in one place that a checkpoint can keep."""

    numbers: np.random.Generator
    noise: torch.Generator

    @classmethod
    def from_seed(cls, seed: int) -> "Draws":
        """Begin at a seed."""
        noise = torch.Generator("cpu").manual_seed(seed)
        return cls(np.random.default_rng(seed), noise)

    def normal(self, *shape: int) -> torch.Tensor:
        """Draw normal noise."""
        return torch.randn(shape, generator=self.noise)

    def ratios(self, n: int) -> torch.Tensor:
        """Draw one noise ratio from each of n equal parts of 0 to 1, shuffled."""
        order = torch.randperm(n, generator=self.noise)
        spread = torch.rand(n, generator=self.noise)
        return ((order + spread) / n).clamp(0.001, 0.999)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on from here."""
        numbers = self.numbers.bit_generator.state
        return {"numbers": numbers, "noise": self.noise.get_state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a kept state."""
        self.numbers.bit_generator.state = state["numbers"]
        self.noise.set_state(state["noise"])


class Lesson(Protocol):
    """What is trained, and what it costs to be wrong."""

    @property
    def name(self) -> str:
        """Name its files."""
        ...

    @property
    def learning_rate(self) -> float:
        """State the highest learning rate."""
        ...

    @property
    def network(self) -> nn.Module:
        """Hold every parameter that is trained."""
        ...

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the columns of its learning curve."""
        ...

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch, and figures for the learning curve."""
        ...


@dataclass(frozen=True)
class Run:
    """Where and for how long a lesson is trained."""

    folder: Path
    minutes: float
    steps: int | None = None
    """Stop after so many steps even if time is left."""
    seed: int = 7
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    is_resumed: bool = False
    checkpoint_every_s: float = 60.0

    def checkpoint_of(self, name: str) -> Path:
        """Say where the checkpoint of a lesson lies."""
        return self.folder / f"{name}.checkpoint.pt"

    def curve_of(self, name: str) -> Path:
        """Say where the learning curve of a lesson lies."""
        return self.folder / f"{name}.csv"


class Average:
    """A moving average of weights: it makes better pictures than the last ones."""

    def __init__(self, network: nn.Module, decay: float = EMA_DECAY) -> None:
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the weights of now."""
        decay = min(self.decay, (1 + step) / (10 + step))
        now = network.state_dict()
        names = [name for name, value in now.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [self.weights[n] for n in names], [now[n] for n in names], 1 - decay
        )


def train(lesson: Lesson, run: Run) -> None:
    """Train a lesson until its time is up, then leave the averaged weights in it.

    Raises:
        CheckpointError: the run is to be resumed from a checkpoint of other networks.
        TrainingError: the loss is no number any more.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    network = lesson.network.to(run.device).train()
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=lesson.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3
    )
    average = Average(network)
    draws = Draws.from_seed(run.seed)
    step, spent_s = 0, 0.0
    path = run.checkpoint_of(lesson.name)
    if run.is_resumed and path.is_file():
        step, spent_s = restore(path, network, optimizer, average, draws)
    else:
        run.curve_of(lesson.name).unlink(missing_ok=True)
    curve: list[dict[str, float]] = []
    began_at = kept_at = time.monotonic()
    base_s = spent_s
    while spent_s < run.minutes * 60 and (run.steps is None or step < run.steps):
        share = step / run.steps if run.steps else spent_s / (run.minutes * 60)
        for group in optimizer.param_groups:
            group["lr"] = lesson.learning_rate * schedule(share, step)
        loss, figures = lesson.loss(draws)
        if not math.isfinite(loss.item()):
            raise TrainingError(
                f"The loss of {lesson.name} is {loss.item()} at step {step}. Resume "
                "from the last checkpoint with a lower learning rate."
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        average.update(network, step)
        now = time.monotonic()
        spent_s = base_s + now - began_at
        curve.append({"loss": loss.item(), **figures})
        if len(curve) == CURVE_EVERY_STEPS:
            write_curve(run.curve_of(lesson.name), lesson.figures, step, spent_s, curve)
            curve.clear()
        if now - kept_at > run.checkpoint_every_s:
            keep(path, network, optimizer, average, draws, step, spent_s)
            if run.curve_of(lesson.name).is_file():
                draw_curves(run.curve_of(lesson.name))
            kept_at = now
    keep(path, network, optimizer, average, draws, step, spent_s)
    if curve:
        write_curve(run.curve_of(lesson.name), lesson.figures, step, spent_s, curve)
    if run.curve_of(lesson.name).is_file():
        draw_curves(run.curve_of(lesson.name))
    network.load_state_dict(average.weights)
    network.eval()


def schedule(share: float, step: int, warm_steps: int = 50) -> float:
    """Return the share of the learning rate: warm up, then fall as a cosine does."""
    fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(share, 1)))
    return fall * min(1, (step + 1) / warm_steps)


def keep(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: Average,
    draws: Draws,
    step: int,
    spent_s: float,
) -> None:
    """Write a checkpoint in one move, so that a kill leaves the old or the new one."""
    state = {
        "network": network.state_dict(),
        "average": average.weights,
        "optimizer": optimizer.state_dict(),
        "draws": draws.state(),
        "step": step,
        "spent_s": spent_s,
    }
    unfinished = path.with_suffix(".part")
    torch.save(state, unfinished)
    unfinished.replace(path)


def restore(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: Average,
    draws: Draws,
) -> tuple[int, float]:
    """Read a checkpoint back; return its step and the seconds spent so far.

    Raises:
        CheckpointError: it is damaged or belongs to other networks.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        average.weights = {
            name: value.to(average.weights[name].device)
            for name, value in state["average"].items()
        }
        draws.restore(state["draws"])
        return int(state["step"]), float(state["spent_s"])
    except UNREADABLE as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(
            f"The checkpoint {path} can't be taken up: {reason}. Remove it, or train "
            "into another folder."
        ) from error


def write_curve(
    path: Path,
    figures: Sequence[str],
    step: int,
    spent_s: float,
    rows: Sequence[Mapping[str, float]],
) -> None:
    """Add the mean of the last steps to a learning curve, a CSV file."""
    names = ["loss", *figures]
    means = []
    for name in names:
        values = [row[name] for row in rows if name in row]
        means.append(f"{np.mean(values):.5f}" if values else "")
    is_new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["step", "seconds", *names])
        writer.writerow([step, f"{spent_s:.0f}", *means])


def mixed_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Compute in bfloat16 where that pays: GPUs, and CPUs with AVX512-BF16."""
    pays = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=pays)
