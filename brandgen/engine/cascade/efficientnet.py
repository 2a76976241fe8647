"""The features of EfficientNetV2-S, with the parameter names that torchvision gives.

Stable Cascade's semantic encoder and its ControlNets are trained on top of them, and
their published files name the parameters so.
Source of the shape: table 4 of Tan and Le, "EfficientNetV2" (arXiv 2104.00298), with
the strides and the batch norm of torchvision's `efficientnet_v2_s`.
"""

from dataclasses import dataclass

import torch
from torch import nn

FEATURES = 1280
"""Channels of the features."""
CELL_PX = 32
"""Side of a cell of the features, in the picture: five halvings."""
NORM_EPSILON = 1e-3


@dataclass(frozen=True)
class Stage:
    """Blocks of one width."""

    width: int
    blocks: int
    stride: int
    """Of the first block."""
    growth: int
    """How many times wider a block is inside."""
    is_fused: bool
    """Whether one full convolution stands for the depthwise one and its mixing."""


STAGES = (
    Stage(24, 2, stride=1, growth=1, is_fused=True),
    Stage(48, 4, stride=2, growth=4, is_fused=True),
    Stage(64, 4, stride=2, growth=4, is_fused=True),
    Stage(128, 6, stride=2, growth=4, is_fused=False),
    Stage(160, 9, stride=1, growth=6, is_fused=False),
    Stage(256, 15, stride=2, growth=6, is_fused=False),
)


def make_features(
    channels: int = 3, stages: tuple[Stage, ...] = STAGES, features: int = FEATURES
) -> nn.Sequential:
    """Make the features of EfficientNetV2-S, or of a smaller one of its kind.

    Takes colors of shape (n, channels, 32 rows, 32 columns) and returns (n, features,
    rows, columns).
    """
    first, last = stages[0].width, stages[-1].width
    layers: list[nn.Module] = [convolve(channels, first, kernel=3, stride=2)]
    width = first
    for stage in stages:
        blocks = []
        for index in range(stage.blocks):
            blocks.append(Block(width, stage, 1 if index else stage.stride))
            width = stage.width
        layers.append(nn.Sequential(*blocks))
    layers.append(convolve(last, features))
    return nn.Sequential(*layers)


def convolve(
    inside: int,
    outside: int,
    *,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    is_bent: bool = True,
) -> nn.Sequential:
    """Make a convolution with its batch norm and, where bent, its activation."""
    layers: list[nn.Module] = [
        nn.Conv2d(
            inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(outside, eps=NORM_EPSILON),
    ]
    if is_bent:
        layers.append(nn.SiLU())
    return nn.Sequential(*layers)


class Block(nn.Module):
    """An inverted bottleneck: widens, looks around, narrows, and adds what came in."""

    def __init__(self, width: int, stage: Stage, stride: int) -> None:
        super().__init__()
        wide = width * stage.growth
        narrow = convolve(wide, stage.width, is_bent=False)
        layers: list[nn.Module]
        if stage.is_fused and stage.growth == 1:
            layers = [convolve(width, stage.width, kernel=3, stride=stride)]
        elif stage.is_fused:
            layers = [convolve(width, wide, kernel=3, stride=stride), narrow]
        else:
            layers = [
                convolve(width, wide),
                convolve(wide, wide, kernel=3, stride=stride, groups=wide),
                Gate(wide, max(1, width // 4)),
                narrow,
            ]
        self.block = nn.Sequential(*layers)
        self.is_added = stride == 1 and width == stage.width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return features of the stage's width."""
        changed: torch.Tensor = self.block(x)
        return x + changed if self.is_added else changed


class Gate(nn.Module):
    """Weighs channels by what they are in the whole picture (squeeze and excite)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, inner, 1)
        self.fc2 = nn.Conv2d(inner, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        mean = x.mean((2, 3), keepdim=True)
        gate = self.fc2(nn.functional.silu(self.fc1(mean))).sigmoid()
        weighed: torch.Tensor = x * gate
        return weighed
