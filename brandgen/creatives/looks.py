"""A preview as a page shows it: the picture itself, and what is wrong with it."""

import base64
from collections.abc import Collection, Mapping
from types import MappingProxyType

from brandgen.compositor import Document, Finding, Verdict
from brandgen.compositor.document import TextSlot
from brandgen.compositor.layers import each_layer
from brandgen.compositor.parts import Data, find_empty
from brandgen.compositor.torture import OF_THE_FILLING
from brandgen.creatives.rendering import Preview


def as_data_url(preview: Preview) -> str:
    """Return the picture as an address that holds it: no copy stands in a log."""
    picture = base64.b64encode(preview.picture).decode("ascii")
    return f"data:image/jpeg;base64,{picture}"


def find_bad(
    preview: Preview,
    document: Document,
    texts: Mapping[str, str],
    images: Collection[str],
    *,
    data: Data = MappingProxyType({}),
) -> list[Finding]:
    """List what the checks found in what was filled in, errors first.

    What they say of an example, where a slot is empty yet, is nobody's mistake.
    """
    empty = _places_of_empty(document, texts, images)
    for part in find_empty(document.parts, data):
        empty |= {part.owner, part.key}
    bad = [
        finding
        for finding in preview.findings
        if finding.verdict != Verdict.PASS
        and not (finding.rule in OF_THE_FILLING and finding.place in empty)
    ]
    return sorted(bad, key=lambda finding: finding.verdict != Verdict.FAIL)


def _places_of_empty(
    document: Document, texts: Mapping[str, str], images: Collection[str]
) -> set[str]:
    empty = {
        name
        for name, slot in document.slots.items()
        if name not in (texts if isinstance(slot, TextSlot) else images)
    }
    places = slots_by_place(document)
    return empty | {place for place, slot in places.items() if slot in empty}


def slots_by_place(document: Document) -> dict[str, str]:
    """Return which slot each layer shows, by the layer's name."""
    layers = each_layer(document.layers)
    return {layer.id: slot for _, layer, _ in layers if (slot := _slot_of(layer))}


def _slot_of(layer: object) -> str:
    slot = getattr(layer, "slot", None)
    return slot if isinstance(slot, str) else ""
