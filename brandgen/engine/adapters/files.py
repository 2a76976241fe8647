"""Reads adapter files that nobody vouches for, and writes our own."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from brandgen.engine.adapters.formats import (
    METADATA_KEY,
    Change,
    Format,
    Network,
    Plan,
    make_plan,
)
from brandgen.engine.adapters.names import Layers
from brandgen.engine.errors import AdapterError, PickledWeightsError
from brandgen.engine.licenses import read_license
from brandgen.engine.protocol import ModelLicense
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tensor_header import (
    Header,
    HeaderError,
    PickleError,
    parse_header,
    read_header,
)

FORMAT = "brandgen.adapter/1"
LARGEST_ADAPTER_BYTES = 2 * 2**30
"""Rank 128 on all attention of the prior of 3.6 billion weights is 270 MB."""
MOST_TOKENS = 16
TOKEN_NAME = re.compile(r"[a-z0-9][a-z0-9 _-]{0,39}")
MOST_VECTORS = 16

FLOAT_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


@dataclass(frozen=True, eq=False)
class Pair:
    """One layer's change: `scale * up @ down` is added to its weight."""

    down: Floats
    """Shape (rank, columns)."""
    up: Floats
    """Shape (rows, rank)."""
    scale: float = 1.0

    @property
    def rank(self) -> int:
        """How many directions it changes."""
        return len(self.down)


@dataclass(frozen=True)
class AdapterCard:
    """What an adapter says about itself; only our own format says anything."""

    name: str
    family: str = ""
    """The model family it was trained for; empty where the file does not say."""
    license: ModelLicense | None = None
    training: str = ""
    """What it was trained on and how, for people."""


@dataclass(frozen=True, eq=False)
class LoadedAdapter:
    """An adapter in memory, held to the shapes of a model."""

    card: AdapterCard
    format: Format
    sha256: str
    size_bytes: int
    changes: Mapping[Network, Mapping[str, Pair]] = field(repr=False)
    """By network, then by the name of the layer."""
    tokens: Mapping[str, Floats] = field(repr=False)
    """The word that a prompt writes in brackets, to its vectors (1 or more, width)."""

    @property
    def ranks(self) -> list[int]:
        """Which ranks its changes have, ascending."""
        pairs = [pair for layers in self.changes.values() for pair in layers.values()]
        return sorted({pair.rank for pair in pairs})


def read_adapter(
    path: Path, layers: Layers, *, sha256: str = "", words: Sequence[str] = ()
) -> LoadedAdapter:
    """Read an adapter for a model whose layers are known.

    The bytes that are hashed are those that are used: the file is read once. `words`
    name what a file of the official repository teaches by number alone.

    Raises:
        PickledWeightsError: the file is a pickle.
        AdapterError: it can't be read, has another hash, another format or other
            shapes, or holds values that are no numbers.
    """
    name = path.name
    data, header = _read_whole(path)
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256.lower():
        raise AdapterError(
            f"The adapter {name} is another file than the one asked for: its SHA-256 "
            f"is {found[:12]}…, not {sha256[:12]}…. Put that file back, or choose the "
            "adapter anew."
        )
    card = read_card(header, path)
    if card.family and card.family != layers.family:
        raise AdapterError(
            f"The adapter {name} was made for the model family {card.family!r}; this "
            f"model is {layers.family!r}. Use an adapter of this family."
        )
    plan = make_plan(header, layers, name, words=words)
    values = _Values(memoryview(data), header, name)
    changes: dict[Network, dict[str, Pair]] = {"prior": {}, "text_encoder": {}}
    for change in plan.changes:
        changes[change.network][change.layer] = values.read_pair(change)
    return LoadedAdapter(
        card=card,
        format=plan.format,
        sha256=found,
        size_bytes=len(data),
        changes=changes,
        tokens=_read_tokens(plan, values, layers, name),
    )


def read_card(header: Header, path: Path) -> AdapterCard:
    """Read what an adapter says about itself, if anything.

    Raises:
        AdapterError: it says what can't be understood.
    """
    if METADATA_KEY not in header.metadata:
        return AdapterCard(path.stem)
    try:
        data = json.loads(header.metadata[METADATA_KEY])
        if data.pop("format") != FORMAT:
            raise ValueError(f"the format is not {FORMAT!r}")
        license_data = data.pop("license")
        card = AdapterCard(
            license=read_license(license_data) if license_data else None, **data
        )
        for text in (card.name, card.family, card.training):
            if not isinstance(text, str) or len(text) > 2000:
                raise TypeError("a value is no text of at most 2000 characters")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AdapterError(
            f"The adapter {path.name} says about itself what can't be understood: "
            f"{str(error)[:200]}. Write it with this version of brandgen."
        ) from error
    return card


