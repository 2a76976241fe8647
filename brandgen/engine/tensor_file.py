"""Writes tensors to bytes and reads them back from bytes that nobody vouches for.

The bytes are a safetensors file. Its one metadata value is JSON, because the order of
several values is not fixed and equal content must give equal bytes.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.tensor_header import HeaderError, parse_header

Floats = NDArray[np.float32]

METADATA_KEY = "brandgen"
LARGEST_SIZE_BYTES = 4 * 2**20
LARGEST_HEADER_BYTES = 64 * 2**10


class DamagedFileError(InvalidRequestError):
    """Bytes are not the tensors that they should be. The message is the reason."""


def write_tensor_file(
    tensors: Mapping[str, Floats], metadata: Mapping[str, Any]
) -> bytes:
    """Write tensors as float32 with JSON metadata."""
    data: bytes = safetensors.numpy.save(
        {
            name: np.ascontiguousarray(value, np.float32)
            for name, value in sorted(tensors.items())
        },
        metadata={METADATA_KEY: json.dumps(dict(metadata), sort_keys=True)},
    )
    return data


def read_tensor_metadata(data: bytes, *, formats: Collection[str]) -> dict[str, Any]:
    """Read the metadata, after checking all that it rests on.

    Raises:
        DamagedFileError: too large, no safetensors file, or of another format.
    """
    if not 8 < len(data) <= LARGEST_SIZE_BYTES:
        raise DamagedFileError(
            f"they are {len(data)} bytes, not 9 to {LARGEST_SIZE_BYTES} bytes"
        )
    try:
        header = parse_header(data, largest_bytes=LARGEST_HEADER_BYTES)
        metadata = json.loads(header.metadata[METADATA_KEY])
    except HeaderError as error:
        raise DamagedFileError(f"as a file, {error}") from error
    except (ValueError, KeyError, RecursionError) as error:
        raise DamagedFileError("their metadata can't be read") from error
    if not isinstance(metadata, dict) or metadata.get("format") not in formats:
        raise DamagedFileError(f"their format is not {max(formats)!r}")
    return metadata


def read_tensors(data: bytes, *, names: Collection[str]) -> dict[str, Floats]:
    """Read the tensors of bytes whose metadata was read.

    Raises:
        DamagedFileError: other tensors, not float32, or values that are no numbers.
    """
    try:
        tensors: dict[str, Any] = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(str(error)) from error
    if tensors.keys() != set(names):
        raise DamagedFileError(f"they hold {sorted(tensors)}, not {sorted(names)}")
    for name, value in sorted(tensors.items()):
        if value.dtype != np.float32:
            raise DamagedFileError(f"{name!r} is {value.dtype}, not float32")
        if not np.isfinite(value).all():
            raise DamagedFileError(f"{name!r} holds values that are no numbers")
    return tensors
