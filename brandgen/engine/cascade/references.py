"""Looks at reference pictures for the prior (CLIP image encoder), and blends them."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image

from brandgen.engine.requests import Pixels, Reference


def encode_references(
    image_encoder: Any, image_processor: Any, references: Sequence[Reference]
) -> torch.Tensor:
    """Encode references for the prior, shape (1, pictures, width).

    With equal weights this equals what `StableCascadePriorPipeline` of diffusers
    0.42.1 makes of `images=[...]`, in every bit. The encoder sees a picture's middle
    square.
    """
    heeded = [each for each in references if each.weight > 0]
    seen = [look(image_encoder, image_processor, each.pixels) for each in heeded]
    return blend(torch.cat(seen, dim=1), [each.weight for each in heeded])


def look(image_encoder: Any, image_processor: Any, pixels: Pixels) -> torch.Tensor:
    """Encode one picture, shape (1, 1, width)."""
    prepared = image_processor(Image.fromarray(pixels), return_tensors="pt")
    values = prepared.pixel_values.to(image_encoder.device, image_encoder.dtype)
    embedded: torch.Tensor = image_encoder(values).image_embeds.unsqueeze(1)
    return embedded


def blend(seen: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Weigh pictures that the prior sees side by side, shape (1, pictures, width).

    The prior normalizes what it sees, so a larger embedding is no stronger one. A
    picture with less than an equal share moves towards the weighted mean of all, and so
    says more of what the others say; with an equal share or more it stays as it is.
    """
    shares = [weight * len(weights) / sum(weights) for weight in weights]
    if all(math.isclose(share, 1.0) for share in shares):
        return seen
    kept = torch.tensor(shares, device=seen.device).clamp(max=1.0).view(1, -1, 1)
    weighed = torch.tensor(shares, device=seen.device).view(1, -1, 1) * seen.float()
    mean = weighed.mean(dim=1, keepdim=True)
    return torch.lerp(mean.expand_as(weighed), seen.float(), kept).to(seen.dtype)
