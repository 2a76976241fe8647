"""Safetensors files as nobody should write them."""

import json
import random
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any


def split(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Split a good file into its header and its values."""
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def join(header: object, values: bytes = b"") -> bytes:
    """Make a file of any header, as JSON or as text."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


@contextmanager
def rewriting(path: Path) -> Iterator[Callable[..., None]]:
    """Give a function that writes a file anew: opening it each time takes longer.

    It takes the file's beginning and its size; what is between takes no room.
    """
    with path.open("wb") as file:

        def rewrite(head: bytes, size: int | None = None) -> None:
            file.seek(0)
            file.write(head)
            file.truncate(len(head) if size is None else size)
            file.flush()

        yield rewrite


ODD_VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**31, 2**63, 2**64, 10**30, 1.5, -0.0, 1e308, "",
    "F32", "F64", "BF16", "F4", "I64", "\x00", "é" * 300, [], [0], [1, 2], [0, 2**63],
    [[1]], [2**40] * 8, [1] * 40, [-1, 4], [4, 2], ["1", "2"], {}, {"a": 1},
)  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Damage the head of a file in one of many ways."""
    change = rng.choice(CHANGES)
    return change(data, rng)


def _flip_bytes(data: bytes, rng: random.Random) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8, 64))):
        damaged[rng.randrange(8, min(8 + length, len(data)))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _lie_about_length(data: bytes, rng: random.Random) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    lies = (
        0, 1, 2, length - 1, length + 1, length // 2, length * 2, len(data) - 8,
        len(data), 2**31, 2**32 + length, 2**63 - 1, 2**63, 2**64 - 1,
        rng.randrange(2**64), rng.randrange(4 * length),
    )  # fmt: skip
    return struct.pack("<Q", rng.choice(lies)) + data[8:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    return data[: rng.randrange(rng.choice((9, length + 9, len(data))))]


def _lengthen(data: bytes, rng: random.Random) -> bytes:
    return data + rng.randbytes(rng.choice((1, 8, 4096)))


def _edit_json(data: bytes, rng: random.Random) -> bytes:
    header, values = split(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(list(header))
        odd = deepcopy(rng.choice(ODD_VALUES))
        place = header[name]
        match rng.randrange(7):
            case 0:
                header[name] = odd
            case 1 if isinstance(place, dict) and place:
                place[rng.choice(list(place))] = odd
            case 2 if isinstance(place, dict) and is_pair(place.get("data_offsets")):
                place["data_offsets"][rng.randrange(2)] += rng.choice((-4, -1, 1, 4))
            case 3 if isinstance(place, dict) and is_pair(place.get("shape")):
                place["shape"][rng.randrange(2)] = odd
            case 4:
                header[name + rng.choice(("x", "\x00", "/../x", " "))] = place
            case 5:
                header[f"new{rng.randrange(100)}"] = odd
            case _:
                del header[name]
        if not header:
            break
    return join(header, values)


def is_pair(value: object) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int]


def _edit_text(data: bytes, rng: random.Random) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    text, values = data[8 : 8 + length], data[8 + length :]
    at = rng.randrange(length)
    insert = rng.choice(
        (
            b"[" * 5000, b"{" * 5000, b'{"a":' * 3000, b"NaN", b"Infinity", b"-", b",",
            b'"', b"\\u", b"\xff\xfe", b"1" * 5000, b"1e999", b"\x00", text[:200],
        )
    )  # fmt: skip
    text = text[:at] + insert + text[at:]
    return struct.pack("<Q", len(text)) + text + values


def _replace_all(data: bytes, rng: random.Random) -> bytes:
    first = rng.choice(FOREIGN_STARTS)
    return first + rng.randbytes(rng.randrange(200))


FOREIGN_STARTS = (
    b"PK\x03\x04", b"\x80\x02", b"\x80\x04\x95", b"\x89HDF\r\n", b"GGUF", b"<html>",
    b"version https://git-lfs.github.com/spec/v1\n", b"", b"{}",
)  # fmt: skip

CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bytes, _flip_bytes, _lie_about_length, _cut, _lengthen, _edit_json,
    _edit_json, _edit_json, _edit_text, _replace_all,
)  # fmt: skip
