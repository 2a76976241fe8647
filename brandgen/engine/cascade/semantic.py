"""The semantic encoders: a picture that exists to image embeddings, without the prior.

They were the prior's targets in training, so what they say of a picture is what the
prior would have said, had it drawn that picture.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from brandgen.engine.cascade.efficientnet import (
    CELL_PX,
    FEATURES,
    STAGES,
    Stage,
    make_features,
)

PUBLISHED_FILE = "effnet_encoder.safetensors"
EMBEDDING_CHANNELS = 16

# Source: ImageNet's mean and spread of red, green and blue, as torchvision states them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)


def make_mapper(width: int) -> nn.Sequential:
    """Make the last layers: to the channels of image embeddings, of unit variance."""
    return nn.Sequential(
        nn.Conv2d(width, EMBEDDING_CHANNELS, 1, bias=False),
        nn.BatchNorm2d(EMBEDDING_CHANNELS, affine=False),
    )


class PublishedSemanticEncoder(nn.Module):
    """Stable Cascade's own: EfficientNetV2-S, 32 px a cell (768 px for 1024 px)."""

    cell_px = CELL_PX
    """Side of a cell of the image embeddings, in the picture that the encoder reads."""
    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(
        self, stages: tuple[Stage, ...] = STAGES, features: int = FEATURES
    ) -> None:
        super().__init__()
        self.backbone = make_features(stages=stages, features=features)
        self.mapper = make_mapper(features)
        self.register_buffer("mean", _channels(IMAGENET_MEAN), persistent=False)
        self.register_buffer("spread", _channels(IMAGENET_SPREAD), persistent=False)

    def embed(self, colors: torch.Tensor) -> torch.Tensor:
        """Encode colors from 0 to 1, shape (n, 3, 32 rows, 32 columns)."""
        embeddings: torch.Tensor = self.mapper(
            self.backbone((colors - self.mean) / self.spread)
        )
        return embeddings


class MixingBlock(nn.Module):
    """Looks around with a depthwise convolution, then mixes channels at each place."""

    def __init__(self, width: int, kernel: int = 5) -> None:
        super().__init__()
        self.around = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.gain = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        mixed = self.mix(self.norm(self.around(x).permute(0, 2, 3, 1)))
        changed: torch.Tensor = x + (self.gain * mixed).permute(0, 3, 1, 2)
        return changed


class SemanticEncoder(nn.Module):
    """The miniature's, in place of an EfficientNet: 16 px a cell.

    So 96 x 96 colors become 16 channels of 6 x 6, of unit variance.
    """

    cell_px = 16
    """Side of a cell of the image embeddings, in the picture that the encoder reads."""

    def __init__(
        self, widths: tuple[int, int] = (128, 192), blocks: tuple[int, int] = (2, 3)
    ) -> None:
        super().__init__()
        self.shape = {"widths": list(widths), "blocks": list(blocks)}
        near, far = widths
        self.body = nn.Sequential(
            nn.PixelUnshuffle(8),
            nn.Conv2d(192, near, 1),
            *[MixingBlock(near) for _ in range(blocks[0])],
            nn.Conv2d(near, far, 2, 2),
            *[MixingBlock(far) for _ in range(blocks[1])],
        )
        self.mapper = make_mapper(far)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Encode colors from -1 to 1, shape (n, 3, 16 rows, 16 columns)."""
        embeddings: torch.Tensor = self.mapper(self.body(pictures))
        return embeddings

    def embed(self, colors: torch.Tensor) -> torch.Tensor:
        """Encode colors from 0 to 1, of the same shape."""
        return self.forward(colors * 2 - 1)


AnySemanticEncoder = SemanticEncoder | PublishedSemanticEncoder


def load_semantic_encoder(place: Path) -> AnySemanticEncoder:
    """Load a semantic encoder in float32: a folder's own, or a published file."""
    if place.is_file():
        return load_published_encoder(place)
    if (place / PUBLISHED_FILE).is_file():
        return load_published_encoder(place / PUBLISHED_FILE)
    return load_own_encoder(place)


def load_own_encoder(folder: Path) -> SemanticEncoder:
    """Load the miniature's semantic encoder in float32, ready to run."""
    shape = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    encoder = SemanticEncoder(tuple(shape["widths"]), tuple(shape["blocks"]))
    state = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
    encoder.load_state_dict(state, strict=False)
    return encoder.eval().requires_grad_(requires_grad=False)


def load_published_encoder(
    path: Path, encoder: PublishedSemanticEncoder | None = None
) -> PublishedSemanticEncoder:
    """Load Stable Cascade's semantic encoder in float32, ready to run.

    `encoder` is one of another size to load into.
    """
    encoder = encoder or PublishedSemanticEncoder()
    encoder.load_state_dict(load_file(path))
    return encoder.float().eval().requires_grad_(requires_grad=False)


def _channels(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values).view(1, -1, 1, 1)
