"""Draws pictures of captions with a bundle, many at once."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade import weights
from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.text import PromptEmbeddings, encode_prompt

Pixels = NDArray[np.uint8]


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
        image = self._imagine(prompt, seeds, width_px, height_px)
        return self._paint(image, prompt, seeds)

    @torch.inference_mode()
    def imagine(
        self,
        captions: Sequence[str],
        seeds: Sequence[int],
        width_px: int,
        height_px: int,
    ) -> torch.Tensor:
        """Sample image embeddings by the prior alone, as a contact sheet does."""
        return self._imagine(self._encode(captions), seeds, width_px, height_px)

    @torch.inference_mode()
    def paint(
        self, image: torch.Tensor, captions: Sequence[str], seeds: Sequence[int]
    ) -> Pixels:
        """Decode image embeddings, shape (n, 16, rows, columns), to pictures."""
        return self._paint(image, self._encode(captions), seeds)

    def _imagine(
        self,
        prompt: PromptEmbeddings,
        seeds: Sequence[int],
        width_px: int,
        height_px: int,
    ) -> torch.Tensor:
        return sample_prior(
            self.prior,
            self.scheduler,
            prompt=prompt,
            negative_prompt=self._encode([""]),
            seeds=seeds,
            width_px=width_px,
            height_px=height_px,
            steps=self.profile.prior_steps,
            guidance_scale=self.profile.prior_guidance_scale,
            x0_limit=self.profile.prior_x0_limit,
            on_step=lambda *_: None,
        )

    def _paint(
        self, image: torch.Tensor, prompt: PromptEmbeddings, seeds: Sequence[int]
    ) -> Pixels:
        latents = sample_decoder(
            self.decoder,
            self.scheduler,
            image=image,
            prompt=prompt.pooled,
            negative_prompt=self._encode([""]).pooled,
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


def make_sheet(pictures: Pixels, columns: int = 8, side_px: int = 192) -> Image.Image:
    """Lay pictures side by side as one Pillow image."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side_px, rows * side_px), "white")
    for index, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize((side_px, side_px))
        place = (index % columns * side_px, index // columns * side_px)
        sheet.paste(small, place)
    return sheet
