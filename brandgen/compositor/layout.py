"""Lay a document out: a format and its modifications become a list of things to draw.

Pure: no pixels and no files. The result is plain frozen data with every box, so that an
editor can show handles and a test can ask where things are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from brandgen.compositor.boxes import Attached, Pinned, Scaled, Stretched
from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.disclaimers import check_disclaimers
from brandgen.compositor.display import (
    Drawable,
    DrawImage,
    DrawLogo,
    DrawPath,
    DrawShape,
    GroupEnd,
    GroupStart,
    Layout,
    Rect,
)
from brandgen.compositor.document import Document, Locale
from brandgen.compositor.figures import (
    place_barcode,
    place_line,
    place_path,
    place_qr,
    place_rating,
)
from brandgen.compositor.layers import (
    AiLabelLayer,
    BarcodeLayer,
    GroupLayer,
    ImageLayer,
    Layer,
    LineLayer,
    LogoLayer,
    PathLayer,
    QrLayer,
    RatingLayer,
    ShapeLayer,
    StackLayer,
    SvgLayer,
    TableLayer,
    TextLayer,
    each_layer,
)
from brandgen.compositor.lettering import as_text, fit, place_text
from brandgen.compositor.links import find_links
from brandgen.compositor.outlines import dot, moved, rectangle, round_rectangle
from brandgen.compositor.page import SHARES, Page
from brandgen.compositor.preflight import (
    check_clear_space,
    check_data_examples,
    check_placeholders,
    check_safe_zone,
)
from brandgen.compositor.reading import values_of
from brandgen.compositor.stacks import place_stack
from brandgen.compositor.tables import place_table
from brandgen.compositor.text import TextEngine
from brandgen.compositor.vectors import place_svg
from brandgen.lib.findings import Verdict

LOGO_ORDER = ("primary", "reversed", "mono")
"""Which variant of the logo is tried first where any will do."""
MOST_ROUNDS = 4
"""How often a layout is made until its linked texts have one size."""


def lay_out(
    document: Document,
    *,
    format_name: str,
    texts: Mapping[str, str],
    images: frozenset[str],
    brand: BrandStyle,
    engine: TextEngine,
    logo_shapes: Mapping[str, float],
    locale: str = "",
    data: Mapping[str, Mapping[str, str]] | None = None,
    has_ai: bool = False,
) -> Layout:
    """Place every layer of a document in one format and locale.

    `texts` fills text slots, `images` names the image slots that are filled, `data`
    what bindings name beside them (the document's examples where it is left out, for
    those who look at a template),
    `logo_shapes` gives each logo variant's width over height, and `has_ai` says that a
    picture was made by AI.
    """
    shape = document.formats[format_name]
    filled = frozenset(name for name, text in texts.items() if text.strip()) | images
    told = document.locales.get(locale, Locale())
    draft = Page(
        document,
        shape,
        values_of(document, texts, images, data or {}, format_name, locale),
        brand,
        engine,
        logo_shapes,
        filled,
        locale=locale,
        is_rtl=told.direction == "rtl",
        market=told.market,
        has_ai=has_ai,
    )
    whole = Rect(0, 0, shape.width_px, shape.height_px)
    page = _place_linked(draft, document.layers_in(format_name, locale), whole)
    found = check_safe_zone(page.items, shape)
    found += check_clear_space(page.items, shape, brand)
    found += check_placeholders(document, texts)
    found += check_data_examples(document, data or {})
    found += check_disclaimers(page.items, shape, brand.disclaimers, locale)
    links = find_links(page, document.layers_in(format_name, locale), page.boxes)
    background = document.background
    return Layout(
        width_px=shape.width_px,
        height_px=shape.height_px,
        background=page.color(background) if background else "#ffffff",
        items=tuple(page.items),
        boxes=dict(page.boxes),
        findings=(*page.findings, *found),
        frames=dict(page.frames),
        links=links,
        dpi=shape.dpi,
    )


def _place_linked(draft: Page, layers: Sequence[Layer], frame: Rect) -> Page:
    """Place all layers; anew with smaller texts until those of a size group agree.

    What shrinks can make room for others of the group, so that this may take several
    rounds.
    """
    limits: dict[str, float] = {}
    for _ in range(MOST_ROUNDS):
        page = replace(
            draft, items=[], boxes={}, findings=[], sizes_px={}, size_limits_px=limits
        )
        _place_all(page, layers, frame)
        found = {
            group: min(sizes)
            for group, sizes in page.sizes_px.items()
            if max(sizes) > min(sizes)
        }
        if found.items() <= limits.items():
            break
        limits = {**limits, **found}
    return page


def _place_all(page: Page, layers: Sequence[Layer], frame: Rect) -> None:
    """Place layers that have boxes in a frame, those that others attach to first."""
    drawn: dict[str, list[Drawable]] = {}
    before, holders = page.items, _holders(layers)
    for layer in _in_order(layers, holders):
        page.items = []
        if layer.box is not None and page.shows(layer):
            page.frames[layer.id] = _rect(page, layer, frame, holders)
            place(page, layer, page.frames[layer.id], layer.opacity)
        drawn[layer.id] = page.items
    page.items = before
    for layer in layers:
        page.items += drawn[layer.id]


def _holders(layers: Sequence[Layer]) -> dict[str, Layer]:
    """Say in which of these layers each one stands: itself, or a stack."""
    return {
        inner.id: layer
        for layer in layers
        for _, inner, _ in each_layer((layer,))
        if inner is layer or not isinstance(layer, GroupLayer)
    }


def _in_order(layers: Sequence[Layer], holders: Mapping[str, Layer]) -> Iterator[Layer]:
    done: set[str] = set()

    def visit(layer: Layer) -> Iterator[Layer]:
        if layer.id in done:
            return
        done.add(layer.id)
        for axis in (layer.box.x, layer.box.y) if layer.box else ():
            if isinstance(axis, Attached):
                yield from visit(holders[axis.to])
        yield layer

    for layer in layers:
        yield from visit(layer)


def _rect(page: Page, layer: Layer, frame: Rect, holders: Mapping[str, Layer]) -> Rect:
    x, width = _along(page, layer, "x", frame, holders)
    y, height = _along(page, layer, "y", frame, holders)
    if page.mirrors(layer):
        x = frame.width - x - width
    return Rect(frame.x + x, frame.y + y, width, height)


def _along(
    page: Page, layer: Layer, name: str, frame: Rect, holders: Mapping[str, Layer]
) -> tuple[float, float]:
    """Give where a box begins along one axis of its frame, and how long it is."""
    axis: Pinned | Stretched | Scaled | Attached = getattr(layer.box, name)
    length = frame.width if name == "x" else frame.height
    if isinstance(axis, Scaled):
        return axis.start * length, max(1.0, axis.size * length)
    if isinstance(axis, Stretched):
        start = page.px(axis.start)
        return start, max(1.0, length - start - page.px(axis.end))
    if isinstance(axis, Attached):
        other = _other(page, layer, axis, name, frame, holders)
        return _attach(page, axis, other, length)
    size, offset = max(1.0, page.px(axis.size)), page.px(axis.offset)
    if axis.anchor == "center":
        return (length - size) / 2 + offset, size
    return (offset if axis.anchor == "start" else length - offset - size), size


def _other(
    page: Page,
    layer: Layer,
    axis: Attached,
    name: str,
    frame: Rect,
    holders: Mapping[str, Layer],
) -> tuple[float, float, bool]:
    """Give start and length of the box that another is attached to, and if it shows."""
    if axis.to in page.boxes:
        box = page.boxes[axis.to]
        if name == "y":
            return box.y - frame.y, box.height, True
        x = box.x - frame.x
        return (
            (frame.width - x - box.width if page.mirrors(layer) else x),
            box.width,
            True,
        )
    holder = holders[axis.to]
    start, _ = _along(page, holder, name, frame, holders)
    return start, 0.0, False


def _attach(
    page: Page, axis: Attached, other: tuple[float, float, bool], length: float
) -> tuple[float, float]:
    start, long, shows = other
    gap = page.px(axis.gap) if shows or axis.anchor == "along" else 0.0
    size = max(1.0, page.px(axis.size)) if axis.size else None
    if axis.anchor == "after":
        begin = start + long + gap
        return begin, size or max(1.0, length - begin)
    if axis.anchor == "before":
        end = start - gap
        return (end - size, size) if size else (min(0.0, end - 1), max(1.0, end))
    size = size or max(1.0, long)
    return start + SHARES[axis.align] * (long - size) + gap, size


def place(page: Page, layer: Layer, rect: Rect, opacity: float) -> None:
    """Draw one layer in its box; blended with what lies below as one."""
    if layer.blend == "normal":
        _draw(page, layer, rect, opacity, is_inner=layer.box is None)
        return
    page.add(GroupStart(layer.id, rect, "none", 0, 1.0, layer.blend))
    _draw(page, layer, rect, opacity, is_inner=layer.box is None)
    page.add(GroupEnd(layer.id, rect))


def _draw(
    page: Page, layer: Layer, rect: Rect, opacity: float, *, is_inner: bool
) -> None:
    if isinstance(layer, AiLabelLayer):
        layer = as_text(page, layer)
    if isinstance(layer, StackLayer):
        place_stack(page, layer, rect, opacity, place, is_inner=is_inner)
    elif isinstance(layer, GroupLayer):
        _place_group(page, layer, rect, opacity)
    elif isinstance(layer, TextLayer):
        place_text(page, layer, rect, fit(page, layer, rect), opacity)
    elif isinstance(layer, ShapeLayer):
        paint = page.paint(layer.fill, layer)
        radius = min(page.px(layer.radius), rect.width / 2, rect.height / 2)
        item = DrawShape(layer.id, layer.shape, rect, radius, paint, opacity)
        page.add(item, rect)
    elif isinstance(layer, LogoLayer):
        _place_logo(page, layer, rect, opacity)
    elif isinstance(layer, ImageLayer):
        _place_image(page, layer, rect, opacity)
    elif isinstance(layer, TableLayer):
        place_table(page, layer, rect, opacity)
    else:
        _place_figure(page, layer, rect, opacity)


def _place_figure(
    page: Page,
    layer: LineLayer | PathLayer | SvgLayer | RatingLayer | QrLayer | BarcodeLayer,
    rect: Rect,
    opacity: float,
) -> None:
    if isinstance(layer, LineLayer):
        place_line(page, layer, rect, opacity)
    elif isinstance(layer, PathLayer):
        place_path(page, layer, rect, opacity)
    elif isinstance(layer, SvgLayer):
        place_svg(page, layer, rect, opacity)
    elif isinstance(layer, RatingLayer):
        place_rating(page, layer, rect, opacity)
    elif isinstance(layer, QrLayer):
        place_qr(page, layer, rect, opacity)
    else:
        place_barcode(page, layer, rect, opacity)


def _place_group(page: Page, group: GroupLayer, rect: Rect, opacity: float) -> None:
    """Place a group's layers in its box; drawn apart only where that shows."""
    is_apart = opacity < 1 or group.clip != "none"
    radius = min(page.px(group.radius), rect.width / 2, rect.height / 2)
    if is_apart:
        page.add(GroupStart(group.id, rect, group.clip, radius, opacity, "normal"))
    _place_all(page, group.children, rect)
    page.boxes[group.id] = rect
    if is_apart:
        page.add(GroupEnd(group.id, rect))


