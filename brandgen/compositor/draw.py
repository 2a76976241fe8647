"""Draw a layout: OpenCV scales pictures, skia paints into the same buffer."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import (
    Drawable,
    DrawImage,
    DrawLogo,
    DrawPath,
    DrawShape,
    DrawText,
    GroupEnd,
    GroupStart,
    Layout,
    MoveEnd,
    MoveStart,
    Rect,
)
from brandgen.compositor.filters import apply_filters
from brandgen.compositor.judging import (
    choose_logo,
    cut_out,
    ink_of_logo,
    judge_contrast,
    judge_logo,
    judge_resolution,
)
from brandgen.compositor.painting import (
    blend_group,
    clip_to,
    draw_path,
    draw_shape,
    group_paint,
    start_move,
    to_skia,
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
from brandgen.compositor.watermark import draw_watermark
from brandgen.lib.colors import parse_hex
from brandgen.lib.findings import Finding


def draw(
    layout: Layout,
    *,
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    engine: TextEngine,
    scale: float = 1.0,
    transparent: bool = False,
    watermark: str | None = None,
) -> tuple[Pixels, list[Finding], Layout]:
    """Draw everything, back to front, as RGBA, with findings on what was seen.

    The layout comes back with the logos' variants that were chosen.

    With `transparent` the ground stays clear; alpha is not multiplied in. A `watermark`
    comes last, over what the findings are on.

    Raises:
        ImageSourceError: a picture is missing or can't be decoded.
    """
    whole = Rect(0, 0, layout.width_px, layout.height_px)
    width, height = _size(whole, scale)
    ground = layout.items[0] if layout.items and not transparent else None
    findings: list[Finding] = []
    items: list[Drawable] = []
    if isinstance(ground, DrawImage) and _is_ground(ground, whole, images):
        placed = _place(ground, images, scale)
        # Pixels that nobody keeps are drawn into as they are.
        is_kept = not placed.pixels.flags.writeable
        pixels = placed.pixels.copy() if is_kept else placed.pixels
        findings.append(judge_resolution(ground, placed.enlarged, layout.dpi))
        items.append(ground)
    else:
        pixels = np.empty((height, width, 4), np.uint8)
        color = np.array([*parse_hex(layout.background), 0 if transparent else 255])
        pixels.view(np.uint32)[:] = color.astype(np.uint8).view(np.uint32)
    ratio = (width / layout.width_px, height / layout.height_px)
    target = Target(
        _canvas(pixels, ratio),
        scale,
        None if transparent else pixels,
        dpi=layout.dpi,
    )
    below: list[tuple[Target, GroupStart]] = []
    sheets = [pixels]
    moves: list[tuple[Target, MoveStart]] = []
    for item in layout.items[len(items) :]:
        if isinstance(item, GroupStart):
            below.append((target, item))
            sheets.append(np.zeros_like(pixels))
            apart = _canvas(sheets[-1], ratio)
            if moves:
                apart.setMatrix(target.canvas.getTotalMatrix())
            target = Target(apart, scale, dpi=layout.dpi)
        elif isinstance(item, GroupEnd):
            target, group = below.pop()
            blend_group(target.canvas, sheets.pop(), group)
        elif isinstance(item, MoveStart):
            moves.append((target, item))
            start_move(target.canvas, item)
            target = replace(target, pixels=None)
        elif isinstance(item, MoveEnd):
            target, _ = moves.pop()
            target.canvas.restore()
            target.canvas.restore()
        else:
            if isinstance(item, DrawText) and _is_seen(item, moves, whole):
                behind_it = functools.partial(_behind, sheets, scale, moves)
                seen = judge_contrast(behind_it, item, scale=scale, width_px=width)
                if seen not in findings:
                    findings.append(seen)
            elif isinstance(item, DrawLogo):
                behind = _behind(sheets, scale, moves, item.rect)
                item, seen = _choose_variant(item, behind, brand)
                findings.append(seen)
            findings += draw_item(
                target, item, images=images, brand=brand, engine=engine
            )
        items.append(item)
    if watermark:
        draw_watermark(target.canvas, whole, watermark, engine)
    return pixels, findings, replace(layout, items=tuple(items))


def _is_seen(
    item: DrawText, moves: Sequence[tuple["Target", MoveStart]], whole: Rect
) -> bool:
    """Say whether a text that moves is on the page; one that does not is judged."""
    rect = item.rect
    for _, move in reversed(moves):
        rect = move.placed(rect)
    return not moves or rect.overlaps(whole)


def _canvas(pixels: Pixels, ratio: tuple[float, float]) -> Any:
    canvas = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType).getCanvas()
    canvas.scale(*ratio)
    return canvas


def _behind(
    sheets: list[Pixels],
    scale: float,
    moves: list[tuple["Target", MoveStart]],
    rect: Rect,
) -> Pixels:
    """Give what lies behind a box: the page, and the open groups upon it."""
    for _, move in reversed(moves):
        rect = move.placed(rect)
    seen = cut_out(sheets[0], rect, scale)
    for sheet in sheets[1:]:
        upper = cut_out(sheet, rect, scale).astype(np.float32)
        cover = upper[..., 3:] / 255
        seen = np.rint(upper * cover + seen * (1 - cover)).astype(np.uint8)
    return seen


def _choose_variant(
    item: DrawLogo, behind: Pixels, brand: BrandStyle
) -> tuple[DrawLogo, Finding]:
    names = item.variants or (item.variant,)
    inks = {name: _ink_of_logo(brand.logo(name).data) for name in names}
    best, measured = choose_logo(behind, inks)
    return replace(item, variant=best, variants=()), judge_logo(item, best, measured)


@dataclass(frozen=True)
class Target:
    """Where to draw: a canvas in pixels of the format, and the scale of pictures.

    `pixels` is the opaque buffer under the canvas, for shortcuts; None without one.
    With `said` text is kept as text, as in a PDF; what its words say is added there.
    `dpi` is that of the paper, 0 for a screen.
    """

    canvas: Any
    scale: float
    pixels: Pixels | None = None
    said: list[str | None] | None = None
    dpi: int = 0


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
            draw_shape(target.canvas, item)
    elif isinstance(item, DrawPath):
        draw_path(target.canvas, item)
    elif isinstance(item, GroupStart):
        target.canvas.save()
        clip_to(target.canvas, item.clip, item.rect, item.radius)
        target.canvas.saveLayer(None, group_paint(item))
    elif isinstance(item, MoveStart):
        start_move(target.canvas, item)
    elif isinstance(item, GroupEnd | MoveEnd):
        target.canvas.restore()
        target.canvas.restore()
    else:
        engine.paint(
            target.canvas,
            item.text,
            x=item.rect.x,
            y=item.rect.y,
            color=item.color,
            emphasis_color=item.emphasis_color,
            opacity=item.opacity,
            said=target.said,
        )
    return []


def _is_ground(item: DrawImage, whole: Rect, images: Mapping[str, ImageSource]) -> bool:
    """Say whether a picture, drawn first, hides all of the background."""
    is_plain = item.radius == 0 and item.opacity == 1 and item.mask == "rect"
    is_whole = item.rect == whole and item.fit == "cover" and not item.filters
    return is_plain and is_whole and item.image in images and images[item.image].is_jpeg


def _place(item: DrawImage, images: Mapping[str, ImageSource], scale: float) -> Placed:
    if item.image not in images:
        raise ImageSourceError(
            f"The layer {item.layer!r} needs the picture {item.image!r}. Hand it in."
        )
    return place_picture(
        images[item.image],
        name=item.image,
        box=(item.rect.width, item.rect.height),
        fit=item.fit,
        focal=item.focal,
        align=item.align,
        scale=scale,
    )


def _draw_image(
    target: Target, item: DrawImage, images: Mapping[str, ImageSource]
) -> list[Finding]:
    placed = _place(item, images, target.scale)
    x, y = item.rect.x + placed.x, item.rect.y + placed.y
    rect = Rect(x, y, placed.width, placed.height)
    if item.filters:
        blur_px = item.blur_px * target.scale
        filtered = apply_filters(placed.pixels, item.filters, blur_px)
        placed = replace(placed, pixels=filtered)
    if not _paste(target, placed, item, rect):
        draw_pixels(
            target.canvas,
            placed.pixels,
            rect,
            item.opacity,
            radius=item.radius,
            mask=item.mask,
        )
    return [judge_resolution(item, placed.enlarged, target.dpi)]


def _size(rect: Rect, scale: float) -> tuple[int, int]:
    return max(1, round(rect.width * scale)), max(1, round(rect.height * scale))


def _paste(target: Target, placed: Placed, item: DrawImage, rect: Rect) -> bool:
    """Copy an opaque picture straight into the buffer where that is the same."""
    if target.pixels is None or not placed.is_opaque:
        return False
    left, top = rect.x * target.scale, rect.y * target.scale
    height, width = placed.pixels.shape[:2]
    is_plain = item.radius == 0 and item.opacity == 1 and item.mask == "rect"
    is_whole = abs(left - round(left)) < 0.01 and abs(top - round(top)) < 0.01
    x, y = round(left), round(top)
    is_inside = x >= 0 and y >= 0 and x + width <= target.pixels.shape[1]
    is_inside &= y + height <= target.pixels.shape[0]
    if not (is_plain and is_whole and is_inside):
        return False
    target.pixels[y : y + height, x : x + width] = placed.pixels
    return True


def draw_pixels(
    canvas: Any,
    picture: Pixels,
    rect: Rect,
    opacity: float = 1.0,
    *,
    radius: float = 0.0,
    mask: str = "rect",
) -> None:
    """Draw RGBA pixels into a box; alpha is not multiplied in."""
    image = skia.Image.fromarray(
        np.ascontiguousarray(picture), skia.ColorType.kRGBA_8888_ColorType
    )
    canvas.save()
    clip_to(canvas, mask if mask == "ellipse" else "", rect, radius)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
    paint = skia.Paint(AntiAlias=True, Alphaf=opacity)
    canvas.drawImageRect(image, to_skia(rect), sampling, paint)
    canvas.restore()


def _draw_logo(canvas: Any, item: DrawLogo, brand: BrandStyle, scale: float) -> None:
    data = brand.logo(item.variant).data
    scaled = _scale_logo(data, *_size(item.rect, scale))
    draw_pixels(canvas, scaled, item.rect, item.opacity)


@functools.lru_cache(maxsize=16)
def _ink_of_logo(data: bytes) -> NDArray[np.float64]:
    """Look at a logo's pixels, few enough to do so quickly."""
    pixels = decode(data, name="logo").pixels
    step = max(1, max(pixels.shape[:2]) // 200)
    return ink_of_logo(pixels[::step, ::step])


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
