"""Check what a template document refers to: names, places, bindings, cycles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from brandgen.compositor.bindings import (
    BindingError,
    check_binding,
    check_condition,
    is_binding,
)
from brandgen.compositor.boxes import Attached
from brandgen.compositor.document import Document, ImageSlot, TextSlot
from brandgen.compositor.fills import Fill, Line, LinearFill
from brandgen.compositor.layers import (
    CONTAINERS,
    WORDED,
    AiLabelLayer,
    Emphasis,
    GroupLayer,
    ImageLayer,
    Layer,
    LineLayer,
    LogoLayer,
    PathLayer,
    ShapeLayer,
    StackLayer,
    SvgLayer,
    TableLayer,
    TextLayer,
    each_layer,
    each_text,
)
from brandgen.compositor.links import ADVICE, is_address
from brandgen.compositor.outlines import OutlineError, parse_path
from brandgen.compositor.strict import DataError, child, name_nearest
from brandgen.compositor.svg.notes import SvgError
from brandgen.compositor.svg.pictures import read_picture

MAX_PIXELS = 40_000_000
MAX_LAYERS = 150
DEEPEST_LAYERS = 4


def check_document(document: Document) -> None:
    """Check formats, slots and the background.

    Raises:
        DataError: points at what can't be.
    """
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
    for name, slot in document.slots.items():
        if isinstance(slot, TextSlot):
            _check_slot(slot, f"/slots/{name}")
        if name in document.data:
            raise DataError(f"/data/{name}", f"{name!r} is a slot's name already.")
    _require_known(document.background, document.tokens.colors, "/background", "color")
    for name, font in document.tokens.fonts.items():
        if "wght" in font.axes:
            place = f"/tokens/fonts/{name}/axes/wght"
            raise DataError(place, "the weight is said by 'weight', not by an axis.")


def _check_slot(slot: TextSlot, pointer: str) -> None:
    if slot.min_chars > slot.max_chars:
        raise DataError(f"{pointer}/min_chars", "it is more than max_chars.")
    if slot.change_required and slot.choices:
        raise DataError(
            f"{pointer}/change_required", "a slot with choices has nothing to change."
        )
    if slot.choices and slot.example and slot.example not in slot.choices:
        raise DataError(f"{pointer}/example", "it is none of the choices.")


def check_layers(
    document: Document, layers: Sequence[Layer], seen: set[int] | None = None
) -> None:
    """Check one layout's layers; those whose id() is in `seen` were checked before.

    Raises:
        DataError: points at what can't be.
    """
    seen = set() if seen is None else seen
    known = binding_names(document)
    ids: set[str] = set()
    for pointer, layer, parent in each_layer(layers):
        if len(ids) == MAX_LAYERS:
            raise DataError("/layers", f"more than {MAX_LAYERS} with those inside.")
        if layer.id in ids:
            raise DataError(f"{pointer}/id", f"{layer.id!r} is the id of two layers.")
        ids.add(layer.id)
        if pointer.count("/children/") > DEEPEST_LAYERS:
            raise DataError(
                pointer, f"layers are nested deeper than {DEEPEST_LAYERS} levels."
            )
        if id(layer) not in seen:
            seen.add(id(layer))
            _check_place(layer, pointer, parent)
            _check_overrides(document, layer, pointer)
            _check_names(document, layer, pointer)
            _check_bindings(layer, pointer, known)
    check_attachments(layers, "/layers")


def binding_names(document: Document) -> dict[str, Mapping[str, Any] | str]:
    """Give what bindings may name: slots, data, format and locale, and the page."""
    pages = {"page": dict.fromkeys(("number", "count", "name"), "")}
    return {
        **dict.fromkeys(document.slots, ""),
        **document.data,
        "format": "",
        "locale": "",
        **(pages if document.pages else {}),
    }


def _check_place(layer: Layer, pointer: str, parent: Layer | None) -> None:
    in_stack = isinstance(parent, StackLayer)
    if in_stack and layer.box is not None:
        raise DataError(f"{pointer}/box", "a child of a stack has a size, not a box.")
    if not in_stack and layer.box is None:
        raise DataError(pointer, "'box' is missing: it says where the layer lies.")
    if not in_stack and layer.size is not None:
        raise DataError(f"{pointer}/size", "only a child of a stack has a size.")
    if isinstance(parent, StackLayer):
        _check_size(layer, pointer, parent)


def _check_size(layer: Layer, pointer: str, parent: StackLayer) -> None:
    """Text, tables and stacks know their own size, a logo its width."""
    size = layer.size
    knows = isinstance(layer, TextLayer | AiLabelLayer | StackLayer | TableLayer)
    height = size.height if size else None
    width = size.width if size else None
    if not knows and (height is None or height.word == "hug"):
        raise DataError(pointer, "a child of a stack needs a 'size' with a 'height'.")
    is_row = parent.direction == "row"
    if is_row and not knows and not isinstance(layer, LogoLayer) and width is None:
        raise DataError(pointer, "a child of a row needs a 'size' with a 'width'.")
    if not knows and not isinstance(layer, LogoLayer) and width and width.word == "hug":
        raise DataError(f"{pointer}/size/width", "only texts, logos and stacks hug.")


def _check_overrides(document: Document, layer: Layer, pointer: str) -> None:
    place = f"{pointer}/overrides"
    for name in layer.overrides.formats:
        _require_known(
            name, document.formats, child(f"{place}/formats", name), "format"
        )
    for tag in layer.overrides.locales:
        _require_known(tag, document.locales, child(f"{place}/locales", tag), "locale")


def _check_names(document: Document, layer: Layer, pointer: str) -> None:
    for name, place in _colors_of(layer, pointer):
        _require_known(name, document.tokens.colors, place, "color")
    for field in ("font", "header_font"):
        name = getattr(layer, field, None)
        _require_known(name, document.tokens.fonts, f"{pointer}/{field}", "font")
    if isinstance(layer, TextLayer) and layer.size_step and layer.size_step.value <= 0:
        raise DataError(
            f"{pointer}/size_step",
            'a step of sizes is more than 0: 4 (pixels) or "0.5%". Leave it out for '
            "any size.",
        )
    if isinstance(layer, TextLayer) and layer.emphasis:
        _check_emphasis(document, layer.emphasis, f"{pointer}/emphasis")
    if isinstance(layer, WORDED):
        _check_content(document, layer.slot, layer.text, pointer, "text")
    elif isinstance(layer, ImageLayer):
        _check_content(document, layer.slot, layer.image, pointer, "image")
        if layer.focal is not None and len(layer.focal) != 2:
            raise DataError(f"{pointer}/focal", "two numbers are needed: x and y.")
    elif isinstance(layer, TableLayer):
        _check_content(document, layer.slot, layer.rows, pointer, "rows")
        for index, row in enumerate(layer.rows or ()):
            if len(row) > len(layer.columns):
                place = f"{pointer}/rows/{index}"
                raise DataError(place, f"more cells than {len(layer.columns)} columns.")
    elif isinstance(layer, PathLayer):
        _check_path(layer, pointer)
    elif isinstance(layer, SvgLayer):
        _check_svg(document, layer, pointer)
    elif isinstance(layer, AiLabelLayer) and "default" not in layer.texts:
        raise DataError(f"{pointer}/texts", "'default' is missing.")


def _check_emphasis(document: Document, emphasis: Emphasis, pointer: str) -> None:
    if emphasis.font is None and emphasis.color is None:
        raise DataError(pointer, "a 'font' or a 'color' is needed, or nothing is seen.")
    _require_known(emphasis.font, document.tokens.fonts, f"{pointer}/font", "font")
    _require_known(emphasis.color, document.tokens.colors, f"{pointer}/color", "color")


def _check_path(layer: PathLayer, pointer: str) -> None:
    if len(layer.view) != 4 or layer.view[2] <= 0 or layer.view[3] <= 0:
        raise DataError(
            f"{pointer}/view", "four numbers are needed: x, y, width and height."
        )
    if layer.fill is None and layer.stroke is None:
        raise DataError(pointer, "'fill' or 'stroke' is needed, or nothing is seen.")
    try:
        parse_path(layer.data)
    except OutlineError as error:
        raise DataError(f"{pointer}/data", str(error)) from error


def _check_svg(document: Document, layer: SvgLayer, pointer: str) -> None:
    try:
        picture = read_picture(layer.svg)
    except SvgError as error:
        raise DataError(f"{pointer}/svg", str(error)) from error
    for color, token in layer.colors.items():
        place = child(f"{pointer}/colors", color)
        if color not in picture.colors:
            raise DataError(
                place,
                f"the drawing has no {color}. {name_nearest(color, picture.colors)}",
            )
        _require_known(token, document.tokens.colors, place, "color")


def _colors_of(layer: Layer, pointer: str) -> Iterator[tuple[str | None, str]]:
    """Name every color that a layer uses, with its place."""
    for field in ("color", "ground", "empty_color", "header_color"):
        value = getattr(layer, field, None)
        if value is None or isinstance(value, str):
            yield value, f"{pointer}/{field}"
    if isinstance(layer, TextLayer | AiLabelLayer) and layer.plate:
        yield layer.plate.color, f"{pointer}/plate/color"
    lines: dict[str, Line | None] = {}
    fills: dict[str, Fill | None] = {}
    if isinstance(layer, ShapeLayer):
        fills["fill"] = layer.fill
    elif isinstance(layer, PathLayer):
        fills["fill"], lines["stroke"] = layer.fill, layer.stroke
    elif isinstance(layer, ImageLayer):
        fills["overlay"], lines["border"] = layer.overlay, layer.border
    elif isinstance(layer, LineLayer):
        lines["line"] = layer.line
    elif isinstance(layer, TableLayer):
        fills["stripe"], fills["header_fill"] = layer.stripe, layer.header_fill
        lines["rule"] = layer.rule
    elif isinstance(layer, StackLayer):
        fills["ground"] = layer.ground
    for field, line in lines.items():
        yield line.color if line else None, f"{pointer}/{field}/color"
    for field, fill in fills.items():
        yield from _colors_in(fill, f"{pointer}/{field}")


def _colors_in(fill: Fill | None, pointer: str) -> Iterator[tuple[str | None, str]]:
    if fill is None:
        return
    if not isinstance(fill, LinearFill):
        yield fill.color, f"{pointer}/color"
        return
    for index, stop in enumerate(fill.stops):
        place = f"{pointer}/stops/{index}"
        yield stop.color, f"{place}/color"
        if index and stop.at < fill.stops[index - 1].at:
            raise DataError(f"{place}/at", "stops must stand in rising order.")


def _check_content(
    document: Document, slot: str | None, fixed: object, pointer: str, word: str
) -> None:
    if (slot is None) == (fixed is None):
        raise DataError(pointer, f"either 'slot' or '{word}' is needed, and only one.")
    place = f"{pointer}/slot"
    _require_known(slot, document.slots, place, "slot")
    kind = ImageSlot if word == "image" else TextSlot
    if slot and not isinstance(document.slots[slot], kind):
        noun = "image" if word == "image" else "text"
        raise DataError(place, f"the slot {slot!r} does not hold {noun}.")


def _check_bindings(
    layer: Layer, pointer: str, known: Mapping[str, Mapping[str, Any] | str]
) -> None:
    for place, text in each_text(layer, pointer):
        try:
            check_binding(text, known)
        except BindingError as error:
            raise DataError(place, str(error)) from error
    if layer.link is not None:
        _check_link(layer.link, f"{pointer}/link", known)
    if layer.visible_if is not None:
        try:
            check_condition(layer.visible_if, known)
        except BindingError as error:
            raise DataError(f"{pointer}/visible_if", str(error)) from error


def _check_link(
    link: str, pointer: str, known: Mapping[str, Mapping[str, Any] | str]
) -> None:
    """Refuse what is no address; a bound one is looked at once it has its values."""
    if not is_binding(link):
        if not is_address(link):
            raise DataError(pointer, f"it is not an address to link to. {ADVICE}")
        return
    try:
        check_binding(link, known)
    except BindingError as error:
        raise DataError(pointer, str(error)) from error


def check_attachments(layers: Sequence[Layer], pointer: str) -> None:
    """Refuse boxes attached to what is not beside them, or in a circle.

    Raises:
        DataError: points at the axis.
    """
    holder = {
        inner.id: layer.id
        for layer in layers
        for _, inner, _ in each_layer((layer,))
        if not isinstance(layer, GroupLayer) or inner is layer
    }
    follows: dict[str, dict[str, str]] = {}
    for index, layer in enumerate(layers):
        place = f"{pointer}/{index}"
        for axis in ("x", "y") if layer.box else ():
            held = getattr(layer.box, axis)
            if isinstance(held, Attached):
                at = f"{place}/box/{axis}/to"
                _require_known(held.to, holder, at, "layer beside it")
                follows.setdefault(layer.id, {})[holder[held.to]] = at
        if isinstance(layer, CONTAINERS):
            check_attachments(layer.children, f"{place}/children")
    _refuse_circles(follows)


def _refuse_circles(follows: Mapping[str, Mapping[str, str]]) -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in done:
            return
        for other, at in follows.get(name, {}).items():
            if other == name or other in path:
                way = " -> ".join((*path, name, other))
                raise DataError(at, f"boxes are attached in a circle: {way[:200]}.")
            visit(other, (*path, name))
        done.add(name)

    for name in follows:
        visit(name, ())


def _require_known(
    name: str | None, known: Iterable[str], pointer: str, noun: str
) -> None:
    names = set(known)
    if name is not None and name not in names:
        raise DataError(
            pointer, f"no {noun} is called {name!r}. {name_nearest(name, names)}"
        )
