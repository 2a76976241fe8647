"""Writes down what a request asked for, small enough to keep with what it made."""

import hashlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brandgen.engine.layout import CONTROL_PARTS, Component
from brandgen.engine.requests import EncodeRequest, PriorRequest

NOT_RECORDED = frozenset({"prompt", "negative_prompt", "prompt_embeddings"})
"""Prompts stay in the house: embeddings travel, so they name them by hash only."""


def describe(request: PriorRequest | EncodeRequest) -> dict[str, Any]:
    """Return a request's settings as JSON: pictures and files by their SHA-256.

    What stands at its default is left out, so that new settings change no old record.
    """
    return {
        field.name: _plain(getattr(request, field.name))
        for field in fields(request)
        if field.name not in NOT_RECORDED
        and not _is_default(getattr(request, field.name), field.default)
    }


def parts_used(request: PriorRequest | EncodeRequest) -> list[Component]:
    """Name the parts of a bundle that decide what a request makes."""
    if isinstance(request, EncodeRequest):
        return ["semantic_encoder"]
    parts: list[Component] = ["prior"]
    if request.start is not None and not isinstance(request.start.source, bytes):
        parts.append("semantic_encoder")
    if request.references:
        parts += ["image_encoder", "feature_extractor"]
    if request.control is not None:
        parts.append(CONTROL_PARTS[request.control.kind])
        if request.control.kind == "super_resolution":
            parts.append("semantic_encoder")
    return list(dict.fromkeys(parts))


def hash_pixels(values: np.ndarray[Any, Any]) -> str:
    """Compute the SHA-256 of an array's shape and values, in hex."""
    head = f"{values.dtype} {values.shape}\n".encode()
    return hashlib.sha256(head + np.ascontiguousarray(values).tobytes()).hexdigest()


def _is_default(value: object, default: object) -> bool:
    return not isinstance(value, np.ndarray) and value == default


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return hash_pixels(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Path):
        return value.name
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in fields(value)
        }
    return value
