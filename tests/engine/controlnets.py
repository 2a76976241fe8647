"""Tiny ControlNets with random weights, in the exact layout of the official files."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from brandgen.engine.cascade.efficientnet import STAGES
from brandgen.engine.requests import ControlKind

PRIOR_WIDTH = 32
FEATURES = 20
PLACES = 8

Shape = tuple[int, ...]
Make = Callable[[str, Shape], Tensor]


def list_shapes(
    kind: ControlKind,
    *,
    widths: tuple[int, ...] = (8, 8, 8, 12, 12, 16),
    features: int = FEATURES,
    near: tuple[int, int] = (24, 16),
    width: int = PRIOR_WIDTH,
) -> dict[str, Shape]:
    """List the values of an official file by name, in other widths.

    Source: modules/controlnet.py of the official repository, whose backbone is
    torchvision's `efficientnet_v2_s().features` or its bottleneck mode "large".
    """
    if kind == "super_resolution":
        shapes = _list_near(16, features, *near)
    else:
        channels = {"canny": 1, "inpaint": 4}[kind]
        shapes = _list_efficientnet(channels, features, widths)
    for place in range(PLACES):
        shapes[f"projections.{place}.0.weight"] = (features, features, 1, 1)
        shapes[f"projections.{place}.2.weight"] = (width, features, 1, 1)
    return shapes


def write_control(
    path: Path, kind: ControlKind, *, is_zero: bool = False, **sizes: int
) -> Path:
    """Write a ControlNet; one that adds zeros is as they all begin in training."""
    generator = torch.Generator().manual_seed(0)

    def make(name: str, shape: Shape) -> Tensor:
        if name.endswith("num_batches_tracked"):
            return torch.tensor(1)
        if name.endswith("running_var"):
            return torch.ones(shape)
        if is_zero and name.startswith("projections") and ".2." in name:
            return torch.zeros(shape)
        values = torch.randn(shape, generator=generator)
        return values / max(1, values[0].numel()) ** 0.5 if shape else values

    path.parent.mkdir(exist_ok=True)
    shapes = list_shapes(kind, **sizes)  # type: ignore[arg-type]
    save_file({name: make(name, shape) for name, shape in shapes.items()}, path)
    return path


def _list_efficientnet(
    channels: int, features: int, widths: tuple[int, ...]
) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}

    def convolve(name: str, inside: int, outside: int, side: int = 1) -> None:
        shapes[f"{name}.0.weight"] = (outside, inside, side, side)
        for value in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.1.{value}"] = (outside,)
        shapes[f"{name}.1.num_batches_tracked"] = ()

    convolve("backbone.0", channels, widths[0], 3)
    before = widths[0]
    for number, (stage, width) in enumerate(zip(STAGES, widths, strict=True), start=1):
        for block in range(stage.blocks):
            name, wide = f"backbone.{number}.{block}.block", before * stage.growth
            if stage.is_fused and stage.growth == 1:
                convolve(f"{name}.0", before, width, 3)
            elif stage.is_fused:
                convolve(f"{name}.0", before, wide, 3)
                convolve(f"{name}.1", wide, width)
            else:
                inner = max(1, before // 4)
                convolve(f"{name}.0", before, wide)
                convolve(f"{name}.1", 1, wide, 3)
                shapes[f"{name}.2.fc1.weight"] = (inner, wide, 1, 1)
                shapes[f"{name}.2.fc1.bias"] = (inner,)
                shapes[f"{name}.2.fc2.weight"] = (wide, inner, 1, 1)
                shapes[f"{name}.2.fc2.bias"] = (wide,)
                convolve(f"{name}.3", wide, width)
            before = width
    convolve("backbone.7", before, features)
    return shapes


def _list_near(channels: int, features: int, wide: int, width: int) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}

    def convolve(name: str, inside: int, outside: int, side: int = 1) -> None:
        shapes[f"{name}.weight"] = (outside, inside, side, side)
        shapes[f"{name}.bias"] = (outside,)

    convolve("backbone.0", channels, wide)
    convolve("backbone.2", wide, width)
    for block in range(3, 11):
        for place in (0, 3):
            shapes[f"backbone.{block}.blocks.{place}.weight"] = (width,)
            shapes[f"backbone.{block}.blocks.{place}.bias"] = (width,)
            convolve(f"backbone.{block}.blocks.{place + 2}", width, width, 3)
    convolve("backbone.11", width, features)
    return shapes
