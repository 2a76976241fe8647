"""Draws products and the podiums they stand on, lit from the top left."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from brandgen.engine.miniature.canvas import (
    Canvas,
    Floats,
    box_distance,
    darken,
    ellipse_distance,
    lighten,
    paint,
    shade,
)
from brandgen.engine.miniature.light import ease, light_cylinder
from brandgen.engine.miniature.palette import mix

STEEL = np.array([0.80, 0.81, 0.83], np.float32)
TILT = 0.16
"""Half height of a horizontal circle as drawn, over its radius: the camera's tilt."""


@dataclass(frozen=True)
class Place:
    """Where a thing stands and how large it is, in units of the shorter side."""

    x: float
    ground: float
    """The height in the picture on which it stands."""
    scale: float


@dataclass(frozen=True)
class Turned:
    """A thing as it comes off a lathe: its radius at each height, and its parts."""

    height: float
    outline: Sequence[tuple[float, float]]
    """Share of the height (0 at the ground) and radius there."""
    label: tuple[float, float]
    """Shares of the height between which a label goes round."""
    cap: float = 1.0
    """Share of the height above which the cap begins."""
    foot: float = 0.0
    """Share of the height up to which it stands on its cap."""
    is_flat: bool = False
    """Whether its top is pressed flat, as a tube's is."""
    gloss: float = 0.42


# Outlines were drawn by eye; shares of the height rise from 0 to 1.
TURNED: dict[str, Turned] = {
    "bottle": Turned(
        height=0.44,
        outline=(
            (0, 0.074), (0.02, 0.082), (0.52, 0.083), (0.58, 0.080), (0.63, 0.071),
            (0.68, 0.056), (0.73, 0.042), (0.78, 0.034), (0.86, 0.032), (0.861, 0.039),
            (0.99, 0.039), (1, 0.037),
        ),
        label=(0.13, 0.47),
        cap=0.861,
    ),
    "can": Turned(
        height=0.29,
        outline=(
            (0, 0.074), (0.03, 0.080), (0.07, 0.090), (0.90, 0.090), (0.955, 0.080),
            (0.96, 0.082), (1, 0.082),
        ),
        label=(0.24, 0.70),
        cap=0.958,
        gloss=0.55,
    ),
    "jar": Turned(
        height=0.235,
        outline=(
            (0, 0.100), (0.03, 0.111), (0.07, 0.116), (0.60, 0.118), (0.68, 0.112),
            (0.735, 0.100), (0.76, 0.099), (0.761, 0.108), (0.985, 0.108), (1, 0.105),
        ),
        label=(0.14, 0.55),
        cap=0.761,
    ),
    "cup": Turned(
        height=0.23,
        outline=((0, 0.064), (0.03, 0.072), (0.5, 0.091), (1, 0.106)),
        label=(0.30, 0.66),
        gloss=0.3,
    ),
    "tube": Turned(
        height=0.41,
        outline=(
            (0, 0.047), (0.15, 0.047), (0.151, 0.060), (0.19, 0.066), (0.93, 0.088),
            (1, 0.090),
        ),
        label=(0.36, 0.72),
        cap=0.935,
        foot=0.151,
        is_flat=True,
        gloss=0.3,
    ),
}  # fmt: skip


def draw_product(
    canvas: Canvas,
    image: Floats,
    kind: str,
    place: Place,
    color: Floats,
    label: Floats | None,
) -> None:
    """Draw a product into an image, with its shadow; None draws no label."""
    scale = place.scale
    width = {"box": 0.13, "sphere": 0.1, "tube": 0.05, "jar": 0.115}.get(kind, 0.085)
    drop_shadow(canvas, image, place, (width * scale, 0.024))
    part, box = canvas.crop(
        place.x - 0.21 * scale,
        place.ground - 0.50 * scale,
        place.x + 0.21 * scale,
        place.ground + 0.06,
    )
    if kind == "box":
        _draw_box(part, image[box], place, color, label)
    elif kind == "sphere":
        _draw_sphere(part, image[box], place, color)
    else:
        if kind == "cup":
            _draw_handle(part, image[box], place, color)
        _draw_turned(part, image[box], TURNED[kind], place, color, label)


