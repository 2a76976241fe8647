"""Bring a template version, a brand kit and pictures together for the compositor."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from django.core.cache import cache
from PIL import Image

from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    Document,
    Encoding,
    Finding,
    ImageSource,
    Rendered,
    lay_out_creative,
    render_creative,
)
from brandgen.compositor.document import TextSlot
from brandgen.compositor.parts import Data
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.marking import MADE_BY_AI
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.style import style_of
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset

QUALITY = 90
PREVIEW_QUALITY = 82
PREVIEW_SIDE_PX = 640
PREVIEW_LIVES_S = 3600


@dataclass(frozen=True)
class Preview:
    """A small picture of one format, and what the checks say of it."""

    picture: bytes
    """A JPEG."""
    findings: tuple[Finding, ...]


def image_source(asset: Asset) -> ImageSource:
    """Return an asset's file with its focal point.

    Raises:
        StorageError: the file can't be read.
    """
    data = get_store().read(asset.sha256)
    return ImageSource(
        data=data,
        focal=(asset.focal_x, asset.focal_y),
        is_ai_made=asset.digital_source_type in MADE_BY_AI,
        digest=asset.sha256,
    )


def render_preview(
    *,
    version: TemplateVersion,
    kit: BrandKit,
    format_name: str,
    modifications: Mapping[str, str],
    images: Mapping[str, Asset],
    locale: str = "",
    data: Data = MappingProxyType({}),
) -> Preview:
    """Render a small JPEG by the renderer of the final file, or take it from the cache.

    Empty text slots show the template's example, empty picture slots brand colors.

    Raises:
        UnknownFormatError, ModificationError, BrandStyleError, ImageSourceError: it
            can't be drawn so; the message is fit to show.
        StorageError: a file can't be read.
    """
    facts = {
        "version": str(version.pk),
        "document": version.document,
        "kit": kit.pk,
        "format": format_name,
        "modifications": dict(modifications),
        "images": {k: [a.sha256, a.focal_x, a.focal_y] for k, a in images.items()},
        "locale": locale,
        "data": {name: dict(parts) for name, parts in data.items()},
    }
    text = json.dumps(facts, sort_keys=True)
    key = f"preview-2:{hashlib.sha256(text.encode()).hexdigest()}"
    found: Preview | None = cache.get(key)
    if found is not None:
        return found
    rendered = _render_small(
        version.load(),
        kit,
        format_name,
        modifications,
        images=images,
        locale=locale,
        data=data,
    )
    preview = Preview(rendered.data, rendered.findings)
    cache.set(key, preview, PREVIEW_LIVES_S)
    return preview


def _render_small(
    document: Document,
    kit: BrandKit,
    format_name: str,
    modifications: Mapping[str, str],
    *,
    images: Mapping[str, Asset],
    locale: str,
    data: Data,
) -> Rendered:
    shape = document.formats.get(format_name)
    longest_px = max(shape.width_px, shape.height_px) if shape else PREVIEW_SIDE_PX
    return render_creative(
        document,
        format=format_name,
        modifications=fill_texts(document, modifications),
        images=fill_images(document, images, kit),
        brand=style_of(kit),
        encoding=Encoding(kind="jpeg", quality=PREVIEW_QUALITY),
        scale=max(0.05, min(1.0, PREVIEW_SIDE_PX / longest_px)),
        locale=locale,
        data=data,
    )


def fill_texts(document: Document, modifications: Mapping[str, str]) -> dict[str, str]:
    """Return the texts, with an example where a required one is still missing."""
    examples = {
        name: slot.example or slot.label or name
        for name, slot in document.slots.items()
        if isinstance(slot, TextSlot) and slot.required
    }
    given = {name: text for name, text in modifications.items() if text.strip()}
    return examples | given


def example_texts(document: Document) -> dict[str, str]:
    """Return the example of every text slot."""
    return {
        name: slot.example
        for name, slot in document.slots.items()
        if isinstance(slot, TextSlot) and slot.example
    }


def fill_images(
    document: Document, images: Mapping[str, Asset], kit: BrandKit
) -> dict[str, ImageSource]:
    """Return the pictures, with a ground in the brand's colors where one is missing.

    Those that the template always shows are among them.
    """
    shown = {**images, **find_fixed(kit.brand, document)}
    return {
        name: image_source(shown[name])
        if name in shown
        else ImageSource(data=draw_ground(kit))
        for name in (*document.image_slots, *document.fixed_images)
    }


def draw_ground(kit: BrandKit) -> bytes:
    """Draw a soft ground in the brand's first two colors, as a PNG."""
    hexes = [color.hex for color in kit.colors.all()][:2] or ["#8a8a8a"]
    first, last = (_rgb(hexes[0]), _rgb(hexes[-1]))
    ramp = np.linspace(0, 1, 256)[:, None, None] * np.ones((1, 256, 1))
    pixels = first * (1 - 0.35 * ramp) + last * 0.35 * ramp
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _rgb(hex_color: str) -> np.ndarray:
    return np.array([int(hex_color[i : i + 2], 16) for i in (1, 3, 5)], float)


def preflight(
    *,
    document: Document,
    kit: BrandKit,
    format_name: str,
    modifications: Mapping[str, str],
    images: Mapping[str, ImageSource],
    locale: str = "",
    data: Data = MappingProxyType({}),
) -> None:
    """Lay a format out without drawing it.

    Raises:
        UnknownFormatError, ModificationError, BrandStyleError: it can't be drawn so.
        StorageError: a file of the kit can't be read.
    """
    lay_out_creative(
        document,
        format=format_name,
        modifications=modifications,
        images=images,
        brand=style_of(kit),
        locale=locale,
        data=data,
    )
