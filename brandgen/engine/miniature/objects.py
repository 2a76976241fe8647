"""Draws products and the podiums they stand on, lit from the top left."""

from collections.abc import Sequence
from dataclasses import dataclass

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


# Outlines were drawn by eye; shares of the height rise from 0 to 1.
TURNED: dict[str, Turned] = {
    "bottle": Turned(
        height=0.44,
        outline=(
            (0, 0.074), (0.02, 0.082), (0.55, 0.082), (0.62, 0.078), (0.70, 0.050),
            (0.76, 0.034), (0.86, 0.032), (0.861, 0.038), (1, 0.038),
        ),
        label=(0.14, 0.46),
        cap=0.861,
    ),
    "can": Turned(
        height=0.29,
        outline=((0, 0.076), (0.05, 0.088), (0.93, 0.088), (1, 0.078)),
        label=(0.25, 0.68),
        cap=0.97,
    ),
    "jar": Turned(
        height=0.235,
        outline=(
            (0, 0.100), (0.05, 0.116), (0.62, 0.118), (0.74, 0.098), (0.76, 0.098),
            (0.761, 0.106), (1, 0.106),
        ),
        label=(0.15, 0.54),
        cap=0.761,
    ),
    "cup": Turned(
        height=0.23,
        outline=((0, 0.066), (0.04, 0.074), (1, 0.104)),
        label=(0.32, 0.66),
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
    reach = 0.12 * place.scale
    _drop_shadow(canvas, image, place, (reach, 0.022))
    if kind == "box":
        _draw_box(canvas, image, place, color, label)
    elif kind == "sphere":
        _draw_sphere(canvas, image, place, color)
    else:
        if kind == "cup":
            _draw_handle(canvas, image, place, color)
        _draw_turned(canvas, image, TURNED[kind], place, color, label)


def draw_podium(
    canvas: Canvas, image: Floats, kind: str, x: float, base: float, color: Floats
) -> float:
    """Draw a podium whose foot is at `base`; return the middle of its top."""
    if kind == "round":
        return _draw_round_podium(canvas, image, x, base, color)
    return _draw_square_podium(canvas, image, x, base, color)


def light_cylinder(color: Floats, across: Floats) -> Floats:
    """Light a round side; `across` runs from -1 at the left rim to 1 at the right."""
    across = np.clip(across, -1, 1)
    fall = 0.42 * np.clip(across, 0, 1) ** 1.6 + 0.18 * np.clip(-across, 0, 1) ** 2.5
    body = color * (1.08 - fall)[..., None]
    gleam = (0.34 * np.exp(-(((across + 0.48) / 0.15) ** 2)))[..., None]
    lit: Floats = np.clip(body + (1 - body) * gleam, 0, 1)
    return lit


def _drop_shadow(
    canvas: Canvas, image: Floats, place: Place, half: tuple[float, float]
) -> None:
    """Darken the ground under a thing, and a little to its right."""
    x, y = canvas.x - place.x, canvas.y - place.ground
    near = np.hypot(x / half[0], y / half[1])
    shade(image, np.clip(1.25 - near, 0, 1) ** 1.5 * 0.42)
    cast = np.hypot((x - half[0] * 0.55) / (half[0] * 1.5), y / (half[1] * 1.4))
    shade(image, np.clip(1 - cast, 0, 1) ** 1.5 * 0.22)


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
    shares, radii = (np.array(values) for values in zip(*thing.outline, strict=True))
    widest = float(radii.max()) * scale
    x = canvas.x - place.x
    bulge = np.sqrt(np.clip(1 - (x / widest) ** 2, 0, 1)) * widest * TILT
    level = (place.ground + bulge - canvas.y) / height
    radius = np.interp(level, shares, radii * scale).astype(np.float32)
    across = x / radius
    inside = canvas.cover(np.abs(x) - radius) * canvas.cover(-level * height)
    inside = inside * canvas.cover((level - 1) * height)
    paint(image, light_cylinder(color, across), inside)
    if label is not None:
        low, high = thing.label
        band = canvas.cover((low - level) * height) * canvas.cover(
            (level - high) * height
        )
        paint(image, light_cylinder(label, across), inside * band)
    if thing.cap < 1:
        cap = inside * canvas.cover((thing.cap - level) * height)
        tone = STEEL if thing.cap > 0.9 else darken(color, 0.5)
        paint(image, light_cylinder(tone, across), cap)
    rim = float(radii[-1]) * scale
    # The widest radius sets the curve of all levels, so the rim hangs a little lower.
    middle = place.ground - height
    top = ellipse_distance(x, canvas.y - middle, (rim, max(rim * TILT, 0.008)))
    if thing.cap < 1:
        tone = STEEL if thing.cap > 0.9 else darken(color, 0.3)
        paint(image, lighten(tone, 0.12), canvas.cover(top))
    else:
        paint(image, lighten(color, 0.25), canvas.cover(top))
        hole = ellipse_distance(x, canvas.y - middle, (rim * 0.88, rim * TILT * 0.8))
        paint(image, darken(color, 0.45), canvas.cover(hole))


def _draw_handle(canvas: Canvas, image: Floats, place: Place, color: Floats) -> None:
    scale = place.scale
    x = (canvas.x - place.x - 0.098 * scale) / 0.85
    y = canvas.y - (place.ground - 0.128 * scale)
    distance = np.abs(np.hypot(x, y) - 0.052 * scale) - 0.0125 * scale
    paint(image, darken(color, 0.2), canvas.cover(distance))


def _draw_box(
    canvas: Canvas, image: Floats, place: Place, color: Floats, label: Floats | None
) -> None:
    """Draw a box seen at a corner: a lit front, a narrow dark side, a pale top."""
    scale = place.scale
    height, half, depth = 0.27 * scale, 0.095 * scale, 0.075 * scale
    x = canvas.x - (place.x - depth * 0.4)
    y = place.ground + 0.012 - canvas.y
    slant = 0.42
    front = box_distance(x, y - height / 2, (half, height / 2), 0.003)
    paint(image, color * 0.98, canvas.cover(front))
    along = x - half
    side = np.maximum(np.abs(along - depth / 2) - depth / 2, -(y - along * slant))
    side = np.maximum(side, y - along * slant - height)
    paint(image, darken(color, 0.36), canvas.cover(side))
    rise = y - height
    lid = np.maximum(np.abs(rise - depth * slant / 2) - depth * slant / 2,
                     np.abs(x - rise / slant) - half)  # fmt: skip
    paint(image, lighten(color, 0.32), canvas.cover(lid))
    if label is not None:
        plate = box_distance(x, y - height * 0.52, (half * 0.68, height * 0.17), 0.004)
        paint(image, label, canvas.cover(plate))


def _draw_sphere(canvas: Canvas, image: Floats, place: Place, color: Floats) -> None:
    radius = 0.128 * place.scale
    x, y = canvas.x - place.x, canvas.y - (place.ground + 0.01 - radius)
    light = np.hypot(x + radius * 0.38, y + radius * 0.42) / (radius * 1.7)
    body = np.clip(color * np.clip(1.14 - 0.72 * light**1.6, 0, 1.2)[..., None], 0, 1)
    gleam = (np.exp(-((light / 0.17) ** 2)) * 0.55)[..., None]
    surface = body + (1 - body) * gleam
    paint(image, surface, canvas.cover(np.hypot(x, y) - radius))


def _draw_round_podium(
    canvas: Canvas, image: Floats, x: float, base: float, color: Floats
) -> float:
    half, height = 0.215, 0.105
    flat = half * 0.21
    top = base - height
    _drop_shadow(canvas, image, Place(x, base, 1), (half * 1.02, flat * 1.15))
    across = (canvas.x - x) / half
    side = box_distance(
        canvas.x - x, canvas.y - top - height / 2, (half, height / 2), 0.001
    )
    foot = ellipse_distance(canvas.x - x, canvas.y - base, (half, flat))
    body = np.maximum(canvas.cover(side), canvas.cover(foot))
    paint(image, light_cylinder(darken(color, 0.08), across), body)
    plate = ellipse_distance(canvas.x - x, canvas.y - top, (half, flat))
    paint(image, lighten(color, 0.2), canvas.cover(plate))
    return top + 0.006


def _draw_square_podium(
    canvas: Canvas, image: Floats, x: float, base: float, color: Floats
) -> float:
    half, height, rise = 0.20, 0.11, 0.055
    top = base - height
    _drop_shadow(canvas, image, Place(x, base, 1), (half * 1.1, 0.045))
    front = box_distance(
        canvas.x - x, canvas.y - top - height / 2, (half, height / 2), 0.004
    )
    paint(image, darken(color, 0.1), canvas.cover(front))
    inset = half - (top - canvas.y) * 0.75
    plate = np.maximum(
        np.abs(canvas.x - x) - inset, np.abs(canvas.y - top + rise / 2) - rise / 2
    )
    paint(image, lighten(color, 0.2), canvas.cover(plate))
    return top - rise * 0.42
