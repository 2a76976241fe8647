"""Read a layout of Photoshop: its texts, shapes, groups and places of pictures, as SVG.

Runs in a process of its own (`workers`): files are from strangers.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from psd_tools import PSDImage
from psd_tools.constants import Tag

from brandgen.compositor.checking import MAX_PIXELS
from brandgen.compositor.display import Rect
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.figures import name_figure
from brandgen.compositor.importing.psd_paints import (
    color_of,
    get,
    outline_of_mask,
    paint_of,
    stroke_attributes,
)
from brandgen.compositor.importing.psd_texts import write_text
from brandgen.compositor.importing.workers import ReadPage
from brandgen.compositor.importing.writing import SvgWriter, hex_of, show
from brandgen.compositor.outlines import Outline, rectangle
from brandgen.compositor.svg.effects import BLENDS
from brandgen.compositor.svg.geometry import box_of
from brandgen.compositor.svg.notes import Notes, UnreadableError

MOST_LAYERS = 1_000
MOST_LOOKED_AT_PX = 16_000_000
"""Pixels of layers that are looked at, to find those that are one color."""
_FILLS = ("solidcolorfill", "gradientfill", "patternfill")
_EFFECTS = {
    "DropShadow": "drop shadow",
    "InnerShadow": "inner shadow",
    "OuterGlow": "outer glow",
    "InnerGlow": "inner glow",
    "BevelEmboss": "bevel",
    "Satin": "satin",
    "Stroke": "stroke",
    "GradientOverlay": "gradient overlay",
    "PatternOverlay": "pattern overlay",
}


def read_psd(data: bytes, notes: Notes) -> list[ReadPage]:
    """Give a layout of Photoshop as SVG, each of its artboards.

    Raises:
        ImportedFileError: it is none that can be read.
    """
    try:
        document = PSDImage.open(io.BytesIO(data))
        size = document.width, document.height
        count = sum(1 for _ in document.descendants(include_clip=True))
    except Exception as error:  # whatever a damaged file does to its reader
        raise ImportedFileError(
            f"The PSD can't be read: {type(error).__name__}. Save it again in "
            "Photoshop, with Maximize Compatibility."
        ) from error
    if size[0] * size[1] > MAX_PIXELS or min(size) < 1:
        raise ImportedFileError(
            f"The PSD is {size[0]} x {size[1]} pixels; {MAX_PIXELS // 1_000_000} "
            "megapixels are allowed. Scale it down."
        )
    if count > MOST_LAYERS:
        raise ImportedFileError(
            f"The PSD has {count:,} layers; {MOST_LAYERS:,} are read. Flatten what "
            "need not be changed."
        )
    if not count:
        raise ImportedFileError(
            "The PSD has no layers, only a picture. Upload it to the library."
        )
    boards = [one for one in document if one.kind == "artboard" and one.visible]
    if not boards:
        return [ReadPage("", _Reader(document, None, notes).read())]
    # The topmost of the list of layers comes last.
    return [
        ReadPage(board.name, _Reader(document, board, notes).read())
        for board in reversed(boards)
    ]


class _Reader:
    """Reads the layers of one document."""

    def __init__(self, document: Any, board: Any, notes: Notes) -> None:
        self._notes = notes
        self._layers: Sequence[Any] = [board] if board else list(document)
        self._size = float(document.width), float(document.height)
        self._page = _page_of(board) if board else Rect(0, 0, *self._size)
        wide, tall = self._page.width, self._page.height
        self._writer = SvgWriter(
            view=(wide, tall), size=(f"{show(wide)}px", f"{show(tall)}px")
        )
        self._looked_at_px = 0

    def read(self) -> str:
        """Give the document."""
        x, y = -self._page.x, -self._page.y
        moved = f"translate({show(x)} {show(y)})" if x or y else ""
        with self._writer.group(transform=moved):
            self._siblings(self._layers)
        return self._writer.source()

    def _siblings(self, layers: Sequence[Any]) -> None:
        base: Any = None
        for layer in layers:
            is_clipped = bool(getattr(layer, "clipping", False)) and base is not None
            if not is_clipped:
                base = layer
            if not layer.visible or (is_clipped and not base.visible):
                self._notes.add(
                    layer.name, "It is hidden, and left out.", "Show it to import it."
                )
                continue
            try:
                self._layer(layer, base if is_clipped else None)
            except UnreadableError as error:
                self._notes.add(layer.name, f"It is left out: {error}")
            except Exception as error:
                self._notes.add(
                    layer.name,
                    f"It is left out: it can't be read ({type(error).__name__}).",
                    "Draw it anew, or flatten it.",
                )

    def _layer(self, layer: Any, base: Any) -> None:
        attributes = self._affected(layer)
        clip = self._cut_to(layer, base)
        if clip:
            attributes["clip_path"] = clip
        color = self._effects(layer)
        kind = layer.kind
        if layer.is_group():
            with self._writer.group(layer.name, **attributes):
                self._siblings(list(layer))
        elif kind == "type":
            with self._kept(attributes) as rest:
                write_text(self._writer, layer, self._notes, color=color, **rest)
        elif _is_shape(layer):
            self._shape(layer, color, attributes)
        elif kind in _FILLS:
            self._filled(layer, color, attributes)
        elif kind in ("pixel", "smartobject"):
            self._pixels(layer, color, attributes)
        else:
            self._notes.add(
                layer.name,
                f"It is left out: layers of the kind {kind} change what lies below.",
                "Apply it to the picture, and upload that to the library.",
            )

    @contextmanager
    def _kept(self, attributes: dict[str, str]) -> Iterator[dict[str, str]]:
        """Put a text that is cut into a group, as texts themselves can't be."""
        rest = dict(attributes)
        clip = rest.pop("clip_path", "")
        if not clip:
            yield rest
            return
        with self._writer.group(clip_path=clip):
            yield rest

    def _affected(self, layer: Any) -> dict[str, str]:
        """Give how a layer is faded and blended."""
        found: dict[str, str] = {}
        opacity = layer.opacity / 255 * getattr(layer, "fill_opacity", 255) / 255
        if opacity < 0.999:
            found["opacity"] = show(opacity)
        blend = layer.blend_mode.name.lower().replace("_", "-")
        if blend in BLENDS and blend != "normal":
            found["style"] = f"mix-blend-mode:{blend}"
        elif blend not in ("normal", "pass-through"):
            self._notes.add(
                layer.name,
                f"The blend mode {blend.replace('-', ' ')} is left out; templates have "
                "those of CSS.",
                "Choose another one in the editor.",
            )
        return found

    def _cut_to(self, layer: Any, base: Any) -> str:
        """Write what a layer is cut to: a layer below, its masks."""
        outlines: list[Outline] = []
        if base is not None:
            outlines.append(self._outline_of(base))
        mask = layer.vector_mask if layer.has_vector_mask() else None
        if mask is not None and not _is_shape(layer) and not mask.disabled:
            outlines.append(outline_of_mask(mask, self._size))
        if layer.has_mask() and not layer.mask.disabled:
            drawn = layer.mask
            outlines.append(rectangle(drawn.left, drawn.top, drawn.width, drawn.height))
            self._notes.add(
                layer.name,
                "Its mask of pixels is drawn as the box around it.",
                "Cut it to a shape, or apply the mask to the picture.",
            )
        outlines = [outline for outline in outlines if outline]
        if not outlines:
            return ""
        if len(outlines) > 1:
            self._notes.add(
                layer.name,
                "It is cut by several outlines; it is cut to the smallest.",
                "Compare it with the layout.",
            )
        smallest = min(outlines, key=lambda one: _area_of(box_of(one)))
        return self._writer.clip(smallest)

    def _outline_of(self, layer: Any) -> Outline:
        """Give what a layer covers: its outline, or the box around its pixels."""
        if layer.has_vector_mask() and layer.vector_mask.paths:
            return outline_of_mask(layer.vector_mask, self._size)
        return rectangle(layer.left, layer.top, layer.width, layer.height)

    def _effects(self, layer: Any) -> str | None:
        """Give the color that is laid over a layer; tell of its other effects."""
        if not layer.has_effects():
            return None
        color: str | None = None
        for effect in layer.effects:
            if not effect.enabled:
                continue
            name = type(effect).__name__
            if name == "ColorOverlay":
                color = color_of(get(effect.value, b"Clr ")) or color_of(effect.color)
            else:
                what = _EFFECTS.get(name, name)
                self._notes.add(
                    layer.name,
                    f"Its effect ({what}) is left out.",
                    "Do without it, or make it a part of the picture.",
                )
        return color

    def _shape(self, layer: Any, color: str | None, attributes: dict[str, str]) -> None:
        outline = outline_of_mask(layer.vector_mask, self._size)
        if not outline:
            raise UnreadableError("it has no path.")
        box = box_of(outline)
        stroke = layer.stroke if layer.has_stroke() else None
        lined = stroke_attributes(stroke)
        has_fill = stroke is None or stroke.fill_enabled
        fill = color or self._fill(layer, box) if has_fill else "none"
        if (
            stroke
            and lined
            and getattr(stroke.line_alignment, "name", "CENTER") != "CENTER"
        ):
            self._notes.add(
                layer.name,
                "Its line lies within or outside of its edge; it is drawn upon it.",
                "Compare it with the layout.",
            )
        figure = name_figure(outline, box)
        values = {"fill": fill, **lined, **attributes}
        if figure.tag in ("path", "line"):
            path = self._writer.path(outline, layer.name, **values)
            path.set("fill-rule", "evenodd")
            return
        shape = self._writer.add(figure.tag, layer.name, **values)
        for key, value in figure.attributes.items():
            shape.set(key, show(value))

    def _fill(self, layer: Any, box: Rect) -> str:
        for tag in (
            Tag.SOLID_COLOR_SHEET_SETTING,
            Tag.GRADIENT_FILL_SETTING,
            Tag.VECTOR_STROKE_CONTENT_DATA,
        ):
            content = _block(layer, tag)
            if content is not None:
                return paint_of(content, box, self._writer)
        raise UnreadableError("what it is filled with can't be read.")

    def _filled(
        self, layer: Any, color: str | None, attributes: dict[str, str]
    ) -> None:
        """Fill the page, or what a layer is cut to."""
        box = Rect(self._page.x, self._page.y, self._page.width, self._page.height)
        fill = color or self._fill(layer, box)
        self._rect(box, layer.name, fill=fill, **attributes)

    def _pixels(
        self, layer: Any, color: str | None, attributes: dict[str, str]
    ) -> None:
        """Make a place for a picture; what is of one color becomes a rectangle."""
        box = Rect(layer.left, layer.top, layer.width, layer.height)
        if box.width < 1 or box.height < 1:
            self._notes.add(layer.name, "It is empty, and left out.")
            return
        plain = color or self._one_color(layer)
        if plain:
            self._rect(box, layer.name, fill=plain, **attributes)
            return
        image = self._writer.picture(box.x, box.y, box.width, box.height, layer.name)
        for key, value in attributes.items():
            image.set(key.replace("_", "-"), value)

    def _one_color(self, layer: Any) -> str | None:
        """Give the color of a layer that is all of one, and opaque."""
        self._looked_at_px += layer.width * layer.height
        if layer.kind != "pixel" or self._looked_at_px > MOST_LOOKED_AT_PX:
            return None
        image = layer.topil()
        if image is None:
            return None
        pixels = np.asarray(image.convert("RGBA"))
        first = pixels[0, 0]
        if first[3] < 255 or (pixels != first).any():
            return None
        red, green, blue = first[:3].tolist()
        return hex_of(red, green, blue)

    def _rect(self, box: Rect, name: str, **attributes: str) -> None:
        rect = self._writer.add("rect", name, **attributes)
        for key, value in (
            ("x", box.x),
            ("y", box.y),
            ("width", box.width),
            ("height", box.height),
        ):
            rect.set(key, show(value))


def _page_of(board: Any) -> Rect:
    """Give where an artboard lies."""
    rect = get(_block(board, Tag.ARTBOARD_DATA1), b"artboardRect")
    sides = [get(rect, key) for key in (b"Left", b"Top ", b"Rght", b"Btom")]
    if any(side is None for side in sides):
        return Rect(board.left, board.top, board.width, board.height)
    left, top, right, bottom = (float(getattr(s, "value", s)) for s in sides)
    return Rect(left, top, max(1.0, right - left), max(1.0, bottom - top))


def _is_shape(layer: Any) -> bool:
    """Say whether a layer is an outline that is filled."""
    has_outline = layer.has_vector_mask() and bool(layer.vector_mask.paths)
    return has_outline and layer.kind in ("shape", *_FILLS)


def _block(layer: Any, tag: Any) -> Any:
    return layer.tagged_blocks.get_data(tag) if layer.tagged_blocks else None


def _area_of(box: Rect) -> float:
    return box.width * box.height
