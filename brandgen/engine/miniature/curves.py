"""Draws learning curves: one panel for each figure of a lesson."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PANEL_PX = (320, 200)
MARGIN_PX = (52, 26, 12, 24)
"""Left, top, right, bottom of a panel, outside its curve."""
COLUMNS = 4
INK, LINE, PALE = (40, 44, 52), (0, 122, 128), (222, 226, 230)


def draw_curves(path: Path) -> Path:
    """Draw a learning curve's CSV file to a PNG file beside it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in (rows[0] if rows else ()) if name not in _AXES]
    width, height = PANEL_PX
    lines = -(-max(1, len(names)) // COLUMNS)
    size = (width * min(COLUMNS, max(1, len(names))), height * lines)
    picture = Image.new("RGB", size, "white")
    for index, name in enumerate(names):
        points = [(float(r["step"]), float(r[name])) for r in rows if r[name]]
        panel = draw_panel(name, points)
        picture.paste(panel, (index % COLUMNS * width, index // COLUMNS * height))
    target = path.with_suffix(".png")
    picture.save(target)
    return target


def draw_panel(name: str, points: Sequence[tuple[float, float]]) -> Image.Image:
    """Draw one figure over the steps; positive figures of a wide range by their log."""
    panel = Image.new("RGB", PANEL_PX, "white")
    pen, font = ImageDraw.Draw(panel), ImageFont.load_default(12)
    left, top, right, bottom = MARGIN_PX
    inner = (left, top, PANEL_PX[0] - right, PANEL_PX[1] - bottom)
    pen.text((left, 6), name, INK, font)
    pen.rectangle(inner, outline=PALE)
    if not points:
        return panel
    steps, values = zip(*points, strict=True)
    low, high = min(values), max(values)
    is_log = low > 0 and high / low > 10
    scale = math.log if is_log else float
    span = (scale(high) - scale(low)) or 1.0
    reach = (steps[-1] - steps[0]) or 1.0
    dots = [
        (
            inner[0] + (step - steps[0]) / reach * (inner[2] - inner[0]),
            inner[3] - (scale(value) - scale(low)) / span * (inner[3] - inner[1]),
        )
        for step, value in points
    ]
    if len(dots) > 1:
        pen.line(dots, LINE, 2, joint="curve")
    else:
        x, y = dots[0]
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), LINE)
    for value, y in ((high, inner[1]), (low, inner[3] - 12)):
        pen.text((4, y), f"{value:.3g}", INK, font)
    pen.text((left, inner[3] + 4), f"{steps[0]:.0f}", INK, font)
    last = f"{steps[-1]:.0f} steps" + (", log" if is_log else "")
    pen.text((inner[2], inner[3] + 4), last, INK, font, anchor="ra")
    return panel


_AXES = ("step", "seconds")
