"""Judge a layout by the inks of its print: too much of them, and colors it lacks."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import (
    DrawImage,
    DrawLogo,
    DrawPath,
    DrawShape,
    DrawText,
    Layout,
    Paint,
)
from brandgen.compositor.encode import Encoding
from brandgen.compositor.filters import apply_filters
from brandgen.compositor.pictures import ImageSource, Pixels, decode, place_picture
from brandgen.compositor.separation import Separation, is_neutral, total
from brandgen.lib.colors import distance, parse_hex, to_oklab
from brandgen.lib.findings import Finding, Verdict

MOST_DISTANCE = 5.0
"""About two steps that the eye just tells apart, side by side."""
_ROUNDING_PERCENT = 2.0
"""Four inks of whole levels, 0 to 255."""
_SPECK = 0.001
"""The share of a picture that may have more ink: single pixels don't smear."""
_LOOKED_AT = 500_000


def judge_inks(
    layout: Layout,
    *,
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    encoding: Encoding,
) -> Iterator[Finding]:
    """Judge what each layer puts on the paper, and the brand's colors.

    Nothing without a profile. Text that is multiplied may, with what lies below, have
    more ink than either.
    """
    if encoding.profile is None:
        return
    separation = Separation(encoding.profile, brand.inks)
    most_percent = encoding.most_ink_percent
    most: dict[str, float] = {}
    for place, percent in _coverages(layout, images, brand, separation):
        most[place] = max(percent, most.get(place, 0.0))
    for place, percent in most.items():
        if percent > most_percent + _ROUNDING_PERCENT:
            yield _too_much(place, percent, most_percent)
    if all(percent <= most_percent + _ROUNDING_PERCENT for percent in most.values()):
        yield Finding(
            rule="ink-coverage",
            measured=f"{max(most.values()):.0f} % at most",
            allowed=f"{most_percent} %",
            verdict=Verdict.PASS,
            message="No place has too much ink.",
        )
    yield from _judge_colors(layout, brand, separation)


def _too_much(place: str, percent: float, allowed: int) -> Finding:
    return Finding(
        rule="ink-coverage",
        measured=f"{percent:.0f} % of ink",
        allowed=f"{allowed} %",
        verdict=Verdict.WARN,
        message="So much ink smears and dries slowly. Lighten it, take a color profile "
        "with a lower limit, or change the brand's own inks.",
        place=place,
    )


def _coverages(
    layout: Layout,
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    separation: Separation,
) -> Iterator[tuple[str, float]]:
    """Give layers with the most ink that a place of them has, in percent."""
    for place, color in _colors(layout):
        yield place, total(separation.inks_of(parse_hex(color)))
    for item in layout.items:
        if isinstance(item, DrawImage):
            yield item.layer, _of_picture(_pixels(item, images), separation)
        elif isinstance(item, DrawLogo):
            pixels = decode(brand.logo(item.variant).data, name="logo").pixels
            yield item.layer, _of_picture(pixels, separation)


def _pixels(item: DrawImage, images: Mapping[str, ImageSource]) -> Pixels:
    box = item.rect.width, item.rect.height
    scale = min(1.0, (_LOOKED_AT / max(1.0, box[0] * box[1])) ** 0.5)
    placed = place_picture(
        images[item.image],
        name=item.image,
        box=box,
        fit=item.fit,
        focal=item.focal,
        align=item.align,
        scale=scale,
    )
    if not item.filters:
        return placed.pixels
    return apply_filters(placed.pixels, item.filters, item.blur_px * scale)


def _of_picture(pixels: Pixels, separation: Separation) -> float:
    """Give the ink that all but a speck of a picture stays below."""
    step = max(1, round((pixels.shape[0] * pixels.shape[1] / _LOOKED_AT) ** 0.5))
    seen = pixels[::step, ::step]
    inks = separation.picture(seen).sum(axis=-1, dtype=np.int64)[seen[..., 3] > 0]
    return float(np.quantile(inks, 1 - _SPECK) / 2.55) if inks.size else 0.0


def _colors(layout: Layout) -> Iterator[tuple[str, str]]:
    """Give every color of letters and shapes with the layer that has it."""
    yield "", layout.background
    for item in layout.items:
        if isinstance(item, DrawText):
            found: Sequence[str | None] = (item.color, item.emphasis_color)
        elif isinstance(item, DrawShape):
            found = _of_paint(item.paint)
        elif isinstance(item, DrawPath):
            stroke = item.stroke.color if item.stroke else None
            found = (*_of_paint(item.paint), stroke)
        else:
            continue
        for color in found:
            if color:
                yield item.layer, color


def _of_paint(paint: Paint | None) -> Sequence[str]:
    return [stop.color for stop in paint.stops] if paint else []


def _judge_colors(
    layout: Layout, brand: BrandStyle, separation: Separation
) -> Iterator[Finding]:
    """Find brand colors that the print has not, and for which no inks are chosen."""
    roles = {color.lower(): role for role, color in brand.palette.items()}
    places: dict[str, str] = {}
    for place, color in _colors(layout):
        places.setdefault(color.lower(), place)
    for color, place in places.items():
        wanted = parse_hex(color)
        is_decided = separation.own_inks_of(wanted) is not None
        if color not in roles or is_decided or is_neutral(wanted):
            continue
        printed = separation.seen(separation.inks_of(wanted))
        found = to_oklab(np.array([wanted, printed], np.float64))
        apart = float(distance(found[0], found[1]))
        if apart > MOST_DISTANCE:
            yield Finding(
                rule="print-color",
                measured=f"{apart:.1f} from {color}",
                allowed=f"{MOST_DISTANCE:.1f}",
                verdict=Verdict.WARN,
                message=f"The brand's {roles[color]} color {color} can't be printed "
                f"so: it comes out about like #{bytes(printed).hex()}. Ask the printer "
                "for a spot color, or choose a color for print.",
                place=place,
            )
