"""Lay a document out: a format and its modifications become a list of things to draw.

Pure: no pixels and no files. The result is plain frozen data with every box, so that an
editor can show handles and a test can ask where things are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import (
    Drawable,
    DrawImage,
    DrawLogo,
    DrawShape,
    DrawText,
    Layout,
    Paint,
    Rect,
    Stop,
)
from brandgen.compositor.document import (
    Document,
    Fill,
    Format,
    ImageLayer,
    Layer,
    Length,
    LinearFill,
    LogoLayer,
    Pinned,
    Scaled,
    ShapeLayer,
    SolidFill,
    StackLayer,
    Stretched,
    TextLayer,
)
from brandgen.compositor.preflight import check_clear_space, check_safe_zone
from brandgen.compositor.text import SetText, TextEngine, TextStyle
from brandgen.lib.findings import Finding, Verdict


@dataclass
class _Page:
    """What the functions below share while one layout is made."""

    document: Document
    shape: Format
    values: Mapping[str, str]
    brand: BrandStyle
    engine: TextEngine
    logo_shapes: Mapping[str, float]
    filled: frozenset[str]
    items: list[Drawable] = field(default_factory=list)
    boxes: dict[str, Rect] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def px(self, length: Length) -> float:
        return length.pixels(self.shape.short_side_px)

    def color(self, token: str) -> str:
        return self.brand.color(self.document.tokens.colors[token])

    def shows(self, layer: Layer) -> bool:
        if layer.hidden or (layer.visible_if and layer.visible_if not in self.filled):
            return False
        slot = layer.slot if isinstance(layer, TextLayer | ImageLayer) else None
        if isinstance(layer, TextLayer) and slot is None:
            return bool(layer.text and layer.text.strip())
        return slot is None or slot in self.filled

    def report(
        self,
        rule: str,
        layer: str,
        verdict: Verdict,
        measured: str,
        allowed: str,
        message: str,
    ) -> None:
        self.findings.append(Finding(rule, measured, allowed, verdict, message, layer))


def lay_out(
    document: Document,
    *,
    format_name: str,
    texts: Mapping[str, str],
    images: frozenset[str],
    brand: BrandStyle,
    engine: TextEngine,
    logo_shapes: Mapping[str, float],
) -> Layout:
    """Place every layer of a document in one format.

    `texts` fills text slots, `images` names the image slots that are filled, and
    `logo_shapes` gives each logo variant's width over height.
    """
    shape = document.formats[format_name]
    filled = frozenset(name for name, text in texts.items() if text.strip()) | images
    page = _Page(document, shape, texts, brand, engine, logo_shapes, filled)
    for layer in document.layers_in(format_name):
        if page.shows(layer) and layer.box is not None:
            box = layer.box
            x, width = _along(page, box.x, shape.width_px)
            y, height = _along(page, box.y, shape.height_px)
            _place(page, layer, Rect(x, y, width, height), layer.opacity)
    found = check_safe_zone(page.items, shape)
    found += check_clear_space(page.items, shape, brand)
    background = document.background
    return Layout(
        width_px=shape.width_px,
        height_px=shape.height_px,
        background=page.color(background) if background else "#ffffff",
        items=tuple(page.items),
        boxes=dict(page.boxes),
        findings=(*page.findings, *found),
    )


def _along(
    page: _Page, axis: Pinned | Stretched | Scaled, length: float
) -> tuple[float, float]:
    if isinstance(axis, Scaled):
        return axis.start * length, axis.size * length
    if isinstance(axis, Stretched):
        start = page.px(axis.start)
        return start, max(1.0, length - start - page.px(axis.end))
    size, offset = max(1.0, page.px(axis.size)), page.px(axis.offset)
    if axis.anchor == "center":
        return (length - size) / 2 + offset, size
    return (offset if axis.anchor == "start" else length - offset - size), size


def _place(page: _Page, layer: Layer, rect: Rect, opacity: float) -> None:
    if isinstance(layer, StackLayer):
        _place_stack(page, layer, rect, opacity)
    elif isinstance(layer, TextLayer):
        _place_text(page, layer, rect, _fit(page, layer, rect), opacity)
    elif isinstance(layer, ShapeLayer):
        paint = _paint(page, layer.fill)
        radius = min(page.px(layer.radius), rect.width / 2, rect.height / 2)
        item = DrawShape(layer.id, layer.shape, rect, radius, paint, opacity)
        _add(page, item, rect)
    elif isinstance(layer, LogoLayer):
        _place_logo(page, layer, rect, opacity)
    else:
        _add(page, _image(page, layer, rect, opacity), rect)


def _add(page: _Page, item: Drawable, rect: Rect) -> None:
    page.items.append(item)
    page.boxes[item.layer] = rect


def _image(page: _Page, layer: ImageLayer, rect: Rect, opacity: float) -> DrawImage:
    radius = min(page.px(layer.radius), rect.width / 2, rect.height / 2)
    focal = (layer.focal[0], layer.focal[1]) if layer.focal else None
    name = layer.slot or layer.image or ""
    return DrawImage(layer.id, name, rect, layer.fit, focal, radius, opacity)


def _paint(page: _Page, fill: Fill) -> Paint:
    if isinstance(fill, SolidFill):
        return Paint((Stop(0, page.color(fill.color), fill.opacity),))
    if isinstance(fill, LinearFill):
        stops = (Stop(s.at, page.color(s.color), s.opacity) for s in fill.stops)
        return Paint(tuple(stops), fill.angle_deg)
    # A straight ramp of opacity shows an edge where it ends; a smoothstep does not.
    color, steps = page.color(fill.color), 12
    ramp = [step / steps for step in range(steps + 1)]
    eased = tuple(Stop(t, color, fill.opacity * t * t * (3 - 2 * t)) for t in ramp)
    angles = {"right": 0.0, "bottom": 90.0, "left": 180.0, "top": 270.0}
    return Paint(eased, angles[fill.strongest])


def _padding(page: _Page, layer: TextLayer) -> tuple[float, float]:
    if layer.plate is None:
        return 0.0, 0.0
    return page.px(layer.plate.padding_x), page.px(layer.plate.padding_y)


def _fit(
    page: _Page, layer: TextLayer, rect: Rect, largest_px: float | None = None
) -> SetText:
    text = page.values.get(layer.slot, "") if layer.slot else layer.text or ""
    text = text.upper() if layer.transform == "upper" else text
    token = page.document.tokens.fonts[layer.font]
    largest = page.px(layer.largest)
    smallest = page.px(layer.smallest) if layer.smallest else largest
    style = TextStyle(
        family=page.engine.resolve_family(token.family),
        weight=token.weight,
        is_italic=token.is_italic,
        largest_px=max(4.0, largest if largest_px is None else largest_px),
        smallest_px=max(4.0, min(smallest, largest)),
        max_lines=layer.max_lines,
        line_height=layer.line_height,
        letter_spacing_em=layer.letter_spacing_em,
        align=layer.align,
        balance=layer.balance,
    )
    pad_x, pad_y = _padding(page, layer)
    width, height = rect.width - 2 * pad_x, rect.height - 2 * pad_y
    return page.engine.fit(text, style, max(1.0, width), max(1.0, height))


def _place_text(
    page: _Page, layer: TextLayer, rect: Rect, text: SetText, opacity: float
) -> None:
    _report_text(page, layer, text)
    if not text.text:
        return
    pad_x, pad_y = _padding(page, layer)
    width = min(text.width_px + 2 * pad_x, rect.width)
    height = text.height_px + 2 * pad_y
    align = layer.align
    if text.is_rtl and align != "center":
        align = "end" if align == "start" else "start"
    x = rect.x + _share(align) * (rect.width - width)
    y = rect.y + _share(layer.valign) * (rect.height - height)
    whole = Rect(x, y, width, height)
    if layer.plate:
        paint = Paint((Stop(0, page.color(layer.plate.color), 1),))
        radius = min(page.px(layer.plate.radius), width / 2, height / 2)
        page.items.append(DrawShape(layer.id, "rect", whole, radius, paint, opacity))
    inner = Rect(x + pad_x, y + pad_y, text.width_px, text.height_px)
    color = page.color(layer.color)
    page.items.append(DrawText(layer.id, inner, text, color, opacity))
    page.boxes[layer.id] = whole


def _share(align: str) -> float:
    return {"start": 0.0, "center": 0.5, "end": 1.0}[align]


def _report_text(page: _Page, layer: TextLayer, text: SetText) -> None:
    if text.missing:
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in text.missing[:8])
        page.report(
            "missing-glyph",
            layer.id,
            Verdict.FAIL,
            f"{len(text.missing)} characters",
            "0 characters",
            f"No font of the brand has {shown}; left out. Change the text, or add a "
            "font that has them.",
        )
    verdict, measured = Verdict.PASS, f"{text.lines} lines at {text.size_px:.0f} px"
    message = "The text fits."
    if text.is_cut:
        verdict = Verdict.FAIL if layer.overflow == "error" else Verdict.WARN
        message = "The text is longer than its place and was cut. Shorten it."
    elif text.breaks_word:
        verdict = Verdict.WARN
        message = "A word is longer than a line and had to be broken. Shorten it."
    allowed = f"{layer.max_lines} lines"
    page.report("text-fit", layer.id, verdict, measured, allowed, message)


def _place_logo(page: _Page, layer: LogoLayer, rect: Rect, opacity: float) -> None:
    logo = page.brand.logo(layer.variant)
    ratio = page.logo_shapes[layer.variant]
    width = min(rect.width, rect.height * ratio)
    height = width / ratio
    x = rect.x + _share(layer.align) * (rect.width - width)
    y = rect.y + _share(layer.valign) * (rect.height - height)
    _add(
        page,
        DrawLogo(layer.id, layer.variant, Rect(x, y, width, height), opacity),
        Rect(x, y, width, height),
    )
    is_small = width < logo.smallest_width_px
    page.report(
        "logo-size",
        layer.id,
        Verdict.FAIL if is_small else Verdict.PASS,
        f"{width:.0f} px wide",
        f"at least {logo.smallest_width_px} px",
        "The logo is too small. Give it more room." if is_small else "Large enough.",
    )


def _place_stack(page: _Page, stack: StackLayer, rect: Rect, opacity: float) -> None:
    children = [layer for layer in stack.children if page.shows(layer)]
    gaps = _gaps(page, stack, children)
    rects, texts = _measure_children(page, stack, children, rect, sum(gaps))
    used = sum(r.height for r in rects) + sum(gaps)
    y = rect.y + _share(stack.justify) * (rect.height - used)
    for child, size, gap in zip(children, rects, gaps, strict=True):
        y += gap
        x = rect.x + _share(stack.align) * (rect.width - size.width)
        place = Rect(x, y, size.width, size.height)
        faded = opacity * child.opacity
        if isinstance(child, TextLayer):
            _place_text(page, child, place, texts[child.id], faded)
        else:
            _place(page, child, place, faded)
        y += size.height
    page.boxes[stack.id] = rect


def _gaps(page: _Page, stack: StackLayer, children: Sequence[Layer]) -> list[float]:
    """Give the room above each child; none above the first."""
    rooms = [
        page.px(child.size.before if child.size and child.size.before else stack.gap)
        for child in children
    ]
    return [0.0, *rooms[1:]] if rooms else []


def _measure_children(
    page: _Page, stack: StackLayer, children: Sequence[Layer], rect: Rect, gaps: float
) -> tuple[list[Rect], dict[str, SetText]]:
    """Choose one factor for all texts' sizes, the largest at which the stack fits."""

    def measure(factor: float) -> tuple[list[Rect], dict[str, SetText]]:
        sizes: list[Rect] = []
        texts: dict[str, SetText] = {}
        for child in children:
            size = child.size
            width = page.px(size.width) if size and size.width else rect.width
            height = page.px(size.height) if size and size.height else rect.height
            if isinstance(child, TextLayer):
                largest = page.px(child.largest)
                smallest = page.px(child.smallest) if child.smallest else largest
                limit = smallest + factor * max(0.0, largest - smallest)
                room = Rect(0, 0, width, height)
                texts[child.id] = _fit(page, child, room, limit)
                height = texts[child.id].height_px + 2 * _padding(page, child)[1]
            sizes.append(Rect(0, 0, width, height))
        return sizes, texts

    def fits(sizes: list[Rect]) -> bool:
        return sum(r.height for r in sizes) + gaps <= rect.height + 0.5

    found = measure(1.0)
    if fits(found[0]):
        return found
    low, high = 0.0, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(measure(middle)[0]) else (low, middle)
    found = measure(low)
    if not fits(found[0]):
        page.report(
            "stack-fit",
            stack.id,
            Verdict.FAIL,
            f"{sum(r.height for r in found[0]) + gaps:.0f} px",
            f"{rect.height:.0f} px",
            "The texts together are longer than their place. Shorten one of them.",
        )
    return found
