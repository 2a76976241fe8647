"""What a filled template says, without drawing it: the values and the bound texts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from brandgen.compositor.bindings import BindingError, bind, holds, names_in
from brandgen.compositor.document import Document, TextSlot
from brandgen.compositor.layers import (
    CONTAINERS,
    Layer,
    TableLayer,
    TextLayer,
    each_text,
)
from brandgen.compositor.parts import Data


def values_of(
    document: Document,
    texts: Mapping[str, str],
    images: Collection[str],
    data: Data,
    format_name: str,
    locale: str,
) -> dict[str, Any]:
    """Give what bindings see: slots, data over its examples, format, locale, page."""
    slots = {
        name: texts.get(name, "")
        if isinstance(slot, TextSlot)
        else "1"
        if name in images
        else ""
        for name, slot in document.slots.items()
    }
    shown = {
        name: {**examples, **data.get(name, {})}
        for name, examples in document.data.items()
    }
    found = {**texts, **slots, **shown, "format": format_name, "locale": locale}
    if document.page:
        found["page"] = {
            "number": document.page_number,
            "count": len(document.pages),
            "name": document.page.name,
        }
    return found


def read_bound(
    document: Document,
    *,
    format_name: str,
    texts: Mapping[str, str],
    images: Collection[str] = (),
    data: Data,
    locale: str = "",
) -> tuple[str, ...]:
    """Give the words of the texts that print data, from back to front, each once."""
    if not document.data:
        return ()
    values = values_of(document, texts, images, data, format_name, locale)
    keys = {part.key for part in document.parts}
    layers = document.layers_in(format_name, locale)
    found = (" ".join(text.split()) for text in _read(layers, values, keys))
    return tuple(dict.fromkeys(filter(None, found)))


def _read(
    layers: Sequence[Layer], values: Mapping[str, Any], keys: Collection[str]
) -> Iterator[str]:
    for layer in layers:
        if layer.hidden or not _meets(layer, values):
            continue
        if isinstance(layer, TextLayer | TableLayer):
            for _, text in each_text(layer):
                if not names_in(text).isdisjoint(keys):
                    yield _bound(text, values)
        if isinstance(layer, CONTAINERS):
            yield from _read(layer.children, values, keys)


def _meets(layer: Layer, values: Mapping[str, Any]) -> bool:
    try:
        return layer.visible_if is None or holds(layer.visible_if, values)
    except BindingError:
        return False


def _bound(text: str, values: Mapping[str, Any]) -> str:
    try:
        return bind(text, values)
    except BindingError:
        return ""
