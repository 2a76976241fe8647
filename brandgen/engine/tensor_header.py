"""Reads the header of a safetensors file before a byte of the rest is trusted.

A safetensors file is the length of its header (8 bytes, low byte first), the header
(JSON: each tensor's type, shape and place), then the values, without a gap. Nothing is
mapped into memory here, and nothing is made room for that the file does not hold.
"""

import json
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from brandgen.engine.errors import EngineError

LARGEST_HEADER_BYTES = 8 * 2**20
"""The prior of 3.6 billion weights, 1,550 tensors, has a header of about 200 KB."""
MOST_TENSORS = 20_000
MOST_DIMENSIONS = 8
LONGEST_NAME = 500
LARGEST_SIDE = 2**40

# Source: the types that safetensors 0.8 names, less those below a byte.
SIZES_BYTES: dict[str, int] = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip

METADATA = "__metadata__"
PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})


class HeaderError(EngineError):
    """The header can't be trusted. The message is the reason, to follow a colon."""


class PickleError(HeaderError):
    """The file is a pickle, whatever its name says. The message is the reason."""


@dataclass(frozen=True)
class TensorPlace:
    """What the header says about one tensor."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    """First byte, counted from the end of the header."""
    end: int


@dataclass(frozen=True)
class Header:
    """A header whose every claim fits the file."""

    tensors: Mapping[str, TensorPlace]
    metadata: Mapping[str, str]
    data_start: int
    """Where the values begin, counted from the start of the file."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Each tensor's shape by its name."""
        return {name: place.shape for name, place in self.tensors.items()}


def read_header(path: Path) -> Header:
    """Read the header of a file.

    Raises:
        PickleError: it is a pickle.
        HeaderError: it can't be read, or its header claims what can't be.
    """
    if path.suffix.lower() in PICKLE_SUFFIXES:
        raise PickleError(describe_pickle())
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise HeaderError("it is no file")
        with path.open("rb") as file:
            size = path.stat().st_size
            first = file.read(8)
            length = _read_length(first, size, LARGEST_HEADER_BYTES)
            text = file.read(length)
    except OSError as error:
        raise HeaderError(f"it can't be read: {error.strerror or error}") from error
    return _parse(first, text, size)


def parse_header(data: bytes, *, largest_bytes: int = LARGEST_HEADER_BYTES) -> Header:
    """Read the header of a file that is in memory.

    Raises:
        PickleError: it is a pickle.
        HeaderError: the header claims what can't be.
    """
    length = _read_length(data[:8], len(data), largest_bytes)
    return _parse(data[:8], data[8 : 8 + length], len(data))


def describe_pickle() -> str:
    """Say why a pickle is refused and what to do."""
    return (
        "it is a pickle, which can run any code when it is read. Take the safetensors "
        "file of the same weights, or convert it on a machine that holds nothing of "
        "worth"
    )


def _read_length(first: bytes, size: int, largest: int) -> int:
    if len(first) < 8 or size < 10:
        raise HeaderError(f"it is {size} bytes, too few for a safetensors file")
    (length,) = struct.unpack("<Q", first)
    if 2 <= length <= min(size - 8, largest):
        return int(length)
    if _looks_pickled(first):
        raise PickleError(describe_pickle())
    if first == b"version ":
        raise HeaderError(
            "it is a pointer of Git LFS, not the file itself. Fetch that with `git lfs "
            "pull`"
        )
    raise HeaderError(
        f"its header claims {length} bytes; the file has {size}, and {largest} are the "
        "most for a header"
    )


def _looks_pickled(first: bytes) -> bool:
    # A pickle of protocol 2 to 5, or the zip archive that torch.save writes.
    return first[:4] == b"PK\x03\x04" or (first[0] == 0x80 and 2 <= first[1] <= 5)


def _parse(first: bytes, text: bytes, size: int) -> Header:
    try:
        values = json.loads(
            text.decode(), object_pairs_hook=_once, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise HeaderError("its header is nested too deep") from error
    except ValueError as error:  # no UTF-8 and no JSON are both of them
        if _looks_pickled(first):
            raise PickleError(describe_pickle()) from error
        raise HeaderError(f"its header is no JSON: {str(error)[:120]}") from error
    if not isinstance(values, dict) or text[:1] != b"{":
        raise HeaderError("its header is no JSON object")
    metadata = values.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str) for value in metadata.values()
    ):
        raise HeaderError("its metadata are not texts by name")
    if not 1 <= len(values) <= MOST_TENSORS:
        raise HeaderError(f"it names {len(values)} tensors, not 1 to {MOST_TENSORS}")
    tensors = {name: _read_place(name, value) for name, value in values.items()}
    _check_places(tensors, size - 8 - len(text))
    return Header(tensors, metadata, 8 + len(text))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise HeaderError(f"its header names {name[:80]!r} twice")
        values[name] = value
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise HeaderError(f"its header holds {name}, which is no number")


def _read_place(name: str, value: Any) -> TensorPlace:
    shown = repr(name[:80])
    if not 0 < len(name) <= LONGEST_NAME:
        raise HeaderError(f"a name has {len(name)} characters: {shown}")
    if not isinstance(value, dict) or value.keys() != {
        "dtype", "shape", "data_offsets",
    }:  # fmt: skip
        raise HeaderError(f"{shown} is not described by type, shape and place")
    dtype, shape, place = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in SIZES_BYTES:
        raise HeaderError(f"{shown} is of the unknown type {str(dtype)[:40]!r}")
    if (
        not _are_sizes(shape)
        or len(shape) > MOST_DIMENSIONS
        or max(shape, default=0) > LARGEST_SIDE
    ):
        raise HeaderError(f"{shown} has the impossible shape {str(shape)[:80]}")
    if not _are_sizes(place) or len(place) != 2 or place[0] > place[1]:
        raise HeaderError(f"{shown} lies at the impossible place {str(place)[:80]}")
    needed = SIZES_BYTES[dtype]
    for side in shape:
        needed *= side
    if place[1] - place[0] != needed:
        raise HeaderError(
            f"{shown} of {dtype} and shape {tuple(shape)} needs {needed} bytes; its "
            f"place has {place[1] - place[0]}"
        )
    return TensorPlace(dtype, tuple(shape), *place)


def _are_sizes(values: Any) -> bool:
    # JSON's true is an int to Python.
    return isinstance(values, list) and all(
        type(value) is int and value >= 0 for value in values
    )


def _check_places(tensors: Mapping[str, TensorPlace], data_bytes: int) -> None:
    """Refuse places that overlap, leave a gap or do not end where the file does."""
    reached = 0
    for name, place in sorted(
        tensors.items(), key=lambda pair: (pair[1].start, pair[1].end)
    ):
        if place.start != reached:
            what = "overlaps the one before" if place.start < reached else "has a gap"
            raise HeaderError(
                f"{name[:80]!r} {what}: it starts at byte {place.start}, not {reached}"
            )
        reached = place.end
    if reached != data_bytes:
        raise HeaderError(
            f"its tensors need {reached} bytes and the file holds {data_bytes}"
        )
