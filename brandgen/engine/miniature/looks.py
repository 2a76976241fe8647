"""Trains a look: a LoRA of the prior, from a folder of pictures with captions.

Run on the miniature alone so far: minutes on a CPU. Nothing of the base is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn
from torch.nn.utils import parametrize

from brandgen.engine.adapters.files import Pair
from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.weights import (
    load_bundle_encoder,
    load_model,
    load_tokenizer,
)
from brandgen.engine.embeddings import count_cells
from brandgen.engine.errors import EngineError
from brandgen.engine.miniature.stages.noise import (
    UNSAID,
    Speaker,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
)
from brandgen.engine.miniature.stages.prior import WEIGHT_FLOOR
from brandgen.engine.miniature.training import Draws, Loss, Run, mixed_precision, train
from brandgen.engine.requests import Pixels

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
TARGETS = (
    ".to_q", ".to_k", ".to_v", ".to_out.0", ".kv_mapper.1", ".channelwise.0",
    ".channelwise.4",
)  # fmt: skip
"""Ends of the names of the layers that are changed: attention, what it reads, and what
mixes channels."""
FEWEST_PICTURES = 4


class LookError(EngineError):
    """A look can't be trained from these pictures. The message is fit to show."""


@dataclass(frozen=True, eq=False)
class Lookbook:
    """What a look is learned from."""

    pictures: Sequence[Pixels]
    captions: Sequence[str]


def read_lookbook(folder: Path) -> Lookbook:
    """Read pictures, each with the caption in a text file of the same name beside it.

    Raises:
        LookError: too few, one can't be read, or one has no caption.
    """
    paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)
    if len(paths) < FEWEST_PICTURES:
        raise LookError(
            f"There are {len(paths)} pictures in {folder}. A look needs at least "
            f"{FEWEST_PICTURES}, and better fifty."
        )
    pictures, captions = [], []
    for path in paths:
        try:
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
                pictures.append(np.asarray(upright))
            captions.append(
                path.with_suffix(".txt").read_text(encoding="utf-8").strip()
            )
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise LookError(
                f"{path.name} or its caption {path.stem}.txt can't be read: {error}."
            ) from error
    return Lookbook(pictures, captions)


class LowRank(nn.Module):
    """A change of a weight by two thin matrices; no change at first."""

    def __init__(self, weight: torch.Tensor, rank: int, noise: torch.Generator) -> None:
        super().__init__()
        rows, columns = weight.shape
        down = torch.randn(rank, columns, generator=noise) / columns**0.5
        self.down = nn.Parameter(down)
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the changed weight."""
        return weight + self.up @ self.down


class LookLesson:
    """Predicts the noise on the look's image embeddings, by the change alone."""

    name = "look"
    figures = ()

    def __init__(
        self,
        prior: Any,
        embeddings: torch.Tensor,
        words: torch.Tensor,
        pooled: torch.Tensor,
        *,
        rank: int,
        batch: int = 16,
        learning_rate: float = 4e-3,
        seed: int = 7,
    ) -> None:
        """Take embeddings (n, 16, rows, columns) and the captions, encoded.

        `words` and `pooled` hold one row more than there are pictures: the last is of
        the empty caption, which guidance needs.
        """
        self.prior = prior.requires_grad_(requires_grad=False)
        self.changes = add_changes(prior, rank, seed)
        self.network = nn.ModuleList(self.changes.values())
        self.embeddings, self.words, self.pooled = embeddings, words, pooled
        self.batch, self.learning_rate = batch, learning_rate

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch."""
        n = len(self.embeddings)
        chosen = draws.below(n, self.batch)
        said = torch.where(draws.uniform(self.batch) < UNSAID, n, chosen)
        clean = self.embeddings[chosen]
        ratio = draws.ratios(self.batch)
        noise = draw_drifting_noise(draws, clean.shape)
        unseen = torch.zeros(self.batch, 1, self.prior.config.clip_image_in_channels)
        with mixed_precision(clean.device):
            predicted = self.prior(
                sample=add_noise(clean, noise, ratio),
                timestep_ratio=ratio,
                clip_text=self.words[said],
                clip_text_pooled=self.pooled[said],
                clip_img=unseen,
                return_dict=False,
            )[0]
        loss, _ = diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)
        return loss, {}

    def pairs(self) -> dict[str, Pair]:
        """Return the change to each layer, as adapters keep it."""
        return {
            layer: Pair(change.down.detach().numpy(), change.up.detach().numpy())
            for layer, change in self.changes.items()
        }


def add_changes(prior: Any, rank: int, seed: int) -> dict[str, LowRank]:
    """Put a change on every layer that a look may change, by its name."""
    noise = torch.Generator().manual_seed(seed)
    changes = {}
    for name, layer in list(prior.named_modules()):
        if isinstance(layer, nn.Linear) and name.endswith(TARGETS):
            changes[name] = LowRank(layer.weight, rank, noise)
            parametrize.register_parametrization(layer, "weight", changes[name])
    return changes


def embed(bundle: Bundle, pictures: Sequence[Pixels], side_px: int) -> torch.Tensor:
    """Compute the image embeddings of pictures, cut to squares."""
    encoder = load_bundle_encoder(bundle, torch.device("cpu"))
    side = count_cells(side_px) * encoder.cell_px
    small = [
        np.asarray(
            ImageOps.fit(Image.fromarray(each), (side, side), Image.Resampling.LANCZOS)
        )
        for each in pictures
    ]
    colors = torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        return torch.cat([encoder.embed(part) for part in torch.split(colors, 32)])


def train_look(
    lookbook: Lookbook,
    bundle: Bundle,
    run: Run,
    *,
    side_px: int = 256,
    rank: int = 8,
) -> Mapping[str, Pair]:
    """Train the change to the prior that draws like these pictures; CPU alone.

    `side_px` is the size of picture that is learned; half of it takes a quarter of the
    time.

    Raises:
        WeightsError: a part of the bundle is missing or damaged.
        TrainingError: the loss is no number any more.
    """
    device = torch.device("cpu")
    text_encoder = load_model(
        bundle, "text_encoder", device=device, dtype=torch.float32
    )
    speaker = Speaker(load_tokenizer(bundle), text_encoder, device)
    words, pooled = speaker.say_texts([*lookbook.captions, ""])
    prior = load_model(bundle, "prior", device=device, dtype=torch.float32)
    lesson = LookLesson(
        prior,
        embed(bundle, lookbook.pictures, side_px),
        words,
        pooled,
        rank=rank,
        seed=run.seed,
    )
    train(lesson, run)
    return lesson.pairs()
