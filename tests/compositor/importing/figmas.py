"""Files of Figma's REST API for tests, by its documented format."""

import json
from collections.abc import Sequence
from typing import Any

Box = tuple[float, float, float, float]
INK = (0.0392, 0.1647, 0.2)
ACCENT = (0.9569, 0.502, 0.2353)
SHELL = (1, 0.9569, 0.8902)


def solid(color: tuple[float, float, float], **more: Any) -> dict[str, Any]:
    red, green, blue = color
    value = {"r": red, "g": green, "b": blue, "a": 1}
    return {"type": "SOLID", "blendMode": "NORMAL", "color": value, **more}


def gradient(*colors: tuple[float, float, float], kind: str = "LINEAR") -> Any:
    places = ({"x": 0, "y": 0.5}, {"x": 1, "y": 0.5}, {"x": 0, "y": 1})
    stops = [
        {"color": solid(color)["color"], "position": n / (len(colors) - 1)}
        for n, color in enumerate(colors)
    ]
    return {
        "type": f"GRADIENT_{kind}",
        "gradientHandlePositions": list(places),
        "gradientStops": stops,
    }


PICTURE = {"type": "IMAGE", "scaleMode": "FILL", "imageRef": "a1b2"}


def node(kind: str, name: str, box: Box, **more: Any) -> dict[str, Any]:
    x, y, width, height = box
    return {
        "id": f"1:{abs(hash((kind, name))) % 999}",
        "name": name,
        "type": kind,
        "blendMode": "PASS_THROUGH",
        "absoluteBoundingBox": {"x": x, "y": y, "width": width, "height": height},
        "constraints": {"vertical": "TOP", "horizontal": "LEFT"},
        "fills": [],
        "strokes": [],
        "strokeWeight": 1,
        "effects": [],
        **more,
    }


def text(
    name: str, words: str, box: Box, *, size: float = 40, **more: Any
) -> dict[str, Any]:
    style = {
        "fontFamily": "Inter",
        "fontPostScriptName": "Inter-Bold",
        "fontWeight": 700,
        "fontSize": size,
        "textAlignHorizontal": "LEFT",
        "textAlignVertical": "TOP",
        "letterSpacing": 0,
        "lineHeightPx": size * 1.2,
        "textAutoResize": "WIDTH_AND_HEIGHT",
        **more.pop("style", {}),
    }
    found = {"fills": [solid(INK)], "characters": words, "style": style, **more}
    return node("TEXT", name, box, **found)


def frame(
    name: str, box: Box, children: Sequence[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    found = {"fills": [solid(SHELL)], "clipsContent": True, **more}
    return node("FRAME", name, box, children=list(children), **found)


def figma(*frames: dict[str, Any]) -> bytes:
    """Write a file as GET /v1/files/KEY answers it, with one page of frames."""
    page = {
        "id": "0:1",
        "name": "Page 1",
        "type": "CANVAS",
        "children": list(frames),
        "backgroundColor": solid((1, 1, 1))["color"],
    }
    document = {
        "id": "0:0",
        "name": "Document",
        "type": "DOCUMENT",
        "children": [page],
    }
    file = {
        "document": document,
        "components": {},
        "componentSets": {},
        "schemaVersion": 0,
        "styles": {},
        "name": "Spring",
        "lastModified": "2026-03-01T10:00:00Z",
        "thumbnailUrl": "",
        "version": "1",
        "role": "owner",
        "editorType": "figma",
    }
    return json.dumps(file).encode()
