"""Paint shapes and outlines with skia: fills, gradients, strokes, clips, groups."""

import math
from typing import Any

import numpy as np
import skia

from brandgen.compositor.display import DrawPath, DrawShape, GroupStart, Paint, Rect
from brandgen.compositor.outlines import Outline
from brandgen.compositor.pictures import Pixels

_CAPS = {
    "butt": skia.Paint.kButt_Cap,
    "round": skia.Paint.kRound_Cap,
    "square": skia.Paint.kSquare_Cap,
}


def draw_shape(canvas: Any, item: DrawShape) -> None:
    """Fill a rectangle or an ellipse."""
    paint = skia.Paint(AntiAlias=True, Dither=True)
    _fill(paint, item.paint, item.rect)
    paint.setAlphaf(paint.getAlphaf() * item.opacity)
    if item.shape == "ellipse":
        canvas.drawOval(to_skia(item.rect), paint)
    elif item.radius:
        canvas.drawRRect(
            skia.RRect.MakeRectXY(to_skia(item.rect), item.radius, item.radius), paint
        )
    else:
        canvas.drawRect(to_skia(item.rect), paint)


def _fill(paint: Any, fill: Paint, rect: Rect) -> None:
    colors = [
        round(stop.opacity * 255) << 24 | int(stop.color.lstrip("#"), 16)
        for stop in fill.stops
    ]
    if len(colors) == 1:
        paint.setColor(colors[0])
        return
    angle = math.radians(fill.angle_deg)
    x, y = math.cos(angle), math.sin(angle)
    # Half of the box's extent along the angle, so that the stops end at its corners.
    reach = (abs(x) * rect.width + abs(y) * rect.height) / 2
    middle = rect.x + rect.width / 2, rect.y + rect.height / 2
    paint.setShader(
        skia.GradientShader.MakeLinear(
            points=[
                (middle[0] - x * reach, middle[1] - y * reach),
                (middle[0] + x * reach, middle[1] + y * reach),
            ],
            colors=colors,
            positions=[stop.at for stop in fill.stops],
        )
    )


def to_skia(rect: Rect) -> Any:
    """Give a box as skia's."""
    return skia.Rect.MakeXYWH(rect.x, rect.y, rect.width, rect.height)


def draw_path(canvas: Any, item: DrawPath) -> None:
    """Fill an outline, then draw a line along it."""
    path = skia_path(item.outline)
    if item.is_even_odd:
        path.setFillType(skia.PathFillType.kEvenOdd)
    if item.paint:
        paint = skia.Paint(AntiAlias=not item.is_crisp, Dither=True)
        _fill(paint, item.paint, item.rect)
        paint.setAlphaf(paint.getAlphaf() * item.opacity)
        canvas.drawPath(path, paint)
    if item.stroke and item.stroke.width > 0:
        stroke = item.stroke
        paint = skia.Paint(AntiAlias=True, StrokeWidth=stroke.width)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeCap(_CAPS[stroke.cap])
        paint.setColor(0xFF000000 | int(stroke.color.lstrip("#"), 16))
        paint.setAlphaf(item.opacity)
        if stroke.dash:
            paint.setPathEffect(skia.DashPathEffect.Make(list(stroke.dash), 0.0))
        canvas.drawPath(path, paint)


def skia_path(outline: Outline) -> Any:
    """Give an outline as skia's path."""
    path = skia.Path()
    steps = {
        "M": path.moveTo,
        "L": path.lineTo,
        "Q": path.quadTo,
        "C": path.cubicTo,
        "Z": path.close,
    }
    for kind, *numbers in outline:
        steps[str(kind)](*map(float, numbers))
    return path


def clip_to(canvas: Any, clip: str, rect: Rect, radius: float) -> None:
    """Let nothing be drawn outside a box, rounded or an ellipse."""
    if clip == "ellipse":
        outline = skia.Path().addOval(to_skia(rect))
        canvas.clipPath(outline, doAntiAlias=True)
    elif radius:
        rounded = skia.RRect.MakeRectXY(to_skia(rect), radius, radius)
        canvas.clipRRect(rounded, doAntiAlias=True)
    elif clip == "rect":
        canvas.clipRect(to_skia(rect), doAntiAlias=True)


def group_paint(item: GroupStart) -> Any:
    """Give what a group is drawn with as a whole: its opacity and blend mode."""
    paint = skia.Paint(AntiAlias=True, Alphaf=item.opacity)
    if item.blend != "normal":
        words = "".join(word.capitalize() for word in item.blend.split("-"))
        paint.setBlendMode(getattr(skia.BlendMode, f"k{words}"))
    return paint


def blend_group(canvas: Any, drawn: Pixels, item: GroupStart) -> None:
    """Draw the pixels of a group, as large as the canvas, into what lies below."""
    canvas.save()
    clip_to(canvas, item.clip, item.rect, item.radius)
    canvas.resetMatrix()
    image = skia.Image.fromarray(
        np.ascontiguousarray(drawn), skia.ColorType.kRGBA_8888_ColorType
    )
    canvas.drawImage(image, 0, 0, skia.SamplingOptions(), group_paint(item))
    canvas.restore()
