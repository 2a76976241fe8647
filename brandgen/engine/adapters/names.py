"""Knows the layers of Stage C by the names that other programs give them.

Blocks stand in the same places everywhere; only attention is named and cut otherwise:
the original keeps queries, keys and values in one matrix. Source of both names:
`convert_stable_cascade_unet_single_file_to_diffusers` of diffusers 0.42.1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import WeightsError
from brandgen.engine.weight_files import check_weight_files

Shape = tuple[int, ...]

ATTENTION = re.compile(r"(?P<block>(?:down|up)_blocks\.\d+\.\d+)\.attention\.to_q")
TOKEN_TABLE = "text_model.embeddings.token_embedding"  # noqa: S105 - a layer's name

PARTS_OF_ATTENTION = {
    "attention.attn.to_q": "attention.to_q",
    "attention.attn.to_k": "attention.to_k",
    "attention.attn.to_v": "attention.to_v",
    "attention.attn.out_proj": "attention.to_out.0",
}
"""The original's names, as programs that cut its one matrix write them."""


@dataclass(frozen=True)
class Layers:
    """The layers that an adapter can change, with the shape of each one's weight."""

    family: str
    prior: Mapping[str, Shape]
    """By module name in `StableCascadeUNet`."""
    text_encoder: Mapping[str, Shape] = field(default_factory=dict)
    """By module name in `CLIPTextModelWithProjection`."""

    @property
    def token_width(self) -> int | None:
        """How many values a learned token has; None without a text encoder."""
        table = self.text_encoder.get(TOKEN_TABLE)
        return None if table is None else table[-1]


def read_layers(bundle: Bundle) -> Layers:
    """Read the layers of a bundle from its headers; no weights are read.

    Raises:
        WeightsError: a file of weights is damaged.
    """
    found: dict[str, dict[str, Shape]] = {}
    for part in ("prior", "text_encoder"):
        folder = bundle.find_part(part)
        if folder is None:
            raise WeightsError(f"The weights at {bundle.folder} have no part {part!r}.")
        found[part] = {
            name.removesuffix(".weight"): shape
            for header in check_weight_files(folder).values()
            for name, shape in header.shapes.items()
            if name.endswith(".weight") and len(shape) > 1
        }
    return Layers(bundle.family, found["prior"], found["text_encoder"])


def flat_names(layers: Mapping[str, Shape]) -> dict[str, str]:
    """Map names with underscores for dots, as kohya and OneTrainer write them.

    Both spellings of attention are known: diffusers' and the original's.
    """
    names = {flatten(name): name for name in layers}
    for original, ours in PARTS_OF_ATTENTION.items():
        names |= {
            flatten(name.replace(ours, original)): name
            for name in layers
            if name.endswith(ours)
        }
    return names


def flatten(name: str) -> str:
    """Write a name with underscores for dots."""
    return name.replace(".", "_")


def attention_blocks(layers: Mapping[str, Shape]) -> list[str]:
    """List the attention of each block in the order in which the network runs."""
    found = [match["block"] for name in layers if (match := ATTENTION.fullmatch(name))]
    return [f"{block}.attention" for block in sorted(found, key=_running_order)]


def _running_order(block: str) -> tuple[bool, int, int]:
    direction, level, place = block.split(".")
    return direction.startswith("up"), int(level), int(place)
