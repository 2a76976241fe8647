"""A picture to try templates with, drawn by code: hills by the sea at sunrise."""

import functools
import math

import numpy as np
import simplejpeg
import skia

SIDE_PX = 1200
_SKY = (0xFF17697B, 0xFF8FB7B0, 0xFFFBD9A8, 0xFFF4803C)
_HILLS = ((0.60, 0.05, 0xFF4E8C8F), (0.68, 0.07, 0xFF23697A), (0.79, 0.05, 0xFF0B3C49))
SUN = (0.66, 0.47)
"""Where the sun stands: the picture's focal point."""


@functools.cache
def draw_scene() -> bytes:
    """Draw the scene as a square JPEG; equal bytes on every call."""
    pixels = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    surface = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType)
    canvas = surface.getCanvas()
    sky = skia.GradientShader.MakeLinear(
        points=[(0, 0), (0, SIDE_PX * 0.68)], colors=list(_SKY)
    )
    canvas.drawPaint(skia.Paint(Shader=sky, Dither=True))
    x, y = SUN[0] * SIDE_PX, SUN[1] * SIDE_PX
    canvas.drawCircle(x, y, 120, skia.Paint(AntiAlias=True, Color=0xFFFFF4E3))
    for n, (height, swing, color) in enumerate(_HILLS):
        path = skia.Path()
        path.moveTo(0, SIDE_PX)
        for step in range(61):
            at = step / 60
            wave = math.sin(at * (5 + n) + n * 2.1) + 0.4 * math.sin(at * 13 + n)
            path.lineTo(at * SIDE_PX, (height - swing * wave * 0.7) * SIDE_PX)
        path.lineTo(SIDE_PX, SIDE_PX)
        path.close()
        canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=color))
    rgb = np.ascontiguousarray(pixels[..., :3])
    data: bytes = simplejpeg.encode_jpeg(rgb, quality=88, colorsubsampling="420")
    return data
