"""Read plain data into frozen dataclasses, strictly, and say the same as JSON Schema.

A dataclass is the only definition of a shape: `read` follows its type hints, refuses
what they do not name, and points at the place with a JSON pointer (RFC 6901);
`schema_of` writes the same hints as JSON Schema, so the two can't drift apart.
"""

import dataclasses
import difflib
import functools
import inspect
import math
import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as _hints

T = TypeVar("T")


class DataError(ValueError):
    """The data does not have the shape; `pointer` says where, `problem` says why."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"{pointer or '/'}: {problem}")
        self.pointer, self.problem = pointer, problem


class MissingError(DataError):
    """Something that is needed is not there."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """Bounds: of a number's value, a text's length, or a list's or object's count."""

    least: float = 0
    most: float = math.inf
    pattern: str = ""


def name_nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list what there is."""
    names = sorted(known)
    if near := difflib.get_close_matches(name[:80], names, n=1, cutoff=0.6):
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(names[:12]) or 'none'}."


def show(value: object) -> str:
    """Show a value in a message, cut to what a person wants to read."""
    if isinstance(value, Mapping | list | tuple):
        return "an object" if isinstance(value, Mapping) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def child(pointer: str, key: object) -> str:
    """Extend a JSON pointer by one step."""
    step = str(key)[:80].replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{step}"


@functools.cache
def json_fields(kind: type) -> Mapping[str, dataclasses.Field[Any]]:
    """List the fields of a dataclass that stand in the JSON."""
    fields = dataclasses.fields(kind)
    return {f.name: f for f in fields if f.metadata.get("json", True)}


@functools.cache
def _types_of(kind: type) -> dict[str, Any]:
    return _hints(kind, include_extras=True)


def read(kind: type[T], value: object, pointer: str = "") -> T:
    """Read plain data into a value of this type.

    Raises:
        DataError: the data has another shape.
    """
    result: T = _read(kind, value, pointer, Limit())
    return result


def read_changes(value: T, changes: Mapping[str, object], pointer: str = "") -> T:
    """Give a dataclass in which some fields are read anew from plain data.

    Raises:
        DataError: a field is unknown or has another shape.
    """
    found = _read_fields(type(value), changes, pointer)
    changed: T = dataclasses.replace(value, **found)  # type: ignore[type-var]
    return changed


