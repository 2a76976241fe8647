"""Place stacks: children one after the other, in lines, hugging or filling."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from brandgen.compositor.boxes import Extent
from brandgen.compositor.display import DrawShape, Rect
from brandgen.compositor.layers import (
    AiLabelLayer,
    Layer,
    LogoLayer,
    StackLayer,
    TableLayer,
    TextLayer,
)
from brandgen.compositor.lettering import as_text, fit, padding, place_text
from brandgen.compositor.page import SHARES, Page
from brandgen.compositor.tables import table_height
from brandgen.compositor.text import SetText
from brandgen.lib.findings import Verdict

SLACK_PX = 0.5
Place = Callable[[Page, Layer, Rect, float], None]


@dataclass
class _Item:
    """A child with its size, the room before it, and its text if it is one."""

    layer: Layer
    width: float
    height: float
    before: float
    text: SetText | None = None


@dataclass
class _Flow:
    """Children in lines; `gap` lies between the lines."""

    lines: list[list[_Item]]
    is_row: bool
    gap: float

    def main(self, line: Sequence[_Item]) -> float:
        """Give the length of a line, the room before its first child left out."""
        sizes = sum(item.width if self.is_row else item.height for item in line)
        return sizes + sum(item.before for item in line[1:])

    def across(self, line: Sequence[_Item]) -> float:
        """Give the breadth of a line."""
        return max((i.height if self.is_row else i.width for i in line), default=0.0)

    @property
    def width(self) -> float:
        """The breadth of the whole content."""
        return self._longest if self.is_row else self._broad

    @property
    def height(self) -> float:
        """The height of the whole content."""
        return self._broad if self.is_row else self._longest

    @property
    def _longest(self) -> float:
        return max(map(self.main, self.lines), default=0.0)

    @property
    def _broad(self) -> float:
        gaps = self.gap * max(0, len(self.lines) - 1)
        return sum(map(self.across, self.lines)) + gaps


def place_stack(
    page: Page,
    stack: StackLayer,
    rect: Rect,
    opacity: float,
    place: Place,
    *,
    is_inner: bool,
) -> None:
    """Draw a stack's children in its box; `place` draws one that is no text.

    An inner stack's ground is its box; an outer one's hugs what the children take.
    """
    children = _shown(page, stack)
    pad_x, pad_y = page.px(stack.padding_x), page.px(stack.padding_y)
    inner = Rect(
        rect.x + pad_x,
        rect.y + pad_y,
        max(1.0, rect.width - 2 * pad_x),
        max(1.0, rect.height - 2 * pad_y),
    )
    flow = _choose(page, stack, children, inner)
    first = len(page.items)
    boxes = [
        _place_child(page, item, box, opacity, place)
        for item, box in _positions(page, stack, flow, inner)
    ]
    page.boxes[stack.id] = rect
    if stack.ground and boxes:
        ground = rect
        if not is_inner:
            left, top = min(b.x for b in boxes), min(b.y for b in boxes)
            right, bottom = max(b.right for b in boxes), max(b.bottom for b in boxes)
            ground = Rect(
                left - pad_x,
                top - pad_y,
                right - left + 2 * pad_x,
                bottom - top + 2 * pad_y,
            )
            page.boxes[stack.id] = ground
        radius = min(page.px(stack.radius), ground.width / 2, ground.height / 2)
        paint = page.paint(stack.ground, stack)
        item = DrawShape(stack.id, "rect", ground, radius, paint, opacity)
        page.items.insert(first, item)


def _shown(page: Page, stack: StackLayer) -> list[Layer]:
    shown = [layer for layer in stack.children if page.shows(layer)]
    return [
        as_text(page, layer) if isinstance(layer, AiLabelLayer) else layer
        for layer in shown
        if not isinstance(layer, StackLayer) or _shown(page, layer)
    ]


def _place_child(
    page: Page, item: _Item, box: Rect, opacity: float, place: Place
) -> Rect:
    layer = item.layer
    if isinstance(layer, TextLayer) and item.text and layer.blend == "normal":
        place_text(page, layer, box, item.text, opacity * layer.opacity)
    else:
        place(page, layer, box, opacity * layer.opacity)
    return page.boxes.get(layer.id, box)


def _choose(
    page: Page, stack: StackLayer, children: Sequence[Layer], inner: Rect
) -> _Flow:
    """Choose one factor for all texts' sizes, the largest at which the stack fits."""

    def measure(factor: float) -> _Flow:
        return _flow(page, stack, children, inner.width, inner.height, factor)

    def fits(flow: _Flow) -> bool:
        return (
            flow.width <= inner.width + SLACK_PX
            and flow.height <= inner.height + SLACK_PX
        )

    found = measure(1.0)
    if fits(found):
        return found
    low, high = 0.0, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(measure(middle)) else (low, middle)
    found = measure(low)
    if not fits(found):
        page.report(
            "stack-fit",
            stack.id,
            Verdict.FAIL,
            f"{found.width:.0f} x {found.height:.0f} px",
            f"{inner.width:.0f} x {inner.height:.0f} px",
            "The texts together are longer than their place. Shorten one of them.",
        )
    return found


