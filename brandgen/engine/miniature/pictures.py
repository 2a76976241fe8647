"""Draws the pictures of a training and keeps what networks make of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brandgen.engine.miniature.drawing import draw_chunks
from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.scenes import Scene, sample_scene
from brandgen.engine.miniature.training import mixed_precision

CELLS = 6
"""Cells of the image embeddings along 256 px."""
LATENT_PX = 4
"""Side of a Stage A latent in pixels."""


@dataclass(frozen=True)
class Album:
    """Scenes with their pictures, small: what the semantic encoder reads."""

    scenes: Sequence[Scene]
    pictures: torch.Tensor
    """Bytes, shape (n, 3, 16 rows, 16 columns)."""


def draw_album(
    seed: int, count: int, rows: int, columns: int, brush: int | None = None
) -> Album:
    """Draw scenes directly at the size that the semantic encoder reads.

    Another `brush` draws the same scenes differently, where their words leave it open.
    """
    scenes = sample_scenes(seed, count)
    size = (columns * CELL_PX, rows * CELL_PX)
    drawn = draw_chunks(scenes, seed + 1 if brush is None else brush, size)
    return Album(scenes, torch.cat([to_planes(chunk) for chunk in drawn]))


def keep_album(folder: Path, seed: int, count: int, rows: int, columns: int) -> Album:
    """Draw an album, or take up the one that was drawn before."""
    path = folder / f"album-{seed}-{count}-{rows}x{columns}.pt"
    drawn = keep_file(path, lambda: draw_album(seed, count, rows, columns).pictures)
    return Album(sample_scenes(seed, count), drawn)


@dataclass(frozen=True)
class LatentAlbum:
    """Square cuts of pictures as Stage A latents, with the small picture of each."""

    scenes: Sequence[Scene]
    pictures: torch.Tensor
    """Bytes, shape (n, 3, 96, 96)."""
    latents: torch.Tensor
    """Float16, shape (n, 4, 64, 64), as Stage A gives them."""


def sample_scenes(seed: int, count: int) -> list[Scene]:
    """Choose the same scenes for the same seed."""
    rng = np.random.default_rng(seed)
    return [sample_scene(rng) for _ in range(count)]


def draw_latents(
    vqgan: Any, seed: int, count: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw pictures of 256 px and cuts of larger ones, and encode them with Stage A.

    Two thirds are whole pictures; the rest are quarters of pictures of 512 px, because
    Stage B works on one neighborhood at a time and must know large shapes, too.
    Returns the small pictures and the latents of a `LatentAlbum` of the same seed.
    """
    latents, pictures = [], []
    for chunk in draw_chunks(sample_scenes(seed, count), seed + 1, None):
        for cuts in torch.split(to_planes(chunk), 32):
            planes = cuts.to(device).float() / 255
            with torch.no_grad(), mixed_precision(device):
                latents.append(vqgan.encode(planes).latents.half().cpu())
            small = torch.nn.functional.interpolate(
                planes, size=CELLS * CELL_PX, mode="bilinear", antialias=True
            )
            pictures.append((small * 255).round().byte().cpu())
    return torch.cat(pictures), torch.cat(latents)


def keep_file(path: Path, make: Callable[[], Any]) -> Any:
    """Read the tensors kept in a file, or make and keep them."""
    if path.is_file():
        return torch.load(path, weights_only=True)
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    torch.save(made, unfinished)
    unfinished.replace(path)
    return made


def to_planes(pictures: np.ndarray[Any, Any]) -> torch.Tensor:
    """Turn pictures of shape (n, height, width, 3) to (n, 3, height, width)."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
