"""Place what is drawn as outlines: lines, SVG paths, ratings, QR codes, barcodes."""

import math

from brandgen.compositor.codes import Barcode, CodeError, make_barcode, make_qr
from brandgen.compositor.display import (
    DrawPath,
    DrawShape,
    DrawText,
    Paint,
    Rect,
    Stop,
)
from brandgen.compositor.layers import (
    BarcodeLayer,
    LineLayer,
    PathLayer,
    QrLayer,
    RatingLayer,
)
from brandgen.compositor.lettering import fit_line
from brandgen.compositor.letters import report_letters
from brandgen.compositor.outlines import (
    Outline,
    dot,
    heart,
    moved,
    parse_path,
    polygon,
    rectangle,
    star,
)
from brandgen.compositor.page import Page
from brandgen.lib.colors import contrast_of, luminance_of
from brandgen.lib.findings import Verdict

SHAPES = {"star": star(), "heart": heart(), "dot": dot()}
# A module that a phone's camera still tells apart on a screen, in pixels.
SMALLEST_MODULE_PX = 2
SMALLEST_CODE_CONTRAST = 4.0
ARROW = 4.0
"""Length of an arrow's head, in widths of its line."""


def place_line(page: Page, layer: LineLayer, rect: Rect, opacity: float) -> None:
    """Draw a straight line through a box, with the heads it has."""
    stroke = page.stroke(layer.line)
    ends = _ends(layer, rect)
    heads = [layer.start, layer.end]
    if page.mirrors(layer):
        turned = [(rect.x + rect.right - x, y) for x, y in ends]
        ends = turned
    (x0, y0), (x1, y1) = ends
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    along = ((x1 - x0) / length, (y1 - y0) / length)
    cuts = [stroke.width * ARROW * 0.8 if head == "arrow" else 0.0 for head in heads]
    if sum(cuts) > length:
        cuts = [0.0, 0.0]
    first = (x0 + along[0] * cuts[0], y0 + along[1] * cuts[0])
    last = (x1 - along[0] * cuts[1], y1 - along[1] * cuts[1])
    outline: Outline = (("M", *first), ("L", *last))
    page.add(DrawPath(layer.id, rect, outline, None, stroke, opacity), rect)
    paint = Paint((Stop(0, stroke.color, 1),))
    for head, tip, sign in ((heads[0], ends[0], -1), (heads[1], ends[1], 1)):
        if head != "none":
            way = (along[0] * sign, along[1] * sign)
            shape = _head(head, tip, way, stroke.width)
            page.add(DrawPath(layer.id, rect, shape, paint, None, opacity))


def _ends(layer: LineLayer, rect: Rect) -> list[tuple[float, float]]:
    middle_x, middle_y = rect.x + rect.width / 2, rect.y + rect.height / 2
    return {
        "level": [(rect.x, middle_y), (rect.right, middle_y)],
        "upright": [(middle_x, rect.y), (middle_x, rect.bottom)],
        "down": [(rect.x, rect.y), (rect.right, rect.bottom)],
        "up": [(rect.x, rect.bottom), (rect.right, rect.y)],
    }[layer.direction]


def _head(
    head: str, tip: tuple[float, float], way: tuple[float, float], width: float
) -> Outline:
    if head == "dot":
        size = width * 3
        x, y = tip[0] - size / 2, tip[1] - size / 2
        return moved(dot(), x=x, y=y, scale_x=size, scale_y=size)
    length, half = width * ARROW, width * ARROW * 0.45
    foot = (tip[0] - way[0] * length, tip[1] - way[1] * length)
    side = (-way[1] * half, way[0] * half)
    left = (foot[0] + side[0], foot[1] + side[1])
    return polygon((tip, left, (foot[0] - side[0], foot[1] - side[1])))


