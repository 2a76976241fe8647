"""Place tables: one size for all cells, the largest at which every row fits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from brandgen.compositor.display import DrawPath, DrawShape, DrawText, Rect
from brandgen.compositor.layers import TableLayer
from brandgen.compositor.lettering import SMALLEST_PX, fit_line, smallest_of
from brandgen.compositor.letters import report_letters
from brandgen.compositor.page import SHARES, Page
from brandgen.compositor.text import SetText, side_of
from brandgen.lib.findings import Verdict

MOST_ROWS = 20
LINES = 2


@dataclass(frozen=True)
class _Grid:
    """Set cells by row, and the height of each row."""

    cells: tuple[tuple[SetText, ...], ...]
    heights: tuple[float, ...]

    @property
    def height(self) -> float:
        return sum(self.heights)

    @property
    def is_cut(self) -> bool:
        return any(c.is_cut or c.breaks_word for row in self.cells for c in row)


def table_height(page: Page, layer: TableLayer, width: float) -> float:
    """Give the height of a table at its largest size, in pixels."""
    rows = _rows(page, layer)
    return _set(page, layer, rows, width, page.px(layer.largest)).height


def place_table(page: Page, layer: TableLayer, rect: Rect, opacity: float) -> None:
    """Draw a table from the top of its box."""
    rows = _rows(page, layer)
    if not rows:
        return
    grid = _fit(page, layer, rows, rect)
    _report(page, layer, grid, rect)
    whole = Rect(rect.x, rect.y, rect.width, min(grid.height, rect.height))
    page.boxes[layer.id] = whole
    edges = _edges(page, layer, rect)
    y = rect.y
    for n, (cells, height) in enumerate(zip(grid.cells, grid.heights, strict=True)):
        _place_ground(page, layer, n, Rect(rect.x, y, rect.width, height), opacity)
        for column, cell in enumerate(cells):
            left, width = edges[column]
            box = Rect(left, y, width, height)
            _place_cell(page, layer, cell, box, opacity, is_header=_heads(layer, n))
        y += height
        if layer.rule and n < len(rows) - 1:
            line = (("M", rect.x, y), ("L", rect.right, y))
            stroke = page.stroke(layer.rule)
            page.add(DrawPath(layer.id, whole, line, None, stroke, opacity))


def _heads(layer: TableLayer, row: int) -> bool:
    return layer.has_header and row == 0


def _rows(page: Page, layer: TableLayer) -> list[list[str]]:
    """Give the cells as texts; a slot's lines are rows, parted by `|`."""
    if layer.slot is None:
        rows = [
            [page.bound(layer.id, cell) for cell in row] for row in layer.rows or ()
        ]
    else:
        text = str(page.values.get(layer.slot, ""))
        lines = [line for line in text.splitlines() if line.strip()]
        rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    widest = max(map(len, rows), default=0)
    if len(rows) > MOST_ROWS or widest > len(layer.columns):
        page.fail(
            "table",
            layer.id,
            f"{len(rows)} rows of up to {widest} cells; {MOST_ROWS} rows of "
            f"{len(layer.columns)} are allowed. Write one row a line, cells parted "
            "by |.",
        )
    count = len(layer.columns)
    return [[*row, *[""] * count][:count] for row in rows[:MOST_ROWS]]


def _edges(page: Page, layer: TableLayer, rect: Rect) -> list[tuple[float, float]]:
    """Give each column's left edge and width; mirrored, the first is on the right."""
    total = sum(column.share for column in layer.columns)
    edges, at = [], 0.0
    for column in layer.columns:
        width = rect.width * column.share / total
        left = rect.right - at - width if page.mirrors(layer) else rect.x + at
        edges.append((left, width))
        at += width
    return edges


def _fit(page: Page, layer: TableLayer, rows: list[list[str]], rect: Rect) -> _Grid:
    largest = max(SMALLEST_PX, page.px(layer.largest))
    low = max(
        SMALLEST_PX, min(largest, smallest_of(page, layer.largest, layer.smallest))
    )

    def fits(grid: _Grid) -> bool:
        return not grid.is_cut and grid.height <= rect.height + 0.5

    found = _set(page, layer, rows, rect.width, largest)
    if fits(found):
        return found
    best = _set(page, layer, rows, rect.width, low)
    least, most = math.ceil(low), math.ceil(largest) - 1
    while least < most:
        middle = (least + most + 1) // 2
        found = _set(page, layer, rows, rect.width, float(middle))
        if fits(found):
            least, best = middle, found
        else:
            most = middle - 1
    return best


def _set(
    page: Page,
    layer: TableLayer,
    rows: Sequence[Sequence[str]],
    width: float,
    size: float,
) -> _Grid:
    total = sum(column.share for column in layer.columns)
    pad_x, pad_y = page.px(layer.padding_x), page.px(layer.padding_y)
    grid, heights = [], []
    for n, row in enumerate(rows):
        font = (
            layer.header_font if _heads(layer, n) and layer.header_font else layer.font
        )
        cells = tuple(
            fit_line(
                page,
                layer,
                text,
                font=font,
                largest=size,
                smallest=size,
                align=column.align,
                width=width * column.share / total - 2 * pad_x,
                lines=LINES,
            )
            for text, column in zip(row, layer.columns, strict=True)
        )
        grid.append(cells)
        heights.append(max((c.height_px for c in cells), default=0) + 2 * pad_y)
    return _Grid(tuple(grid), tuple(heights))


def _place_ground(
    page: Page, layer: TableLayer, row: int, rect: Rect, opacity: float
) -> None:
    is_odd = (row - layer.has_header) % 2 == 1
    fill = layer.header_fill if _heads(layer, row) else layer.stripe if is_odd else None
    if fill:
        paint = page.paint(fill, layer)
        page.add(DrawShape(layer.id, "rect", rect, 0, paint, opacity))


def _place_cell(
    page: Page,
    layer: TableLayer,
    cell: SetText,
    box: Rect,
    opacity: float,
    *,
    is_header: bool,
) -> None:
    report_letters(page, layer.id, cell)
    if not cell.text:
        return
    pad = page.px(layer.padding_x)
    free = box.width - 2 * pad - cell.width_px
    x = box.x + pad + SHARES[side_of(cell)] * free
    y = box.y + (box.height - cell.height_px) / 2
    token = layer.header_color if is_header and layer.header_color else layer.color
    place = Rect(x, y, cell.width_px, cell.height_px)
    page.add(DrawText(layer.id, place, cell, page.color(token), opacity))


def _report(page: Page, layer: TableLayer, grid: _Grid, rect: Rect) -> None:
    is_full = grid.height > rect.height + 0.5
    verdict, message = Verdict.PASS, "The table fits."
    if is_full:
        verdict = Verdict.FAIL
        message = "The table is longer than its place. Leave out rows."
    elif grid.is_cut:
        verdict = Verdict.WARN
        message = "A cell is longer than its place and was cut. Shorten it."
    measured = f"{len(grid.cells)} rows, {grid.height:.0f} px"
    page.report(
        "table-fit", layer.id, verdict, measured, f"{rect.height:.0f} px", message
    )
