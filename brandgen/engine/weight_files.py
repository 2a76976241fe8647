"""Checks the files of a network before anything loads them.

Nothing here imports torch. A folder that passes holds safetensors files whose headers
are whole, an index (where the weights are in several files) that names what is there,
and a configuration that can't make a loader build more than the files hold.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brandgen.engine.errors import PickledWeightsError, WeightsError
from brandgen.engine.tensor_header import (
    PICKLE_SUFFIXES,
    Header,
    HeaderError,
    PickleError,
    describe_pickle,
    read_header,
)

INDEX_NAMES = "*.safetensors.index*.json"
LARGEST_JSON_BYTES = 4 * 2**20
LARGEST_NUMBER = 10**6
"""The largest whole number in a configuration of Stable Cascade is 49,408 (words)."""
LONGEST_LIST = 64
DEEPEST = 8

# Keys by which a configuration asks a loader for other code than the class at hand.
FOREIGN_CODE_KEYS = frozenset(
    {
        "auto_map", "custom_pipelines", "quantization_config", "attn_implementation",
        "_attn_implementation", "_attn_implementation_internal",
    }
)  # fmt: skip
COUNTS_LAYERS = re.compile(r"layers|blocks|levels|repeat")


def check_weight_files(folder: Path) -> dict[str, Header]:
    """Check all weights in a folder; return their headers by file name.

    Raises:
        PickledWeightsError: the weights are a pickle, whatever their name.
        WeightsError: there are none, or a file claims what can't be.
    """
    if folder.is_file():  # a single file of the original repository
        return {folder.name: check_weight_file(folder)}
    headers = {
        path.name: check_weight_file(path)
        for path in sorted(folder.glob("*.safetensors"))
    }
    if not headers:
        pickles = sorted(p for p in folder.iterdir() if p.suffix in PICKLE_SUFFIXES)
        for path in pickles:
            raise PickledWeightsError(
                f"The weights {path} can't be used: {describe_pickle()}."
            )
        raise WeightsError(
            f"The folder {folder} holds no weights: no file in it ends in "
            ".safetensors. Fetch the bundle again."
        )
    for path in sorted(folder.glob(INDEX_NAMES)):
        _check_index(path, headers)
    return headers


def check_config(folder: Path, headers: dict[str, Header]) -> None:
    """Refuse a configuration that no network of these weights can have.

    What differs in shape is found by the loader itself. This looks at what would let
    it run for hours, fill the memory or run code before it finds out.

    Raises:
        WeightsError: missing, no JSON, absurd, or it asks for foreign code.
    """
    path = folder / "config.json"
    config = _read_json(path, "configuration")
    if foreign := sorted(config.keys() & FOREIGN_CODE_KEYS):
        raise WeightsError(
            f"The configuration {path} asks for other code by {foreign[0]!r}. Remove "
            "that, or take weights that the plain class can read."
        )
    layers = 0
    for key, value in _walk(path, config):
        if isinstance(value, list) and len(value) > LONGEST_LIST:
            raise WeightsError(
                f"The configuration {path} lists {len(value)} values for {key!r}, not "
                f"at most {LONGEST_LIST}. Fetch the bundle again."
            )
        if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) > LARGEST_NUMBER:
                raise WeightsError(
                    f"The configuration {path} says {str(value)[:40]} for {key!r}, "
                    f"beyond {LARGEST_NUMBER}. Fetch the bundle again."
                )
            layers += value if COUNTS_LAYERS.search(key) else 0
    most = sum(len(header.tensors) for header in headers.values())
    if layers > most:
        raise WeightsError(
            f"The configuration {path} asks for {layers} layers and more; the weights "
            f"beside it hold {most} tensors. Fetch the bundle again."
        )


def check_weight_file(path: Path) -> Header:
    """Check a file of weights; return its header.

    Raises:
        PickledWeightsError: it is a pickle, whatever its name.
        WeightsError: it is missing, or claims what can't be.
    """
    try:
        return read_header(path)
    except PickleError as error:
        raise PickledWeightsError(
            f"The weights {path} can't be used: {error}."
        ) from error
    except HeaderError as error:
        raise WeightsError(
            f"The weights {path} can't be loaded: {error}. Fetch the bundle again."
        ) from error


def _check_index(path: Path, headers: dict[str, Header]) -> None:
    """Refuse an index that names files or tensors that are not there."""
    places = _read_json(path, "index").get("weight_map")
    if not isinstance(places, dict) or not places:
        raise WeightsError(
            f"The index {path} maps no tensors to files. Fetch the bundle again."
        )
    for name, file in places.items():
        if not isinstance(file, str) or Path(file).name != file:
            raise WeightsError(
                f"The index {path} points to {str(file)[:80]!r}, which is no file "
                "beside it. Fetch the bundle again."
            )
        if file not in headers:
            raise WeightsError(
                f"The index {path} names {file[:80]!r}, which is missing. Fetch the "
                "bundle again."
            )
        if name not in headers[file].tensors:
            raise WeightsError(
                f"The index {path} says that {file} holds {name[:80]!r}; it does not. "
                "Fetch the bundle again."
            )


def _read_json(path: Path, what: str) -> dict[str, Any]:
    try:
        if (size := path.stat().st_size) > LARGEST_JSON_BYTES:
            raise ValueError(f"it is {size} bytes, over {LARGEST_JSON_BYTES}")
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise TypeError("it is no JSON object")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"The {what} {path} can't be loaded: {str(error)[:200]}. Fetch the bundle "
            "again."
        ) from error
    return values


def _walk(
    path: Path, values: Any, key: str = "", depth: int = 0
) -> Iterator[tuple[str, Any]]:
    """Give every value with the nearest name above it."""
    if depth > DEEPEST:
        raise WeightsError(
            f"The configuration {path} is nested deeper than {DEEPEST} levels. Fetch "
            "the bundle again."
        )
    yield key, values
    if isinstance(values, dict):
        for name, value in values.items():
            yield from _walk(path, value, name, depth + 1)
    elif isinstance(values, list):
        for value in values:
            yield from _walk(path, value, key, depth + 1)
