"""Trains networks for a time, so that it can be stopped and taken up at any moment."""

import csv
import math
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from brandgen.engine.miniature.curves import draw_curves

CURVE_EVERY_STEPS = 20
LAYOUT_STEPS = 12
"""Steps for which a memory layout is tried; the second half is timed."""
UNREADABLE = (
    OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError,
)  # fmt: skip
EMA_DECAY = 0.999
"""Source: usual for diffusion models of this size; warmed up over the first steps."""


CPU = torch.device("cpu")


class CheckpointError(Exception):
    """A checkpoint can't be taken up again. The message is fit to show."""


class TrainingError(Exception):
    """Training can't go on. The message is fit to show."""


@dataclass
class Draws:
    """Every random choice of a run, in one place that a checkpoint can keep.

    Tensors are drawn on the device that learns: a GPU would wait for a CPU's.
    """

    numbers: np.random.Generator
    noise: torch.Generator
    seed: int
    step: int = 0
    """Steps that were learned: batches that are drawn ahead are counted by it."""

    @classmethod
    def from_seed(cls, seed: int, device: torch.device = CPU) -> "Draws":
        """Begin at a seed."""
        noise = torch.Generator(device).manual_seed(seed)
        return cls(np.random.default_rng(seed), noise, seed)

    def normal(self, *shape: int) -> torch.Tensor:
        """Draw normal noise."""
        return torch.randn(shape, generator=self.noise, device=self.noise.device)

    def uniform(self, *shape: int) -> torch.Tensor:
        """Draw numbers from 0 to 1."""
        return torch.rand(shape, generator=self.noise, device=self.noise.device)

    def below(self, limit: int, *shape: int) -> torch.Tensor:
        """Draw whole numbers from 0 to below a limit."""
        noise = self.noise
        return torch.randint(limit, shape, generator=noise, device=noise.device)

    def ratios(self, n: int) -> torch.Tensor:
        """Draw one noise ratio from each of n equal parts of 0 to 1, shuffled."""
        order = torch.randperm(n, generator=self.noise, device=self.noise.device)
        return ((order + self.uniform(n)) / n).clamp(0.001, 0.999)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on from here."""
        numbers = self.numbers.bit_generator.state
        return {"numbers": numbers, "noise": self.noise.get_state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a kept state."""
        self.numbers.bit_generator.state = state["numbers"]
        self.noise.set_state(state["noise"])


Loss = tuple[torch.Tensor, Mapping[str, torch.Tensor]]


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

    def loss(self, draws: Draws) -> "Loss":
        """Compute the loss of one batch, and figures for the learning curve.

        Figures are single numbers on the device: reading one back would make a GPU
        wait. NaN stands for one that this batch can't give.
        """
        ...


@dataclass(frozen=True)
class Run:
    """Where and for how long a lesson is trained."""

    folder: Path
    minutes: float
    steps: int | None = None
    """Stop after so many steps even if time is left."""
    seed: int = 7
    device: torch.device = CPU
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


