"""The parts of a template's data: which of them its texts need, and what fills them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from brandgen.compositor.bindings import compared_in, names_in, printed_in
from brandgen.compositor.layers import (
    CONTAINERS,
    AiLabelLayer,
    Layer,
    TableLayer,
    TextLayer,
    each_text,
)

Data = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Part:
    """A value that bindings name: `price` of `product`.

    `is_used` says that a layer names it; `is_needed` that one prints it without having
    tested it, so that a gap would be read; `is_words` that any words may stand there:
    it is printed, and neither compared with anything nor part of a code or a score.
    """

    owner: str
    name: str
    example: str
    is_used: bool
    is_needed: bool
    is_words: bool

    @property
    def key(self) -> str:
        """What forms, tables and addresses call it: "product.price"."""
        return f"{self.owner}.{self.name}"

    @property
    def label(self) -> str:
        """What people call it: "Product price"."""
        words = f"{self.owner} {self.name}".replace("_", " ").replace("-", " ")
        return words[:1].upper() + words[1:]


@dataclass
class _Uses:
    """The names that layers use, and how."""

    named: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)

    def collect(self, layers: Sequence[Layer], tested: frozenset[str]) -> None:
        for layer in layers:
            if layer.hidden:
                continue
            known = tested
            if condition := layer.visible_if:
                known |= names_in(condition, is_condition=True)
                self.exact |= compared_in(condition, is_condition=True)
            self.named |= known
            for _, text in each_text(layer):
                self._read(layer, text, known)
            if layer.link:
                # Without a value it leads nowhere: no gap is read.
                self.named |= names_in(layer.link)
                self.exact |= names_in(layer.link)
            if isinstance(layer, CONTAINERS):
                self.collect(layer.children, known)

    def _read(self, layer: Layer, text: str, known: frozenset[str]) -> None:
        named = names_in(text)
        self.named |= named
        self.needed |= printed_in(text) - known
        self.exact |= compared_in(text)
        if isinstance(layer, TextLayer | TableLayer | AiLabelLayer):
            self.printed |= named
        else:
            self.exact |= named


def list_parts(data: Data, layouts: Sequence[Sequence[Layer]]) -> tuple[Part, ...]:
    """Give every part of a template's data, with what its layouts do with it."""
    uses = _Uses()
    for layers in layouts:
        uses.collect(layers, frozenset())
    return tuple(
        Part(
            owner,
            name,
            example,
            is_used=key in uses.named,
            is_needed=key in uses.needed,
            is_words=key in uses.printed - uses.exact,
        )
        for owner, parts in data.items()
        for name, example in parts.items()
        for key in (f"{owner}.{name}",)
    )


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