def _flow(
    page: Page,
    stack: StackLayer,
    children: Sequence[Layer],
    width: float,
    height: float,
    factor: float,
) -> _Flow:
    flow = _Flow([], stack.direction == "row", page.px(stack.gap))
    items = _measure_all(page, stack, children, width, height, factor)
    limit = width if flow.is_row else height
    line: list[_Item] = []
    for item in items:
        if stack.wrap and line and flow.main([*line, item]) > limit + SLACK_PX:
            flow.lines.append(line)
            line = []
        line.append(item)
    if line:
        flow.lines.append(line)
    for line in flow.lines:
        _fill(page, flow, line, (width, height), factor)
    return flow


def _measure_all(
    page: Page,
    stack: StackLayer,
    children: Sequence[Layer],
    width: float,
    height: float,
    factor: float,
) -> list[_Item]:
    """Measure every child; in a row, texts share what the others leave."""
    is_row = stack.direction == "row"
    items = [
        _Item(
            layer,
            0,
            0,
            page.px(
                layer.size.before if layer.size and layer.size.before else stack.gap
            ),
        )
        for layer in children
    ]
    used = sum(item.before for item in items[1:]) if is_row else 0.0
    order = sorted(items, key=lambda i: isinstance(i.layer, TextLayer | StackLayer))
    for item in order:
        if _is_filling(item.layer, is_row=is_row):
            continue
        left = width if stack.wrap or not is_row else max(1.0, width - used)
        _measure(page, item, left, height, factor, is_row=is_row)
        used += item.width
    return items


def _is_filling(layer: Layer, *, is_row: bool) -> bool:
    """Say whether a child takes what is left along the stack."""
    extent = _extent(layer, is_width=is_row)
    return extent is not None and extent.word == "fill"


def _extent(layer: Layer, *, is_width: bool) -> Extent | None:
    if layer.size is None:
        return None
    return layer.size.width if is_width else layer.size.height


def _measure(
    page: Page, item: _Item, width: float, height: float, factor: float, *, is_row: bool
) -> None:
    """Give a child its own size within the room there is."""
    layer = item.layer
    wide, tall = _extent(layer, is_width=True), _extent(layer, is_width=False)
    # In a row a text is as wide as its words; in a column, as the column.
    hugs = wide.word == "hug" if wide else is_row
    room_x = page.px(wide) if wide and not wide.word else width
    room_y = page.px(tall) if tall and not tall.word else height
    item.width, item.height = room_x, room_y
    if isinstance(layer, TextLayer):
        _measure_text(page, item, layer, room_x, room_y, factor, hugs=hugs)
    elif isinstance(layer, StackLayer):
        pad_x, pad_y = page.px(layer.padding_x), page.px(layer.padding_y)
        inner = max(1.0, room_x - 2 * pad_x), max(1.0, room_y - 2 * pad_y)
        flow = _flow(page, layer, _shown(page, layer), *inner, factor)
        if hugs:
            item.width = _ink_width(flow) + 2 * pad_x
        if tall is None or tall.word == "hug":
            item.height = flow.height + 2 * pad_y
    elif isinstance(layer, TableLayer) and (tall is None or tall.word == "hug"):
        item.height = min(height, table_height(page, layer, room_x))
    elif isinstance(layer, LogoLayer) and hugs:
        ratios = page.logo_shapes
        name = layer.variant if layer.variant in ratios else next(iter(ratios), "")
        item.width = min(width, room_y * ratios.get(name, 4.0))


