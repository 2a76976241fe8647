"""Keeps image embeddings as bytes that any worker of the same model family can decode.

The bytes are a safetensors file. Its one metadata value is JSON, because the order of
several values is not fixed and the same request must give the same bytes.
"""

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from brandgen.engine.protocol import InvalidRequestError, check_side

Floats = NDArray[np.float32]

FORMAT = "brandgen.image-embeddings/1"
METADATA_KEY = "brandgen"
LARGEST_SIZE_BYTES = 4 * 2**20
LARGEST_HEADER_BYTES = 64 * 2**10

# Pixels on one side of a cell of the image embeddings.
# Source: `resolution_multiple` of the prior pipeline in diffusers 0.42.1.
CELL_SIDE_PX = 42.67

TENSOR_NAMES = frozenset({"image", "prompt", "negative_prompt"})


@dataclass(frozen=True)
class ImageEmbeddings:
    """What the prior hands to the decoder, for one image."""

    image: Floats
    """Shape (1, channels, rows, columns); the prior's output."""
    prompt: Floats
    """Shape (1, 1, width): the prompt's pooled text embedding."""
    negative_prompt: Floats
    """Shape (1, 1, width): the same of the negative prompt."""
    width_px: int
    height_px: int
    family: str
    model: str
    """Name and revision of the model, for people."""


def count_cells(side_px: int) -> int:
    """Say how many cells the image embeddings have along a side."""
    return math.ceil(side_px / CELL_SIDE_PX)


def write_embeddings(embeddings: ImageEmbeddings) -> bytes:
    """Write image embeddings to bytes; equal embeddings give equal bytes."""
    metadata = {
        "format": FORMAT,
        "family": embeddings.family,
        "model": embeddings.model,
        "width_px": embeddings.width_px,
        "height_px": embeddings.height_px,
    }
    tensors = {name: getattr(embeddings, name) for name in sorted(TENSOR_NAMES)}
    data: bytes = safetensors.numpy.save(
        {
            name: np.ascontiguousarray(value, np.float32)
            for name, value in tensors.items()
        },
        metadata={METADATA_KEY: json.dumps(metadata, sort_keys=True)},
    )
    return data


def read_embeddings(data: bytes, *, family: str) -> ImageEmbeddings:
    """Read image embeddings that a model of this family can decode.

    Raises:
        InvalidRequestError: damaged, of another family, or with impossible values.
    """
    metadata = _read_metadata(data)
    found_family = metadata.get("family")
    if found_family != family:
        raise InvalidRequestError(
            f"The image embeddings are of the model family {found_family!r}; this "
            f"engine decodes {family!r}. Run the prior again with this engine."
        )
    width_px, height_px = metadata.get("width_px"), metadata.get("height_px")
    if not isinstance(width_px, int) or not isinstance(height_px, int):
        raise _damaged("they state no size")
    check_side("width", width_px)
    check_side("height", height_px)
    try:
        tensors: dict[str, Any] = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _damaged(str(error)) from error
    if tensors.keys() != TENSOR_NAMES:
        raise _damaged(f"they hold {sorted(tensors)}, not {sorted(TENSOR_NAMES)}")
    embeddings = ImageEmbeddings(
        **tensors,
        width_px=width_px,
        height_px=height_px,
        family=family,
        model=str(metadata.get("model", "")),
    )
    _check_tensors(embeddings)
    return embeddings


def _check_tensors(embeddings: ImageEmbeddings) -> None:
    for name in sorted(TENSOR_NAMES):
        value = getattr(embeddings, name)
        if value.dtype != np.float32:
            raise _damaged(f"{name!r} is {value.dtype}, not float32")
        if not np.isfinite(value).all():
            raise _damaged(f"{name!r} holds values that are no numbers")
    rows, columns = (
        count_cells(embeddings.height_px),
        count_cells(embeddings.width_px),
    )
    shape = embeddings.image.shape
    if len(shape) != 4 or shape[0] != 1 or shape[2:] != (rows, columns):
        raise _damaged(
            f"'image' has the shape {shape}; {embeddings.width_px} x "
            f"{embeddings.height_px} px need (1, channels, {rows}, {columns})"
        )
    for name in ("prompt", "negative_prompt"):
        shape = getattr(embeddings, name).shape
        if len(shape) != 3 or shape[:2] != (1, 1):
            raise _damaged(f"{name!r} has the shape {shape}, not (1, 1, width)")
    if embeddings.prompt.shape != embeddings.negative_prompt.shape:
        raise _damaged("'prompt' and 'negative_prompt' differ in width")


def _read_metadata(data: bytes) -> dict[str, Any]:
    # A safetensors file starts with the length of its JSON header, 64 bits, low first.
    if not 8 < len(data) <= LARGEST_SIZE_BYTES:
        raise _damaged(
            f"they are {len(data)} bytes, not 9 to {LARGEST_SIZE_BYTES} bytes"
        )
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(len(data) - 8, LARGEST_HEADER_BYTES):
        raise _damaged(f"their header claims {length} bytes")
    try:
        header = json.loads(data[8 : 8 + length])
        metadata = json.loads(header["__metadata__"][METADATA_KEY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged("their header can't be read") from error
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise _damaged(f"their format is not {FORMAT!r}")
    return metadata


def _damaged(reason: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"The image embeddings can't be used: {reason}. Run the prior again."
    )
