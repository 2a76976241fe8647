"""Load a template document: its shape, its overrides, and what refers to what."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from brandgen.compositor.checking import check_document, check_layers
from brandgen.compositor.checking_motion import check_motions, check_timeline
from brandgen.compositor.checking_pages import check_pages, check_standing
from brandgen.compositor.document import SCHEMA, Document
from brandgen.compositor.layers import CONTAINERS, Layer
from brandgen.compositor.migrating import migrate
from brandgen.compositor.strict import (
    DataError,
    child,
    find_problems,
    read,
    read_changes,
    schema_of,
    write,
)

MAX_BYTES = 512 * 1024
MAX_LAYOUTS = 400
NOT_OVERRIDABLE = ("id", "type", "slot", "pages", "locked", "overrides", "children")


class TemplateDocumentError(ValueError):
    """The template document is wrong; `pointer` is the JSON pointer to the place."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"Template document, at {pointer or '/'}: {problem}")
        self.pointer, self.problem = pointer, problem


def load_document(source: bytes | str | Mapping[str, Any]) -> Document:
    """Read a template document from JSON or from plain data.

    Raises:
        TemplateDocumentError: something in it is wrong or unknown.
    """
    is_first = False
    try:
        data = source if isinstance(source, Mapping) else _parse_json(source)
        is_first = data.get("schema") == 1
        data = migrate(data)
        document = read(Document, data)
        check_document(document)
        check_timeline(document)
        check_pages(document)
        layouts = _lay_out_all(document, data["layers"])
        document = dataclasses.replace(document, layouts=layouts)
        _check_all(document)
    except DataError as error:
        pointer = error.pointer
        if is_first:  # where it stands in the document that was handed in
            pointer = pointer.replace("/overrides/formats", "/overrides")
        raise TemplateDocumentError(pointer, error.problem) from error
    return document


def find_document_problems(
    source: bytes | str | Mapping[str, Any],
) -> tuple[DataError, ...]:
    """Find all that is wrong with a document that may be half-written.

    What is missing is told as a `MissingError`. What refers to what is looked at once
    nothing is missing and every part has its shape; of that the first problem is told.
    """
    try:
        data = source if isinstance(source, Mapping) else _parse_json(source)
        newest = migrate({"schema": SCHEMA, **data})
    except DataError as error:
        return (error,)
    found = tuple(find_problems(Document, newest if "schema" in data else data))
    if not found:
        try:
            load_document(data)
        except TemplateDocumentError as error:
            return (DataError(error.pointer, error.problem),)
    return found


def dump_document(document: Document) -> dict[str, Any]:
    """Write a document as plain data in its normal form.

    Newest schema version, fields in the order of the reference, defaults left out, and
    formats of the library written out with their figures.
    """
    data: dict[str, Any] = write(document)
    return data


def document_schema() -> dict[str, Any]:
    """Write the format of template documents as JSON Schema."""
    return {
        **schema_of(Document),
        "title": "brandgen template document, version 2",
    }


def _parse_json(source: bytes | str) -> Mapping[str, Any]:
    if len(source) > MAX_BYTES:
        raise DataError("", f"{len(source)} bytes; {MAX_BYTES} are allowed.")
    try:
        data = json.loads(source, object_pairs_hook=_without_doubles)
        _check_texts(data)
    except RecursionError:
        raise DataError("", "it is nested too deeply.") from None
    except ValueError as error:  # no JSON, no UTF-8, or a number of 5,000 digits
        raise DataError("", f"it is not JSON: {error}.") from error
    if not isinstance(data, Mapping):
        raise DataError("", "an object is needed at the top.")
    return data


def _check_texts(data: Any) -> None:
    """Refuse what a database can't keep as text: NUL, and halves of characters."""
    if isinstance(data, str):
        if "\0" in data or any("\ud800" <= letter <= "\udfff" for letter in data):
            raise DataError("", f"the text {data[:60]!r} has a character that is none.")
    elif isinstance(data, Mapping):
        for key, value in data.items():
            _check_texts(key)
            _check_texts(value)
    elif isinstance(data, list):
        for value in data:
            _check_texts(value)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DataError("", f"the key {key[:60]!r} stands twice in one object.")
        found[key] = value
    return found


def _lay_out_all(
    document: Document, data: Any
) -> dict[tuple[str, str], tuple[Layer, ...]]:
    """Apply the overrides for every format in every locale."""
    locales = ["", *document.locales]
    if len(document.formats) * len(locales) > MAX_LAYOUTS:
        raise DataError(
            "/locales", f"formats times locales must not exceed {MAX_LAYOUTS}."
        )
    known: dict[tuple[str, ...], Layer] = {}
    return {
        (name, locale): tuple(
            _override(
                layer, raw, f"/layers/{n}", (shape.size_class, name, locale), known
            )
            for n, (layer, raw) in enumerate(zip(document.layers, data, strict=True))
        )
        for name, shape in document.formats.items()
        for locale in locales
    }


def _override(
    layer: Layer,
    data: Mapping[str, Any],
    pointer: str,
    target: tuple[str, str, str],
    known: dict[tuple[str, ...], Layer],
) -> Layer:
    """Give a layer as it is in one format and locale; equal ones are one object."""
    parts = ("classes", "formats", "locales")
    steps = [
        (part, key)
        for part, key in zip(parts, target, strict=True)
        if key in getattr(layer.overrides, part)
    ]
    mark = (pointer, *(f"{part}/{key}" for part, key in steps))
    if mark not in known:
        box, changed = data.get("box"), layer
        for part, key in steps:
            place = child(child(f"{pointer}/overrides", part), key)
            changes = _whole(getattr(layer.overrides, part)[key], box, place)
            box, changed = (
                changes.get("box", box),
                read_changes(changed, changes, place),
            )
        known[mark] = changed
    found = known[mark]
    if isinstance(found, CONTAINERS):
        inner = tuple(
            _override(item, raw, f"{pointer}/children/{n}", target, known)
            for n, (item, raw) in enumerate(
                zip(found.children, data["children"], strict=True)
            )
        )
        mark = (*mark, *(str(id(item)) for item in inner))
        if mark not in known:
            known[mark] = dataclasses.replace(found, children=inner)
        found = known[mark]
    return found


def _whole(changes: Mapping[str, Any], box: Any, place: str) -> Mapping[str, Any]:
    """Give what differs with a whole box, of which one axis may differ alone."""
    for key in changes:
        if key in NOT_OVERRIDABLE:
            raise DataError(child(place, key), f"{key!r} can't differ so.")
    if isinstance(changes.get("box"), Mapping) and isinstance(box, Mapping):
        return {**changes, "box": {**box, **changes["box"]}}
    return changes


def _check_all(document: Document) -> None:
    """Check each layout; layers that are equal in several are looked at once."""
    seen: set[int] = set()
    for layers in (document.layers, *document.layouts.values()):
        check_layers(document, layers, seen)
        check_motions(document, layers)
        check_standing(document, layers)
