"""The ControlNets of Stage C: a picture becomes what is added to some of its blocks.

Read from the files of the official repository, by their names. What a file holds is
known from its header, and compared with what its kind has, before a value is read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers.models.unets.unet_stable_cascade import SDCascadeResBlock
from safetensors.torch import load_file
from torch import Tensor, nn

from brandgen.engine.cascade.efficientnet import STAGES, make_features
from brandgen.engine.cascade.lean.unet import Added, levels_of, stretch
from brandgen.engine.errors import WeightsError
from brandgen.engine.layout import CONTROL_PARTS, SINGLE_FILES
from brandgen.engine.requests import ControlKind
from brandgen.engine.tensor_header import read_header

Shapes = Mapping[str, tuple[int, ...]]

# Source: `controlnet_blocks` in configs/inference/controlnet_c_3b_*.yaml of the
# official repository; its Stage C has 8 + 24 blocks down and 24 + 8 up.
PLACES = (0, 4, 8, 12, 51, 55, 59, 63)
PRIOR_BLOCKS = 64

# Source: `num_channels` of the repository's filters. Edges; colors and a mask; image
# embeddings.
CHANNELS: Mapping[ControlKind, int] = {
    "canny": 1,
    "inpaint": 4,
    "super_resolution": 16,
}
NEAR_BLOCKS = 8
"""Blocks of the network that sees image embeddings, bottleneck mode "large"."""
SLOPE = 0.2
"""Of what is negative, in the repository's leaky activations."""
COUNTED = "num_batches_tracked"
"""A value that a norm keeps only while it is trained."""


class ControlNet(nn.Module):
    """Sees a hint once, and says what each of the places is given."""

    def __init__(self, backbone: nn.Module, features: int, width: int, count: int):
        super().__init__()
        self.backbone = backbone
        self.projections = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(features, features, 1, bias=False),
                nn.LeakyReLU(SLOPE),
                nn.Conv2d(features, width, 1, bias=False),
            )
            for _ in range(count)
        )

    @property
    def width(self) -> int:
        """Channels of the prior that it was made for."""
        width: int = self.projections[0][2].out_channels  # type: ignore[index]
        return width

    def find(self, hint: Tensor, scale: float = 1.0) -> dict[int, Tensor]:
        """Say what is added where, for a hint of shape (1, channels, ...)."""
        seen = self.backbone(hint)
        return {
            place: projection(seen) * scale
            for place, projection in zip(PLACES, self.projections, strict=True)
        }


class ChannelNorm(nn.LayerNorm):
    """Normalizes every position over its channels, which come first."""

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class NearBlock(nn.Module):
    """Looks around twice, and adds that to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [
                ChannelNorm(width),
                nn.GELU(),
                nn.Conv2d(width, width, 3, padding=1),
            ]
        self.blocks = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        changed: Tensor = x + self.blocks(x)
        return changed


def load_control(path: Path, kind: ControlKind) -> ControlNet:
    """Load a ControlNet in float32, ready to run.

    Raises:
        WeightsError: the file holds another network than its name says.
    """
    shapes = read_header(path).shapes
    with torch.device("meta"):
        network = make_control(path, kind, shapes)
    check_shapes(path, kind, network, shapes)
    network.load_state_dict(load_file(path), strict=False, assign=True)
    return network.float().eval().requires_grad_(requires_grad=False)


def make_control(path: Path, kind: ControlKind, shapes: Shapes) -> ControlNet:
    """Make the network of a kind, in the sizes that a file's header states.

    Raises:
        WeightsError: the file is of another kind, or no ControlNet.
    """
    channels = check_kind(path, kind, shapes)
    try:
        if kind == "super_resolution":
            backbone: nn.Module = make_near_backbone(channels, shapes)
        else:
            backbone = make_picture_backbone(channels, shapes)
        count = len({name.split(".")[1] for name in shapes if "projections." in name})
        width, features = shapes["projections.0.2.weight"][:2]
    except (KeyError, IndexError, ValueError) as error:
        raise WeightsError(
            f"The ControlNet {path} lacks {error}, which every one for {kind!r} has. "
            "Take the published file."
        ) from error
    if count != len(PLACES):
        raise WeightsError(
            f"The ControlNet {path} adds to {count} blocks; Stable Cascade's add to "
            f"{len(PLACES)}. Take the published file."
        )
    return ControlNet(backbone, features, width, count)


def check_kind(path: Path, kind: ControlKind, shapes: Shapes) -> int:
    """Refuse a file of another kind; return the channels that it reads.

    Raises:
        WeightsError: it is of another kind, or no ControlNet.
    """
    first = shapes.get("backbone.0.0.weight") or shapes.get("backbone.0.weight")
    if first is None or len(first) != 4 or "projections.0.0.weight" not in shapes:
        raise WeightsError(
            f"The file {path} is no ControlNet of Stable Cascade: it names neither a "
            "backbone nor projections. Put the published file there."
        )
    kinds = {channels: each for each, channels in CHANNELS.items()}
    if (found := kinds.get(first[1])) != kind:
        what = f"that for {found!r}" if found else f"one that reads {first[1]} channels"
        raise WeightsError(
            f"The ControlNet {path} is {what}, not that for {kind!r}. Put the "
            f"published {SINGLE_FILES[CONTROL_PARTS[kind], 'large'][0]} there."
        )
    return first[1]


def make_picture_backbone(channels: int, shapes: Shapes) -> nn.Sequential:
    """Make the EfficientNet that sees a hint of a picture's size."""
    stages = tuple(
        replace(stage, width=shapes[_last_of(number, shapes)][0])
        for number, stage in enumerate(STAGES, start=1)
    )
    features = shapes[f"backbone.{len(STAGES) + 1}.0.weight"][0]
    backbone = make_features(channels, stages, features)
    # Source: the repository replaces the first convolution for other channels than
    # three, and gives the new one no padding.
    backbone[0][0].padding = (0, 0)  # type: ignore[index]
    return backbone


