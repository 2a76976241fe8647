"""Draw a layout: OpenCV scales pictures, skia paints into the same buffer."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import skia

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
)
from brandgen.compositor.pictures import (
    ImageSource,
    ImageSourceError,
    Pixels,
    Placed,
    decode,
    place_picture,
)
from brandgen.compositor.shade import shade
from brandgen.compositor.text import TextEngine
from brandgen.lib.colors import contrast_behind, parse_hex
from brandgen.lib.findings import Finding, Verdict

# WCAG 2.2, 1.4.3: 4.5 : 1, and 3 : 1 for 24 CSS pixels, or 18.66 in bold. A creative is
# judged as it is seen on a phone, about 390 CSS pixels wide.
VIEWED_WIDTH = 390


def draw(
    layout: Layout,
    *,
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    engine: TextEngine,
    scale: float = 1.0,
    transparent: bool = False,
) -> tuple[Pixels, list[Finding]]:
    """Draw everything, back to front, as RGBA, with findings on what was seen.

    With `transparent` the ground stays clear; alpha is not multiplied in.

    Raises:
        ImageSourceError: a picture is missing or can't be decoded.
    """
    width = max(1, round(layout.width_px * scale))
    height = max(1, round(layout.height_px * scale))
    pixels = np.empty((height, width, 4), np.uint8)
    ground = np.array([*parse_hex(layout.background), 0 if transparent else 255])
    pixels.view(np.uint32)[:] = ground.astype(np.uint8).view(np.uint32)
    surface = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType)
    canvas = surface.getCanvas()
    canvas.scale(width / layout.width_px, height / layout.height_px)
    target = Target(canvas, scale, None if transparent else pixels)
    findings: list[Finding] = []
    for item in layout.items:
        if isinstance(item, DrawText):
            findings.append(_judge_contrast(pixels, item, scale))
        findings += draw_item(target, item, images=images, brand=brand, engine=engine)
    return pixels, findings


@dataclass(frozen=True)
class Target:
    """Where to draw: a canvas in pixels of the format, and the scale of pictures.

    `pixels` is the opaque buffer under the canvas, for shortcuts; None without one.
    `is_vector` keeps text as text, as in a PDF.
    """

    canvas: Any
    scale: float
    pixels: Pixels | None = None
    is_vector: bool = False


def draw_item(
    target: Target,
    item: Drawable,
    *,
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    engine: TextEngine,
) -> list[Finding]:
    """Draw one item of a layout, with findings on its picture.

    Raises:
        ImageSourceError: a picture is missing or can't be decoded.
    """
    if isinstance(item, DrawImage):
        return _draw_image(target, item, images)
    if isinstance(item, DrawLogo):
        _draw_logo(target.canvas, item, brand, target.scale)
    elif isinstance(item, DrawShape):
        if target.pixels is None or not shade(target.pixels, item, target.scale):
            _draw_shape(target.canvas, item)
    else:
        engine.paint(
            target.canvas,
            item.text,
            x=item.rect.x,
            y=item.rect.y,
            color=item.color,
            opacity=item.opacity,
            as_paths=not target.is_vector,
        )
    return []


def _draw_image(
    target: Target, item: DrawImage, images: Mapping[str, ImageSource]
) -> list[Finding]:
    if item.image not in images:
        raise ImageSourceError(
            f"The layer {item.layer!r} needs the picture {item.image!r}. Hand it in."
        )
    placed = place_picture(
        images[item.image],
        name=item.image,
        box=(item.rect.width, item.rect.height),
        fit=item.fit,
        focal=item.focal,
        scale=target.scale,
    )
    x, y = item.rect.x + placed.x, item.rect.y + placed.y
    rect = Rect(x, y, placed.width, placed.height)
    if not _paste(target, placed, item, rect):
        _blit(target.canvas, placed.pixels, rect, item.radius, item.opacity)
    return [_judge_resolution(item, placed.enlarged)]


def _size(rect: Rect, scale: float) -> tuple[int, int]:
    return max(1, round(rect.width * scale)), max(1, round(rect.height * scale))


def _paste(target: Target, placed: Placed, item: DrawImage, rect: Rect) -> bool:
    """Copy an opaque picture straight into the buffer where that is the same."""
    if target.pixels is None or not placed.is_opaque:
        return False
    left, top = rect.x * target.scale, rect.y * target.scale
    height, width = placed.pixels.shape[:2]
    is_plain = item.radius == 0 and item.opacity == 1
    is_whole = abs(left - round(left)) < 0.01 and abs(top - round(top)) < 0.01
    x, y = round(left), round(top)
    is_inside = x >= 0 and y >= 0 and x + width <= target.pixels.shape[1]
    is_inside &= y + height <= target.pixels.shape[0]
    if not (is_plain and is_whole and is_inside):
        return False
    target.pixels[y : y + height, x : x + width] = placed.pixels
    return True


def _blit(
    canvas: Any, picture: Pixels, rect: Rect, radius: float, opacity: float
) -> None:
    image = skia.Image.fromarray(
        np.ascontiguousarray(picture), skia.ColorType.kRGBA_8888_ColorType
    )
    canvas.save()
    if radius:
        canvas.clipRRect(
            skia.RRect.MakeRectXY(_sk(rect), radius, radius), doAntiAlias=True
        )
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
    paint = skia.Paint(AntiAlias=True, Alphaf=opacity)
    canvas.drawImageRect(image, _sk(rect), sampling, paint)
    canvas.restore()


def _draw_logo(canvas: Any, item: DrawLogo, brand: BrandStyle, scale: float) -> None:
    data = brand.logo(item.variant).data
    scaled = _scale_logo(data, *_size(item.rect, scale))
    _blit(canvas, scaled, item.rect, 0, item.opacity)


@functools.lru_cache(maxsize=64)
def _scale_logo(data: bytes, width: int, height: int) -> Pixels:
    """Scale a logo with its alpha multiplied in, or clear pixels bleed their color."""
    picture = decode(data, name="logo").pixels.astype(np.float32)
    picture[..., :3] *= picture[..., 3:] / 255
    shrinks = width <= picture.shape[1] and height <= picture.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    scaled = np.clip(cv2.resize(picture, (width, height), interpolation=method), 0, 255)
    scaled[..., :3] /= np.maximum(scaled[..., 3:], 1) / 255
    rounded: Pixels = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
    return rounded


def _draw_shape(canvas: Any, item: DrawShape) -> None:
    paint = skia.Paint(AntiAlias=True, Dither=True)
    _fill(paint, item.paint, item.rect)
    paint.setAlphaf(paint.getAlphaf() * item.opacity)
    if item.shape == "ellipse":
        canvas.drawOval(_sk(item.rect), paint)
    elif item.radius:
        canvas.drawRRect(
            skia.RRect.MakeRectXY(_sk(item.rect), item.radius, item.radius), paint
        )
    else:
        canvas.drawRect(_sk(item.rect), paint)


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


def _sk(rect: Rect) -> Any:
    return skia.Rect.MakeXYWH(rect.x, rect.y, rect.width, rect.height)


def _judge_resolution(item: DrawImage, enlarged: float) -> Finding:
    is_soft = enlarged > 2.0
    return Finding(
        rule="image-resolution",
        measured=f"enlarged {enlarged:.1f} times",
        allowed="2.0 times",
        verdict=Verdict.WARN if is_soft else Verdict.PASS,
        message="The picture is too small for its place and will look soft."
        if is_soft
        else "The picture has enough pixels.",
        place=item.layer,
    )


def _judge_contrast(pixels: Pixels, item: DrawText, scale: float) -> Finding:
    rect = item.rect
    left, top = max(0, int(rect.x * scale)), max(0, int(rect.y * scale))
    behind = pixels[
        top : max(top + 1, int(rect.bottom * scale)),
        left : max(left + 1, int(rect.right * scale)),
        :3,
    ]
    is_bold = item.text.style.weight >= 700
    seen_px = item.text.size_px * VIEWED_WIDTH * scale / pixels.shape[1]
    allowed = 3.0 if seen_px >= (18.66 if is_bold else 24.0) else 4.5
    measured = contrast_behind(behind, item.color)
    is_low = measured < allowed
    return Finding(
        rule="text-contrast",
        measured=f"{measured:.1f} : 1",
        allowed=f"at least {allowed:.1f} : 1",
        verdict=Verdict.FAIL if is_low else Verdict.PASS,
        message="The text is hard to read on what lies behind it. Use another picture, "
        "or a stronger ground."
        if is_low
        else "The text stands out.",
        place=item.layer,
    )
