"""Says what the installed engine can do, without loading it."""

from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from brandgen.engine.bundle import Bundle
from brandgen.engine.capabilities import WORDS, find_capabilities
from brandgen.engine.edits import choose_control
from brandgen.engine.errors import UnsupportedError, WeightsError
from brandgen.engine.fake import CAPABILITIES as CAPABILITIES_OF_FAKE
from brandgen.engine.protocol import Capability
from brandgen.engine.registry import CASCADE, FAKE
from brandgen.engine.requests import ControlKind


def find_abilities() -> frozenset[Capability]:
    """Return what the engine of the settings can do beside drawing a prompt.

    An engine of one's own is taken at its word: it refuses what it can't do itself.
    """
    if settings.ENGINE == FAKE:
        return CAPABILITIES_OF_FAKE
    if settings.ENGINE != CASCADE:
        return frozenset(Capability)
    try:
        size: Any = settings.ENGINE_PRIOR or None
        bundle = Bundle(Path(settings.ENGINE_BUNDLE), prior_size=size)
        return find_capabilities(bundle)
    except WeightsError:
        return frozenset()


def find_family() -> str:
    """Return the family of the model of the settings; empty where nobody can say.

    An engine of one's own, and the fake one, say it only once they run.
    """
    if settings.ENGINE != CASCADE:
        return ""
    try:
        return Bundle(Path(settings.ENGINE_BUNDLE)).family
    except WeightsError:
        return ""


def find_lack(capability: Capability) -> str:
    """Say why a thing can't be done here, in a sentence; empty where it can."""
    if capability in find_abilities():
        return ""
    return (
        f"The installed model can't {WORDS[capability]}. Ask an admin for a model that "
        "can."
    )


def require(capability: Capability) -> None:
    """Refuse what the installed engine can't do, before anything is queued.

    Raises:
        UnsupportedError: it can't; the message is fit to show.
    """
    if lack := find_lack(capability):
        raise UnsupportedError(lack)


def find_control(
    *, has_mask: bool = False, factor: float | None = None
) -> ControlKind | Literal[""]:
    """Name the ControlNet that helps with an edit here; empty where there is none.

    An engine of one's own is left to draw such pictures in its own way.
    """
    if settings.ENGINE not in (CASCADE, FAKE):
        return ""
    return choose_control(find_abilities(), has_mask=has_mask, factor=factor) or ""
