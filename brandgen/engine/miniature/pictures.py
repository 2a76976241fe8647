"""Draws the pictures of a training with their captions, once, into files."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.drawing import draw_chunks
from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.scenes import Scene, sample_scene
from brandgen.engine.miniature.tokenizer import Babbler, encode_texts
from brandgen.engine.miniature.training import mixed_precision

CELLS = 6
"""Cells of the image embeddings along 256 px."""
SMALL_PX = CELLS * CELL_PX
"""Side at which the semantic encoder reads a picture of 256 px."""
CAPTIONS = 4
"""Wordings that are written of each picture."""
BABBLE = 0.15
"""Share of them with words that mean nothing."""


@dataclass(frozen=True)
class Plan:
    """Which pictures to draw: the same plan gives the same ones."""

    seed: int
    count: int
    size: tuple[int, int] | None
    """Width and height in px; None draws 256 px, some as cuts of pictures of 512 px.

    Stage B works on one neighborhood at a time and must know large shapes, too.
    """
    brush: int = 1
    """Another draws the same scenes differently, where their words leave it open."""

    @property
    def name(self) -> str:
        """Name its files."""
        size = "cuts" if self.size is None else f"{self.size[0]}x{self.size[1]}"
        return f"album-{self.seed}-{self.brush}-{self.count}-{size}"

    def sample_scenes(self) -> list[Scene]:
        """Choose what the pictures show."""
        rng = np.random.default_rng(self.seed)
        return [sample_scene(rng) for _ in range(self.count)]

    def draw(self) -> Iterator[torch.Tensor]:
        """Draw in chunks: bytes of shape (n, 3, height, width)."""
        chunks = draw_chunks(self.sample_scenes(), self.seed + self.brush, self.size)
        yield from map(to_planes, chunks)


@dataclass(frozen=True)
class Album:
    """Pictures with several captions each, as files that are read where needed."""

    pictures: torch.Tensor
    """Bytes, shape (n, 3, height, width)."""
    captions: torch.Tensor
    """Token numbers, shape (n, captions of a picture, tokens)."""


def keep_album(folder: Path, plan: Plan, tokenizer: Any) -> Album:
    """Draw an album, or take up the one that was drawn before.

    Of two processes that want the same one, the second waits for the first.
    """
    pictures, captions = (folder / f"{plan.name}.{x}.npy" for x in ("px", "text"))
    with alone(folder / f"{plan.name}.lock"):
        if not pictures.is_file():
            write_pictures(pictures, plan)
        if not captions.is_file():
            written = write_captions(plan, tokenizer)
            write_whole(captions, lambda path: np.save(path, written))
    return Album(read_array(pictures), read_array(captions))


def write_pictures(path: Path, plan: Plan) -> None:
    """Draw into a file, chunk by chunk: an album may be larger than the memory."""

    def write(unfinished: Path) -> None:
        file, at = None, 0
        for chunk in plan.draw():
            if file is None:
                shape = (plan.count, *chunk.shape[1:])
                file = np.lib.format.open_memmap(unfinished, "w+", np.uint8, shape)
            file[at : at + len(chunk)] = chunk.numpy()
            at += len(chunk)
        if file is not None:
            file.flush()

    write_whole(path, write)


def write_captions(plan: Plan, tokenizer: Any) -> Any:
    """Write captions and tokenize them, shape (n, captions, tokens) as int16."""
    rng = np.random.default_rng((plan.seed, plan.brush))
    babbler = Babbler(tokenizer, BABBLE)
    texts = [
        babbler.babble(write_caption(scene, rng), rng).text
        for scene in plan.sample_scenes()
        for _ in range(CAPTIONS)
    ]
    ids = encode_texts(tokenizer, texts).ids.numpy().astype(np.int16)
    return ids.reshape(plan.count, CAPTIONS, -1)


def draw_pictures(plan: Plan) -> torch.Tensor:
    """Draw pictures without keeping them, bytes of shape (n, 3, height, width)."""
    return torch.cat(list(plan.draw()))


@torch.no_grad()
def encode_pictures(
    vqgan: Any, pictures: torch.Tensor, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Encode pictures of 256 px with Stage A.

    Returns bytes of 96 px, as the semantic encoder reads them, and the latents, float16
    of shape (n, 4, 64, 64).
    """
    latents, small = [], []
    for part in torch.split(pictures, 32):
        planes = part.to(device).float() / 255
        with mixed_precision(device):
            latents.append(vqgan.encode(planes).latents.half().cpu())
        shrunk = torch.nn.functional.interpolate(
            planes, size=SMALL_PX, mode="bilinear", antialias=True
        )
        small.append((shrunk * 255).round().byte().cpu())
    return torch.cat(small), torch.cat(latents)


def keep_file(path: Path, make: Callable[[], Any]) -> Any:
    """Read the tensors kept in a file, or make and keep them."""
    if path.is_file():
        return torch.load(path, weights_only=True)
    made = make()
    write_whole(path, lambda unfinished: torch.save(made, unfinished))
    return made


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file in one move: it is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    write(unfinished)
    unfinished.replace(path)


def read_array(path: Path) -> torch.Tensor:
    """Open an array; what is not asked for is not read."""
    return torch.from_numpy(np.load(path, mmap_mode="c"))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time do what follows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def to_planes(pictures: np.ndarray[Any, Any]) -> torch.Tensor:
    """Turn pictures of shape (n, height, width, 3) to (n, 3, height, width)."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
