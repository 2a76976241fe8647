"""Says what a model can do and what a request needs, and refuses the rest.

Nothing here imports torch: the web process asks before it queues anything.
"""

from collections.abc import Collection

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import UnsupportedError
from brandgen.engine.layout import CONTROL_PARTS, Component
from brandgen.engine.protocol import Capability
from brandgen.engine.requests import DecoderRequest, PriorRequest

WORDS: dict[Capability, str] = {
    Capability.REFERENCES: "look at reference pictures: it has no image encoder",
    Capability.START: "begin from a picture: it has no semantic encoder",
    Capability.COLOR_GUIDANCE: "be guided by colors",
    Capability.ADAPTERS: "use LoRA adapters",
    Capability.CONTROL_INPAINT: (
        "be controlled by a mask: it has no such ControlNet for this prior"
    ),
    Capability.CONTROL_CANNY: (
        "be controlled by edges: it has no such ControlNet for this prior"
    ),
    Capability.CONTROL_SUPER_RESOLUTION: (
        "be controlled by a small picture: it has no such ControlNet for this prior"
    ),
}


# The part of a bundle whose files make each thing possible.
PART_OF: dict[Capability, Component] = {
    Capability.REFERENCES: "image_encoder",
    Capability.START: "semantic_encoder",
    Capability.CONTROL_INPAINT: "control_inpaint",
    Capability.CONTROL_CANNY: "control_canny",
    Capability.CONTROL_SUPER_RESOLUTION: "control_super_resolution",
}

CONTROLS = frozenset(Capability(f"control_{kind}") for kind in CONTROL_PARTS)
"""What takes a ControlNet. All that are published are made for the large prior."""

ALWAYS = frozenset({Capability.COLOR_GUIDANCE, Capability.ADAPTERS})
"""What every model can do: each has a linear map to color, its own or the published,
and a prior whose weights adapters change."""


def find_capabilities(bundle: Bundle) -> frozenset[Capability]:
    """Say what a model can do beside drawing a prompt, from its files alone."""
    found = {
        capability
        for capability, part in PART_OF.items()
        if bundle.find_part(part) is not None
    }
    if Capability.START not in found:
        # It reads what the semantic encoder says of the small picture.
        found.discard(Capability.CONTROL_SUPER_RESOLUTION)
    if bundle.sizes["prior"] != "large":
        found -= CONTROLS
    return ALWAYS | found


def needed_for(request: PriorRequest | DecoderRequest) -> set[Capability]:
    """Say what a request needs beside drawing a prompt."""
    needed = set()
    if request.start is not None:
        needed.add(Capability.START)
    if isinstance(request, PriorRequest):
        if request.references:
            needed.add(Capability.REFERENCES)
        if request.palette or request.text_boxes:
            needed.add(Capability.COLOR_GUIDANCE)
        if request.adapters:
            needed.add(Capability.ADAPTERS)
        if request.control is not None:
            needed.add(Capability(f"control_{request.control.kind}"))
    return needed


def check_supported(
    request: PriorRequest | DecoderRequest,
    capabilities: Collection[Capability],
    model: str,
) -> None:
    """Refuse what a model can't do.

    Raises:
        UnsupportedError: the request needs a capability that is not there.
    """
    for needed in sorted(needed_for(request)):
        check_can(needed, capabilities, model)


def check_can(
    needed: Capability, capabilities: Collection[Capability], model: str
) -> None:
    """Refuse what a model can't do.

    Raises:
        UnsupportedError: the capability is not there.
    """
    if needed not in capabilities:
        raise UnsupportedError(
            f"{model} can't {WORDS[needed]}. Leave that out, or use a model that can."
        )
