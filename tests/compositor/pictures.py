"""Pictures, values and documents for the compositor's tests."""

import copy
import json
from typing import Any

import cv2
import numpy as np
import simplejpeg

from brandgen.compositor.examples.northwind import SPRING

COPY = {
    "kicker": "Spring collection",
    "headline": "Made for brighter mornings",
    "subline": "Stoneware that keeps its warmth, in six new colors.",
    "cta": "See the colors",
}


def make_photo(width: int = 1024, height: int = 1024) -> bytes:
    """Draw a smooth picture with a disc below its middle, as a JPEG."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack(
        [90 + 120 * x / width, 150 + 60 * y / height, 200 - 90 * x / width], axis=-1
    ).astype(np.uint8)
    pixels = np.ascontiguousarray(pixels)
    center = (width // 2, round(height * 0.72))
    cv2.circle(pixels, center, min(width, height) // 6, (200, 60, 40), -1, cv2.LINE_AA)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=92)
    return data


def spring_data() -> dict[str, Any]:
    """Read the spring template as plain data that a test may change."""
    data: dict[str, Any] = json.loads(SPRING.read_bytes())
    return copy.deepcopy(data)


def plain_document(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Make a small document around these layers."""
    return {
        "schema": 2,
        "name": "Plain",
        "formats": {"banner": {"width_px": 400, "height_px": 200}},
        "tokens": {
            "colors": {"ink": "ink", "paper": "white"},
            "fonts": {"copy": {"weight": 500}, "noto": {"family": "Noto Sans"}},
        },
        "slots": {"line": {"type": "text"}, "photo": {"type": "image"}},
        "background": "paper",
        "layers": list(layers),
        **fields,
    }


def text_layer(**fields: Any) -> dict[str, Any]:
    """Make a text layer that fills the plain document but for 20 px."""
    edge = {"anchor": "both", "start": 20, "end": 20}
    return {
        "type": "text",
        "id": "line",
        "slot": "line",
        "font": "copy",
        "color": "ink",
        "largest": 60,
        "smallest": 16,
        "box": {"x": edge, "y": edge},
        **fields,
    }
