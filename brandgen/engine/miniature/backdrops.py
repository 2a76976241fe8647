"""Draws what stands behind a product: grounds, light and patterns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from brandgen.engine.miniature.canvas import (
    Canvas,
    Floats,
    cast_shadow,
    cover_polygons,
    darken,
    lighten,
    make_coarse,
    paint,
    refine,
)
from brandgen.engine.miniature.light import (
    aim,
    ease,
    is_in_room,
    keep_room,
    light_wall,
    lit,
)
from brandgen.engine.miniature.palette import mix


@dataclass(frozen=True)
class Paints:
    """The colors of a backdrop by their roles, and how it is laid out."""

    ground: Floats
    pattern: Floats
    accent: Floats | None = None
    """A second color of the pattern; None leaves it in one."""
    room: str | None = None
    """The side that stays empty."""
    is_bold: bool = False
    """Whether shapes are large and shadows deep."""

    @property
    def inks(self) -> tuple[Floats, ...]:
        """The colors of the pattern."""
        return (self.pattern,) if self.accent is None else (self.pattern, self.accent)

    @property
    def scale(self) -> float:
        """Say how large shapes are."""
        return 1.35 if self.is_bold else 1.0

    @property
    def depth(self) -> float:
        """Say how strong shadows are."""
        return 0.42 if self.is_bold else 0.26


Draw = Callable[[Canvas, np.random.Generator, Paints], Floats]
"""Draws a backdrop as colors from 0 to 1, shape (height, width, 3)."""


def draw_plain(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw an evenly lit wall."""
    return lit(paints.ground, light_wall(canvas, rng))