def _ink_width(flow: _Flow) -> float:
    """Give the width of what a flow shows: of texts their lines, not their room."""
    if flow.is_row:
        return flow.width
    widths = [
        item.text.width_px + 2 * (item.width - item.text.measure_px) / 2
        if item.text
        else item.width
        for line in flow.lines
        for item in line
    ]
    return max(widths, default=1.0)


def _measure_text(
    page: Page,
    item: _Item,
    layer: TextLayer,
    width: float,
    height: float,
    factor: float,
    *,
    hugs: bool,
) -> None:
    largest = page.px(layer.largest)
    smallest = page.px(layer.smallest) if layer.smallest else largest
    limit = smallest + factor * max(0.0, largest - smallest)
    pad_x, pad_y = padding(page, layer)
    room = Rect(0, 0, width, height)
    item.text = fit(page, layer, room, limit)
    if hugs:
        # Lines are broken anew to the narrower measure, which must not be too narrow.
        item.width = min(width, item.text.width_px + 2 * pad_x + 1)
        item.text = fit(page, layer, replace(room, width=item.width), limit)
    tall = _extent(layer, is_width=False)
    if tall is None or tall.word:
        item.height = item.text.height_px + 2 * pad_y


def _fill(
    page: Page,
    flow: _Flow,
    line: list[_Item],
    room: tuple[float, float],
    factor: float,
) -> None:
    """Share what is left of a line among those that fill it, and stretch across."""
    filling = [i for i in line if _is_filling(i.layer, is_row=flow.is_row)]
    length = room[0] if flow.is_row else room[1]
    # What fills has no length yet.
    used = flow.main(line)
    share = max(1.0, (length - used) / len(filling)) if filling else 0.0
    for item in filling:
        if flow.is_row:
            wide = (share, room[1])
            _measure(page, item, *wide, factor, is_row=False)
            item.width = share
        else:
            _measure(page, item, room[0], share, factor, is_row=False)
            item.height = share
    for item in line:
        across = _extent(item.layer, is_width=not flow.is_row)
        if across is not None and across.word == "fill" and flow.is_row:
            others = [i.height for i in line if i is not item]
            item.height = max(others, default=room[1])


def _positions(
    page: Page, stack: StackLayer, flow: _Flow, inner: Rect
) -> list[tuple[_Item, Rect]]:
    """Give each child's box, justified along the stack and aligned across it."""
    length = inner.width if flow.is_row else inner.height
    breadth = inner.height if flow.is_row else inner.width
    is_turned = page.mirrors(stack)
    align = stack.align if flow.is_row else page.align(stack, stack.align)
    share = SHARES[align]
    broad = flow.height if flow.is_row else flow.width
    is_single = len(flow.lines) == 1
    start = 0.0 if is_single else share * (breadth - broad)
    found = []
    for line in flow.lines:
        across = breadth if is_single else flow.across(line)
        free = length - flow.main(line)
        spread, at = 0.0, SHARES.get(stack.justify, 0.0) * free
        if stack.justify == "between" and len(line) > 1:
            spread = max(0.0, free) / (len(line) - 1)
        for n, item in enumerate(line):
            at += item.before + spread if n else 0.0
            own = item.height if flow.is_row else item.width
            offset = start + share * (across - own)
            if flow.is_row:
                x = inner.width - at - item.width if is_turned else at
                box = Rect(inner.x + x, inner.y + offset, item.width, item.height)
                at += item.width
            else:
                box = Rect(inner.x + offset, inner.y + at, item.width, item.height)
                at += item.height
            found.append((item, box))
        start += across + flow.gap
    return found
