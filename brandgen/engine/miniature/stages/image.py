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

from brandgen.engine.miniature.networks import IMAGE_PX
from brandgen.engine.miniature.pictures import Album
from brandgen.engine.miniature.stages.noise import (
    Speaker,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
)
from brandgen.engine.miniature.stages.prior import WEIGHT_FLOOR, name_size
from brandgen.engine.miniature.stages.semantic import embed_pictures, to_colors
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision

UNSAID = 0.5
"""Share of pictures that come without a caption."""
ALONE = 0.7
"""Share of steps with one reference; the others have two of the same scene."""
NOISE = 0.03
"""Noise on references: those that a model drew are never as clean as drawings."""


@dataclass(frozen=True)
class Variations:
    """Scenes drawn several times each, once as the embeddings to be sampled."""

    captions: torch.Tensor
    """Token numbers, shape (n, captions, tokens)."""
    references: torch.Tensor
    """Bytes, shape (n, drawings, 3, 96, 96); the first shows the very picture."""
    embeddings: torch.Tensor
    """Of the first drawing, shape (n, 16, rows, columns)."""
    share: float


def make_variations(
    albums: Sequence[Album], encoder: Any, device: torch.device, share: float
) -> Variations:
    """Pair albums of the same scenes, drawn differently: the first is to be sampled."""
    references = torch.stack([shrink(album.pictures, device) for album in albums], 1)
    embeddings = embed_pictures(encoder, albums[0].pictures, device)
    return Variations(albums[0].captions.to(device), references, embeddings, share)


def shrink(pictures: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Scale pictures to the size that the image encoder reads, all bytes."""
    small = [
        functional.interpolate(
            part.to(device).float(), size=IMAGE_PX, mode="bilinear", antialias=True
        )
        for part in torch.split(pictures, 256)
    ]
    return torch.cat(small).round().byte()


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
        speaker: Speaker,
        device: torch.device,
        batch: int,
    ) -> None:
        """Take the encoder to train and the networks that stay as they are."""
        self.network = eye
        self.prior = prior.to(device)
        self.shelves = shelves
        self.speaker = speaker
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

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of pictures."""
        shelf = choose_shelf(self.shelves, draws)
        chosen = draws.below(len(shelf.embeddings), self.batch)
        _, pooled = self.speaker.say(shelf.captions[chosen], draws, unsaid=0)
        seen = look(self.network.image_encoder, shelf, chosen, 1, draws)
        norm, width = self.prior.clip_norm, self.prior.config.conditioning_dim
        said = norm(self.prior.clip_txt_pooled_mapper(pooled).view(-1, 4, width))
        shown = norm(self.network.mapper(seen).view(-1, 4, width))
        loss = functional.mse_loss(shown, said)
        return loss, {"error": loss.detach()}


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

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of one size."""
        shelf = choose_shelf(self.shelves, draws)
        n = max(1, round(self.batch * 36 / shelf.embeddings[0, 0].numel()))
        chosen = draws.below(len(shelf.embeddings), n)
        words, pooled = self.speaker.say(shelf.captions[chosen], draws, UNSAID)
        count = 1 if draws.numbers.random() < ALONE else 2
        seen = look(self.network.image_encoder, shelf, chosen, count, draws)
        clean = shelf.embeddings[chosen]
        ratio = draws.ratios(n)
        noise = draw_drifting_noise(draws, clean.shape)
        with mixed_precision(self.device):
            predicted = self.prior(
                sample=add_noise(clean, noise, ratio),
                timestep_ratio=ratio,
                clip_text=words,
                clip_text_pooled=pooled,
                clip_img=seen,
                return_dict=False,
            )[0]
        loss, _ = diffusion_loss(predicted, noise, ratio, WEIGHT_FLOOR)
        return loss, {name_size(clean): loss.detach()}


def choose_shelf(shelves: Sequence[Variations], draws: Draws) -> Variations:
    """Choose a size by its share."""
    shares = [shelf.share for shelf in shelves]
    return shelves[int(draws.numbers.choice(len(shares), p=shares))]


def look(
    image_encoder: Any,
    shelf: Variations,
    chosen: torch.Tensor,
    count: int,
    draws: Draws,
) -> torch.Tensor:
    """Embed `count` references of each chosen scene, shape (n, count, width).

    The first of a single reference is the picture itself half of the time: close enough
    to take its composition from, and not all there is to a variation.
    """
    drawings = shelf.references.shape[1]
    which = draws.uniform(len(chosen), drawings).argsort(1)[:, :count]
    pictures = shelf.references[chosen[:, None], which].flatten(0, 1)
    colors = roughen(to_colors(pictures), draws)
    with mixed_precision(colors.device):
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