def draw_podium(
    canvas: Canvas, image: Floats, kind: str, x: float, base: float, color: Floats
) -> float:
    """Draw a podium whose foot is at `base`; return the middle of its top."""
    draw = _draw_round_podium if kind == "round" else _draw_square_podium
    drop_shadow(canvas, image, Place(x, base, 1), (0.225, 0.05))
    part, box = canvas.crop(x - 0.27, base - 0.2, x + 0.27, base + 0.08)
    return draw(part, image[box], x, base, color)


def draw_floor(canvas: Canvas, image: Floats, base: float, color: Floats) -> None:
    """Let the wall run into a floor, paler where the light falls, with no line."""
    edge = base - 0.12
    floor = mix(lighten(color, 0.2), darken(color, 0.04), (canvas.y - edge) / 0.34)
    paint(image, floor + 0 * canvas.x[..., None], canvas.cover(edge - canvas.y, 0.05))


def drop_shadow(
    canvas: Canvas, image: Floats, place: Place, half: tuple[float, float]
) -> None:
    """Darken the ground under a thing, and far to its right, more softly."""
    long, flat = half[0] * 4.2, half[1] * 4
    part, box = canvas.crop(
        place.x - 2 * half[0], place.ground - flat, place.x + long, place.ground + flat
    )
    view = image[box]
    x, y = part.x - place.x, part.y - place.ground
    # The long shadow leans away from the light and fades with its length.
    lean = (x - half[0] * 1.15) / (half[0] * 2.5)
    cast = np.hypot(lean, (y + x * 0.10) / (half[1] * 2.0))
    shade(view, ease(1 - cast) * 0.34)
    near = np.hypot(x / (half[0] * 1.25), y / (half[1] * 1.35))
    shade(view, ease(1.25 - near) ** 1.3 * 0.46)


@lru_cache(maxsize=8)
def smooth_outline(thing: Turned) -> Floats:
    """Round off an outline between its corners; radii at 512 even heights."""
    shares, radii = (np.array(values) for values in zip(*thing.outline, strict=True))
    fine = np.linspace(0, 1, 512)
    rough = np.interp(fine, shares, radii)
    kernel = np.hanning(25)
    padded = np.pad(rough, 12, mode="edge")
    smooth = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    # Where a cap begins or the foot ends, the edge stays sharp.
    sharp = [0.0, thing.cap, thing.foot, 1.0]
    off = np.min([np.abs(fine - value) for value in sharp], axis=0)
    share = np.clip(off / 0.03, 0, 1)
    outline: Floats = (rough * (1 - share) + smooth * share).astype(np.float32)
    return outline


