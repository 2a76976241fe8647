"""Says what an adapter is, by its header alone, and whether a model can use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from brandgen.engine.adapters.files import (
    AdapterCard,
    read_adapter,
    read_adapter_header,
    read_card,
)
from brandgen.engine.adapters.formats import (
    FLAT_TOKEN,
    OFFICIAL,
    OWN_TOKEN,
    Format,
    count_nameless,
    recognize,
)
from brandgen.engine.adapters.names import Layers
from brandgen.engine.errors import AdapterError, WeightsError
from brandgen.engine.tensor_header import Header

DOWN_HALVES = (".lora_A.weight", ".lora_A.default.weight", ".lora_down.weight")


@dataclass(frozen=True)
class AdapterFacts:
    """What an adapter is, whichever model it is for."""

    card: AdapterCard
    format: Format
    size_bytes: int
    layers: int
    """How many matrices it changes."""
    ranks: tuple[int, ...]
    """Which ranks its changes have, ascending."""
    words: tuple[str, ...]
    """What it teaches and a prompt writes in square brackets."""
    nameless: int
    """How many words it teaches by number alone, as the official repository does."""


def read_facts(path: Path) -> AdapterFacts:
    """Say what an adapter is.

    Raises:
        PickledWeightsError: the file is a pickle.
        AdapterError: it can't be read, or has no format that is known.
    """
    header = read_adapter_header(path)
    kind = recognize(header, path.name)
    downs = _find_downs(header, kind)
    return AdapterFacts(
        card=read_card(header, path),
        format=kind,
        size_bytes=path.stat().st_size,
        layers=sum(downs.values()),
        ranks=tuple(
            sorted({header.shapes[key][0] for key in downs if header.shapes[key]})
        ),
        words=_find_words(header, kind),
        nameless=count_nameless(header) if kind == "official" else 0,
    )


def find_misfit(path: Path, layers: Layers, *, words: Sequence[str] = ()) -> str:
    """Read a whole adapter as a model would; say why it can't be used, or nothing."""
    try:
        read_adapter(path, layers, words=words)
    except (AdapterError, WeightsError) as error:
        return str(error)
    return ""


def _find_downs(header: Header, kind: Format) -> dict[str, int]:
    """Return the key of each first half, with the number of matrices it is for."""
    if kind != "official":
        return {key: 1 for key in header.tensors if key.endswith(DOWN_HALVES)}
    # Of each attention first its output, then queries, keys and values in one.
    return {
        key: 3 if int(match["number"]) % 2 else 1
        for key in header.tensors
        if (match := OFFICIAL.fullmatch(key)) and match["half"] == "down"
    }


def _find_words(header: Header, kind: Format) -> tuple[str, ...]:
    pattern = {"brandgen": OWN_TOKEN, "onetrainer": FLAT_TOKEN}.get(kind)
    if pattern is None:
        return ()
    found = (pattern.fullmatch(key) for key in header.tensors)
    return tuple(match["name"].lower() for match in found if match)
