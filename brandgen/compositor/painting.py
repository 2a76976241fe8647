"""Paint shapes and outlines with skia: fills, gradients, strokes, clips, groups."""

import math
from typing import Any

import numpy as np
import skia

from brandgen.compositor.display import (
    Clip,
    Course,
    DrawPath,
    DrawShape,
    GroupStart,
    MoveStart,
    Paint,
    Rect,
    Stroke,
)
from brandgen.compositor.outlines import Outline, Step
from brandgen.compositor.pictures import Pixels

_CAPS = {
    "butt": skia.Paint.kButt_Cap,
    "round": skia.Paint.kRound_Cap,
    "square": skia.Paint.kSquare_Cap,
}
_JOINS = {
    "miter": skia.Paint.kMiter_Join,
    "round": skia.Paint.kRound_Join,
    "bevel": skia.Paint.kBevel_Join,
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
    if fill.course:
        paint.setShader(_along(fill.course, colors, [stop.at for stop in fill.stops]))
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


def _along(course: Course, colors: list[int], positions: list[float]) -> Any:
    """Give a gradient that runs by a matrix of its own."""
    a, b, c, d, e, f = course.matrix
    options = {
        "colors": colors,
        "positions": positions,
        "localMatrix": skia.Matrix.MakeAll(a, c, e, b, d, f, 0, 0, 1),
    }
    if not course.is_radial:
        return skia.GradientShader.MakeLinear(points=[(0, 0), (1, 0)], **options)
    if course.focus == (0.0, 0.0):
        return skia.GradientShader.MakeRadial(center=(0, 0), radius=1, **options)
    return skia.GradientShader.MakeTwoPointConical(
        start=course.focus, startRadius=0, end=(0, 0), endRadius=1, **options
    )


def to_skia(rect: Rect) -> Any:
    """Give a box as skia's."""
    return skia.Rect.MakeXYWH(rect.x, rect.y, rect.width, rect.height)


def draw_path(canvas: Any, item: DrawPath) -> None:
    """Fill an outline, then draw a line along it, inside of its cuts."""
    path = skia_path(item.outline, is_even_odd=item.is_even_odd)
    if item.cuts:
        canvas.save()
    for cut in item.cuts:
        edge = skia_path(cut.outline, is_even_odd=cut.is_even_odd)
        canvas.clipPath(edge, doAntiAlias=True)
    if item.paint:
        paint = skia.Paint(AntiAlias=not item.is_crisp, Dither=True)
        _fill(paint, item.paint, item.rect)
        paint.setAlphaf(paint.getAlphaf() * item.opacity)
        canvas.drawPath(path, paint)
    if item.stroke and item.stroke.width > 0:
        paint = stroke_paint(item.stroke)
        paint.setColor(0xFF000000 | int(item.stroke.color.lstrip("#"), 16))
        paint.setAlphaf(item.opacity)
        canvas.drawPath(path, paint)
    if item.cuts:
        canvas.restore()


def stroke_paint(stroke: Stroke) -> Any:
    """Give what draws a line, in black."""
    paint = skia.Paint(AntiAlias=True, StrokeWidth=stroke.width)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeCap(_CAPS[stroke.cap])
    paint.setStrokeJoin(_JOINS[stroke.join])
    paint.setStrokeMiter(stroke.miter_limit)
    if stroke.dash:
        effect = skia.DashPathEffect.Make(list(stroke.dash), stroke.dash_start)
        paint.setPathEffect(effect)
    return paint


def skia_path(outline: Outline, *, is_even_odd: bool = False) -> Any:
    """Give an outline as skia's path."""
    path = skia.Path()
    if is_even_odd:
        path.setFillType(skia.PathFillType.kEvenOdd)
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


def outline_of_path(path: Any) -> Outline:
    """Give skia's path as an outline; its conics become quadratic curves."""
    steps: list[Step] = []
    walk = skia.Path.Iter(path, False)
    verb, points = walk.next()
    while verb != skia.Path.kDone_Verb:
        flat = [value for point in points[1:] for value in (point.x(), point.y())]
        if verb == skia.Path.kMove_Verb:
            steps.append(("M", points[0].x(), points[0].y()))
        elif verb == skia.Path.kLine_Verb:
            steps.append(("L", *flat))
        elif verb == skia.Path.kQuad_Verb:
            steps.append(("Q", *flat))
        elif verb == skia.Path.kCubic_Verb:
            steps.append(("C", *flat))
        elif verb == skia.Path.kConic_Verb:
            bent = skia.Path.ConvertConicToQuads(*points, walk.conicWeight(), 2)
            for middle, end in zip(bent[1::2], bent[2::2], strict=True):
                steps.append(("Q", middle.x(), middle.y(), end.x(), end.y()))
        else:
            steps.append(("Z",))
        verb, points = walk.next()
    return tuple(steps)


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


def start_move(canvas: Any, item: MoveStart) -> None:
    """Let what follows be moved; to be restored twice."""
    canvas.save()
    if item.clip:
        _clip_to_any(canvas, item.clip)
    x, y = item.center
    canvas.translate(x + item.x, y + item.y)
    canvas.scale(item.scale, item.scale)
    canvas.translate(-x, -y)
    if item.opacity < 1:
        canvas.saveLayer(None, skia.Paint(Alphaf=item.opacity))
    else:
        canvas.save()


def _clip_to_any(canvas: Any, clip: Clip) -> None:
    if len(clip.rects) == 1:
        clip_to(canvas, clip.mask, clip.rects[0], clip.radius)
        return
    path = skia.Path()
    for rect in clip.rects:
        path.addRect(to_skia(rect))
    canvas.clipPath(path, doAntiAlias=True)
