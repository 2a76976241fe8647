"""The parts of a template's data: which of them its texts need, and what fills them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from brandgen.compositor.bindings import named_in, printed_in
from brandgen.compositor.layers import CONTAINERS, Layer, each_text

Data = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Part:
    """A value that bindings name: `price` of `product`.

    `is_used` says that a layer names it; `is_needed` that one prints it without having
    tested it, so that a gap would be read.
    """

    owner: str
    name: str
    example: str
    is_used: bool
    is_needed: bool

    @property
    def key(self) -> str:
        """What forms, tables and addresses call it: "product.price"."""
        return f"{self.owner}.{self.name}"

    @property
    def label(self) -> str:
        """What people call it: "Product price"."""
        words = f"{self.owner} {self.name}".replace("_", " ").replace("-", " ")
        return words[:1].upper() + words[1:]


def list_parts(data: Data, layouts: Sequence[Sequence[Layer]]) -> tuple[Part, ...]:
    """Give every part of a template's data, with what its layouts do with it."""
    used: set[str] = set()
    needed: set[str] = set()
    for layers in layouts:
        _collect(layers, frozenset(), used, needed)
    return tuple(
        Part(
            owner,
            name,
            example,
            is_used=f"{owner}.{name}" in used,
            is_needed=f"{owner}.{name}" in needed,
        )
        for owner, parts in data.items()
        for name, example in parts.items()
    )


def _collect(
    layers: Sequence[Layer], tested: frozenset[str], used: set[str], needed: set[str]
) -> None:
    """Gather the names that layers use, and those that they print untested."""
    for layer in layers:
        if layer.hidden:
            continue
        condition = layer.visible_if or ""
        known = tested | named_in(condition, is_condition=True) if condition else tested
        used |= known
        for _, text in each_text(layer):
            used |= named_in(text)
            needed |= printed_in(text) - known
        if isinstance(layer, CONTAINERS):
            _collect(layer.children, known, used, needed)


def complete_data(parts: Sequence[Part], data: Data) -> dict[str, dict[str, str]]:
    """Give every part a value, an empty one where none was given: never the example."""
    whole = {name: dict(values) for name, values in data.items()}
    for part in parts:
        whole.setdefault(part.owner, {}).setdefault(part.name, "")
    return whole


def preview_data(parts: Sequence[Part], data: Data) -> dict[str, dict[str, str]]:
    """Give the values, with an example where a needed one is still missing."""
    whole = complete_data(parts, data)
    for part in parts:
        if part.is_needed and not whole[part.owner][part.name].strip():
            whole[part.owner][part.name] = part.example
    return whole


def find_empty(parts: Sequence[Part], data: Data) -> Iterator[Part]:
    """Yield the needed parts that have no value."""
    for part in parts:
        if part.is_needed and not data.get(part.owner, {}).get(part.name, "").strip():
            yield part


def merge_data(data: Data, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Put values by key, "product.price", over the data; other keys are passed over."""
    whole = {name: dict(parts) for name, parts in data.items()}
    for key, value in values.items():
        owner, dot, name = key.partition(".")
        if dot:
            whole.setdefault(owner, {})[name] = value
    return whole


def texts_in(texts: Mapping[str, str], localized: Data, locale: str) -> dict[str, str]:
    """Give the copy for a locale by slot, without the data that is its own too."""
    own = localized.get(locale, {})
    return {**texts, **{key: text for key, text in own.items() if "." not in key}}


def flat_data(data: Data) -> dict[str, str]:
    """Give the values by key: "product.price"."""
    return {
        f"{owner}.{name}": value
        for owner, parts in data.items()
        for name, value in parts.items()
    }
