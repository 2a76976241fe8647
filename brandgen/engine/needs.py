"""Says what a model needs in memory, before anything of it is loaded.

Weights are counted from the headers of their files: exact. What a network holds while
it computes is estimated from its configuration. Nothing here imports torch.
"""

import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from brandgen.engine.bundle import Bundle
from brandgen.engine.embeddings import count_cells
from brandgen.engine.errors import WeightsError
from brandgen.engine.layout import CONTROL_PARTS, Component, Size
from brandgen.engine.memory_modes import (
    IN_FLOAT32,
    MEMORY_MODES,
    STAGE_OF,
    MemoryMode,
)
from brandgen.engine.published import CONFIGS
from brandgen.engine.tensor_header import SIZES_BYTES, Header
from brandgen.engine.weight_files import check_weight_files

BYTES: Mapping[str, int] = {"float32": 4, "bfloat16": 2, "float16": 2}
NETWORKS: tuple[Component, ...] = (
    "text_encoder", "image_encoder", "semantic_encoder", *CONTROL_PARTS.values(),
    "prior", "decoder", "vqgan",
)  # fmt: skip

# Values that a network holds at once, by position and channel of its finest level.
# Measured on the published networks at 512 to 2048 px in batches of 1 to 4: 17.8 to
# 18.3 for Stages B and C, 11.0 for Stage A. tests/engine/cascade/test_activations.py
# repeats it.
UNET_VALUES = 18.3
AUTOENCODER_VALUES = 11.0
# Hidden states that a text encoder holds beside one for each of its layers.
TEXT_STATES = 10


@dataclass(frozen=True)
class Picture:
    """What is to be drawn."""

    width_px: int
    height_px: int
    batch: int = 1
    is_guided: bool = True
    """Whether the prior computes every picture twice, with and without its prompt."""
    is_decoder_guided: bool = False

    @property
    def cells(self) -> int:
        """Cells of the image embeddings of one picture."""
        return count_cells(self.width_px) * count_cells(self.height_px)

    @property
    def pixels(self) -> int:
        """Pixels of one picture."""
        return self.width_px * self.height_px


@dataclass(frozen=True)
class Plan:
    """One way to run a model."""

    prior_size: Size = "large"
    decoder_size: Size = "large"
    memory: MemoryMode = "resident"
    dtype: str = "bfloat16"
    decoder_dtype: str = "bfloat16"

    def dtype_of(self, part: Component) -> str:
        """Say in which precision a network computes."""
        if part in IN_FLOAT32:
            return "float32"
        return self.dtype if STAGE_OF[part] == "prior" else self.decoder_dtype

    def size_of(self, part: Component) -> Size:
        """Say which size of a network is used."""
        sizes: dict[Component, Size] = {
            "prior": self.prior_size,
            "decoder": self.decoder_size,
        }
        return sizes.get(part, "large")


@dataclass(frozen=True)
class Network:
    """One network on disk."""

    part: Component
    floats: int
    """Weights that are stored in the precision that is computed in."""
    other_bytes: int
    """What is stored as whole numbers, as it is."""
    config: Mapping[str, Any]

    @classmethod
    def read(cls, part: Component, path: Path, size: Size) -> "Network":
        """Read a network's headers and configuration.

        Raises:
            WeightsError: there are none, or they claim what can't be.
        """
        floats, other_bytes = count_values(check_weight_files(path))
        try:
            config = (
                CONFIGS.get((part, size), {})  # a single file has none beside it
                if path.is_file()
                else json.loads((path / "config.json").read_text(encoding="utf-8"))
            )
            network = cls(part, floats, other_bytes, config)
            network.activations_bytes(Picture(256, 256), "float32")
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise WeightsError(
                f"The configuration of {path} can't be used: {error!r}. Fetch the "
                "bundle again."
            ) from error
        return network

    def weights_bytes(self, dtype: str) -> int:
        """Say how much memory its weights take in a precision."""
        return self.floats * BYTES[dtype] + self.other_bytes

    def activations_bytes(self, picture: Picture, dtype: str) -> int:
        """Estimate how much it holds at once while it computes."""
        return math.ceil(self._values(picture) * BYTES[dtype])

    def _values(self, picture: Picture) -> float:
        config = self.config
        values: float = 0
        if self.part == "prior":
            rows = picture.batch * (2 if picture.is_guided else 1)
            widest = max(config["block_out_channels"])
            values = UNET_VALUES * widest * picture.cells * rows
        elif self.part == "decoder":
            rows = picture.batch * (2 if picture.is_decoder_guided else 1)
            # 64 pixels for each of the decoder's positions at patches of two latents.
            positions = picture.pixels / (4 * config["patch_size"]) ** 2
            levels = enumerate(config["block_out_channels"])
            widest = max(width / 4**level for level, width in levels)
            values = UNET_VALUES * widest * positions * rows
        elif self.part == "vqgan":  # one picture at a time
            finest = config["embed_dim"] / 2 ** (config["levels"] - 1)
            shrink = config["up_down_scale_factor"] ** 2
            values = AUTOENCODER_VALUES * finest * picture.pixels / shrink
        elif self.part == "text_encoder":
            states = config["num_hidden_layers"] + TEXT_STATES
            values = states * config["hidden_size"] * config["max_position_embeddings"]
        return values


