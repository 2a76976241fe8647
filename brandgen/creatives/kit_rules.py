"""What of a template is not its brand's: fonts, and colors of drawings."""

from dataclasses import dataclass

from brandgen.brands.models import BrandKit
from brandgen.compositor import Document
from brandgen.compositor.layers import SvgLayer, each_layer
from brandgen.compositor.typesetting.fonts import explain_foreign
from brandgen.compositor.vectors import explain_foreign_colors, find_foreign_colors


@dataclass(frozen=True)
class ForeignColor:
    """A drawing with a color that the brand kit lacks; `pointer` leads there."""

    pointer: str
    layer: str
    message: str


def find_foreign(kit: BrandKit | None, document: Document) -> dict[str, str]:
    """Say, by font token, which family the brand kit does not have, and what it has."""
    if kit is None:
        return {}
    own = list(kit.fonts.values_list("family", flat=True))
    found = {
        token: explain_foreign(font.family, own)
        for token, font in document.tokens.fonts.items()
    }
    return {token: message for token, message in found.items() if message}


def find_painted(kit: BrandKit | None, document: Document) -> list[ForeignColor]:
    """Find drawings in colors of others."""
    if kit is None:
        return []
    palette = {token: color.hex for token, color in kit.color_tokens().items()}
    found: dict[str, ForeignColor] = {}
    for layers in (document.layers, *document.layouts.values()):
        for pointer, layer, _ in each_layer(layers):
            if not isinstance(layer, SvgLayer) or pointer in found:
                continue
            if foreign := find_foreign_colors(layer, palette):
                name, message = layer.label or layer.id, explain_foreign_colors(foreign)
                found[pointer] = ForeignColor(pointer, name, message)
    return list(found.values())
