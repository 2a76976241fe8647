"""Bring documents of older schema versions to the newest one, as plain data."""

from collections.abc import Callable, Mapping
from typing import Any

from brandgen.compositor.document import SCHEMA
from brandgen.compositor.strict import DataError, child, show

DEEPEST = 24
MOST_VALUES = 60_000


def migrate(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the same template in the newest schema version.

    Raises:
        DataError: the version is unknown, or the data too deep or too large.
    """
    _require_bounded(data)
    version = data.get("schema")
    while version != SCHEMA:
        if type(version) is not int or version not in STEPS:
            problem = "is missing" if version is None else f"{show(version)} is unknown"
            raise DataError(
                "/schema", f"the version {problem}; {SCHEMA} is the newest."
            )
        data = STEPS[version](data)
        version = data["schema"]
    return data


def _require_bounded(data: Any) -> None:
    """Refuse what is nested too deeply, holds itself, or has too many values."""
    waiting: list[tuple[Any, str, int]] = [(data, "", 0)]
    count = 0
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > DEEPEST:
            raise DataError(pointer, f"it is nested deeper than {DEEPEST} levels.")
        if isinstance(value, Mapping):
            items = list(value.items())
        elif isinstance(value, list | tuple):
            items = list(enumerate(value))
        else:
            continue
        count += len(items)
        if count > MOST_VALUES:
            raise DataError(pointer, f"there are more than {MOST_VALUES:,} values.")
        waiting += [(item, child(pointer, key), depth + 1) for key, item in items]


def _from_1(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Version 1 had overrides by format only, straight in `overrides`."""

    def layer(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        changed = dict(value)
        if "overrides" in changed:
            changed["overrides"] = {"formats": changed["overrides"]}
        if isinstance(changed.get("children"), list | tuple):
            changed["children"] = [layer(item) for item in changed["children"]]
        return changed

    layers = data.get("layers")
    if isinstance(layers, list | tuple):
        layers = [layer(item) for item in layers]
        return {**data, "schema": 2, "layers": layers}
    return {**data, "schema": 2}


STEPS: dict[Any, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {1: _from_1}
