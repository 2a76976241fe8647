"""Documents that move, for the compositor's tests."""

from typing import Any

from tests.compositor.pictures import plain_document, text_layer

PANEL = {
    "type": "shape",
    "id": "panel",
    "fill": {"type": "solid", "color": "ink"},
    "box": {
        "x": {"anchor": "start", "offset": 100, "size": 80},
        "y": {"anchor": "start", "offset": 50, "size": 60},
    },
}
PHOTO = {
    "type": "image",
    "id": "photo",
    "slot": "photo",
    "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
}


def panel(motion: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Make a dark panel of 80 x 60 px at 100, 50 that moves so."""
    return {**PANEL, **({"motion": motion} if motion else {}), **fields}


def photo(motion: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Make a picture over all of the format that moves so."""
    return {**PHOTO, **({"motion": motion} if motion else {}), **fields}


def line(motion: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Make a line of text that moves so."""
    return text_layer(**fields, **({"motion": motion} if motion else {}))


def moving_document(*layers: dict[str, Any], **timeline: Any) -> dict[str, Any]:
    """Make a document of 400 x 200 px that moves for two seconds, 10 frames each."""
    motion = {"duration_s": 2, "fps": 10, **timeline}
    return plain_document(*layers, motion=motion)
