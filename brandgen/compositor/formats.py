"""Formats: the sizes a template is rendered in, own ones or of the library.

The library's figures are in `format_library.json`, with the page each was read from in
`docs/reference/formats.md`.
"""

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from brandgen.compositor.layers import SizeClass
from brandgen.compositor.names import Label
from brandgen.compositor.sides import NO_SIDES, Sides
from brandgen.compositor.strict import (
    DataError,
    Limit,
    child,
    name_nearest,
    read_object,
    schema_of_object,
    show,
)

LIBRARY = Path(__file__).parent / "format_library.json"
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
CSS_DPI = 96
"""CSS pixels to the inch: what a pixel of a screen counts for on paper."""
VIEWED_WIDTH_PX = 390
"""CSS pixels that a creative is wide on a phone, as which it is judged."""
PRINT_DPI = 300
USUAL_BLEED = Sides.of(3)
# Width over height below which a format is of a class, from the tallest on.
CLASSES: tuple[tuple[float, SizeClass], ...] = (
    (0.4, "skyscraper"),
    (0.8, "portrait"),
    (1.26, "square"),
    (2.5, "landscape"),
)


@dataclass(frozen=True)
class SafeZone:
    """How far from each edge text and logos must stay, in pixels."""

    top: Annotated[int, Limit(0, 2000)] = 0
    right: Annotated[int, Limit(0, 2000)] = 0
    bottom: Annotated[int, Limit(0, 2000)] = 0
    left: Annotated[int, Limit(0, 2000)] = 0


@dataclass(frozen=True)
class PixelFormat:
    """A size in pixels; `max_bytes` is the channel's cap on the file, 0 for none."""

    width_px: Annotated[int, Limit(16, 8192)]
    height_px: Annotated[int, Limit(16, 8192)]
    label: Label = ""
    safe_zone: SafeZone = SafeZone()
    max_bytes: Annotated[int, Limit(0, 100_000_000)] = 0
    bleed_mm: Sides = NO_SIDES
    dpi: Annotated[int, Limit(0, 1200)] = 0


@dataclass(frozen=True)
class PrintFormat:
    """A size on paper, trimmed; a PDF adds the bleed around it."""

    width_mm: Annotated[float, Limit(10, 1200)]
    height_mm: Annotated[float, Limit(10, 1200)]
    bleed_mm: Sides = USUAL_BLEED
    safe_mm: Annotated[float, Limit(0, 50)] = 4
    dpi: Annotated[int, Limit(36, 1200)] = PRINT_DPI
    label: Label = ""
    max_bytes: Annotated[int, Limit(0, 100_000_000)] = 0


@dataclass(frozen=True)
class Format(PixelFormat):
    """A size that the template can be rendered in."""

    @classmethod
    def read_json(cls, value: object, pointer: str) -> Self:
        """Read a size in pixels, one in millimeters, or `use` of the library's.

        Raises:
            DataError: it is none of these, or the library has no such format.
        """
        if not isinstance(value, Mapping):
            raise DataError(pointer, f"an object is needed here, not {show(value)}.")
        if "use" in value:
            found = _find_named(value["use"], child(pointer, "use"))
            own = {key: item for key, item in value.items() if key != "use"}
            for key in own:
                if key not in ("label", "safe_zone", "max_bytes"):
                    problem = "only label, safe_zone and max_bytes can differ from the "
                    raise DataError(child(pointer, key), f"{problem}library's format.")
            return cls._of(read_object(PixelFormat, {**found, **own}, pointer))
        if "width_mm" in value or "height_mm" in value:
            return cls._of(
                _to_pixels(read_object(PrintFormat, value, pointer), pointer)
            )
        return cls._of(read_object(PixelFormat, value, pointer))

    @classmethod
    def _of(cls, plain: PixelFormat) -> Self:
        fields = dataclasses.fields(plain)
        return cls(**{field.name: getattr(plain, field.name) for field in fields})

    @classmethod
    def json_schema(cls, defs: dict[str, Any]) -> dict[str, Any]:
        """Say the same as JSON Schema."""
        shared = schema_of_object(PixelFormat, defs)
        properties = defs["PixelFormat"]["properties"]
        use = {
            "type": "object",
            "description": "A format of the library, by its name.",
            "properties": {
                "use": {"enum": list(format_library())},
                **{k: properties[k] for k in ("label", "safe_zone", "max_bytes")},
            },
            "required": ["use"],
            "additionalProperties": False,
        }
        return {"anyOf": [shared, schema_of_object(PrintFormat, defs), use]}

    @property
    def is_paper(self) -> bool:
        """Whether it is printed: its pixels have a size then."""
        return self.dpi > 0

    @property
    def short_side_px(self) -> int:
        """The shorter side: what percentages count from."""
        return min(self.width_px, self.height_px)

    @property
    def size_class(self) -> SizeClass:
        """What kind of shape it is, for layouts that differ by it."""
        ratio = self.width_px / self.height_px
        return next((name for most, name in CLASSES if ratio < most), "leaderboard")


@functools.cache
def format_library() -> Mapping[str, Mapping[str, Any]]:
    """Give the library: name to `channel` and the fields of a format."""
    found: dict[str, Mapping[str, Any]] = json.loads(LIBRARY.read_bytes())
    return found


def _find_named(name: object, pointer: str) -> dict[str, Any]:
    library = format_library()
    if not isinstance(name, str) or name not in library:
        hint = name_nearest(str(name)[:80], library)
        raise DataError(pointer, f"no format is called {show(name)}. {hint}")
    found = {key: item for key, item in library[name].items() if key != "channel"}
    if "width_mm" not in found:
        return found
    plain = _to_pixels(read_object(PrintFormat, found, pointer), pointer)
    return dataclasses.asdict(plain)


def _to_pixels(paper: PrintFormat, pointer: str) -> PixelFormat:
    """Turn paper into pixels.

    Raises:
        DataError: it comes to more pixels a side than can be drawn.
    """

    def pixels(length_mm: float) -> int:
        return round(length_mm / MM_PER_INCH * paper.dpi)

    width, height = pixels(paper.width_mm), pixels(paper.height_mm)
    edge = pixels(paper.safe_mm)
    if not (min(width, height) >= 16 and max(width, height) <= 8192 and edge <= 2000):
        raise DataError(
            pointer, f"{width} x {height} pixels; 16 to 8192 a side are allowed."
        )
    return PixelFormat(
        width_px=width,
        height_px=height,
        label=paper.label,
        safe_zone=SafeZone(edge, edge, edge, edge),
        max_bytes=paper.max_bytes,
        bleed_mm=paper.bleed_mm,
        dpi=paper.dpi,
    )