@dataclass(frozen=True)
class Need:
    """What a plan needs for a picture, in bytes."""

    plan: Plan
    picture: Picture
    weights: Mapping[Component, int]
    activations: Mapping[Component, int]
    device_bytes: int
    """At most at once on the device that computes."""
    host_bytes: int
    """At most at once in main memory, beside a GPU."""

    def fits(self, free_bytes: int) -> bool:
        """Say whether it fits in what is free on the device."""
        return self.device_bytes <= free_bytes


@dataclass(frozen=True)
class Model:
    """The networks of a bundle in each size, as they are on disk."""

    name: str
    folder: Path
    sizes: Mapping[Component, tuple[Size, ...]]
    networks: Mapping[tuple[Component, Size], Network] = field(repr=False)

    @classmethod
    def read(cls, bundle: Bundle) -> "Model":
        """Read the headers of every network that is there.

        Raises:
            WeightsError: a file is missing or claims what can't be.
        """
        sizes = {
            part: there for part in NETWORKS if (there := bundle.layout.sizes(part))
        }
        networks = {
            (part, size): Network.read(part, path, size)
            for part, there in sizes.items()
            for size in there
            if (path := bundle.layout.find(part, size)) is not None
        }
        return cls(bundle.described.name, bundle.folder, sizes, networks)

    @property
    def parts(self) -> tuple[Component, ...]:
        """Names of the networks that are there."""
        return tuple(self.sizes)

    def need(
        self,
        plan: Plan,
        picture: Picture,
        *,
        is_cpu: bool = False,
        parts: Collection[Component] | None = None,
    ) -> Need:
        """Add up what a plan needs for a picture, of all networks or some of them."""
        parts = self.parts if parts is None else parts
        used = {part: self.networks[part, plan.size_of(part)] for part in parts}
        weights = {
            part: network.weights_bytes(plan.dtype_of(part))
            for part, network in used.items()
        }
        activations = {
            part: network.activations_bytes(picture, plan.dtype_of(part))
            for part, network in used.items()
        }
        device = max(
            (
                sum(weights[part] for part in together)
                + max(activations[part] for part in together)
                for together in _groups(plan.memory, parts)
            ),
            default=0,
        )
        host = sum(weights.values()) if plan.memory == "cpu-offload" else 0
        if is_cpu:
            device, host = device + host, 0
        return Need(plan, picture, weights, activations, device, host)

    def plans(self, *, dtype: str, decoder_dtype: str) -> Iterator[Plan]:
        """Go through every combination of sizes in every memory mode."""
        for prior, decoder, memory in product(
            self.sizes["prior"], self.sizes["decoder"], MEMORY_MODES
        ):
            yield Plan(prior, decoder, memory, dtype, decoder_dtype)


def count_values(headers: Mapping[str, Header]) -> tuple[int, int]:
    """Count the floats in some files, and the bytes of all else.

    A tensor that is stored in two precisions is counted once.
    """
    places = {
        name: place
        for header in headers.values()
        for name, place in header.tensors.items()
    }
    floats = other_bytes = 0
    for place in places.values():
        size_bytes = place.end - place.start
        if "F" in place.dtype:
            floats += size_bytes // SIZES_BYTES[place.dtype]
        else:
            other_bytes += size_bytes
    return floats, other_bytes


def _groups(memory: MemoryMode, parts: Collection[Component]) -> list[list[Component]]:
    """Say which networks are on the device together."""
    if memory == "resident":
        return [list(parts)] if parts else []
    if memory == "cpu-offload":
        return [[part] for part in parts]
    stages: dict[str, list[Component]] = {}
    for part in parts:
        stages.setdefault(STAGE_OF[part], []).append(part)
    return list(stages.values())
