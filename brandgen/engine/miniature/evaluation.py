"""Measures how far a bundle follows captions that it was never trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade import weights
from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.text import PromptEmbeddings, encode_prompt
from brandgen.engine.miniature.captions import ATTRIBUTES, write_caption
from brandgen.engine.miniature.palette import nearest_names, rgb, to_oklab
from brandgen.engine.miniature.scenes import Scene, draw_scene, sample_scene
from brandgen.engine.miniature.stages.reader import (
    READER_PX,
    Reader,
    index_attributes,
)

Pixels = NDArray[np.uint8]
HELD_OUT_SEED = 20_261_124
"""No training uses this seed: the pictures and wordings are drawn anew."""
BATCH = 8

# What is asked of which scenes; of the others the answer is trivially "none".
ASKED: dict[str, Callable[[Scene], bool]] = {
    "backdrop": lambda scene: True,
    "ground": lambda scene: True,
    "pattern": lambda scene: scene.pattern is not None,
    "product": lambda scene: scene.product is not None,
    "product color": lambda scene: scene.product is not None,
    "podium": lambda scene: scene.podium is not None,
    "podium color": lambda scene: scene.podium is not None,
    "side": lambda scene: scene.product is not None or scene.podium is not None,
}


@dataclass(frozen=True)
class Figures:
    """What was measured on one set of pictures."""

    plain_ground_named: float
    """Share of plain pictures whose color has the asked name as its nearest."""
    plain_ground_distance: float
    """Mean distance of that color from the asked one, in OKLab times 100."""
    read: dict[str, float]
    """Attribute to the share of pictures in which the reader finds what was asked."""
    diversity: float
    """Mean distance between two seeds of one caption, as a share of 255."""


@dataclass(frozen=True)
class Report:
    """A bundle's figures beside those of drawings, which are the ceiling."""

    side_px: int
    captions: int
    model: Figures
    drawings: Figures


class Artist:
    """Draws a batch of captions with the parts of a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        device, dtype = torch.device("cpu"), torch.float32
        load = weights.load_model
        self.profile = bundle.profile
        self.tokenizer = weights.load_tokenizer(bundle)
        self.scheduler = weights.load_scheduler(bundle)
        self.text_encoder = load(bundle, "text_encoder", device=device, dtype=dtype)
        self.prior = load(bundle, "prior", device=device, dtype=dtype)
        self.decoder = load(bundle, "decoder", device=device, dtype=dtype)
        self.vqgan = load(bundle, "vqgan", device=device, dtype=dtype)

    @torch.inference_mode()
    def draw(
        self,
        captions: Sequence[str],
        seeds: Sequence[int],
        width_px: int,
        height_px: int,
    ) -> Pixels:
        """Draw one picture of each caption, shape (n, height, width, 3)."""
        prompt = self._encode(captions)
        empty = self._encode([""])
        image = sample_prior(
            self.prior,
            self.scheduler,
            prompt=prompt,
            negative_prompt=empty,
            seeds=seeds,
            width_px=width_px,
            height_px=height_px,
            steps=self.profile.prior_steps,
            guidance_scale=self.profile.prior_guidance_scale,
            x0_limit=self.profile.prior_x0_limit,
            on_step=lambda *_: None,
        )
        latents = sample_decoder(
            self.decoder,
            self.scheduler,
            image=image,
            prompt=prompt.pooled,
            negative_prompt=empty.pooled,
            seeds=seeds,
            steps=self.profile.decoder_steps,
            guidance_scale=self.profile.decoder_guidance_scale,
            x0_limit=self.profile.decoder_x0_limit,
            on_step=lambda *_: None,
        )
        colors = decode_latents(self.vqgan, latents).permute(0, 2, 3, 1)
        pixels: Pixels = (colors * 255).round().byte().numpy()
        return pixels

    def _encode(self, texts: Sequence[str]) -> PromptEmbeddings:
        encoded = [encode_prompt(self.tokenizer, self.text_encoder, t) for t in texts]
        return PromptEmbeddings(
            tokens=torch.cat([text.tokens for text in encoded]),
            pooled=torch.cat([text.pooled for text in encoded]),
        )


def hold_out(count: int) -> tuple[list[Scene], list[str]]:
    """Choose scenes and captions that no training has seen."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    scenes = [sample_scene(rng) for _ in range(count)]
    return scenes, [write_caption(scene, rng).text for scene in scenes]


