"""The formats to pick from: the ratios the model was trained on, in sides it draws."""

import math
from collections.abc import Iterator
from functools import lru_cache

from brandgen.engine.requests import (
    LARGEST_SIDE_PX,
    SIDE_MULTIPLE_PX,
    SMALLEST_SIDE_PX,
)

# Width to height. Source: the multi-aspect buckets of the training configuration of
# Stable Cascade (`multi_aspect_ratio` in its repository), and their inverses.
RATIOS: tuple[tuple[int, int], ...] = (
    (1, 1),
    (5, 6),
    (4, 5),
    (3, 4),
    (2, 3),
    (3, 5),
    (9, 16),
    (1, 2),
    (2, 5),
    (1, 3),
    (1, 5),
    (1, 6),
)
GROUPS: tuple[tuple[str, int], ...] = (
    ("About 0.3 megapixels", 512),
    ("About 1 megapixel", 1024),
    ("Up to 4 megapixels", 2048),
)
"""A name, and the side of a square of that area."""
AREA_WEIGHT = 0.05
"""How much a far area counts beside a far ratio: enough to decide between equals."""

Size = tuple[int, int]


def size_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """List the formats to pick from, for a select with groups: values and words."""
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        ("For a try", [("256x256", "1:1 · 256 × 256")])
    ]
    offered = {"256x256"}
    for name, side_px in GROUPS:
        choices = []
        for ratio in all_ratios():
            size = find_size(ratio[0] / ratio[1], area_px=side_px**2)
            value = write_size(size)
            if value not in offered:
                offered.add(value)
                choices.append((value, describe_size(size, ratio)))
        groups.append((name, choices))
    return groups


def all_ratios() -> Iterator[tuple[int, int]]:
    """Yield each ratio once, square first, then upright and lying in turn."""
    for width, height in RATIOS:
        yield width, height
        if width != height:
            yield height, width


@lru_cache(maxsize=256)
def find_size(ratio: float, *, area_px: int) -> Size:
    """Return the sides that come nearest to a ratio (width by height) and an area."""
    sides = range(SMALLEST_SIDE_PX, LARGEST_SIDE_PX + 1, SIDE_MULTIPLE_PX)

    def distance(size: Size) -> float:
        width, height = size
        far_ratio = abs(math.log(width / height / ratio))
        return far_ratio + AREA_WEIGHT * abs(math.log(width * height / area_px))

    return min(((w, h) for w in sides for h in sides), key=distance)


def find_ratio(size: Size) -> tuple[int, int]:
    """Return the ratio that a size is nearest to."""
    wanted = size[0] / size[1]
    return min(all_ratios(), key=lambda r: abs(math.log(r[0] / r[1] / wanted)))


def write_size(size: Size) -> str:
    """Write a size as forms send it: 512x640."""
    return f"{size[0]}x{size[1]}"


def describe_size(size: Size, ratio: tuple[int, int] | None = None) -> str:
    """Write a size for people, with its ratio: 4:5 · 512 × 640."""
    width, height = ratio or find_ratio(size)
    return f"{width}:{height} · {size[0]} × {size[1]}"
