"""Load a template document: its shape, its overrides, and what refers to what."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from brandgen.compositor.document import (
    Document,
    ImageLayer,
    ImageSlot,
    Layer,
    LinearFill,
    LogoLayer,
    ShapeLayer,
    StackLayer,
    TextLayer,
    TextSlot,
    each_layer,
)
from brandgen.compositor.strict import DataError, child, name_nearest, read, schema_of

MAX_BYTES = 512 * 1024
MAX_PIXELS = 40_000_000
MAX_LAYERS = 150
NOT_OVERRIDABLE = ("id", "type", "slot", "locked", "overrides")


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
    try:
        data = source if isinstance(source, Mapping) else _parse_json(source)
        document = read(Document, data)
        layouts = {
            name: _lay_over(document.layers, data["layers"], name)
            for name in document.formats
        }
        document = dataclasses.replace(document, layouts=layouts)
        _check_formats(document)
        for layers in (document.layers, *layouts.values()):
            _check_layers(document, layers)
    except DataError as error:
        raise TemplateDocumentError(error.pointer, error.problem) from error
    return document


def document_schema() -> dict[str, Any]:
    """Write the format of template documents as JSON Schema."""
    return {
        **schema_of(Document),
        "title": "brandgen template document, version 1",
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


def _lay_over(
    layers: tuple[Layer, ...], data: list[Mapping[str, Any]], format_name: str
) -> tuple[Layer, ...]:
    return tuple(
        _override(layer, raw, f"/layers/{index}", format_name)
        for index, (layer, raw) in enumerate(zip(layers, data, strict=True))
    )


def _override(
    layer: Layer, data: Mapping[str, Any], pointer: str, format_name: str
) -> Layer:
    changes = layer.overrides.get(format_name, {})
    place = child(child(pointer, "overrides"), format_name)
    for key in changes:
        if key in NOT_OVERRIDABLE or key == "children":
            raise DataError(child(place, key), f"{key!r} can't differ by format.")
    if changes:
        merged = {**data, **changes}
        if isinstance(changes.get("box"), Mapping) and "box" in data:
            merged["box"] = {**data["box"], **changes["box"]}
        layer = read(type(layer), merged, place)
    if isinstance(layer, StackLayer):
        children = tuple(
            _override(item, raw, f"{pointer}/children/{index}", format_name)
            for index, (item, raw) in enumerate(
                zip(layer.children, data["children"], strict=True)
            )
        )
        layer = dataclasses.replace(layer, children=children)  # type: ignore[arg-type]
    return layer


def _check_formats(document: Document) -> None:
    for name, shape in document.formats.items():
        if shape.width_px * shape.height_px > MAX_PIXELS:
            raise DataError(
                f"/formats/{name}",
                f"{shape.width_px} x {shape.height_px} is more than "
                f"{MAX_PIXELS // 1_000_000} megapixels.",
            )
        zone = shape.safe_zone
        if (
            zone.left + zone.right >= shape.width_px
            or zone.top + zone.bottom >= shape.height_px
        ):
            raise DataError(f"/formats/{name}/safe_zone", "nothing is left inside it.")
    _require_known(document.background, document.tokens.colors, "/background", "color")


def _check_layers(document: Document, layers: tuple[Layer, ...]) -> None:
    seen: set[str] = set()
    for pointer, layer, is_child in each_layer(layers):
        if len(seen) == MAX_LAYERS:
            raise DataError("/layers", f"more than {MAX_LAYERS} with those in stacks.")
        if layer.id in seen:
            raise DataError(f"{pointer}/id", f"{layer.id!r} is the id of two layers.")
        seen.add(layer.id)
        _check_place(layer, pointer, is_child=is_child)
        _require_known(
            layer.visible_if, document.slots, f"{pointer}/visible_if", "slot"
        )
        for name in layer.overrides:
            _require_known(
                name, document.formats, f"{pointer}/overrides/{name}", "format"
            )
        _check_names(document, layer, pointer)


def _check_place(layer: Layer, pointer: str, *, is_child: bool) -> None:
    if is_child and layer.box is not None:
        raise DataError(f"{pointer}/box", "a child of a stack has a size, not a box.")
    if not is_child and layer.box is None:
        raise DataError(pointer, "'box' is missing: it says where the layer lies.")
    if not is_child and layer.size is not None:
        raise DataError(f"{pointer}/size", "only a child of a stack has a size.")
    needs_height = is_child and not isinstance(layer, TextLayer)
    if needs_height and (layer.size is None or layer.size.height is None):
        raise DataError(pointer, "a child of a stack needs a 'size' with a 'height'.")


def _check_names(document: Document, layer: Layer, pointer: str) -> None:
    colors = document.tokens.colors
    if isinstance(layer, TextLayer):
        _check_content(document, layer, pointer, TextSlot, "text")
        fonts = document.tokens.fonts
        _require_known(layer.font, fonts, f"{pointer}/font", "font")
        _require_known(layer.color, colors, f"{pointer}/color", "color")
        if layer.plate:
            place = f"{pointer}/plate/color"
            _require_known(layer.plate.color, colors, place, "color")
    elif isinstance(layer, ImageLayer):
        _check_content(document, layer, pointer, ImageSlot, "image")
        if layer.focal is not None and len(layer.focal) != 2:
            raise DataError(f"{pointer}/focal", "two numbers are needed: x and y.")
    elif isinstance(layer, ShapeLayer):
        _check_fill(document, layer, pointer)
    elif not isinstance(layer, LogoLayer | StackLayer):
        raise AssertionError(f"No rule for {type(layer).__name__}.")


def _check_fill(document: Document, layer: ShapeLayer, pointer: str) -> None:
    colors, fill = document.tokens.colors, layer.fill
    if not isinstance(fill, LinearFill):
        _require_known(fill.color, colors, f"{pointer}/fill/color", "color")
        return
    for index, stop in enumerate(fill.stops):
        place = f"{pointer}/fill/stops/{index}"
        _require_known(stop.color, colors, f"{place}/color", "color")
        if index and stop.at < fill.stops[index - 1].at:
            raise DataError(f"{place}/at", "stops must stand in rising order.")


def _check_content(
    document: Document,
    layer: TextLayer | ImageLayer,
    pointer: str,
    kind: type,
    word: str,
) -> None:
    fixed = layer.text if isinstance(layer, TextLayer) else layer.image
    if (layer.slot is None) == (fixed is None):
        raise DataError(pointer, f"either 'slot' or '{word}' is needed, and only one.")
    place = f"{pointer}/slot"
    _require_known(layer.slot, document.slots, place, "slot")
    if layer.slot and not isinstance(document.slots[layer.slot], kind):
        raise DataError(place, f"the slot {layer.slot!r} does not hold {word}.")


def _require_known(
    name: str | None, known: Iterable[str], pointer: str, noun: str
) -> None:
    names = set(known)
    if name is not None and name not in names:
        raise DataError(
            pointer, f"no {noun} is called {name!r}. {name_nearest(name, names)}"
        )