def save_adapter(
    path: Path,
    card: AdapterCard,
    changes: Mapping[Network, Mapping[str, Pair]],
    tokens: Mapping[str, Floats] | None = None,
    *,
    dtype: type[np.floating[Any]] = np.float32,
) -> str:
    """Write an adapter in our format and return its SHA-256 in hex.

    Each scale is written into the `up` half, so that peft reads the same with an alpha
    that is the rank. Equal content gives equal bytes.

    Raises:
        AdapterError: a learned token has a name that a prompt can't write.
    """
    tensors: dict[str, Floats] = {}
    for network, layers in changes.items():
        prefix = "text_encoder." if network == "text_encoder" else ""
        for layer, pair in layers.items():
            key = f"{prefix}base_model.model.{layer}.lora_"
            tensors[f"{key}A.weight"] = pair.down
            tensors[f"{key}B.weight"] = pair.up * np.float32(pair.scale)
    for name, vectors in (tokens or {}).items():
        check_token_name(name, path.name)
        tensors[f"tokens.{name}"] = np.atleast_2d(vectors)
    data = safetensors.numpy.save(
        {key: np.ascontiguousarray(tensors[key], dtype) for key in sorted(tensors)},
        metadata={
            METADATA_KEY: json.dumps({"format": FORMAT, **asdict(card)}, sort_keys=True)
        },
    )
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def check_token_name(name: str, where: str) -> None:
    """Refuse a learned token that a prompt can't write as `[name]`.

    Raises:
        AdapterError: other characters, or too many.
    """
    if not TOKEN_NAME.fullmatch(name):
        raise AdapterError(
            f"The adapter {where} names a token {name[:60]!r}. Use 1 to 40 small "
            "letters, digits, spaces, - and _."
        )


def _read_whole(path: Path) -> tuple[bytes, Header]:
    """Read a file and its header, after a look at its size and its header alone."""
    with _naming(path):
        read_adapter_header(path)
        data = path.read_bytes()
        return data, parse_header(data)  # of the bytes that are used, read once more


def read_adapter_header(path: Path) -> Header:
    """Read the header of a file that should be an adapter.

    Raises:
        PickledWeightsError: the file is a pickle.
        AdapterError: it can't be read, or is larger than any adapter.
    """
    with _naming(path):
        header = read_header(path)
        last = max(place.end for place in header.tensors.values())
        if header.data_start + last > LARGEST_ADAPTER_BYTES:
            most = LARGEST_ADAPTER_BYTES // 2**30
            raise HeaderError(f"it is over {most} GiB, more than any adapter")
    return header


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say of which adapter a header is no good."""
    try:
        yield
    except PickleError as error:
        raise PickledWeightsError(
            f"The adapter {path.name} can't be used: {error}."
        ) from error
    except (HeaderError, OSError) as error:
        raise AdapterError(
            f"The adapter {path.name} can't be used: {error}. Check the path, or fetch "
            "the file again."
        ) from error


@dataclass(frozen=True)
class _Values:
    """The values of one file, read where its header says that they are."""

    data: memoryview
    header: Header
    name: str

    def read(self, key: str) -> Floats:
        """Read one tensor as float32."""
        place = self.header.tensors[key]
        start = self.header.data_start
        raw = self.data[start + place.start : start + place.end]
        if place.dtype == "BF16":
            # bfloat16 is the upper half of float32.
            wide = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
            values = wide.view(np.float32)
        elif place.dtype in FLOAT_TYPES:
            with np.errstate(over="ignore"):  # found below
                values = np.frombuffer(raw, FLOAT_TYPES[place.dtype]).astype(np.float32)
        else:
            raise AdapterError(
                f"The adapter {self.name} holds {key[:80]!r} as {place.dtype}. Save it "
                "as float32, float16 or bfloat16."
            )
        if not np.isfinite(values).all():
            raise AdapterError(
                f"The adapter {self.name} holds values in {key[:80]!r} that are no "
                "numbers. Its training failed: train it again."
            )
        return values.reshape(place.shape)

    def read_pair(self, change: Change) -> Pair:
        """Read one layer's change."""
        down = self.read(change.down)
        down = down.reshape(down.shape[0], -1)
        up = self.read(change.up)
        up = up.reshape(up.shape[0], -1)
        if change.third is not None:
            up = np.split(up, 3)[change.third]
        rank = down.shape[0]
        alpha = change.alpha
        if isinstance(alpha, str):
            value = self.read(alpha)
            if value.size != 1:
                raise AdapterError(
                    f"The adapter {self.name} holds {value.size} values for "
                    f"{alpha[:80]!r}, not one. Fetch or train it again."
                )
            alpha = float(value.reshape(()))
        return Pair(down, up, 1.0 if alpha is None else alpha / rank)


def _read_tokens(
    plan: Plan, values: _Values, layers: Layers, name: str
) -> dict[str, Floats]:
    if len(plan.tokens) > MOST_TOKENS:
        raise AdapterError(
            f"The adapter {name} teaches {len(plan.tokens)} words, not at most "
            f"{MOST_TOKENS}. Split it."
        )
    tokens = {}
    for token, place in plan.tokens.items():
        check_token_name(token, name)
        vectors = np.atleast_2d(values.read(place.key))
        if place.row is not None:
            vectors = vectors[place.row : place.row + 1]
        if (
            vectors.ndim != 2
            or vectors.shape[1] != layers.token_width
            or not 1 <= len(vectors) <= MOST_VECTORS
        ):
            raise AdapterError(
                f"The adapter {name} teaches [{token}] by values of shape "
                f"{vectors.shape}; this model reads 1 to {MOST_VECTORS} of "
                f"{layers.token_width}. Use an adapter of {layers.family!r}."
            )
        tokens[token] = vectors
    return tokens