def _draw_turned(
    canvas: Canvas,
    image: Floats,
    thing: Turned,
    place: Place,
    color: Floats,
    label: Floats | None,
) -> None:
    scale = place.scale
    height = thing.height * scale
    radii = smooth_outline(thing)
    widest = float(radii.max()) * scale
    x = canvas.x - place.x
    bulge = np.sqrt(np.clip(1 - (x / widest) ** 2, 0, 1)) * widest * TILT
    if thing.is_flat:
        bulge = bulge * np.clip((canvas.y - place.ground + height) / height, 0, 1)
    level = (place.ground + bulge - canvas.y) / height
    index = np.clip(level * 511 + 0.5, 0, 511).astype(np.int16)
    radius = np.take(radii, index) * np.float32(scale)
    across = x / radius
    inside = canvas.cover(np.abs(x) - radius) * canvas.cover(-level * height)
    inside = inside * canvas.cover((level - 1) * height)
    gloss = thing.gloss

    def band(low: float, high: float) -> Floats:
        above, below = (low - level) * height, (level - high) * height
        return inside * canvas.cover(above) * canvas.cover(below)

    paint(image, light_cylinder(color, across, gloss), inside)
    if label is not None:
        shade(image, band(thing.label[0] - 0.012, thing.label[1] + 0.004) * 0.22)
        paint(image, light_cylinder(label, across, gloss * 0.6), band(*thing.label))
    if thing.foot:
        tone = lighten(darken(color, 0.55), 0.04)
        paint(image, light_cylinder(tone, across, gloss), band(-0.2, thing.foot))
        shade(image, band(thing.foot - 0.022, thing.foot) * 0.4)
    if thing.is_flat:
        crimp = light_cylinder(lighten(color, 0.18), across, 0.1)
        paint(image, crimp, band(thing.cap, 1))
        shade(image, band(thing.cap - 0.008, thing.cap) * 0.3)
        return
    is_steel = thing.cap > 0.9
    if thing.cap < 1:
        tone = STEEL if is_steel else lighten(darken(color, 0.55), 0.04)
        shade(image, band(thing.cap - 0.03, thing.cap) * 0.35)
        paint(image, light_cylinder(tone, across, gloss), band(thing.cap, 1.2))
    rim = float(radii[-1]) * scale
    # The widest radius sets the curve of all levels, so the rim hangs a little lower.
    y = canvas.y - (place.ground - height + (widest - rim) * TILT * 0.6)
    flat = max(rim * TILT, 0.008)
    if thing.cap < 1:
        tone = lighten(STEEL if is_steel else darken(color, 0.42), 0.14)
        paint(image, tone, canvas.cover(ellipse_distance(x, y, (rim, flat))))
        if is_steel:
            well = ellipse_distance(x, y - 0.002, (rim * 0.86, flat * 0.78))
            paint(image, darken(STEEL, 0.2), canvas.cover(well))
            tab = ellipse_distance(x, y, (rim * 0.3, flat * 0.3))
            paint(image, lighten(STEEL, 0.35), canvas.cover(tab))
    else:
        paint(image, lighten(color, 0.35), canvas.cover(
            ellipse_distance(x, y, (rim, flat))))  # fmt: skip
        hole = ellipse_distance(x, y, (rim * 0.91, flat * 0.86))
        depth = mix(darken(color, 0.6), darken(color, 0.16), 0.5 + x / rim * 0.5)
        paint(image, depth, canvas.cover(hole))


def _draw_handle(canvas: Canvas, image: Floats, place: Place, color: Floats) -> None:
    scale = place.scale
    x = (canvas.x - place.x - 0.098 * scale) / 0.85
    y = canvas.y - (place.ground - 0.132 * scale)
    thick = 0.0135 * scale
    distance = np.abs(np.hypot(x, y) - 0.052 * scale) - thick
    tone = mix(darken(color, 0.12), darken(color, 0.42), 0.5 + y / (0.13 * scale))
    paint(image, tone, canvas.cover(distance))
    gleam = canvas.cover(np.abs(np.hypot(x, y) - 0.055 * scale) - thick * 0.2, 0.008)
    paint(image, lighten(color, 0.5), gleam * (y < 0) * 0.5)