def place_path(page: Page, layer: PathLayer, rect: Rect, opacity: float) -> None:
    """Draw SVG path data, its view box fitted into the layer's box."""
    left, top, width, height = layer.view
    scale_x, scale_y = rect.width / width, rect.height / height
    if layer.fit == "contain":
        scale_x = scale_y = min(scale_x, scale_y)
    x = rect.x + (rect.width - width * scale_x) / 2 - left * scale_x
    y = rect.y + (rect.height - height * scale_y) / 2 - top * scale_y
    outline = moved(parse_path(layer.data), x=x, y=y, scale_x=scale_x, scale_y=scale_y)
    paint = page.paint(layer.fill, layer) if layer.fill else None
    stroke = page.stroke(layer.stroke) if layer.stroke else None
    item = DrawPath(
        layer.id, rect, outline, paint, stroke, opacity, is_even_odd=layer.is_even_odd
    )
    page.add(item, rect)


def place_rating(page: Page, layer: RatingLayer, rect: Rect, opacity: float) -> None:
    """Draw a score as a row of shapes, each filled as far as the score goes."""
    text = page.text_of(layer)
    score = read_score(text)
    if score is None or not 0 <= score <= layer.count:
        page.fail(
            "rating",
            layer.id,
            f"{text[:40]!r} is no score from 0 to {layer.count}. Write 4.5.",
        )
        return
    steps = {"whole": 1, "half": 2}.get(layer.step)
    if steps:
        score = math.floor(score * steps + 0.5) / steps
    gap = page.px(layer.gap)
    size = min(rect.height, (rect.width - gap * (layer.count - 1)) / layer.count)
    size = max(1.0, size)
    full, empty = page.color(layer.color), page.color(layer.empty_color)
    is_turned = page.mirrors(layer)
    whole = size * layer.count + gap * (layer.count - 1)
    left = rect.right - whole if is_turned else rect.x
    top = rect.y + (rect.height - size) / 2
    for n in range(layer.count):
        place = layer.count - 1 - n if is_turned else n
        box = Rect(left + place * (size + gap), top, size, size)
        share = min(1.0, max(0.0, score - n))
        outline = moved(
            SHAPES[layer.shape], x=box.x, y=box.y, scale_x=size, scale_y=size
        )
        paint = _filled_to(share, full, empty, is_turned=is_turned)
        page.add(DrawPath(layer.id, box, outline, paint, None, opacity))
    page.boxes[layer.id] = Rect(left, top, whole, size)


def read_score(text: str) -> float | None:
    """Read a number with a point or a comma; None if it is none."""
    try:
        score = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return score if math.isfinite(score) else None


def _filled_to(share: float, full: str, empty: str, *, is_turned: bool) -> Paint:
    if share in (0.0, 1.0):
        return Paint((Stop(0, full if share else empty, 1),))
    stops = (Stop(0, full, 1), Stop(share, full, 1), Stop(share, empty, 1))
    return Paint((*stops, Stop(1, empty, 1)), 180.0 if is_turned else 0.0)


def place_qr(page: Page, layer: QrLayer, rect: Rect, opacity: float) -> None:
    """Draw a QR code, its modules on whole pixels, in the middle of its box."""
    try:
        rows = make_qr(page.text_of(layer), layer.correction)
    except CodeError as error:
        page.fail("code", layer.id, str(error))
        return
    count = len(rows) + 2 * layer.quiet
    module = _whole(min(rect.width, rect.height) / count)
    side = module * count
    x = round(rect.x + (rect.width - side) / 2)
    y = round(rect.y + (rect.height - side) / 2)
    whole = Rect(x, y, side, side)
    if layer.ground:
        paint = Paint((Stop(0, page.color(layer.ground), 1),))
        radius = min(page.px(layer.radius), side / 2)
        page.add(DrawShape(layer.id, "rect", whole, radius, paint, opacity))
    inner = (x + layer.quiet * module, y + layer.quiet * module)
    outline: list[tuple[str | float, ...]] = []
    for n, row in enumerate(rows):
        for start, length in _runs("".join("1" if dark else "0" for dark in row)):
            left, top = inner[0] + start * module, inner[1] + n * module
            outline += rectangle(left, top, length * module, module)
    _add_code(page, layer, whole, tuple(outline), opacity)
    _judge_code(page, layer, module)


