"""Lights a picture: the wall's soft light, room for text, and the moods."""

from functools import lru_cache

import cv2
import numpy as np

from brandgen.engine.miniature.canvas import (
    COARSE_PX,
    Canvas,
    Floats,
    darken,
    lighten,
    make_coarse,
    refine,
)
from brandgen.engine.miniature.palette import mix

NIGHT = np.array([0.84, 0.88, 1.0], np.float32)
"""What a cool lamp leaves of red, green and blue."""
SUN = np.array([1.05, 1.0, 0.90], np.float32)
"""What a low sun makes of them."""
EMPTY_SHARE, FULL_SHARE = 0.42, 0.66
"""Shares of the way across a picture where its empty side ends, softly."""


def light_wall(canvas: Canvas, rng: np.random.Generator) -> Floats:
    """Let light fall on a wall: 0 where it is brightest, 1 far from there."""
    coarse = make_coarse(canvas)
    x, y = rng.uniform(0.3, 0.6) * canvas.width, rng.uniform(0.15, 0.4) * canvas.height
    return refine(canvas, np.clip(np.hypot(coarse.x - x, coarse.y - y) * 0.85, 0, 1))


def lit(color: Floats, light: Floats) -> Floats:
    """Show a color under the light of a wall."""
    return mix(lighten(color, 0.09), darken(color, 0.11), light)


def keep_room(canvas: Canvas, side: str | None) -> Floats | float:
    """Say how much of a pattern stays where: 0 on the side left empty, 1 elsewhere."""
    if side is None:
        return 1.0
    along = {
        "left": canvas.x / canvas.width,
        "right": 1 - canvas.x / canvas.width,
        "top": canvas.y / canvas.height,
        "bottom": 1 - canvas.y / canvas.height,
    }[side]
    return ease((along - EMPTY_SHARE) / (FULL_SHARE - EMPTY_SHARE))


def is_in_room(canvas: Canvas, side: str | None, x: float, y: float) -> bool:
    """Whether a point lies on the side left empty, or near to it."""
    across, down = x / canvas.width, y / canvas.height
    along = {"left": across, "right": 1 - across, "top": down, "bottom": 1 - down}
    return side is not None and along[side] < (EMPTY_SHARE + FULL_SHARE) / 2


def aim(
    canvas: Canvas, rng: np.random.Generator, side: str | None, spread: float = 0.2
) -> tuple[float, float]:
    """Choose the middle of a picture's subject, away from the side left empty."""
    x, y = {
        None: (0.5, 0.45), "left": (0.74, 0.48), "right": (0.26, 0.48),
        "top": (0.5, 0.74), "bottom": (0.5, 0.24),
    }[side]  # fmt: skip
    off = rng.uniform(-spread, spread, 2)
    if side is not None:
        off = off * 0.4
    return (x + float(off[0])) * canvas.width, (y + float(off[1])) * canvas.height


def ease(share: Floats) -> Floats:
    """Begin and end softly between 0 and 1."""
    clipped = np.clip(share, 0, 1)
    eased: Floats = clipped * clipped * (3 - 2 * clipped)
    return eased


def blur_picture(canvas: Canvas, image: Floats) -> Floats:
    """Put a picture out of focus."""
    size = (canvas.width_px // COARSE_PX, canvas.height_px // COARSE_PX)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    sigma = 0.02 * canvas.side_px / COARSE_PX
    return refine(canvas, cv2.GaussianBlur(small, (0, 0), sigma))


def light_night(canvas: Canvas, rng: np.random.Generator, image: Floats) -> None:
    """Leave one cool lamp on, above; the corners go dark."""
    coarse = make_coarse(canvas)
    x, y = rng.uniform(0.35, 0.65) * canvas.width, 0.3 * canvas.height
    away = np.hypot(coarse.x - x, coarse.y - y) / (0.5 * (canvas.width + canvas.height))
    image *= refine(canvas, 1.06 - 0.62 * ease(away * 1.05))[..., None] * NIGHT
    np.clip(image, 0, 1, out=image)


def light_sun(canvas: Canvas, rng: np.random.Generator, image: Floats) -> None:
    """Let the sun in through a window: slanting panes of warm light in a dim room."""
    left = rng.uniform(0.16, 0.4) * canvas.width
    top = rng.uniform(0.1, 0.2) * canvas.height
    tall, wide = 0.31 * canvas.height, 0.24 * canvas.width
    coarse = make_coarse(canvas)
    across = coarse.x - left - (coarse.y - top) * 0.42
    panes = _cover_row(across, wide, coarse) * _cover_row(coarse.y - top, tall, coarse)
    image *= refine(canvas, 0.86 + 0.2 * panes)[..., None] * SUN
    np.clip(image, 0, 1, out=image)


def _cover_row(along: Floats, length: float, coarse: Canvas) -> Floats:
    """Cover two panes with a bar between them, both with soft edges."""
    middle = length * 1.04
    distance = np.abs(np.abs(along - middle) - middle / 2) - length / 2
    return coarse.cover(distance, blur=0.03)


@lru_cache(maxsize=8)
def shade_table(gloss: float) -> tuple[Floats, Floats]:
    """Light a round side from the left: factors and gleam from rim to rim, 256 each."""
    across = np.linspace(-1, 1, 256, dtype=np.float32)
    key = np.exp(-(((across + 0.38) / 0.52) ** 2))
    bounce = np.exp(-(((across - 0.96) / 0.16) ** 2))
    factors = 0.60 + 0.52 * key + 0.14 * bounce - 0.16 * np.clip(-across - 0.8, 0, 1)
    strip = np.exp(-(((across + 0.50) / 0.10) ** 4))
    soft = 0.35 * np.exp(-(((across + 0.42) / 0.34) ** 2))
    rim = 0.35 * np.exp(-(((across - 0.90) / 0.05) ** 2))
    gleam = gloss * (0.8 * strip + soft + rim)
    return factors.astype(np.float32), gleam.astype(np.float32)


def light_cylinder(color: Floats, across: Floats, gloss: float = 0.42) -> Floats:
    """Light a round side; `across` runs from -1 at the left rim to 1 at the right."""
    factors, gleam = shade_table(gloss)
    body = np.clip(color * factors[:, None], 0, 1)
    table = body + (1 - body) * gleam[:, None]
    index = np.clip(across * 127.5 + 128, 0, 255).astype(np.uint8)
    lit_up: Floats = np.take(table, index, axis=0)
    return lit_up