def _place_image(page: Page, layer: ImageLayer, rect: Rect, opacity: float) -> None:
    mask = "rect" if layer.mask == "rect" else "ellipse"
    if layer.mask == "circle":
        side = min(rect.width, rect.height)
        x, y = rect.x + (rect.width - side) / 2, rect.y + (rect.height - side) / 2
        rect = Rect(x, y, side, side)
    radius = min(page.px(layer.radius), rect.width / 2, rect.height / 2)
    focal = (layer.focal[0], layer.focal[1]) if layer.focal else None
    name = layer.slot or layer.image or ""
    item = DrawImage(layer.id, name, rect, layer.fit, focal, radius, opacity, mask)
    if layer.filters != type(layer.filters)():
        blur_px = max(0.0, page.px(layer.filters.blur))
        item = replace(item, filters=layer.filters, blur_px=blur_px)
    if layer.fit == "contain":
        sides = page.align(layer, layer.align), layer.valign
        item = replace(item, align=(SHARES.get(sides[0]), SHARES.get(sides[1])))
    page.add(item, rect)
    if layer.overlay:
        paint = page.paint(layer.overlay, layer)
        page.add(DrawShape(layer.id, mask, rect, radius, paint, opacity))
    if layer.border:
        _place_border(page, layer, rect, mask, radius, opacity)


