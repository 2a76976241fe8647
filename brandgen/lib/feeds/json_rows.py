"""Read a JSON list of objects, one object at a time."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from brandgen.lib.feeds.table import FeedError, Limits, Table, gather, too_many_rows

SPACE = re.compile(r"[ \t\r\n]*")
DEEPEST = 2


def read_json(file: BinaryIO, *, limits: Limits) -> Table:
    """Read a list of objects; parts of an object inside become columns: product.name.

    Raises:
        FeedError: not JSON, not a list of flat objects, or outside the limits.
    """
    data = file.read()
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise FeedError(
            f"The JSON is not UTF-8 at byte {error.start:,}. Save it anew as UTF-8."
        ) from error
    text = text.removeprefix("\ufeff")
    columns: dict[str, None] = {}
    items: list[dict[str, str]] = []
    count = 0
    for item in _read_items(text):
        count += 1
        if count > limits.rows:
            continue
        flat = dict(_flatten(item, count))
        columns |= dict.fromkeys(flat)
        items.append(flat)
        if len(columns) > limits.columns:
            raise FeedError(
                f"Up to item {count:,} the JSON names more than {limits.columns} "
                "columns. Leave out those that the template does not use."
            )
    if count > limits.rows:
        # `gather` sees only the rows that were kept.
        raise too_many_rows("JSON", count, limits, "items")
    lines: list[tuple[int, list[str]]] = [(0, list(columns))]
    lines += [
        (number, [item.get(name, "") for name in columns])
        for number, item in enumerate(items, start=1)
    ]
    return gather("JSON", lines, limits=limits)


def _read_items(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_refuse_twins,
        parse_int=str,
        parse_float=str,
        parse_constant=_refuse_constant,
    )
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise FeedError(
            'The JSON is no list. Write a list of objects: [{"headline": "…"}, …].'
        )
    at = _skip(text, at + 1)
    number = 0
    while text[at : at + 1] != "]":
        number += 1
        try:
            item, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise FeedError(
                f"Item {number:,} is not JSON: {error.msg} in line {error.lineno}, "
                f"column {error.colno}."
            ) from error
        except RecursionError as error:
            raise FeedError(f"Item {number:,} is nested too deeply.") from error
        yield item
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise FeedError(
                f"After item {number:,} stands neither a comma nor the list's end. "
                "The file may be cut off."
            )
    if text[_skip(text, at + 1) :]:
        raise FeedError("Something stands after the end of the list. Remove it.")


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _flatten(item: Any, number: int, *, depth: int = 1) -> Iterator[tuple[str, str]]:
    if not isinstance(item, dict):
        raise FeedError(
            f"Item {number:,} is no object. Write each row as one: "
            '{"headline": "…", "price": "…"}.'
        )
    for name, value in item.items():
        if isinstance(value, dict) and depth < DEEPEST:
            parts = _flatten(value, number, depth=depth + 1)
            yield from ((f"{name}.{part}", text) for part, text in parts)
        elif isinstance(value, dict | list):
            raise FeedError(
                f"Item {number:,}, “{name[:60]}” holds a list or an object inside an "
                "object. A cell is a text, a number, true, false or null."
            )
        else:
            yield name, _say(value)


def _say(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise FeedError(f"An object names “{twin[:60]}” twice. Remove one.")
    return found


def _refuse_constant(word: str) -> Any:
    raise FeedError(f"{word} is not known in JSON. Write a number or null.")