@functools.cache
def _parts_of(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(kind), get_args(kind)


def _read(kind: Any, value: object, pointer: str, limit: Limit) -> Any:
    origin, args = _parts_of(kind)
    if origin is Annotated:
        return _read(args[0], value, pointer, args[1])
    if hasattr(kind, "read_json"):
        return kind.read_json(value, pointer)
    if dataclasses.is_dataclass(kind):
        return read_object(kind, value, pointer)
    if origin is Literal:
        return _read_choice(args, value, pointer)
    if origin in (Union, types.UnionType):
        return _read_union(args, value, pointer, limit)
    if origin is tuple:
        return _read_list(args[0], value, pointer, limit)
    if origin is not None and issubclass(origin, Mapping):
        return _read_mapping(args, value, pointer, limit)
    return _read_scalar(kind, value, pointer, limit)


def read_object(kind: Any, value: object, pointer: str) -> Any:
    """Read an object into a dataclass, field by field.

    Raises:
        DataError: the data has another shape.
    """
    found = _read_fields(kind, _require_mapping(value, pointer), pointer)
    for name, field in json_fields(kind).items():
        if name not in found and _is_required(field):
            raise MissingError(pointer, f"{name!r} is missing.")
    return kind(**found)


def find_problems(
    kind: Any, value: object, pointer: str = "", limit: Limit = Limit()
) -> Iterator[DataError]:
    """Find all that `read` would refuse, one after another, what is missing included.

    Where a part can't be looked into, as it is no object or of no known type, the
    problem is that.
    """
    origin, args = _parts_of(kind)
    try:
        if origin is Annotated:
            yield from find_problems(args[0], value, pointer, args[1])
        elif dataclasses.is_dataclass(kind) and not hasattr(kind, "read_json"):
            yield from _find_in_object(kind, value, pointer)
        elif origin in (Union, types.UnionType):
            member = _choose_member(args, value, pointer)
            if member is not None:
                yield from find_problems(member, value, pointer, limit)
        elif origin is tuple:
            for index, item in enumerate(_require_list(value, pointer, limit)):
                yield from find_problems(args[0], item, child(pointer, index))
        elif origin is not None and inspect.isclass(origin) and args[1:] != (Any,):
            for key, item in _require_mapping(value, pointer).items():
                yield from find_problems(args[0], key, child(pointer, key))
                yield from find_problems(args[1], item, child(pointer, key))
            _require_count(len(_require_mapping(value, pointer)), pointer, limit)
        else:
            _read(kind, value, pointer, limit)
    except DataError as error:
        yield error


def _find_in_object(kind: Any, value: object, pointer: str) -> Iterator[DataError]:
    data = _require_mapping(value, pointer)
    fields, hints = json_fields(kind), _types_of(kind)
    for key in data:
        if key not in fields:
            yield _unknown(key, fields, pointer)
    for name, field in fields.items():
        if name in data:
            yield from find_problems(hints[name], data[name], child(pointer, name))
        elif _is_required(field):
            yield MissingError(pointer, f"{name!r} is missing.")


def _read_fields(
    kind: type, data: Mapping[Any, object], pointer: str
) -> dict[str, Any]:
    fields, hints = json_fields(kind), _types_of(kind)
    for key in data:
        if key not in fields:
            raise _unknown(key, fields, pointer)
    return {
        name: _read(hints[name], data[name], child(pointer, name), Limit())
        for name in fields
        if name in data
    }


def _unknown(key: object, fields: Iterable[str], pointer: str) -> DataError:
    hint = name_nearest(str(key), fields)
    return DataError(child(pointer, key), f"{show(key)} is not known here. {hint}")


def _is_required(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _require_mapping(value: object, pointer: str) -> Mapping[Any, object]:
    if not isinstance(value, Mapping):
        raise DataError(pointer, f"an object is needed here, not {show(value)}.")
    return value


def _read_choice(args: Sequence[Any], value: object, pointer: str) -> Any:
    for choice in args:
        if type(choice) is type(value) and choice == value:
            return choice
    names = [str(choice) for choice in args]
    raise DataError(pointer, f"{show(value)} is none of {', '.join(names)}.")


def _read_union(args: Sequence[Any], value: object, pointer: str, limit: Limit) -> Any:
    kind = _choose_member(args, value, pointer)
    return None if kind is None else _read(kind, value, pointer, limit)


def _choose_member(args: Sequence[Any], value: object, pointer: str) -> Any:
    """Choose which member of a union the data is of; None for a null."""
    kinds = [kind for kind in args if kind is not types.NoneType]
    if value is None and len(kinds) < len(args):
        return None
    if len(kinds) == 1:
        return kinds[0]
    tag = tag_of(kinds)
    data = _require_mapping(value, pointer)
    by_name = {name: kind for kind in kinds for name in get_args(_types_of(kind)[tag])}
    name = data.get(tag)
    if not isinstance(name, str) or name not in by_name:
        if tag not in data:
            raise MissingError(pointer, f"{tag!r} is missing: {', '.join(by_name)}.")
        hint = name_nearest(str(name), by_name)
        raise DataError(child(pointer, tag), f"{show(name)} is not known. {hint}")
    return by_name[name]


def tag_of(kinds: Sequence[Any]) -> str:
    """Find the field that tells the members of a union apart."""
    return next(name for name in ("type", "anchor") if name in _types_of(kinds[0]))


def _read_list(kind: Any, value: object, pointer: str, limit: Limit) -> Any:
    return tuple(
        _read(kind, item, child(pointer, index), Limit())
        for index, item in enumerate(_require_list(value, pointer, limit))
    )


def _require_list(value: object, pointer: str, limit: Limit) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise DataError(pointer, f"a list is needed here, not {show(value)}.")
    _require_count(len(value), pointer, limit)
    return value


def _read_mapping(
    args: Sequence[Any], value: object, pointer: str, limit: Limit
) -> Any:
    data = _require_mapping(value, pointer)
    _require_count(len(data), pointer, limit)
    if args[1] is Any:
        return dict(data)
    return types.MappingProxyType(
        {
            _read(args[0], key, child(pointer, key), Limit()): _read(
                args[1], item, child(pointer, key), Limit()
            )
            for key, item in data.items()
        }
    )


def _require_count(count: int, pointer: str, limit: Limit) -> None:
    if not limit.least <= count <= limit.most:
        kind = MissingError if count < limit.least else DataError
        raise kind(
            pointer, f"{count} entries; {limit.least:g} to {limit.most:g} are allowed."
        )


def _read_scalar(kind: Any, value: object, pointer: str, limit: Limit) -> Any:
    if kind is bool or kind is str:
        if not isinstance(value, kind):
            word = "true or false" if kind is bool else "a text"
            raise DataError(pointer, f"{word} is needed here, not {show(value)}.")
        if isinstance(value, str):
            _require_text(value, pointer, limit)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(pointer, f"a number is needed here, not {show(value)}.")
    if isinstance(value, float) and (not math.isfinite(value) or kind is int):
        raise DataError(pointer, f"a whole number is needed here, not {show(value)}.")
    if not limit.least <= value <= limit.most:
        raise DataError(
            pointer,
            f"{show(value)} is out of range; {limit.least:g} to {limit.most:g} are "
            "allowed.",
        )
    return kind(value)


def _require_text(value: str, pointer: str, limit: Limit) -> None:
    if not limit.least <= len(value) <= limit.most:
        raise DataError(
            pointer,
            f"{len(value)} characters; {limit.least:g} to {limit.most:g} are allowed.",
        )
    if limit.pattern and not re.fullmatch(limit.pattern, value):
        raise DataError(pointer, f"{show(value)} does not match {limit.pattern}.")


def write(value: object) -> Any:
    """Write a value as the plain data that `read` reads; defaults are left out."""
    if hasattr(value, "write_json"):
        return value.write_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = json_fields(type(value)).items()
        return {
            name: write(getattr(value, name))
            for name, field in fields
            if getattr(value, name) != _default_of(field)
        }
    if isinstance(value, Mapping):
        return {key: write(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [write(item) for item in value]
    return value


def _default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def schema_of(kind: Any) -> dict[str, Any]:
    """Write a type as JSON Schema (draft 2020-12) with its dataclasses as `$defs`."""
    defs: dict[str, Any] = {}
    root = _schema(kind, Limit(), defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "$defs": dict(sorted(defs.items())),
    }


def _schema(kind: Any, limit: Limit, defs: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _schema(args[0], args[1], defs)
    if hasattr(kind, "json_schema"):
        takes_defs = "defs" in inspect.signature(kind.json_schema).parameters
        found: dict[str, Any] = (
            kind.json_schema(defs) if takes_defs else kind.json_schema()
        )
        return found
    if dataclasses.is_dataclass(kind):
        return schema_of_object(kind, defs)
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin in (Union, types.UnionType):
        choices = [_schema(arg, limit, defs) for arg in args]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if kind is types.NoneType:
        return {"type": "null"}
    if origin is tuple:
        bounds = _bounds("Items", limit)
        return {"type": "array", "items": _schema(args[0], Limit(), defs), **bounds}
    if origin is not None and issubclass(origin, Mapping):
        found = {"type": "object", **_bounds("Properties", limit)}
        if args[1] is not Any:
            found["propertyNames"] = _schema(args[0], Limit(), defs)
            found["additionalProperties"] = _schema(args[1], Limit(), defs)
        return found
    return _schema_of_scalar(kind, limit)


def schema_of_object(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """Write a dataclass into `defs`, and give the reference to it."""
    name = kind.__name__
    if name not in defs:
        defs[name] = {}
        fields = json_fields(kind)
        defs[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().split("\n")[0],
            "properties": {
                field: _schema(_types_of(kind)[field], Limit(), defs)
                for field in fields
            },
            "required": [n for n, field in fields.items() if _is_required(field)],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _schema_of_scalar(kind: Any, limit: Limit) -> dict[str, Any]:
    if kind is bool:
        return {"type": "boolean"}
    if kind is str:
        found: dict[str, Any] = {"type": "string", **_bounds("Length", limit)}
        if limit.pattern:
            found["pattern"] = f"^{limit.pattern}$"
        return found
    found = {"type": "integer" if kind is int else "number", "minimum": limit.least}
    if limit.most != math.inf:
        found["maximum"] = limit.most
    return found


def _bounds(noun: str, limit: Limit) -> dict[str, int]:
    found = {}
    if limit.least:
        found[f"min{noun}"] = int(limit.least)
    if limit.most != math.inf:
        found[f"max{noun}"] = int(limit.most)
    return found
