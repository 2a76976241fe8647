"""Trains the image encoder: pictures to what the prior would otherwise read in words.

The prior is left as it is but for one matrix, which turns an image embedding to four
tokens. Without pictures that matrix is multiplied by zeros, so a prompt alone gives the
same image embeddings as before, in every bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.networks import IMAGE_PX
from brandgen.engine.miniature.pictures import Album
from brandgen.engine.miniature.scenes import Scene
from brandgen.engine.miniature.stages.noise import (
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    encode_captions,
)
from brandgen.engine.miniature.stages.prior import WEIGHT_FLOOR, name_size
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, mixed_precision

UNSAID = 0.5
"""Share of pictures that come without a caption."""
ALONE = 0.7
"""Share of steps with one reference; the others have two of the same scene."""
NOISE = 0.03
"""Noise on references: those that a model drew are never as clean as drawings."""


@dataclass(frozen=True)
class Variations:
    """Scenes drawn several times each, once as the embeddings to be sampled."""

    scenes: Sequence[Scene]
    references: torch.Tensor
    """Bytes, shape (n, drawings, 3, 96, 96); the first shows the very picture."""
    embeddings: torch.Tensor
    """Of the first drawing, shape (n, 16, rows, columns)."""
    share: float


def make_variations(
    albums: Sequence[Album], encoder: Any, device: torch.device, share: float
) -> Variations:
    """Pair albums of the same scenes, drawn differently: the first is to be sampled."""
    size = (IMAGE_PX, IMAGE_PX)
    small = [
        functional.interpolate(
            album.pictures.float(), size=size, mode="bilinear", antialias=True
        )
        .round()
        .byte()
        for album in albums
    ]
    embeddings = embed_pictures(encoder, albums[0].pictures, device)
    return Variations(albums[0].scenes, torch.stack(small, 1), embeddings, share)


class Eye(nn.Module):
    """The image encoder with the prior's matrix: pictures to tokens of the prior."""

    def __init__(self, image_encoder: Any, prior: Any) -> None:
        super().__init__()
        self.image_encoder = image_encoder.requires_grad_(requires_grad=True)
        self.mapper = prior.clip_img_mapper
        self.mapper.weight.requires_grad_(requires_grad=True)

    def start(self) -> None:
        """Give the matrix its first values, at the scale of the text's tokens."""
        nn.init.normal_(self.mapper.weight, std=0.5)


class EyeLesson:
    """What both lessons of the image encoder have in common: only the eye learns."""

    def __init__(
        self,
        eye: Eye,
        prior: Any,
        shelves: Sequence[Variations],
        *,
        tokenizer: Any,
        text_encoder: Any,
        device: torch.device,
        batch: int,
    ) -> None:
        """Take the encoder to train and the networks that stay as they are."""
        self.network = eye
        self.prior = prior.to(device)
        self.shelves = shelves
        self.tokenizer = tokenizer
        self.text_encoder = text_encoder.to(device).eval()
        self.device = device
        self.batch = batch


class LikenessLesson(EyeLesson):
    """Learns to say of a picture what the text encoder says of its caption.

    The prior puts no order to what it reads, so a token of a picture that equals one of
    a caption does the same. This costs no run of the prior and gets far in minutes.
    """

    name = "likeness"
    figures = ("error",)
    learning_rate = 1e-3

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of pictures."""
        shelf = choose_shelf(self.shelves, draws)
        chosen = draws.numbers.integers(0, len(shelf.scenes), self.batch)
        texts = [write_caption(shelf.scenes[i], draws.numbers).text for i in chosen]
        _, pooled = encode_captions(
            self.tokenizer, self.text_encoder, texts, self.device
        )
        seen = look(self.network.image_encoder, shelf, chosen, 1, draws, self.device)
        norm, width = self.prior.clip_norm, self.prior.config.conditioning_dim
        said = norm(self.prior.clip_txt_pooled_mapper(pooled).view(-1, 4, width))
        shown = norm(self.network.mapper(seen).view(-1, 4, width))
        loss = functional.mse_loss(shown, said)
        return loss, {"error": loss.item()}


class ImageLesson(EyeLesson):
    """Predicts the noise on image embeddings from pictures, with a caption or without.

    Only the image encoder and the prior's matrix for it learn.
    """

    name = "image"
    learning_rate = 5e-4

    @property
    def figures(self) -> tuple[str, ...]:
        """The losses that are recorded: one for each size."""
        return tuple(name_size(shelf.embeddings) for shelf in self.shelves)

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of one size."""
        rng, device = draws.numbers, self.device
        shelf = choose_shelf(self.shelves, draws)
        n = max(1, round(self.batch * 36 / shelf.embeddings[0, 0].numel()))
        chosen = rng.integers(0, len(shelf.scenes), n)
        texts = [
            "" if rng.random() < UNSAID else write_caption(shelf.scenes[i], rng).text
            for i in chosen
        ]
        words, pooled = encode_captions(
            self.tokenizer, self.text_encoder, texts, device
        )
        count = 1 if rng.random() < ALONE else 2
        seen = look(self.network.image_encoder, shelf, chosen, count, draws, device)
        clean = shelf.embeddings[torch.from_numpy(chosen)].to(device)
        ratio = draws.ratios(n).to(device)
        noise = draw_drifting_noise(draws, clean.shape).to(device)
        with mixed_precision(device):
            predicted = self.prior(
                sample=add_noise(clean, noise, ratio),
                timestep_ratio=ratio,
                clip_text=words,
                clip_text_pooled=pooled,
                clip_img=seen,
                return_dict=False,
            )[0]
        loss, _ = diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)
        return loss, {name_size(clean): loss.item()}


def choose_shelf(shelves: Sequence[Variations], draws: Draws) -> Variations:
    """Choose a size by its share."""
    shares = [shelf.share for shelf in shelves]
    return shelves[int(draws.numbers.choice(len(shares), p=shares))]


def look(
    image_encoder: Any,
    shelf: Variations,
    chosen: Any,
    count: int,
    draws: Draws,
    device: torch.device,
) -> torch.Tensor:
    """Embed `count` references of each chosen scene, shape (n, count, width).

    The first of a single reference is the picture itself half of the time: close enough
    to take its composition from, and not all there is to a variation.
    """
    drawings = shelf.references.shape[1]
    if count == 1:
        which = draws.numbers.integers(0, drawings, (len(chosen), 1))
    else:
        which = draws.numbers.permuted(
            [list(range(drawings))] * len(chosen), axis=1
        )[:, :count]  # fmt: skip
    index = torch.from_numpy(chosen)[:, None]
    pictures = shelf.references[index, torch.from_numpy(which)].flatten(0, 1)
    colors = roughen(to_colors(pictures), draws).to(device)
    with mixed_precision(device):
        seen = image_encoder(pixel_values=colors).image_embeds
    embedded: torch.Tensor = seen.float().unflatten(0, (len(chosen), count))
    return embedded


def roughen(colors: torch.Tensor, draws: Draws) -> torch.Tensor:
    """Blur and grain some pictures, as what a model drew is blurred and grained."""
    sharpness = int(draws.numbers.choice([0, 0, 32, 48, 64]))
    if sharpness:
        rough = functional.interpolate(colors, size=sharpness, mode="area")
        colors = functional.interpolate(rough, size=IMAGE_PX, mode="bilinear")
    return colors + draws.normal(*colors.shape) * NOISE