def _place_border(
    page: Page, layer: ImageLayer, rect: Rect, mask: str, radius: float, opacity: float
) -> None:
    """Draw a line around a picture, inside its edges."""
    if layer.border is None:
        return
    stroke = page.stroke(layer.border)
    inner = rect.grown(-min(stroke.width, rect.width, rect.height) / 2)
    outline = rectangle(inner.x, inner.y, inner.width, inner.height)
    if mask == "ellipse":
        outline = moved(
            dot(), x=inner.x, y=inner.y, scale_x=inner.width, scale_y=inner.height
        )
    elif radius:
        radius = max(0.0, radius - stroke.width / 2)
        outline = round_rectangle(
            inner.x, inner.y, inner.width, inner.height, radius, radius
        )
    page.add(DrawPath(layer.id, rect, outline, None, stroke, opacity))


def _place_logo(page: Page, layer: LogoLayer, rect: Rect, opacity: float) -> None:
    variants: tuple[str, ...] = ()
    variant: str = layer.variant
    if layer.variant == "auto":
        variants = tuple(sorted(page.brand.logos, key=LOGO_ORDER.index))
        variant = variants[0] if variants else "primary"
    logo = page.brand.logo(variant)
    ratio = page.logo_shapes[variant]
    width = min(rect.width, rect.height * ratio)
    height = width / ratio
    x = rect.x + SHARES[page.align(layer, layer.align)] * (rect.width - width)
    y = rect.y + SHARES[layer.valign] * (rect.height - height)
    place = Rect(x, y, width, height)
    page.add(DrawLogo(layer.id, variant, place, opacity, variants), place)
    is_small = width < logo.smallest_width_px
    page.report(
        "logo-size",
        layer.id,
        Verdict.FAIL if is_small else Verdict.PASS,
        f"{width:.0f} px wide",
        f"at least {logo.smallest_width_px} px",
        "The logo is too small. Give it more room." if is_small else "Large enough.",
    )
