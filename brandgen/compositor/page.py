"""What the functions of a layout share while it is made: one page of one format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from brandgen.compositor.bindings import BindingError, bind, holds, printed_in
from brandgen.compositor.boxes import Length
from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Drawable, Paint, Rect, Stop, Stroke
from brandgen.compositor.document import Document
from brandgen.compositor.fills import Fill, Line, LinearFill, SolidFill
from brandgen.compositor.formats import Format
from brandgen.compositor.layers import (
    AiLabelLayer,
    BarcodeLayer,
    ImageLayer,
    Layer,
    QrLayer,
    RatingLayer,
    TableLayer,
    TextLayer,
)
from brandgen.compositor.text import TextEngine
from brandgen.lib.findings import Finding, Verdict

SHARES = {"start": 0.0, "center": 0.5, "end": 1.0}
_MIRRORED = {"start": "end", "end": "start"}
_SIDES = {"left": "right", "right": "left"}


@dataclass
class Page:
    """One format in one locale, its values, and what was placed so far.

    `sizes_px` are those of the texts placed so far, by size group, which
    `size_limits_px` keeps from being larger.
    """

    document: Document
    shape: Format
    values: Mapping[str, Any]
    brand: BrandStyle
    engine: TextEngine
    logo_shapes: Mapping[str, float]
    filled: frozenset[str]
    locale: str = ""
    is_rtl: bool = False
    market: str = "default"
    has_ai: bool = False
    items: list[Drawable] = field(default_factory=list)
    boxes: dict[str, Rect] = field(default_factory=dict)
    frames: dict[str, Rect] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sizes_px: dict[str, list[float]] = field(default_factory=dict)
    size_limits_px: Mapping[str, float] = field(default_factory=dict)

    def px(self, length: Length) -> float:
        """Give a length in pixels of the format."""
        return length.pixels(self.shape.short_side_px)

    def color(self, token: str) -> str:
        """Give a color token's hex color.

        Raises:
            BrandStyleError: the brand has no color of its role.
        """
        return self.brand.color(self.document.tokens.colors[token])

    @property
    def language(self) -> str:
        """The language of its texts: the locale's, the document's, or none."""
        return self.locale or self.document.language or ""

    @property
    def direction(self) -> Literal["auto", "ltr", "rtl"]:
        """Which way texts run that have letters of both; the first decides in auto."""
        known = self.document.locales.get(self.locale)
        return known.direction if known else "auto"

    def mirrors(self, layer: Layer) -> bool:
        """Say whether a layer's left and right change places."""
        return self.is_rtl and layer.mirror

    def align(self, layer: Layer, align: str) -> str:
        """Give an alignment along x, turned around where the layer is mirrored."""
        return _MIRRORED.get(align, align) if self.mirrors(layer) else align

    def shows(self, layer: Layer) -> bool:
        """Say whether a layer is drawn: not hidden, and neither empty nor excluded."""
        if layer.hidden or not self._meets(layer):
            return False
        if isinstance(layer, AiLabelLayer):
            is_due = layer.show == "always" or self.has_ai
            return is_due and bool(self.text_of(layer).strip())
        if isinstance(layer, ImageLayer):
            return layer.slot is None or layer.slot in self.filled
        if isinstance(layer, TextLayer | QrLayer | BarcodeLayer | RatingLayer):
            return bool(self.text_of(layer).strip())
        if isinstance(layer, TableLayer):
            return layer.slot is None or layer.slot in self.filled
        return True

    def _meets(self, layer: Layer) -> bool:
        if layer.visible_if is None or layer.visible_if in self.filled:
            return True
        try:
            return holds(layer.visible_if, self.values)
        except BindingError as error:
            self.fail("binding", layer.id, str(error))
            return False

    def text_of(
        self, layer: TextLayer | QrLayer | BarcodeLayer | RatingLayer | AiLabelLayer
    ) -> str:
        """Give the text that a layer shows, with its bindings filled in."""
        if isinstance(layer, AiLabelLayer):
            text = layer.texts.get(self.market, layer.texts["default"])
        elif layer.slot:
            return str(self.values.get(layer.slot, ""))
        else:
            text = layer.text or ""
        return self.bound(layer.id, text)

    def bound(self, layer_id: str, text: str) -> str:
        """Fill in a text's bindings; what can't be is reported and left empty."""
        try:
            found = bind(text, self.values)
        except BindingError as error:
            self.fail("binding", layer_id, str(error))
            return ""
        if found.strip():
            self._warn_of_gaps(layer_id, text)
        return found

    def _warn_of_gaps(self, layer_id: str, text: str) -> None:
        """Report values that are empty where other words stand around them."""
        for key in sorted(printed_in(text)):
            owner, _, part = key.partition(".")
            value = self.values.get(owner, "")
            value = value.get(part, "") if isinstance(value, Mapping) else value
            if owner in {"format", "locale"} or str(value).strip():
                continue
            self.warn(
                "empty-value",
                layer_id,
                f"{key} is empty",
                "a value",
                f"“{text[:60]}” has a gap: {key} is empty. Fill it in, or let the "
                "template ask for it first.",
            )

    def paint(self, fill: Fill, layer: Layer | None = None) -> Paint:
        """Give a fill's colors, mirrored with the layer."""
        is_mirrored = layer is not None and self.mirrors(layer)
        if isinstance(fill, SolidFill):
            return Paint((Stop(0, self.color(fill.color), fill.opacity),))
        if isinstance(fill, LinearFill):
            stops = (Stop(s.at, self.color(s.color), s.opacity) for s in fill.stops)
            angle = 180 - fill.angle_deg if is_mirrored else fill.angle_deg
            return Paint(tuple(stops), angle)
        # A straight ramp of opacity shows an edge where it ends; a smoothstep does not.
        color, steps = self.color(fill.color), 12
        ramp = [step / steps for step in range(steps + 1)]
        eased = tuple(Stop(t, color, fill.opacity * t * t * (3 - 2 * t)) for t in ramp)
        angles = {"right": 0.0, "bottom": 90.0, "left": 180.0, "top": 270.0}
        side: str = fill.strongest
        return Paint(eased, angles[_SIDES.get(side, side) if is_mirrored else side])

    def stroke(self, line: Line) -> Stroke:
        """Give a line's color and lengths in pixels."""
        dash = tuple(max(0.5, self.px(length)) for length in line.dash)
        if len(dash) % 2:
            dash *= 2
        return Stroke(
            self.color(line.color), max(0.0, self.px(line.width)), line.cap, dash
        )

    def add(self, item: Drawable, rect: Rect | None = None) -> None:
        """Put an item on top; with a rect, that is the layer's box."""
        self.items.append(item)
        if rect is not None:
            self.boxes[item.layer] = rect

    def report(
        self,
        rule: str,
        layer: str,
        verdict: Verdict,
        measured: str,
        allowed: str,
        message: str,
    ) -> None:
        """Keep a finding."""
        self.findings.append(Finding(rule, measured, allowed, verdict, message, layer))

    def fail(
        self, rule: str, place: str, message: str, *, measured: str = "can't be drawn"
    ) -> None:
        """Keep a finding of something that can't be used so, once a place."""
        self._keep(Finding(rule, measured, "", Verdict.FAIL, message, place))

    def warn(
        self, rule: str, place: str, measured: str, allowed: str, message: str
    ) -> None:
        """Keep a finding of something that is drawn otherwise, once a place."""
        self._keep(Finding(rule, measured, allowed, Verdict.WARN, message, place))

    def _keep(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)