def place_barcode(page: Page, layer: BarcodeLayer, rect: Rect, opacity: float) -> None:
    """Draw a barcode with its quiet zones, and its digits below if it has a font."""
    try:
        code = make_barcode(page.text_of(layer), layer.symbology)
    except CodeError as error:
        page.fail("code", layer.id, str(error))
        return
    count = len(code.modules) + sum(code.quiet)
    module = _whole(rect.width / count)
    left = round(rect.x + (rect.width - module * count) / 2)
    whole = Rect(left, round(rect.y), module * count, round(rect.height))
    if layer.ground:
        paint = Paint((Stop(0, page.color(layer.ground), 1),))
        page.add(DrawShape(layer.id, "rect", whole, 0, paint, opacity))
    pad = min(round(4 * module), whole.height / 8)
    is_free = len(code.texts) == 1
    largest = whole.height * 0.16 if is_free else min(10 * module, whole.height * 0.28)
    digits = largest if layer.font else 0.0
    top, bottom = whole.y + pad, whole.bottom - pad - digits
    first = left + code.quiet[0] * module
    outline: list[tuple[str | float, ...]] = []
    for start, length in _runs(code.modules):
        is_tall = start in code.tall and bool(layer.font)
        height = bottom - top + (digits / 2 if is_tall else 0)
        outline += rectangle(
            first + start * module, top, length * module, round(height)
        )
    _add_code(page, layer, whole, tuple(outline), opacity)
    if layer.font:
        box = Rect(first, bottom, module, digits)
        _place_digits(page, layer, code, box, layer.font, opacity)
    _judge_code(page, layer, module)


def _place_digits(
    page: Page,
    layer: BarcodeLayer,
    code: Barcode,
    box: Rect,
    font: str,
    opacity: float,
) -> None:
    """Set the digits below the bars; the box is one module wide, at the first bar."""
    size = box.height / 1.2
    for text, middle in code.texts:
        room = box.width * (len(code.modules) if len(text) > 1 else 12)
        found = fit_line(
            page,
            layer,
            text,
            font=font,
            largest=size,
            smallest=min(6.0, size),
            align="center",
            width=room,
        )
        report_letters(page, layer.id, found)
        x = box.x + middle * box.width - found.width_px / 2
        place = Rect(x, box.y + box.height * 0.06, found.width_px, found.height_px)
        page.add(DrawText(layer.id, place, found, page.color(layer.color), opacity))


def _add_code(
    page: Page,
    layer: QrLayer | BarcodeLayer,
    rect: Rect,
    outline: Outline,
    opacity: float,
) -> None:
    paint = Paint((Stop(0, page.color(layer.color), 1),))
    item = DrawPath(
        layer.id,
        rect,
        outline,
        paint,
        None,
        opacity,
        is_content=True,
        is_crisp=True,
    )
    page.add(item, rect)


def _whole(module: float) -> float:
    """Give a whole number of pixels, unless not even one fits."""
    return float(math.floor(module)) if module >= 1 else max(module, 0.01)


def _runs(modules: str) -> list[tuple[int, int]]:
    """Give each run of dark modules as (first, length)."""
    runs, start = [], -1
    for n, module in enumerate(f"{modules}0"):
        if module == "1" and start < 0:
            start = n
        elif module == "0" and start >= 0:
            runs.append((start, n - start))
            start = -1
    return runs


def _judge_code(page: Page, layer: QrLayer | BarcodeLayer, module: float) -> None:
    is_fine = module < SMALLEST_MODULE_PX
    page.report(
        "code-size",
        layer.id,
        Verdict.WARN if is_fine else Verdict.PASS,
        f"modules of {module:.1f} px",
        f"at least {SMALLEST_MODULE_PX} px",
        "The code is too fine for a camera. Give it more room, or a shorter text."
        if is_fine
        else "A camera can read it.",
    )
    if layer.ground is None:
        return
    ink, ground = page.color(layer.color), page.color(layer.ground)
    measured = contrast_of(ink, ground)
    is_dark = luminance_of(ink) < luminance_of(ground)
    is_good = measured >= SMALLEST_CODE_CONTRAST and is_dark
    page.report(
        "code-contrast",
        layer.id,
        Verdict.PASS if is_good else Verdict.FAIL,
        f"{measured:.1f} : 1, {'dark on light' if is_dark else 'light on dark'}",
        f"at least {SMALLEST_CODE_CONTRAST:.0f} : 1, dark on light",
        "A camera can read it."
        if is_good
        else "Many cameras can't read these colors. Set a dark code on a light ground.",
    )