def draw_gradient(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw a soft change of color: ground at the top or left, the others opposite."""
    angle = float(rng.choice((0.0, 0.25, 0.5, 0.5))) * np.pi
    along = canvas.x / canvas.width * float(np.cos(angle))
    along = along + canvas.y / canvas.height * float(np.sin(angle))
    return _blend(paints, along / along.max())


def draw_radial(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw a change of color from a middle, which is the ground's, to the border."""
    x, y = rng.uniform(0.4, 0.6) * canvas.width, rng.uniform(0.38, 0.58) * canvas.height
    coarse = make_coarse(canvas)
    away = np.hypot((coarse.x - x) / canvas.width, (coarse.y - y) / canvas.height)
    return _blend(paints, refine(canvas, away) / 0.66)


def draw_glow(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw round lights in the pattern's colors that fade to the ground."""
    image: Floats | None = None
    x, y = aim(canvas, rng, paints.room)
    side = 1 if x < canvas.width / 2 else -1
    places = [(x, y), (x + side * 0.34, y + rng.uniform(0.2, 0.3))]
    coarse = make_coarse(canvas)
    for (left, top), ink in zip(places, paints.inks, strict=False):
        reach = rng.uniform(0.28, 0.4) * paints.scale * (0.8 if paints.room else 1)
        away = np.hypot(coarse.x - left, coarse.y - top) / reach
        share = refine(canvas, 0.9 * np.exp(-(away**2)) + 0.1 * np.exp(-away))
        if image is None:
            image = mix(paints.ground, ink, share)
        else:
            paint(image, ink, share * 0.92)
    return image if image is not None else draw_plain(canvas, rng, paints)


def draw_beams(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw soft beams of light that fall from a corner above."""
    from_left = paints.room == "right" or (
        paints.room != "left" and bool(rng.random() < 0.5)
    )
    x = (-0.06 if from_left else 1.06) * canvas.width
    coarse = make_coarse(canvas)
    across, down = (coarse.x - x) * (1 if from_left else -1), coarse.y + 0.12
    angle, away = np.arctan2(down, across), np.hypot(across, down)
    count = 3 if paints.is_bold else int(rng.integers(3, 5))
    angles = np.linspace(0.28, 1.30, count) + rng.uniform(-0.05, 0.05, count)
    fade = np.exp(-((away / (1.25 * max(canvas.width, canvas.height))) ** 2))
    image = lit(paints.ground, light_wall(canvas, rng))
    room = keep_room(canvas, paints.room)
    for index, middle in enumerate(angles):
        width = float(rng.uniform(0.075, 0.105)) * paints.scale * 3.5 / count
        beam = np.exp(-(((angle - float(middle)) / width) ** 4)) * fade
        ink = paints.inks[index % len(paints.inks)]
        paint(image, ink, refine(canvas, beam) * room)
    return image


def draw_waves(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw three or four swells, the farther the paler, over a lit wall."""
    image = lit(paints.ground, light_wall(canvas, rng))
    count = 3 if paints.is_bold else int(rng.integers(3, 5))
    top, slope = _lay_horizon(rng, paints.room)
    step = (0.92 - top) / count
    for index in range(count):
        length, second = rng.uniform(0.9, 1.5), rng.uniform(0.45, 0.6)
        height = rng.uniform(0.035, 0.06) * paints.scale
        line = _swell(canvas, rng, length, height)
        line = line + _swell(canvas, rng, length * second, height * 0.3)
        line = line + slope * (canvas.x / canvas.width - 0.5)
        down = canvas.height - canvas.y if paints.room == "bottom" else canvas.y
        depth = down - (top + index * step) * canvas.height - line
        nearness = 0.5 + 0.5 * (index + 1) / count
        ink = paints.inks[index * len(paints.inks) // count]
        _lay_band(canvas, image, depth, mix(paints.ground, ink, nearness), paints)
    return image


def draw_hills(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw three ridges that fade into the distance under a sky that pales below."""
    fade = ease(canvas.y / canvas.height / 0.62) * 0.42
    image = mix(paints.ground, lighten(paints.ground, 0.85), fade + 0 * canvas.x)
    top, slope = _lay_horizon(rng, paints.room)
    for index in range(3):
        line: Floats = np.zeros_like(canvas.x)
        for length, height in ((1.3, 0.065), (0.62, 0.028), (0.23, 0.006)):
            stretch = float(rng.uniform(0.8, 1.3)) * length
            line = line + _swell(canvas, rng, stretch, height * paints.scale)
        line = line + slope * (canvas.x / canvas.width - 0.5)
        depth = canvas.y - (top + index * (0.94 - top) / 3) * canvas.height - line
        ink = paints.inks[-1 if index == 2 else 0]
        haze = lighten(paints.ground, 0.3)
        middle = 0.78 if paints.accent is None else 1.0
        color = mix(haze, ink, (0.55, middle, 1.0)[index])
        mist = (0.34, 0.24, 0.08)[index] * (1 - ease(depth / 0.26))
        pale = mix(color, haze, mist)
        paint(image, pale, canvas.cover(-depth))
    return image


def draw_blobs(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw a few large pebbles of color, lit from the top left."""
    image = lit(paints.ground, light_wall(canvas, rng))
    count = int(rng.integers(3, 5)) + (canvas.width_px != canvas.height_px)
    placed: list[tuple[float, float, float]] = []
    for _ in range(40):
        x, y = rng.random() * canvas.width, rng.random() * canvas.height
        radius = rng.uniform(0.13, 0.25) * paints.scale
        is_free = all(
            np.hypot(x - left, y - top) > 0.92 * (radius + other)
            for left, top, other in placed
        )
        if is_free and not is_in_room(canvas, paints.room, x, y):
            placed.append((x, y, radius))
        if len(placed) == count:
            break
    for index, (x, y, radius) in enumerate(placed):
        reach = radius * 1.3 + 0.1
        part, box = canvas.crop(x - reach, y - reach, x + reach, y + reach)
        across, down = part.x - x, part.y - y
        distance = _warp(rng, across, down, radius * 0.2, 1.25 / radius) - radius
        coverage = part.cover(distance)
        cast_shadow(
            part, image[box], coverage, blur=0.026, fall=(0.014, 0.026),
            strength=paints.depth,
        )  # fmt: skip
        ink = paints.inks[index % len(paints.inks)]
        slope = (across * 0.7 + down) / radius / 2.6 + 0.5
        body = mix(lighten(ink, 0.16), darken(ink, 0.14), slope)
        paint(image[box], body, coverage)
    return image


def draw_stripes(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw broad bands, level, upright or slanting."""
    angle = float(rng.choice((0.0, 0.25, 0.5))) * np.pi
    period = rng.uniform(0.26, 0.36) * paints.scale
    along = canvas.x * float(np.cos(angle)) + canvas.y * float(np.sin(angle))
    along = along / period + rng.random()
    room = keep_room(canvas, paints.room)
    light = light_wall(canvas, rng)
    image = lit(paints.ground, light)
    for index, ink in enumerate(paints.inks):
        turns = (along + index) / len(paints.inks)
        off = np.abs(turns % 1 - 0.5) * len(paints.inks)
        coverage = canvas.cover((off - 0.25) * period + 0 * (canvas.x + canvas.y))
        paint(image, lit(ink, light), coverage * room)
    return image


def draw_dots(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw large dots in rows, each row half a step on; they shrink towards room."""
    period = rng.uniform(0.2, 0.28) * paints.scale
    down = canvas.y / period + rng.random()
    row = np.floor(down)
    across = canvas.x / period + 0.5 * (row % 2) + rng.random()
    x, y = (across % 1 - 0.5) * period, (down % 1 - 0.5) * period
    size = 0.31 * period * keep_room(canvas, paints.room)
    coverage = canvas.cover(np.hypot(x, y) - size)
    if paints.room is not None:
        coverage = coverage * (size > canvas.pixel)
    light = light_wall(canvas, rng)
    image = lit(paints.ground, light)
    paint(image, lit(paints.pattern, light), coverage)
    if paints.accent is not None:
        is_second = (np.floor(across) + row // 2) % 2 == 1
        paint(image, lit(paints.accent, light), coverage * is_second)
    return image


def draw_rings(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw broad rings around one point, pressed a little into the wall."""
    x, y = aim(canvas, rng, paints.room)
    period = rng.uniform(0.2, 0.28) * paints.scale
    turns = np.hypot(canvas.x - x, canvas.y - y) / period + 0.25
    room = keep_room(canvas, paints.room)
    light = light_wall(canvas, rng)
    image = lit(paints.ground, light)
    for index, ink in enumerate(paints.inks):
        share = (turns + index) / len(paints.inks)
        off = np.abs(share % 1 - 0.5) * len(paints.inks)
        paint(image, lit(ink, light), canvas.cover((off - 0.25) * period) * room)
    return image


def draw_terrazzo(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw chips of stone scattered in the ground, large and small."""
    light = light_wall(canvas, rng)
    image = lit(paints.ground, light)
    inks = [*paints.inks, darken(paints.pattern, 0.18)]
    chips: list[list[Floats]] = [[] for _ in inks]
    cell = 0.16 * paints.scale
    for row in range(-1, int(canvas.height / cell) + 2):
        for column in range(-1, int(canvas.width / cell) + 2):
            x, y = cell * (np.array((column, row)) + rng.uniform(0.1, 0.9, 2))
            if is_in_room(canvas, paints.room, x, y):
                continue
            radius = cell * float(rng.choice((0.22, 0.36, 0.5)))
            chip = _cut_chip(rng, x, y, radius)
            chips[int(rng.choice(len(inks), p=_SHARES[len(inks)]))].append(chip)
    for ink, polygons in zip(inks, chips, strict=True):
        if polygons:
            paint(image, lit(ink, light), cover_polygons(canvas, polygons))
    return image


def draw_paper(canvas: Canvas, rng: np.random.Generator, paints: Paints) -> Floats:
    """Draw sheets of paper with holes, each larger than the one below, and shadows."""
    image = lit(paints.ground, light_wall(canvas, rng))
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    # The hole is where the room is: aim away from the other side.
    x, y = aim(canvas, rng, opposite[paints.room] if paints.room else None, 0.1)
    across, down = canvas.x - x, canvas.y - y
    across = across * canvas.height / max(canvas.width, canvas.height)
    down = down * canvas.width / max(canvas.width, canvas.height)
    count, step = 3, rng.uniform(0.09, 0.12)
    first = rng.uniform(0.27, 0.32) * (1.1 if paints.is_bold else 1.0)
    slope = ease(0.4 + (across + down) * 0.5)
    for index in range(count):
        away = _warp(rng, across, down, 0.045, rng.uniform(5.5, 7.5))
        coverage = canvas.cover(first + index * step - away)
        ink = paints.inks[index * len(paints.inks) // count]
        nearness = (0.68, 0.86, 1.0)[index] if paints.accent is None else 1.0
        cast_shadow(
            canvas, image, coverage, blur=0.018, fall=(0.01, 0.018),
            strength=paints.depth * 1.4,
        )  # fmt: skip
        color = mix(paints.ground, ink, nearness) if nearness < 1 else ink
        paint(image, mix(lighten(color, 0.06), darken(color, 0.08), slope), coverage)
    return image


BACKDROPS: dict[str, Draw] = {
    "plain": draw_plain,
    "gradient": draw_gradient,
    "glow": draw_glow,
    "waves": draw_waves,
    "hills": draw_hills,
    "blobs": draw_blobs,
    "radial": draw_radial,
    "beams": draw_beams,
    "stripes": draw_stripes,
    "dots": draw_dots,
    "rings": draw_rings,
    "terrazzo": draw_terrazzo,
    "paper": draw_paper,
}

_SHARES = {2: (0.7, 0.3), 3: (0.5, 0.35, 0.15)}
"""How chips of terrazzo are shared among so many colors."""


def _blend(paints: Paints, along: Floats) -> Floats:
    """Run through two or three colors from 0 to 1, each with a part of its own."""
    if paints.accent is None:
        return mix(paints.ground, paints.pattern, ease((along - 0.06) / 0.88))
    image = mix(paints.ground, paints.pattern, ease((along - 0.08) / 0.38))
    last = mix(paints.pattern, paints.accent, ease((along - 0.54) / 0.38))
    is_last = (along > 0.5)[..., None]
    blended: Floats = np.where(is_last, last, image)
    return blended


def _lay_horizon(rng: np.random.Generator, room: str | None) -> tuple[float, float]:
    """Choose how high the land begins, and how it slopes away from an empty side."""
    if room in ("left", "right"):
        return float(rng.uniform(0.6, 0.68)), 0.62 if room == "right" else -0.62
    if room is not None:
        return float(rng.uniform(0.64, 0.7)), 0.0
    return float(rng.uniform(0.42, 0.54)), 0.0


def _swell(
    canvas: Canvas, rng: np.random.Generator, length: float, height: float
) -> Floats:
    line: Floats = np.sin(2 * np.pi * (canvas.x / length + rng.random())) * height
    return line


def _warp(
    rng: np.random.Generator, across: Floats, down: Floats, size: float, pace: float
) -> Floats:
    """Measure distances from a middle as on a sheet that was pulled out of shape."""
    turn = rng.uniform(0, 2 * np.pi, 2).tolist()
    pulled_x = across + size * np.sin(down * pace + turn[0])
    pulled_y = down + size * np.sin(across * pace + turn[1])
    away: Floats = np.hypot(pulled_x, pulled_y)
    return away


def _lay_band(
    canvas: Canvas, image: Floats, depth: Floats, color: Floats, paints: Paints
) -> None:
    """Lay everything below a line over an image; it casts a soft shadow upwards."""
    near = np.clip(1 + depth / 0.07, 0, 1)
    image *= 1 - (near * near * paints.depth * 0.8)[..., None]
    body = mix(lighten(color, 0.16), darken(color, 0.1), np.clip(depth / 0.3, 0, 1))
    paint(image, body, canvas.cover(-depth))


def _cut_chip(rng: np.random.Generator, x: float, y: float, radius: float) -> Floats:
    """Cut a stone with five or six corners."""
    count = int(rng.integers(5, 7))
    angles = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) / count * 2 * np.pi
    lengths = radius * rng.uniform(0.7, 1.15, count)
    squeeze, turn = rng.uniform(0.6, 1.0), rng.uniform(0, np.pi)
    across, down = np.cos(angles) * lengths, np.sin(angles) * lengths * squeeze
    corners = np.stack(
        (
            x + across * np.cos(turn) - down * np.sin(turn),
            y + across * np.sin(turn) + down * np.cos(turn),
        ),
        axis=-1,
    )
    return corners.astype(np.float32)