def make_near_backbone(channels: int, shapes: Shapes) -> nn.Sequential:
    """Make the network that sees image embeddings, cell by cell."""
    wide = shapes["backbone.0.weight"][0]
    width = shapes["backbone.2.weight"][0]
    features = shapes[f"backbone.{3 + NEAR_BLOCKS}.weight"][0]
    return nn.Sequential(
        nn.Conv2d(channels, wide, 1),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(wide, width, 1),
        *[NearBlock(width) for _ in range(NEAR_BLOCKS)],
        nn.Conv2d(width, features, 1),
    )


def check_shapes(
    path: Path, kind: ControlKind, network: nn.Module, shapes: Shapes
) -> None:
    """Refuse a file whose values are not those of its network.

    Raises:
        WeightsError: a value is missing, has another shape, or has no place.
    """
    expected = {name: tuple(x.shape) for name, x in network.state_dict().items()}
    for name in sorted(expected.keys() | shapes.keys()):
        if name.endswith(COUNTED):
            continue
        if expected.get(name) != shapes.get(name):
            raise WeightsError(
                f"The ControlNet {path} has {_shape(shapes.get(name))} for {name!r}; "
                f"one for {kind!r} has {_shape(expected.get(name))}. Take the "
                "published file."
            )


def check_prior(network: ControlNet, prior: Any, kind: ControlKind) -> None:
    """Refuse a prior that the ControlNet was not made for.

    Raises:
        WeightsError: it has other blocks.
    """
    widths = set(prior.config.block_out_channels)
    blocks = sum(isinstance(each, SDCascadeResBlock) for each in prior.modules())
    if blocks != PRIOR_BLOCKS or widths != {network.width}:
        raise WeightsError(
            f"The ControlNet for {kind!r} is made for a prior of {PRIOR_BLOCKS} "
            f"residual blocks, {network.width} wide; this one has {blocks} and is "
            f"{max(widths)} wide. Use the large prior of Stable Cascade, or leave the "
            "control out."
        )


@contextmanager
def added_by_hooks(prior: Any, added: Added) -> Iterator[None]:
    """Let a stock prior be given what a ControlNet adds, for as long as this lasts."""
    blocks = [each for level in levels_of(prior) for each in level]
    residual = [each for each in blocks if isinstance(each, SDCascadeResBlock)]
    hooks = [
        residual[place].register_forward_pre_hook(_adding(each))
        for place, each in added.items()
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _adding(added: Tensor) -> Callable[..., tuple[Any, ...]]:
    def add(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        first, *rest = inputs
        size = first.shape[-2:]
        return (first + stretch(added, size).to(first.dtype), *rest)

    return add


def _last_of(stage: int, shapes: Shapes) -> str:
    """Name the convolution that ends the first block of an EfficientNet's stage."""
    start = f"backbone.{stage}.0.block."
    return max(
        (name for name in shapes if name.startswith(start) and len(shapes[name]) == 4),
        default=f"{start}0.0.weight",
    )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "nothing" if shape is None else f"the shape {shape}"
