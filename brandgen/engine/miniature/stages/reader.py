"""Trains a reader: a small network that says what a picture shows, to measure by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from brandgen.engine.cascade.semantic import MixingBlock
from brandgen.engine.miniature.ahead import Ahead
from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    Attributes,
    index_attributes,
)
from brandgen.engine.miniature.pictures import to_planes
from brandgen.engine.miniature.scenes import Mix, draw_scene, sample_scene
from brandgen.engine.miniature.stages.semantic import to_colors
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

READER_FILE = "model.safetensors"
READER_PX = 96
MIX = Mix(bare=0.35, empty_podium=0.15)


class Reader(nn.Module):
    """Says which value each attribute has in a picture of 96 x 96 px."""

    def __init__(self, attributes: Attributes = ATTRIBUTES) -> None:
        """Take what it is to tell apart."""
        super().__init__()
        self.attributes = attributes
        self.sizes = [len(values) for values in attributes.values()]
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, 64, 1),
            MixingBlock(64),
            MixingBlock(64),
            nn.Conv2d(64, 128, 2, 2),
            MixingBlock(128),
            MixingBlock(128),
            nn.Conv2d(128, 160, 2, 2),
            MixingBlock(160, kernel=3),
        )
        self.norm = nn.LayerNorm(160)
        self.heads = nn.Linear(160 * 10, sum(self.sizes))

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Describe colors from -1 to 1 by 160 numbers for each of ten places."""
        seen = self.body(pictures).permute(0, 2, 3, 1)
        seen = self.norm(seen).permute(0, 3, 1, 2)
        places = functional.adaptive_avg_pool2d(seen, 3).flatten(1)
        return torch.cat([places, seen.amax((2, 3))], dim=1)

    def summary(self, pictures: torch.Tensor) -> torch.Tensor:
        """Describe colors from -1 to 1 by the mean over all places, shape (n, 160)."""
        seen = self.body(pictures).permute(0, 2, 3, 1)
        described: torch.Tensor = self.norm(seen).mean((1, 2))
        return described

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Score the values of every attribute."""
        answers: torch.Tensor = self.heads(self.features(pictures))
        return torch.split(answers, self.sizes, dim=-1)


class ReaderLesson:
    """Learns to read drawn scenes, also blurred and noisy ones, as models draw."""

    name = "reader"
    figures = tuple(ATTRIBUTES)

    def __init__(
        self, reader: Reader, *, batch: int = 64, learning_rate: float = 1.5e-3
    ) -> None:
        """Take a reader."""
        self.network = reader
        self.drawings = Ahead(Sitter(batch))
        self.learning_rate = learning_rate

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of fresh drawings."""
        device = next(self.network.parameters()).device
        pictures, truth = (
            part.to(device, non_blocking=True) for part in self.drawings.next(draws)
        )
        colors = to_colors(pictures)
        sharpness = int(draws.numbers.choice([0, 0, 24, 36, 48]))
        if sharpness:
            rough = functional.interpolate(colors, size=sharpness, mode="area")
            colors = functional.interpolate(rough, size=READER_PX, mode="bilinear")
        colors = colors + draws.normal(*colors.shape) * 0.03
        with mixed_precision(device):
            answers = self.network(colors)
        loss = torch.zeros((), device=device)
        figures = {}
        for index, name in enumerate(ATTRIBUTES):
            answer = answers[index].float()
            loss = loss + functional.cross_entropy(answer, truth[:, index])
            is_right = answer.detach().argmax(-1) == truth[:, index]
            figures[name] = is_right.float().mean()
        return loss, figures


@dataclass(frozen=True)
class Sitter:
    """Draws batches of scenes for a reader."""

    batch: int

    def __call__(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw bytes of shape (n, 3, 96, 96), and the index of each attribute."""
        scenes = [sample_scene(rng, MIX) for _ in range(self.batch)]
        drawn = [draw_scene(scene, rng, READER_PX, READER_PX) for scene in scenes]
        return to_planes(np.stack(drawn)), torch.tensor(index_attributes(scenes))


def save_reader(reader: Reader, path: Path) -> None:
    """Write a reader as float16."""
    state = {k: v.detach().cpu().half() for k, v in reader.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path)


def take_up_reader(reader: Reader, path: Path) -> None:
    """Begin with what another reader sees; what it says of it is learned anew."""
    state = reader.state_dict()
    seen = {
        name: value.float()
        for name, value in load_file(path).items()
        if value.shape == state[name].shape
    }
    reader.load_state_dict(state | seen)


def load_reader(path: Path, attributes: Attributes = ATTRIBUTES) -> Reader:
    """Load a reader of these attributes in float32, ready to read."""
    reader = Reader(attributes)
    reader.load_state_dict({k: v.float() for k, v in load_file(path).items()})
    return reader.eval().requires_grad_(requires_grad=False)