def evaluate(
    bundle: Bundle, reader: Reader, *, count: int, side_px: int
) -> tuple[Report, Pixels]:
    """Measure a bundle; return the figures and its pictures."""
    scenes, captions = hold_out(count)
    artist = Artist(bundle)
    first = draw_all(artist, captions, side_px, seed=1000)
    # Diversity needs few pictures: it is a mean over all their pixels.
    few = captions[: max(8, count // 4)]
    second = draw_all(artist, few, side_px, seed=5000)
    rng = np.random.default_rng(HELD_OUT_SEED + 1)
    drawn = [draw_scene(scene, rng, side_px, side_px) for scene in scenes]
    again = [draw_scene(scene, rng, side_px, side_px) for scene in scenes[: len(few)]]
    report = Report(
        side_px=side_px,
        captions=count,
        model=measure(first, second, scenes, reader),
        drawings=measure(np.stack(drawn), np.stack(again), scenes, reader),
    )
    return report, first


def draw_all(
    artist: Artist, captions: Sequence[str], side_px: int, seed: int
) -> Pixels:
    """Draw one picture of each caption, each from a seed of its own."""
    parts = []
    for start in range(0, len(captions), BATCH):
        some = captions[start : start + BATCH]
        seeds = [seed + start + index for index in range(len(some))]
        parts.append(artist.draw(some, seeds, side_px, side_px))
    return np.concatenate(parts)


def measure(
    pictures: Pixels, again: Pixels, scenes: Sequence[Scene], reader: Reader
) -> Figures:
    """Measure pictures of scenes; `again` shows the first scenes from other seeds."""
    plain = [
        index
        for index, scene in enumerate(scenes)
        if scene.backdrop == "plain" and scene.product is None and scene.podium is None
    ]
    colors = np.array([np.median(pictures[i], axis=(0, 1)) / 255 for i in plain])
    asked = [scenes[i].ground for i in plain]
    known = np.array([rgb(name) for name in asked])
    is_right = [a == b for a, b in zip(nearest_names(colors), asked, strict=True)]
    apart = np.linalg.norm(to_oklab(colors) - to_oklab(known), axis=-1)
    pairs = pictures[: len(again)].astype(np.float32) - again
    return Figures(
        plain_ground_named=float(np.mean(is_right)),
        plain_ground_distance=float(apart.mean() * 100),
        read=read_pictures(pictures, scenes, reader),
        diversity=float(np.abs(pairs).mean() / 255),
    )


@torch.inference_mode()
def read_pictures(
    pictures: Pixels, scenes: Sequence[Scene], reader: Reader
) -> dict[str, float]:
    """Let the reader find the attributes of scenes in pictures, as shares right."""
    planes = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    small = functional.interpolate(
        planes, size=READER_PX, mode="bilinear", antialias=True
    )
    answers = reader(small)
    truth = index_attributes(list(scenes))
    shares = {}
    for index, name in enumerate(ATTRIBUTES):
        if name not in ASKED:
            continue
        is_asked = torch.tensor([ASKED[name](scene) for scene in scenes])
        is_right = answers[index].argmax(-1) == truth[:, index]
        shares[name] = float(is_right[is_asked].float().mean())
    return shares


def make_sheet(pictures: Pixels, columns: int = 8, side_px: int = 192) -> Image.Image:
    """Lay pictures side by side as one Pillow image."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side_px, rows * side_px), "white")
    for index, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize((side_px, side_px))
        place = (index % columns * side_px, index // columns * side_px)
        sheet.paste(small, place)
    return sheet