def _draw_box(
    canvas: Canvas, image: Floats, place: Place, color: Floats, label: Floats | None
) -> None:
    """Draw a box seen at a corner: a lit front, a narrow dark side, a pale top."""
    scale = place.scale
    height, half, depth = 0.27 * scale, 0.098 * scale, 0.072 * scale
    x = canvas.x - (place.x - depth * 0.4)
    y = place.ground + 0.012 - canvas.y
    slant = 0.42
    along = x - half
    side = np.maximum(np.abs(along - depth / 2) - depth / 2, -(y - along * slant))
    side = np.maximum(side, y - along * slant - height)
    tone = mix(darken(color, 0.48), darken(color, 0.30), y / height + 0 * x)
    paint(image, tone, canvas.cover(side))
    rise = y - height
    lid = np.maximum(np.abs(rise - depth * slant / 2) - depth * slant / 2,
                     np.abs(x - rise / slant) - half)  # fmt: skip
    paint(image, lighten(color, 0.34), canvas.cover(lid))
    front = box_distance(x, y - height / 2, (half, height / 2), 0.004)
    fall = (x / half + 1 - y / height) * 0.35 + 0.15
    paint(image, mix(lighten(color, 0.1), darken(color, 0.12), fall),
          canvas.cover(front))  # fmt: skip
    edge = canvas.cover(np.abs(rise) - 0.001, 0.003) * canvas.cover(np.abs(x) - half)
    paint(image, lighten(color, 0.6), edge * 0.55)
    if label is not None:
        plate = box_distance(x, y - height * 0.52, (half * 0.7, height * 0.19), 0.005)
        shade(image, canvas.cover(plate - 0.002, 0.006) * 0.2)
        paint(image, mix(lighten(label, 0.08), darken(label, 0.08), fall),
              canvas.cover(plate))  # fmt: skip


def _draw_sphere(canvas: Canvas, image: Floats, place: Place, color: Floats) -> None:
    radius = 0.128 * place.scale
    x, y = canvas.x - place.x, canvas.y - (place.ground + 0.012 - radius)
    light = np.hypot(x + radius * 0.36, y + radius * 0.42) / (radius * 1.55)
    body = mix(lighten(color, 0.26), darken(color, 0.52), ease(light * 0.92))
    edge = np.hypot(x, y) / radius
    bounce = ease((edge - 0.72) / 0.28) * np.clip((x + y) / radius, 0, 1) * 0.22
    paint(body, lighten(color, 0.35), bounce)
    paint(body, np.ones(3, np.float32), np.exp(-((light / 0.15) ** 2)) * 0.6)
    paint(image, body, canvas.cover((edge - 1) * radius))


def _draw_round_podium(
    canvas: Canvas, image: Floats, x: float, base: float, color: Floats
) -> float:
    half, height = 0.215, 0.105
    flat, top = half * 0.21, base - height
    off = canvas.x - x
    side = box_distance(off, canvas.y - top - height / 2, (half, height / 2), 0.001)
    foot = ellipse_distance(off, canvas.y - base, (half, flat))
    body = np.maximum(canvas.cover(side), canvas.cover(foot))
    paint(image, light_cylinder(darken(color, 0.04), off / half, 0.06), body)
    low = ease((canvas.y - base + 0.05) / 0.09) * 0.22
    shade(image, body * low)
    _lay_top(canvas, image, color, (off / half + 1) / 2,
             ellipse_distance(off, canvas.y - top, (half, flat)))  # fmt: skip
    return top + 0.006


def _draw_square_podium(
    canvas: Canvas, image: Floats, x: float, base: float, color: Floats
) -> float:
    half, height, rise = 0.20, 0.115, 0.055
    top = base - height + 0.012
    off = canvas.x - x
    middle = top + height / 2
    front = box_distance(off, canvas.y - middle, (half, height / 2), 0.003)
    fall = (off / half + 1) * 0.25 + (canvas.y - top) / height * 0.5
    tone = mix(darken(color, 0.06), darken(color, 0.3), fall)
    paint(image, tone, canvas.cover(front))
    inset = half - (top - canvas.y) * 0.75
    plate = np.maximum(
        np.abs(off) - inset, np.abs(canvas.y - top + rise / 2) - rise / 2
    )
    _lay_top(canvas, image, color, (off / half + 1) / 2, plate)
    return top - rise * 0.42


def _lay_top(
    canvas: Canvas, image: Floats, color: Floats, along: Floats, distance: Floats
) -> None:
    """Lay the lit top of a podium, brightest on its left, with a bright edge."""
    tone = mix(lighten(color, 0.32), lighten(color, 0.08), along + 0 * distance)
    paint(image, tone, canvas.cover(distance))
    edge = canvas.cover(np.abs(distance + 0.001) - 0.0008, 0.003)
    paint(image, lighten(color, 0.55), edge * 0.5)