class Curve:
    """A learning curve: figures of each step, and their means in a CSV file."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path = path
        self.names = tuple(names)
        self.rows: list[Mapping[str, torch.Tensor]] = []

    def add(self, loss: torch.Tensor, figures: Mapping[str, torch.Tensor]) -> None:
        """Note a step. Nothing is read back from the device yet."""
        self.rows.append({"loss": loss.detach(), **figures})

    def check(self, step: int) -> None:
        """Stop a training that has gone astray, before anything of it is kept.

        Raises:
            TrainingError: the loss of a step is no number.
        """
        if not self.rows:
            return
        losses = torch.stack([row["loss"] for row in self.rows]).tolist()
        for index, loss in enumerate(losses):
            if not math.isfinite(loss):
                at = step - len(losses) + index
                raise TrainingError(
                    f"The loss of {self.path.stem} is {loss} at step {at}. Resume "
                    "from the last checkpoint with a lower learning rate."
                )

    def write(self, step: int, spent_s: float) -> None:
        """Add the means since the last time to the file.

        Raises:
            TrainingError: the loss of a step is no number.
        """
        self.check(step)
        if not self.rows:
            return
        means = [self._mean(name) for name in self.names]
        self.rows.clear()
        is_new = not self.path.is_file()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(["step", "seconds", *self.names])
            writer.writerow([step, f"{spent_s:.0f}", *means])

    def draw(self) -> None:
        """Draw what the file has, as a picture beside it."""
        if self.path.is_file():
            draw_curves(self.path)

    def _mean(self, name: str) -> str:
        values = [row[name] for row in self.rows if name in row]
        if not values:
            return ""
        mean = torch.stack(values).float().nanmean().item()
        return "" if math.isnan(mean) else f"{mean:.5f}"


def train(lesson: Lesson, run: Run) -> None:
    """Train a lesson until its time is up, then leave the averaged weights in it.

    Raises:
        CheckpointError: the run is to be resumed from a checkpoint of other networks.
        TrainingError: the loss is no number any more.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    network = lesson.network.to(run.device).train()
    if run.device.type == "cuda":
        set_layout(network, find_fastest_layout(lesson, run))
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters,
        lr=lesson.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=1e-3,
        fused=True,
    )
    average = Average(network)
    draws = Draws.from_seed(run.seed, run.device)
    step, spent_s = 0, 0.0
    path = run.checkpoint_of(lesson.name)
    if run.is_resumed and path.is_file():
        step, spent_s = restore(path, network, optimizer, average, draws)
    else:
        run.curve_of(lesson.name).unlink(missing_ok=True)
    curve = Curve(run.curve_of(lesson.name), ("loss", *lesson.figures))
    began_at = kept_at = time.monotonic()
    base_s = spent_s
    while spent_s < run.minutes * 60 and (run.steps is None or step < run.steps):
        share = step / run.steps if run.steps else spent_s / (run.minutes * 60)
        for group in optimizer.param_groups:
            group["lr"] = lesson.learning_rate * schedule(share, step)
        draws.step = step
        loss, figures = lesson.loss(draws)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        average.update(network, step)
        now = time.monotonic()
        spent_s = base_s + now - began_at
        curve.add(loss, figures)
        if step % CURVE_EVERY_STEPS == 0:
            curve.write(step, spent_s)
        if now - kept_at > run.checkpoint_every_s:
            curve.check(step)
            keep(path, network, optimizer, average, draws, step, spent_s)
            curve.draw()
            kept_at = now
    curve.write(step, spent_s)
    keep(path, network, optimizer, average, draws, step, spent_s)
    curve.draw()
    network.load_state_dict(average.weights)
    set_layout(network, torch.contiguous_format)
    network.eval()


def find_fastest_layout(lesson: Lesson, run: Run) -> torch.memory_format:
    """Find out in which memory layout a network learns faster on this GPU.

    Which one that is depends on the kernels of its convolutions. A network without
    any stays as it is.
    """
    network = lesson.network
    if not any(isinstance(module, nn.Conv2d) for module in network.modules()):
        return torch.contiguous_format
    before = {k: v.detach().clone() for k, v in network.state_dict().items()}
    draws = Draws.from_seed(run.seed, run.device)
    times: dict[torch.memory_format, float] = {}
    for layout in (torch.contiguous_format, torch.channels_last):
        set_layout(network, layout)
        for draws.step in range(LAYOUT_STEPS):
            if draws.step == LAYOUT_STEPS // 2:
                torch.cuda.synchronize(run.device)
                began_at = time.monotonic()
            loss, _ = lesson.loss(draws)
            loss.backward()  # type: ignore[no-untyped-call]
            network.zero_grad(set_to_none=True)
        torch.cuda.synchronize(run.device)
        times[layout] = time.monotonic() - began_at
    network.load_state_dict(before)
    return min(times, key=lambda layout: times[layout])


def set_layout(network: nn.Module, layout: torch.memory_format) -> None:
    """Lay out the weights of convolutions; what flows through them follows."""
    network.to(memory_format=layout)  # type: ignore[call-overload]


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


@contextmanager
def mixed_precision(device: torch.device) -> Iterator[None]:
    """Compute in bfloat16 where that pays: GPUs, and CPUs with AVX512-BF16.

    There attention is not fused: in PyTorch 2.13 the backward pass of the fused kernel
    takes eight times as long in bfloat16 as in float32 on a CPU.
    """
    is_gpu = device.type == "cuda"
    pays = is_gpu or torch.cpu._is_avx512_bf16_supported()
    attention = nullcontext() if is_gpu or not pays else sdpa_kernel(SDPBackend.MATH)
    with torch.autocast(device.type, torch.bfloat16, enabled=pays), attention:
        yield
