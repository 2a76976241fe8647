"""Northwind, the demo brand: its logo, drawn by code, its colors and template."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import skia
from PIL import Image

from brandgen.compositor.brand import BrandStyle, LogoImage
from brandgen.compositor.document import Document
from brandgen.compositor.encode import png_bytes
from brandgen.compositor.loading import load_document
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.typesetting.fonts import OWN_FAMILY, Look

PALETTE = {
    "primary": "#0b3c49",
    "secondary": "#17697b",
    "accent": "#f4803c",
    "background": "#fff4e3",
    "ink": "#0a2a33",
    "neutral": "#8d9ba0",
}
EXAMPLES = Path(__file__).parent
SPRING = EXAMPLES / "northwind_spring.json"
DESIGNS = {
    name: EXAMPLES / f"northwind_{name}.json" for name in ("product", "quote", "offer")
}
"""The templates of the demo brand, each in eight formats and four locales."""
CAROUSEL = EXAMPLES / "northwind_carousel.json"
"""Three pages in eight formats and four locales, for the command line."""

# The mark on a grid of 64, a sail before the wind over the sea: "M" and "L" take a
# point, "C" three, in absolute coordinates.
_SAIL = "M31 4 C44 18 51 31 53 44 L31 44"
_JIB = "M26 14 C20 26 14 36 8 44 L26 44"
_SEA = (
    "M3 51 C10 47 16 47 22 51 C28 55 35 55 41 51 C47 47 54 47 61 51 "
    "L61 58 C54 54 47 54 41 58 C35 62 28 62 22 58 C16 54 10 54 3 58"
)
_MARK_SIZE = 64


def load_spring() -> Document:
    """Load the spring template: square, story and landscape."""
    return load_document(SPRING.read_bytes())


def load_copy() -> dict[str, dict[str, dict[str, str]]]:
    """Load what the designs say: design, then locale, then slot to text."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        (EXAMPLES / "northwind_copy.json").read_bytes()
    )
    return found


def northwind_style() -> BrandStyle:
    """Give the demo brand as the compositor sees it."""
    logos = {"primary": PALETTE["primary"], "reversed": "#ffffff", "mono": "#000000"}
    return BrandStyle(
        palette=PALETTE,
        logos={
            variant: LogoImage(draw_northwind_logo(color, 800), 30, 120)
            for variant, color in logos.items()
        },
    )


def draw_northwind_logo(color_hex: str, width_px: int) -> bytes:
    """Draw the logo, a mark and the word Northwind, as a PNG with transparency."""
    engine = load_text_engine(())
    style = TextStyle(Look(OWN_FAMILY, 700), 52, 52, 1, 1.0, -0.035)
    word = engine.fit("Northwind", style, 400, 64)
    natural = _MARK_SIZE + 14 + word.width_px
    scale = width_px / natural
    height_px = round(_MARK_SIZE * scale)
    # Drawn in black on nothing, then colored: the coverage is the transparency.
    cover = np.zeros((height_px, width_px, 4), np.uint8)
    cover[..., 3] = 255
    canvas = skia.Surface(cover, skia.ColorType.kRGBA_8888_ColorType).getCanvas()
    canvas.scale(scale, scale)
    paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE)
    for outline in (_SAIL, _JIB, _SEA):
        canvas.drawPath(_path(outline), paint)
    engine.paint(canvas, word, x=_MARK_SIZE + 14, y=4, color="#ffffff")
    pixels = np.empty_like(cover)
    pixels[..., :3] = [int(color_hex.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4)]
    pixels[..., 3] = cover[..., 0]
    return png_bytes(Image.fromarray(pixels))


def _path(outline: str) -> Any:
    path = skia.Path()
    steps = {"M": path.moveTo, "L": path.lineTo, "C": path.cubicTo}
    for command, numbers in re.findall(r"([MLC])([^MLC]+)", outline):
        steps[command](*map(float, numbers.split()))
    path.close()
    return path
