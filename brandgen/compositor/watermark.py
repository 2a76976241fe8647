"""Write a word across a whole picture, again and again, that no crop gets rid of."""

import math
from typing import Any

import skia

from brandgen.compositor.display import Rect
from brandgen.compositor.encode import RenderOptionError
from brandgen.compositor.text import TextEngine
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.typesetting.fonts import OWN_FAMILY, Look
from brandgen.compositor.typesetting.ink import draw_run

NOT_APPROVED = "NOT APPROVED"
"""The text where none is chosen: read alike in every market."""
_TURN = -30.0
_SHARE = 0.06
"""Height of the letters, of the side of a square as large as the picture."""
_SMALLEST_PX = 12.0
_WEIGHT = 700
_AIR_BETWEEN = 1.5
_PITCH = 3.0
"""From word to word, and from line to line, in heights of the letters."""
_EDGE = 0.12
_PAINTS = (
    # A dark edge shows on light pictures, the light letter in it on dark ones.
    (skia.Paint.kStroke_Style, 0x8C000000),
    (skia.Paint.kFill_Style, 0xA6FFFFFF),
)


def draw_watermark(canvas: Any, whole: Rect, text: str, engine: TextEngine) -> None:
    """Draw a text over all of a picture, in slanting lines.

    As outlines, so that a PDF's words stay those of its layout.

    Raises:
        RenderOptionError: a letter that no font has.
    """
    size = max(_SMALLEST_PX, _SHARE * math.sqrt(whole.width * whole.height))
    style = TextStyle(Look(OWN_FAMILY, _WEIGHT), size, size, overflow="visible")
    mark = engine.fit(text, style, math.inf, math.inf)
    if mark.missing:
        raise RenderOptionError(
            f"The watermark {text!r} has letters that no font has: {mark.missing}. "
            "Use others."
        )
    across, down = mark.width_px + _AIR_BETWEEN * size, _PITCH * size
    reach = math.hypot(whole.width, whole.height) / 2
    rows, columns = math.ceil(reach / down), math.ceil(reach / across) + 1
    canvas.save()
    canvas.translate(whole.x + whole.width / 2, whole.y + whole.height / 2)
    canvas.rotate(_TURN)
    for row in range(-rows, rows + 1):
        for column in range(-columns, columns + 1):
            x = (column + row % 2 / 2) * across - mark.width_px / 2
            for kind, color in _PAINTS:
                paint = skia.Paint(AntiAlias=True, Color=color, Style=kind)
                paint.setStrokeWidth(_EDGE * size)
                paint.setStrokeJoin(skia.Paint.kRound_Join)
                for piece in mark.pieces:
                    left, baseline = x + piece.x, row * down + piece.y
                    draw_run(
                        canvas, piece.run, x=left, y=baseline, size=size, paint=paint
                    )
    canvas.restore()
