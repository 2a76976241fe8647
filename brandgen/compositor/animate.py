"""Render a creative that moves as an animated GIF or WebP: previews, and mail."""

from collections.abc import Mapping
from types import MappingProxyType

from brandgen.compositor.animation import Animation
from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.document import Document
from brandgen.compositor.encode import Encoding
from brandgen.compositor.moving_render import MovingPicture, render_animation
from brandgen.compositor.pictures import ImageSource
from brandgen.compositor.render import Rendered, check_scale, lay_out_creative
from brandgen.compositor.text import load_text_engine

MIMES = {"gif": "image/gif", "webp": "image/webp"}


def animate_creative(
    document: Document,
    *,
    format: str,  # noqa: A002 - the product's word
    modifications: Mapping[str, str],
    images: Mapping[str, ImageSource],
    brand: BrandStyle,
    animation: Animation,
    scale: float = 1.0,
    locale: str = "",
    data: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    watermark: str | None = None,
) -> Rendered:
    """Render one format of a template that moves, in at most 60 frames.

    How long each is seen the template says, not the `animation`.

    Raises:
        UnknownFormatError: the template has no such format.
        ModificationError: an unknown or missing slot, or a text that is too long.
        ImageSourceError: a picture can't be decoded.
        BrandStyleError: the brand lacks a color, font or logo that the template uses.
        NoMotionError: nothing moves in this format.
        FileSizeError: no quality makes the file as small as the animation asks.
        RenderOptionError: the frames have too many pixels, or no such scale.
    """
    layout = lay_out_creative(
        document,
        format=format,
        modifications=modifications,
        images=images,
        brand=brand,
        locale=locale,
        data=data,
    )
    check_scale(document.formats[format], Encoding("webp"), scale)
    moving = MovingPicture(
        document,
        layout,
        format=format,
        locale=locale,
        images=images,
        brand=brand,
        engine=load_text_engine(brand.fonts, brand.fonts_folder),
        scale=scale,
        watermark=watermark,
    )
    fitted = render_animation(moving, animation)
    return Rendered(
        data=fitted.data,
        mime=MIMES[animation.kind],
        width_px=max(1, round(layout.width_px * scale)),
        height_px=max(1, round(layout.height_px * scale)),
        findings=(*layout.findings, *moving.findings),
        boxes=layout.boxes,
        frames=layout.frames,
    )
