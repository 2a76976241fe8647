"""Says what a request needs an engine to be able to do, and refuses the rest."""

from collections.abc import Collection

from brandgen.engine.errors import UnsupportedError
from brandgen.engine.protocol import Capability
from brandgen.engine.requests import DecoderRequest, PriorRequest

WORDS: dict[Capability, str] = {
    Capability.REFERENCES: "look at reference pictures: it has no image encoder",
    Capability.START: "begin from a picture: it has no semantic encoder",
    Capability.COLOR_GUIDANCE: "be guided by colors",
    Capability.ADAPTERS: "use LoRA adapters",
    Capability.CONTROL_INPAINT: "be controlled by a mask: it has no such ControlNet",
    Capability.CONTROL_CANNY: "be controlled by edges: it has no such ControlNet",
    Capability.CONTROL_SUPER_RESOLUTION: (
        "be controlled by a small picture: it has no such ControlNet"
    ),
}


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
    for missing in sorted(needed_for(request) - set(capabilities)):
        raise UnsupportedError(
            f"{model} can't {WORDS[missing]}. Leave that out, or use a model that can."
        )
