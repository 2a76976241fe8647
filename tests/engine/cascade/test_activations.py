"""Holds the estimate of memory to what the networks do, on no memory at all."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from brandgen.engine.cascade.decoder import count_latents
from brandgen.engine.embeddings import count_cells
from brandgen.engine.layout import Component, Size
from brandgen.engine.needs import Network, Picture
from brandgen.engine.published import CONFIGS
from brandgen.engine.registry import default_bundle
from tests.engine.full_size import build

PUBLISHED_WEIGHTS = [
    ("prior", "large", 3.5891e9),
    ("prior", "lite", 1.0308e9),
    ("decoder", "large", 1.5629e9),
    ("decoder", "lite", 0.6995e9),
    ("vqgan", "large", 18.41e6),
    ("text_encoder", "large", 694.7e6),
    ("image_encoder", "large", 304.0e6),
]


class Meter(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive, and the most there were."""

    def __init__(self) -> None:
        super().__init__()
        self.live_bytes = self.peak_bytes = 0
        self._sizes: dict[int, int] = {}

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        for tensor in tree_iter(made):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key not in self._sizes:
            self._sizes[key] = storage.nbytes()
            self.live_bytes += storage.nbytes()
            self.peak_bytes = max(self.peak_bytes, self.live_bytes)
            weakref.finalize(storage, self._forget, key)

    def _forget(self, key: int) -> None:
        self.live_bytes -= self._sizes.pop(key)


def measure(work: Callable[[], object]) -> int:
    with torch.inference_mode(), Meter() as meter:
        work()
    return meter.peak_bytes


def run(part: Component, model: Any, picture: Picture, *, width: int) -> int:
    """Measure one forward pass; `width` is that of the prompt's embeddings."""
    rows, columns = count_cells(picture.height_px), count_cells(picture.width_px)
    device = next(model.parameters()).device
    n = picture.batch * (2 if part == "prior" and picture.is_guided else 1)

    def make(*shape: int) -> torch.Tensor:
        return torch.zeros(*shape, device=device)

    latents = (n, 4, count_latents(rows), count_latents(columns))
    if part == "vqgan":
        return measure(lambda: model.decode(make(1, *latents[1:])))
    if part == "prior":
        condition = {
            "sample": make(n, 16, rows, columns),
            "clip_text": make(n, 77, width),
            "clip_img": make(n, 1, model.config.clip_image_in_channels),
        }
    else:
        condition = {"sample": make(*latents), "effnet": make(n, 16, rows, columns)}
    return measure(
        lambda: model(
            timestep_ratio=make(n),
            clip_text_pooled=make(n, 1, width),
            return_dict=False,
            **condition,
        )
    )


class TestPublishedConfigs:
    @pytest.mark.parametrize(("part", "size", "expected"), PUBLISHED_WEIGHTS)
    def test_build_networks_of_the_published_size(
        self, part: Component, size: Size, expected: float
    ) -> None:
        model = build(part, size)

        weights = sum(tensor.numel() for tensor in model.parameters())

        assert weights == pytest.approx(expected, rel=0.001)


class TestActivationsBytes:
    @pytest.mark.parametrize(
        ("part", "size"), [("prior", "lite"), ("decoder", "lite"), ("vqgan", "large")]
    )
    def test_hold_for_the_published_networks(self, part: Component, size: Size) -> None:
        picture = Picture(768, 512)
        network = Network(part, 0, 0, CONFIGS[part, size])

        measured = run(part, build(part, size), picture, width=1280)

        assert network.activations_bytes(picture, "float32") == pytest.approx(
            measured, rel=0.06
        )

    @pytest.mark.parametrize("batch", [1, 4])
    @pytest.mark.parametrize("part", ["prior", "decoder", "vqgan"])
    def test_hold_for_the_miniature(self, part: Component, batch: int) -> None:
        from brandgen.engine.cascade.weights import load_model

        picture = Picture(512, 512, batch=batch)
        bundle = default_bundle()
        path = bundle.get_part(part)
        model = load_model(
            bundle, part, device=torch.device("cpu"), dtype=torch.float32
        ).to("meta")
        network = Network.read(part, path, "large")

        measured = run(part, model, picture, width=128)

        estimated = network.activations_bytes(picture, "float32")
        assert measured * 0.8 < estimated < measured * 1.3
