"""What all factories share."""

import io
from datetime import UTC, datetime
from itertools import count

import numpy as np
from PIL import Image

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


PASSWORD = "northwind-2026"


numbers = count(1)


def make_picture(width_px: int = 256, height_px: int = 256, *, seed: int = 0) -> bytes:
    """Draw a PNG: a soft gradient that differs by seed."""
    x, y = np.meshgrid(np.linspace(0, 1, width_px), np.linspace(0, 1, height_px))
    base = np.random.default_rng(seed).uniform(40, 160, 3)
    pixels = base + 60 * np.stack([x, y, (x + y) / 2], axis=-1)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
