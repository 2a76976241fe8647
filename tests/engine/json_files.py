"""JSON files as nobody should write them."""

import json
import random
from copy import deepcopy
from typing import Any

from tests.engine.tensor_files import ODD_VALUES

INSERTS = (
    b"[" * 5000, b"{" * 5000, b'{"a":' * 3000, b"NaN", b"Infinity", b"-", b",", b'"',
    b"\\u", b"\xff\xfe", b"1" * 5000, b"1e999", b"\x00", b"null", b"{}", b"/**/",
)  # fmt: skip
ODDER_VALUES = (
    *ODD_VALUES, 2**20, 10**6, 999_983, 1e6, float("nan"), float("inf"), "../..",
    "/etc/passwd", "x" * 100_000, [1] * 1000, [[]] * 100, "os.system", "float16",
)  # fmt: skip


def mutate_json(data: bytes, rng: random.Random) -> bytes:
    """Damage a JSON file in one of many ways; most of them leave it JSON."""
    match rng.randrange(8):
        case 0:
            return data[: rng.randrange(len(data))]
        case 1:
            damaged = bytearray(data)
            damaged[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            return bytes(damaged)
        case 2:
            at = rng.randrange(len(data))
            return data[:at] + rng.choice(INSERTS) + data[at:]
        case _:
            return _edit(data, rng)


def _edit(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove or add values anywhere in it."""
    root = [json.loads(data)]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.choice(list(_containers(root)))
        key = rng.choice(list(place)) if isinstance(place, dict) else None
        odd = deepcopy(rng.choice(ODDER_VALUES))
        if key is None:
            place[rng.randrange(len(place))] = odd
        elif (change := rng.randrange(5)) == 0:
            del place[key]
        elif change == 1:
            place[f"{key}x"] = odd
        else:
            place[key] = odd
    return json.dumps(root[0]).encode()


def _containers(value: Any) -> Any:
    """Go through every list and object that holds something, the whole first."""
    if isinstance(value, (dict, list)) and value:
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from _containers(each)
