"""Keeps what one stage hands to the next as bytes that any worker can take up."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import check_side
from brandgen.engine.tensor_file import (
    DamagedFileError,
    Floats,
    read_tensor_metadata,
    read_tensors,
    write_tensor_file,
)

FORMAT = "brandgen.image-embeddings/2"
READABLE_FORMATS = frozenset({FORMAT, "brandgen.image-embeddings/1"})
PROMPT_FORMAT = "brandgen.prompt-embeddings/1"

# Pixels on one side of a cell of the image embeddings.
# Source: `resolution_multiple` of the prior pipeline in diffusers 0.42.1.
CELL_SIDE_PX = 42.67

TENSOR_NAMES = frozenset({"image", "prompt", "negative_prompt"})
PROMPT_TENSOR_NAMES = frozenset(
    {"tokens", "pooled", "negative_tokens", "negative_pooled"}
)


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
    made_with: Mapping[str, Any] = field(default_factory=dict)
    """Settings and hashes by name, as JSON: what it takes to make them again."""


@dataclass(frozen=True)
class EncodedPrompts:
    """What the text encoder hands to the prior: a prompt and its negative."""

    tokens: Floats
    """Shape (1, tokens, width): the last hidden state, before the final norm."""
    pooled: Floats
    """Shape (1, 1, width): the projected state at the end token."""
    negative_tokens: Floats
    negative_pooled: Floats
    family: str


def count_cells(side_px: int) -> int:
    """Say how many cells the image embeddings have along a side."""
    return math.ceil(side_px / CELL_SIDE_PX)


def write_embeddings(embeddings: ImageEmbeddings) -> bytes:
    """Write image embeddings to bytes; equal embeddings give equal bytes."""
    return write_tensor_file(
        {name: getattr(embeddings, name) for name in TENSOR_NAMES},
        {
            "format": FORMAT,
            "family": embeddings.family,
            "model": embeddings.model,
            "width_px": embeddings.width_px,
            "height_px": embeddings.height_px,
            "made_with": dict(embeddings.made_with),
        },
    )


def read_embeddings(data: bytes, *, family: str) -> ImageEmbeddings:
    """Read image embeddings that a model of this family can decode.

    Raises:
        InvalidRequestError: damaged, of another family, or with impossible values.
    """
    try:
        metadata = read_tensor_metadata(data, formats=READABLE_FORMATS)
        width_px, height_px = metadata.get("width_px"), metadata.get("height_px")
        if not isinstance(width_px, int) or not isinstance(height_px, int):
            raise DamagedFileError("they state no size")
        _check_family(metadata, family, "image embeddings", "Run the prior again")
        check_side("width", width_px)
        check_side("height", height_px)
        made_with = metadata.get("made_with", {})
        if not isinstance(made_with, dict):
            raise DamagedFileError("they state no settings")
        embeddings = ImageEmbeddings(
            **read_tensors(data, names=TENSOR_NAMES),
            width_px=width_px,
            height_px=height_px,
            family=family,
            model=str(metadata.get("model", "")),
            made_with=made_with,
        )
        _check_shapes(embeddings)
    except DamagedFileError as error:
        raise InvalidRequestError(
            f"The image embeddings can't be used: {error}. Run the prior again."
        ) from error
    return embeddings


def write_prompts(prompts: EncodedPrompts) -> bytes:
    """Write prompt embeddings to bytes; equal embeddings give equal bytes."""
    return write_tensor_file(
        {name: getattr(prompts, name) for name in PROMPT_TENSOR_NAMES},
        {"format": PROMPT_FORMAT, "family": prompts.family},
    )


def read_prompts(data: bytes, *, family: str) -> EncodedPrompts:
    """Read prompt embeddings that a model of this family understands.

    Raises:
        InvalidRequestError: damaged, of another family, or with impossible values.
    """
    try:
        metadata = read_tensor_metadata(data, formats={PROMPT_FORMAT})
        _check_family(metadata, family, "prompt embeddings", "Encode the prompt again")
        prompts = EncodedPrompts(
            **read_tensors(data, names=PROMPT_TENSOR_NAMES), family=family
        )
        tokens, pooled = prompts.tokens.shape, prompts.pooled.shape
        if len(tokens) != 3 or tokens[0] != 1 or prompts.negative_tokens.ndim != 3:
            raise DamagedFileError(f"'tokens' has the shape {tokens}")
        if len(pooled) != 3 or pooled[:2] != (1, 1):
            raise DamagedFileError(f"'pooled' has the shape {pooled}")
        if (prompts.negative_tokens.shape, prompts.negative_pooled.shape) != (
            tokens, pooled,
        ):  # fmt: skip
            raise DamagedFileError("the prompt and the negative prompt differ in shape")
    except DamagedFileError as error:
        raise InvalidRequestError(
            f"The prompt embeddings can't be used: {error}. Encode the prompt again."
        ) from error
    return prompts


def hash_bytes(data: bytes) -> str:
    """Compute the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def _check_family(metadata: Mapping[str, Any], family: str, what: str, do: str) -> None:
    found = metadata.get("family")
    if found != family:
        raise InvalidRequestError(
            f"The {what} are of the model family {found!r}; this engine reads "
            f"{family!r}. {do} with this engine."
        )


def _check_shapes(embeddings: ImageEmbeddings) -> None:
    rows, columns = (
        count_cells(embeddings.height_px),
        count_cells(embeddings.width_px),
    )
    shape = embeddings.image.shape
    if len(shape) != 4 or shape[0] != 1 or shape[2:] != (rows, columns):
        raise DamagedFileError(
            f"'image' has the shape {shape}; {embeddings.width_px} x "
            f"{embeddings.height_px} px need (1, channels, {rows}, {columns})"
        )
    for name in ("prompt", "negative_prompt"):
        shape = getattr(embeddings, name).shape
        if len(shape) != 3 or shape[:2] != (1, 1):
            raise DamagedFileError(f"{name!r} has the shape {shape}, not (1, 1, width)")
    if embeddings.prompt.shape != embeddings.negative_prompt.shape:
        raise DamagedFileError("'prompt' and 'negative_prompt' differ in width")
