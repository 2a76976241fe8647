"""Place texts: choose their size in a box, stand them in it, report what is wrong."""

import dataclasses

from brandgen.compositor.boxes import Length
from brandgen.compositor.display import DrawShape, DrawText, Paint, Rect, Stop
from brandgen.compositor.layers import AiLabelLayer, Layer, TextLayer
from brandgen.compositor.letters import report_letters, report_look
from brandgen.compositor.page import SHARES, Page
from brandgen.compositor.text import SetText, side_of
from brandgen.compositor.typesetting.casing import to_upper
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.typesetting.fonts import Look
from brandgen.lib.findings import Verdict

SMALLEST_PX = 4.0
_LIKE_TEXT = {f.name for f in dataclasses.fields(AiLabelLayer)} & {
    f.name for f in dataclasses.fields(TextLayer)
} - {"type"}
"""What an AI label has as a text layer has it."""


def as_text(page: Page, layer: AiLabelLayer) -> TextLayer:
    """Give an AI label as the text layer that it is drawn as."""
    shared = {name: getattr(layer, name) for name in _LIKE_TEXT}
    text = layer.texts.get(page.market, layer.texts["default"])
    return TextLayer(type="text", text=text, max_lines=3, **shared)


def padding(page: Page, layer: TextLayer) -> tuple[float, float]:
    """Give the room that a text's plate has around it, across and down."""
    if layer.plate is None:
        return 0.0, 0.0
    return page.px(layer.plate.padding_x), page.px(layer.plate.padding_y)


def look(page: Page, font: str) -> Look:
    """Give how a font token's letters look; report what its font can't do."""
    token = page.document.tokens.fonts[font]
    found = Look(
        page.engine.resolve_family(token.family),
        token.weight,
        token.is_italic,
        tuple(sorted(token.features.items())),
        tuple(sorted(token.axes.items())),
    )
    report_look(page, font, found)
    return found


def _emphasis(page: Page, layer: TextLayer) -> Look | None:
    """Give how `*words*` look; None where stars are stars."""
    if layer.emphasis:
        return look(page, layer.emphasis.font or layer.font)
    is_marked = layer.slot in page.document.emphasized_slots
    return look(page, layer.font) if is_marked else None


def fit(
    page: Page, layer: TextLayer, rect: Rect, largest_px: float | None = None
) -> SetText:
    """Set a layer's text as large as it fits a box."""
    text = page.text_of(layer)
    text = to_upper(text, page.language) if layer.transform == "upper" else text
    smallest = smallest_of(page, layer.largest, layer.smallest)
    largest = page.px(layer.largest)
    smallest, largest = min(smallest, largest), largest_px or largest
    limit = page.size_limits_px.get(layer.size_group or "", largest)
    style = TextStyle(
        look=look(page, layer.font),
        largest_px=max(SMALLEST_PX, smallest, min(largest, limit)),
        smallest_px=max(SMALLEST_PX, smallest),
        max_lines=layer.max_lines,
        line_height=layer.line_height,
        letter_spacing_em=layer.letter_spacing_em,
        align=_align(page, layer, layer.align),
        balance=layer.balance,
        overflow="visible" if layer.overflow == "visible" else "ellipsis",
        emphasis=_emphasis(page, layer),
        hyphenate=layer.hyphenate,
        language=page.language,
        direction=page.direction if layer.direction == "auto" else layer.direction,
        step_px=page.px(layer.size_step) if layer.size_step else 0.0,
    )
    pad_x, pad_y = padding(page, layer)
    width, height = rect.width - 2 * pad_x, rect.height - 2 * pad_y
    return page.engine.fit(text, style, max(1.0, width), max(1.0, height))


def fit_line(
    page: Page,
    layer: Layer,
    text: str,
    *,
    font: str,
    largest: float,
    smallest: float,
    align: str,
    width: float,
    lines: int = 1,
) -> SetText:
    """Set a short text of a layer that is no text layer: a cell, a number's digits."""
    style = TextStyle(
        look=look(page, font),
        largest_px=max(SMALLEST_PX, largest),
        smallest_px=max(SMALLEST_PX, min(smallest, largest)),
        max_lines=lines,
        line_height=1.2,
        align=_align(page, layer, align),
        language=page.language,
        direction=page.direction,
    )
    return page.engine.fit(text, style, max(1.0, width), 1e5)


def _align(page: Page, layer: Layer, align: str) -> str:
    """Give the alignment that the text engine takes: the start is the text's own.

    On a mirrored page a text that runs left to right starts on the right as well.
    """
    sides = {"start": "right", "end": "left"} if page.mirrors(layer) else {}
    return sides.get(align, align)


def place_text(
    page: Page, layer: TextLayer, rect: Rect, text: SetText, opacity: float
) -> None:
    """Draw a set text in its box, on its plate if it has one."""
    _report(page, layer, text)
    if not text.text:
        return
    if layer.size_group:
        page.sizes_px.setdefault(layer.size_group, []).append(text.size_px)
    pad_x, pad_y = padding(page, layer)
    width = min(text.width_px + 2 * pad_x, rect.width)
    height = text.height_px + 2 * pad_y
    x = rect.x + SHARES[side_of(text)] * (rect.width - width)
    y = rect.y + SHARES[layer.valign] * (rect.height - height)
    whole = Rect(x, y, width, height)
    if layer.plate:
        paint = Paint((Stop(0, page.color(layer.plate.color), 1),))
        radius = min(page.px(layer.plate.radius), width / 2, height / 2)
        page.add(DrawShape(layer.id, "rect", whole, radius, paint, opacity))
    inner = Rect(x + pad_x, y + pad_y, text.width_px, text.height_px)
    token = layer.emphasis.color if layer.emphasis else None
    emphasized = page.color(token) if token else None
    color = page.color(layer.color)
    page.add(DrawText(layer.id, inner, text, color, opacity, emphasized), whole)


def _report(page: Page, layer: TextLayer, text: SetText) -> None:
    report_letters(page, layer.id, text)
    verdict, measured = Verdict.PASS, f"{text.lines} lines at {text.size_px:.0f} px"
    message = "The text fits."
    if text.is_cut:
        verdict = Verdict.FAIL if layer.overflow == "error" else Verdict.WARN
        message = "The text is longer than its place and was cut. Shorten it."
    elif text.is_overfull:
        verdict = Verdict.WARN
        message = "The text is longer than its place and reaches out. Shorten it."
    elif text.breaks_word:
        verdict = Verdict.WARN
        message = "A word is longer than a line and had to be broken. Shorten it."
    allowed = f"{layer.max_lines} lines"
    page.report("text-fit", layer.id, verdict, measured, allowed, message)


def smallest_of(page: Page, largest: Length, smallest: Length | None) -> float:
    """Give the smallest size in pixels; without one, the largest."""
    return page.px(smallest) if smallest else page.px(largest)
