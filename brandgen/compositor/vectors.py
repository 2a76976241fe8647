"""Draw whole pictures of outlines: a designer's icon or illustration, in its colors."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace

from brandgen.compositor.brand import OWN_COLORS
from brandgen.compositor.display import (
    Course,
    Cut,
    Drawable,
    DrawPath,
    GroupEnd,
    GroupStart,
    Paint,
    Rect,
    Stroke,
)
from brandgen.compositor.layers import SvgLayer
from brandgen.compositor.outlines import Outline, moved
from brandgen.compositor.page import SHARES, Page
from brandgen.compositor.svg.colors import NEAR, find_nearest
from brandgen.compositor.svg.pictures import VectorPicture, read_picture


def place_svg(page: Page, layer: SvgLayer, rect: Rect, opacity: float) -> None:
    """Draw a whole picture, as large as it fits into the layer's box."""
    picture = read_picture(layer.svg)
    scale = min(rect.width / picture.width, rect.height / picture.height)
    width, height = picture.width * scale, picture.height * scale
    across = SHARES[page.align(layer, layer.align)]
    box = Rect(
        rect.x + (rect.width - width) * across,
        rect.y + (rect.height - height) * SHARES[layer.valign],
        width,
        height,
    )
    colors = _colors_of(page, layer, picture)
    parts = _placed(layer.id, layer.svg, box, tuple(colors.items()))
    page.boxes[layer.id] = box
    is_apart = opacity < 1 and len(parts) > 1
    if is_apart:
        page.add(GroupStart(layer.id, box, "none", 0, opacity, "normal"))
    for part in parts:
        if opacity < 1 and not is_apart and isinstance(part, DrawPath):
            part = replace(part, opacity=part.opacity * opacity)
        page.add(part)
    if is_apart:
        page.add(GroupEnd(layer.id, box))


def _colors_of(
    page: Page, layer: SvgLayer, picture: VectorPicture
) -> Mapping[str, str]:
    """Give what each color of a picture is drawn as; those of nobody are reported."""
    if layer.color:
        return dict.fromkeys(picture.colors, page.color(layer.color))
    foreign = find_foreign_colors(layer, page.brand.palette)
    if foreign:
        message = explain_foreign_colors(foreign)
        page.fail("svg-color", layer.id, message, measured=", ".join(foreign))
    return {
        color: page.color(layer.colors[color]) if color in layer.colors else color
        for color in picture.colors
    }


def find_foreign_colors(layer: SvgLayer, palette: Mapping[str, str]) -> dict[str, str]:
    """Find colors of a picture that the brand does not have, with the nearest role.

    Colors that the layer maps to the brand's own are not among them.
    """
    if layer.color:
        return {}
    known = {**palette, **OWN_COLORS}
    found = {}
    for color in read_picture(layer.svg).colors:
        role, apart = find_nearest(color, known)
        if color not in layer.colors and apart > NEAR:
            found[color] = role
    return found


def explain_foreign_colors(found: Mapping[str, str]) -> str:
    """Say which colors of a picture the brand does not have, and what to do."""
    listed = [f"{color} (nearest: {role})" for color, role in found.items()]
    more = f" and {len(listed) - 6} more" if len(listed) > 6 else ""
    return (
        f"The drawing has colors that are not in the brand kit: "
        f"{', '.join(listed[:6])}{more}. Choose colors of the kit for them, or add "
        "them to it."
    )


@functools.lru_cache(maxsize=16)
def _placed(
    layer: str, source: str, box: Rect, colors: tuple[tuple[str, str], ...]
) -> tuple[Drawable, ...]:
    """Give the parts of a picture in their place and colors; batches ask again."""
    picture, chosen = read_picture(source), dict(colors)
    scale = box.width / picture.width

    @functools.cache  # parts share their cuts
    def place(outline: Outline) -> Outline:
        return moved(outline, x=box.x, y=box.y, scale_x=scale, scale_y=scale)

    return tuple(
        _place_part(part, layer, box, scale, chosen, place) for part in picture.parts
    )


def _place_part(
    part: Drawable,
    layer: str,
    box: Rect,
    scale: float,
    colors: Mapping[str, str],
    place: Callable[[Outline], Outline],
) -> Drawable:
    if not isinstance(part, DrawPath):
        return replace(part, layer=layer, rect=box)
    return replace(
        part,
        layer=layer,
        rect=box,
        outline=place(part.outline),
        paint=part.paint and _place_paint(part.paint, box, scale, colors),
        stroke=part.stroke and _place_stroke(part.stroke, scale, colors),
        cuts=tuple(Cut(place(cut.outline), cut.is_even_odd) for cut in part.cuts),
    )


def _place_paint(
    paint: Paint, box: Rect, scale: float, colors: Mapping[str, str]
) -> Paint:
    stops = tuple(replace(stop, color=colors[stop.color]) for stop in paint.stops)
    course = paint.course
    if course:
        a, b, c, d, e, f = (value * scale for value in course.matrix)
        matrix = (a, b, c, d, e + box.x, f + box.y)
        course = Course(matrix, course.is_radial, course.focus)
    return replace(paint, stops=stops, course=course)


def _place_stroke(stroke: Stroke, scale: float, colors: Mapping[str, str]) -> Stroke:
    return replace(
        stroke,
        color=colors[stroke.color],
        width=stroke.width * scale,
        dash=tuple(part * scale for part in stroke.dash),
        dash_start=stroke.dash_start * scale,
    )
