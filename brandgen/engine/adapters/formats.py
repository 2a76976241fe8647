"""Recognizes the formats of adapter files by their key names.

Four are read. What each key changes is planned from the header alone and held to the
network's shapes, before a value is read.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from brandgen.engine.adapters.names import (
    Layers,
    Shape,
    attention_blocks,
    flat_names,
)
from brandgen.engine.errors import AdapterError
from brandgen.engine.tensor_header import Header

Format = Literal["brandgen", "peft", "official", "onetrainer"]
Network = Literal["prior", "text_encoder"]

FORMAT_WORDS: dict[Format, str] = {
    "brandgen": "brandgen (peft names with metadata)",
    "peft": "peft",
    "official": "the official Stable Cascade repository",
    "onetrainer": "OneTrainer or kohya",
}
METADATA_KEY = "brandgen"

PEFT = re.compile(
    r"(?P<text>text_encoder\.)?(?:prior\.|unet\.)?(?:base_model\.model\.)?"
    r"(?P<layer>.+?)\.lora_(?P<half>[AB])(?:\.default)?\.weight"
)
FLAT = re.compile(
    r"lora_(?:prior_)?(?P<network>unet|te)_(?P<layer>.+?)\."
    r"(?P<what>lora_down\.weight|lora_up\.weight|alpha)"
)
OFFICIAL = re.compile(r"weights\.(?P<number>\d+)\.lora_(?P<half>down|up)")
OFFICIAL_VECTORS = "embeddings.embeddings"
OFFICIAL_TOKENS = frozenset({OFFICIAL_VECTORS, "embeddings.indices"})
OWN_TOKEN = re.compile(r"tokens\.(?P<name>.+)")
FLAT_TOKEN = re.compile(r"bundle_emb\.[\[<]?(?P<name>.+?)[\]>]?\.clip_g")


@dataclass(frozen=True)
class Change:
    """One layer's change as it lies in the file: `up @ down`, times a scale."""

    network: Network
    layer: str
    down: str
    up: str
    alpha: float | str | None = None
    """A number, or the key that holds it; None is the rank, which scales by 1."""
    third: int | None = None
    """Which third of the rows of `up` is this layer's, from 0; None is all of them."""


@dataclass(frozen=True)
class Vectors:
    """Where the vectors of a learned word lie in the file."""

    key: str
    row: int | None = None
    """The one row that is the word's; None is all of them."""


@dataclass(frozen=True)
class Plan:
    """What a file changes."""

    format: Format
    changes: tuple[Change, ...]
    tokens: Mapping[str, Vectors]
    """By the word that a prompt writes in square brackets."""


def make_plan(
    header: Header, layers: Layers, name: str, *, words: Sequence[str] = ()
) -> Plan:
    """Say what a file changes in these layers.

    `words` are what a file of the official repository teaches, in the order of its
    training: it numbers them only.

    Raises:
        AdapterError: no known format, or it does not fit the layers.
    """
    found = recognize(header, name)
    if words and found != "official":
        raise AdapterError(
            f"The adapter {name} names its words itself. Leave --word out."
        )
    match found:
        case "official":
            plan = _plan_official(header, layers, name, words)
        case "onetrainer":
            plan = _plan_flat(header, layers, name)
        case _:
            plan = _plan_peft(header, layers, name, found)
    if not plan.changes and not plan.tokens:
        raise AdapterError(f"The adapter {name} changes nothing. Train it again.")
    for change in plan.changes:
        _check_shapes(change, header.shapes, layers, name)
    return plan


def recognize(header: Header, name: str) -> Format:
    """Say which format a file has.

    Raises:
        AdapterError: none that is known.
    """
    if METADATA_KEY in header.metadata:
        return "brandgen"
    for key in header.tensors:
        if OFFICIAL.fullmatch(key):
            return "official"
        if FLAT.match(key) or key.startswith("lora_prior_"):
            return "onetrainer"
        if PEFT.fullmatch(key):
            return "peft"
    raise AdapterError(
        f"The file {name} is no adapter that is known: its keys begin with "
        f"{_show(header.tensors)}. Known are the formats of "
        f"{', '.join(FORMAT_WORDS.values())}."
    )


def _plan_peft(header: Header, layers: Layers, name: str, kind: Format) -> Plan:
    halves: dict[tuple[Network, str], dict[str, str]] = {}
    tokens, unknown = {}, []
    for key in header.tensors:
        if found := PEFT.fullmatch(key):
            network: Network = "text_encoder" if found["text"] else "prior"
            halves.setdefault((network, found["layer"]), {})[found["half"]] = key
        elif kind == "brandgen" and (found := OWN_TOKEN.fullmatch(key)):
            tokens[found["name"]] = Vectors(key)
        else:
            unknown.append(key)
    _refuse_unknown(unknown, name)
    changes = [
        Change(network, layer, *_both(pair, ("A", "B"), f"{layer} of {name}"))
        for (network, layer), pair in halves.items()
    ]
    return Plan(kind, tuple(changes), tokens)


