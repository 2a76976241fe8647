"""Draws what stands behind a product: grounds, light and patterns."""

from collections.abc import Callable

import numpy as np

from brandgen.engine.miniature.canvas import (
    Canvas,
    Floats,
    darken,
    lighten,
    paint,
    shade,
)
from brandgen.engine.miniature.palette import mix

Draw = Callable[[Canvas, np.random.Generator, Floats, Floats], Floats]
"""Draws a backdrop from the colors of its ground and of its pattern."""


def draw_plain(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, _: Floats
) -> Floats:
    """Draw an evenly lit wall."""
    return light_wall(canvas, rng, ground)


def draw_gradient(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw a soft change of color: ground at the top or left, pattern opposite."""
    angle = rng.choice([0.0, 0.25, 0.5, 0.5]) * np.pi
    along = canvas.x / canvas.width * np.cos(angle)
    along = along + canvas.y / canvas.height * np.sin(angle)
    share = along / along.max()
    return mix(ground, pattern, share * share * (3 - 2 * share))


def draw_glow(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw a round light in the pattern's color that fades to the ground."""
    center = (
        rng.uniform(0.3, 0.7) * canvas.width,
        rng.uniform(0.25, 0.6) * canvas.height,
    )
    reach = rng.uniform(0.32, 0.48)
    distance = np.hypot(canvas.x - center[0], canvas.y - center[1])
    return mix(ground, pattern, np.exp(-((distance / reach) ** 2)))


def draw_waves(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw two or three swells, the farther the paler, over a lit wall."""
    image = light_wall(canvas, rng, ground)
    count = int(rng.integers(2, 4))
    top = rng.uniform(0.42, 0.55)
    for index in range(count):
        length = rng.uniform(0.9, 1.7)
        height = rng.uniform(0.035, 0.075)
        line = np.sin(2 * np.pi * (canvas.x / length + rng.random())) * height
        depth = canvas.y - (top + index * 0.17) * canvas.height - line
        nearness = 0.45 + 0.55 * (index + 1) / count
        _lay_band(canvas, image, depth, mix(ground, pattern, nearness))
    return image


def draw_hills(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw three ridges that fade into the distance under a sky that pales below."""
    fade = np.clip(canvas.y / canvas.height / 0.6, 0, 1) * 0.25
    image = mix(ground, lighten(ground, 0.8), fade + 0 * canvas.x)
    top = rng.uniform(0.45, 0.55)
    for index in range(3):
        line: Floats = np.zeros_like(canvas.x)
        for length, height in ((1.3, 0.06), (0.62, 0.025)):
            stretch = rng.uniform(0.8, 1.3) * length
            line = (
                line + np.sin(2 * np.pi * (canvas.x / stretch + rng.random())) * height
            )
        depth = canvas.y - (top + index * 0.15) * canvas.height - line
        _lay_band(canvas, image, depth, mix(ground, pattern, (0.45, 0.75, 1.0)[index]))
    return image


def draw_blobs(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw a few large pebbles of color, lit from the top left."""
    image = light_wall(canvas, rng, ground)
    for _ in range(int(rng.integers(2, 5))):
        x, y = rng.random() * canvas.width, rng.random() * canvas.height
        radius = rng.uniform(0.16, 0.32)
        turn, lobes = rng.uniform(0, 2 * np.pi), int(rng.integers(2, 4))
        angle = np.arctan2(canvas.y - y, canvas.x - x)
        edge = radius * (1 + 0.14 * np.sin(lobes * angle + turn))
        distance = np.hypot(canvas.x - x, canvas.y - y) - edge
        shade(image, canvas.cover(distance - 0.012, blur=0.07) * 0.14)
        slope = np.clip((canvas.x - x + canvas.y - y) / radius / 4 + 0.5, 0, 1)
        body = mix(lighten(pattern, 0.14), darken(pattern, 0.1), slope)
        paint(image, body, canvas.cover(distance))
    return image


def draw_stripes(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw broad bands, level, upright or slanting."""
    angle = rng.choice([0, 0.25, 0.5]) * np.pi
    period = rng.uniform(0.28, 0.42)
    along = (canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) / period
    distance = (np.abs((along + rng.random()) % 1 - 0.5) - 0.25) * period
    image = light_wall(canvas, rng, ground)
    paint(image, pattern, canvas.cover(distance + 0 * canvas.x + 0 * canvas.y))
    return image


def draw_dots(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw large dots in even rows."""
    period = rng.uniform(0.22, 0.32)
    x = ((canvas.x / period + rng.random()) % 1 - 0.5) * period
    y = ((canvas.y / period + rng.random()) % 1 - 0.5) * period
    image = light_wall(canvas, rng, ground)
    paint(image, pattern, canvas.cover(np.hypot(x, y) - period * 0.28))
    return image


def draw_rings(
    canvas: Canvas, rng: np.random.Generator, ground: Floats, pattern: Floats
) -> Floats:
    """Draw broad rings around one point."""
    x, y = rng.uniform(0.3, 0.7) * canvas.width, rng.uniform(0.3, 0.7) * canvas.height
    period = rng.uniform(0.24, 0.34)
    turns = np.hypot(canvas.x - x, canvas.y - y) / period
    image = light_wall(canvas, rng, ground)
    distance = (np.abs(turns % 1 - 0.5) - 0.22) * period
    paint(image, pattern, canvas.cover(distance))
    return image


BACKDROPS: dict[str, Draw] = {
    "plain": draw_plain,
    "gradient": draw_gradient,
    "glow": draw_glow,
    "waves": draw_waves,
    "hills": draw_hills,
    "blobs": draw_blobs,
    "stripes": draw_stripes,
    "dots": draw_dots,
    "rings": draw_rings,
}


def light_wall(canvas: Canvas, rng: np.random.Generator, color: Floats) -> Floats:
    """Paint a wall that is a little lighter where the light falls."""
    x = rng.uniform(0.35, 0.65) * canvas.width
    y = rng.uniform(0.25, 0.5) * canvas.height
    away = np.clip(np.hypot(canvas.x - x, canvas.y - y) * 0.9, 0, 1)
    return mix(lighten(color, 0.1), darken(color, 0.1), away)


def _lay_band(canvas: Canvas, image: Floats, depth: Floats, color: Floats) -> None:
    """Lay everything below a line over an image; it casts a soft shadow upwards."""
    shade(image, canvas.cover(-depth - 0.012, blur=0.06) * 0.12)
    body = mix(lighten(color, 0.1), darken(color, 0.06), np.clip(depth / 0.4, 0, 1))
    paint(image, body, canvas.cover(-depth))
