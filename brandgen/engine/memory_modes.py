"""Says which networks share memory, in each of the ways to run a model."""

from collections.abc import Mapping
from typing import Literal

from brandgen.engine.layout import CONTROL_PARTS, Component

MemoryMode = Literal["resident", "one-stage", "cpu-offload"]
MEMORY_MODES: tuple[MemoryMode, ...] = ("resident", "one-stage", "cpu-offload")
"""`resident`: all that was used stays on the device. `one-stage`: the text encoder and
the prior, or the decoder and Stage A; the others are read again from disk when their
turn comes. `cpu-offload`: all in main memory, and on the device only the network that
computes."""

STAGE_OF: Mapping[Component, Literal["prior", "decoder"]] = {
    "text_encoder": "prior",
    "semantic_encoder": "prior",
    "image_encoder": "prior",
    "control_inpaint": "prior",
    "control_canny": "prior",
    "control_super_resolution": "prior",
    "prior": "prior",
    "decoder": "decoder",
    "vqgan": "decoder",
}
"""Which of the two stages needs a network."""

IN_FLOAT32: frozenset[Component] = frozenset(
    {"semantic_encoder", *CONTROL_PARTS.values()}
)
"""Networks that see a picture once, and do it in float32 whatever the rest is in."""