def _plan_flat(header: Header, layers: Layers, name: str) -> Plan:
    """Read names with underscores for dots, an alpha to each layer."""
    known: dict[Network, dict[str, str]] = {
        "prior": flat_names(layers.prior),
        "text_encoder": flat_names(layers.text_encoder),
    }
    found: dict[tuple[Network, str], dict[str, str]] = {}
    tokens, unknown = {}, []
    for key in header.tensors:
        match = FLAT.fullmatch(key)
        network: Network = "prior"
        if match and match["network"] == "te":
            network = "text_encoder"
        if match and match["layer"] in known[network]:
            layer = known[network][match["layer"]]
            what = match["what"].removesuffix(".weight")
            found.setdefault((network, layer), {})[what] = key
        elif match := FLAT_TOKEN.fullmatch(key):
            tokens[match["name"].lower()] = Vectors(key)
        else:
            unknown.append(key)
    _refuse_unknown(unknown, name)
    changes = [
        Change(
            network,
            layer,
            *_both(keys, ("lora_down", "lora_up"), f"{layer} of {name}"),
            alpha=keys.get("alpha"),
        )
        for (network, layer), keys in found.items()
    ]
    return Plan("onetrainer", tuple(changes), tokens)


def _plan_official(
    header: Header, layers: Layers, name: str, words: Sequence[str]
) -> Plan:
    """Read numbered changes: two to each attention, outputs before inputs.

    The numbers count the modules that `apply_lora(filters=[".attn"])` of the official
    repository changed, in the order of `modules()`: of a `MultiheadAttention` first
    its `out_proj`, then its `in_proj_weight`, which holds queries, keys and values.
    Its scale is 1 / rank: alpha is 1 there.
    """
    numbered: dict[int, dict[str, str]] = {}
    unknown = []
    for key in header.tensors:
        if match := OFFICIAL.fullmatch(key):
            numbered.setdefault(int(match["number"]), {})[match["half"]] = key
        elif key not in OFFICIAL_TOKENS:
            unknown.append(key)
    _refuse_unknown(unknown, name)
    rows = count_nameless(header)
    if rows != len(words):
        raise AdapterError(
            f"The number of words that the adapter {name} teaches without a name is "
            f"{rows}, and {len(words)} are named. Write it anew with all of them, in "
            "the order of its training: `python -m brandgen.engine adapter FILE --to "
            "OUT --word WORD`."
        )
    tokens = {word: Vectors(OFFICIAL_VECTORS, row) for row, word in enumerate(words)}
    return Plan("official", tuple(plan_attention(numbered, layers, name)), tokens)


def count_nameless(header: Header) -> int:
    """Count the words that a file of the official repository teaches."""
    shape = header.shapes.get(OFFICIAL_VECTORS, ())
    return shape[0] if shape else 0


def plan_attention(
    numbered: Mapping[int, Mapping[str, str]], layers: Layers, name: str
) -> Iterable[Change]:
    """Say which layers the numbered changes of the official repository are.

    Raises:
        AdapterError: there are more or fewer than this network's attention takes.
    """
    blocks = attention_blocks(layers.prior)
    if sorted(numbered) != list(range(2 * len(blocks))):
        raise AdapterError(
            f"The adapter {name} holds {len(numbered)} changes; the attention of this "
            f"model takes {2 * len(blocks)}. It was trained for another model, or with "
            "other module filters than '.attn'."
        )
    for index, block in enumerate(blocks):
        down, up = _both(numbered[2 * index], ("down", "up"), f"{block} of {name}")
        yield Change("prior", f"{block}.to_out.0", down, up, 1.0)
        down, up = _both(numbered[2 * index + 1], ("down", "up"), f"{block} of {name}")
        for third, part in enumerate(("to_q", "to_k", "to_v")):
            yield Change("prior", f"{block}.{part}", down, up, 1.0, third)


def _both(
    keys: Mapping[str, str], halves: tuple[str, str], what: str
) -> tuple[str, str]:
    for half in halves:
        if half not in keys:
            raise AdapterError(
                f"The adapter lacks one half, {half!r}, of its change to {what}. It is "
                "not whole: fetch or train it again."
            )
    first, second = halves
    return keys[first], keys[second]


def _refuse_unknown(keys: list[str], name: str) -> None:
    if not keys:
        return
    reason = "It was made for another model, or in another format"
    if any("dora_scale" in key or "hada_" in key or "lokr_" in key for key in keys):
        reason = "Only plain LoRA is read, not DoRA, LoHa or LoKr"
    raise AdapterError(
        f"The adapter {name} holds {len(keys)} keys that this model has no place for: "
        f"{_show(keys)}. {reason}."
    )


def _show(keys: Iterable[str]) -> str:
    return ", ".join(repr(key[:80]) for key in sorted(keys)[:3])


def _check_shapes(
    change: Change, shapes: Mapping[str, Shape], layers: Layers, name: str
) -> None:
    """Refuse a change whose product has not the shape of its layer's weight."""
    own = layers.prior if change.network == "prior" else layers.text_encoder
    weight = own.get(change.layer)
    if weight is None:
        raise AdapterError(
            f"The adapter {name} changes {change.layer[:80]!r} of the "
            f"{change.network.replace('_', ' ')}, which this model does not have. Use "
            f"an adapter of {layers.family!r}."
        )
    down, up = shapes[change.down], shapes[change.up]
    parts = 1 if change.third is None else 3
    fits = (
        len(down) >= 2
        and len(up) >= 2
        and down[0] == up[1] > 0
        and math.prod(up[2:]) == 1
        and (up[0], math.prod(down[1:])) == (weight[0] * parts, math.prod(weight[1:]))
    )
    if not fits:
        raise AdapterError(
            f"The adapter {name} changes {change.layer} by {up} times {down}; the "
            f"weight there has the shape {weight}. It was made for another model: use "
            f"an adapter of {layers.family!r}."
        )
