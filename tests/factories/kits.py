"""Brand kits."""

import io
from functools import cache
from typing import Any

from PIL import Image

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit, Font, PaletteColor
from brandgen.compositor.examples.northwind import (
    PALETTE,
    draw_northwind_logo,
)
from brandgen.lib.storage import get_store
from tests.factories.base import NOW
from tests.factories.people import make_brand


def make_kit(*, brand: Brand | None = None, **fields: Any) -> BrandKit:
    """Make the next version of a brand kit, published, with Northwind's palette."""
    brand = brand or make_brand()
    last = brand.kits.order_by("-version").first()
    fields.setdefault("version", last.version + 1 if last else 1)
    fields.setdefault("published_at", NOW)
    kit = BrandKit.objects.create(brand=brand, **fields)
    colors = [
        ("Deep sea", "teal", "#0f4c5c", PaletteColor.Role.PRIMARY, 40),
        ("Ember", "orange", "#e36414", PaletteColor.Role.ACCENT, 15),
        ("Sand", "cream", "#fbe9d0", PaletteColor.Role.BACKGROUND, 45),
    ]
    for position, (name, word, hex_, role, share) in enumerate(colors):
        kit.colors.create(
            name=name,
            prompt_name=word,
            hex=hex_,
            role=role,
            share_percent=share,
            position=position,
        )
    return kit


def current_kit(brand: Brand) -> BrandKit:
    """Return the brand's published kit; make one if there is none."""
    return BrandKit.objects.find_current(brand) or make_kit(brand=brand)


def make_layout_kit(*, brand: Brand | None = None, **fields: Any) -> BrandKit:
    """Make a published kit with all color roles and logos, as layouts need them."""
    kit = make_kit(brand=brand, **fields)
    kit.colors.all().delete()
    for position, (role, hex_) in enumerate(PALETTE.items()):
        kit.colors.create(name=role.title(), hex=hex_, role=role, position=position)
    for variant, hex_ in (("primary", PALETTE["primary"]), ("reversed", "#ffffff")):
        data = _draw_logo(hex_)
        with Image.open(io.BytesIO(data)) as picture:
            width_px, height_px = picture.size
        kit.logos.create(
            variant=variant,
            sha256=get_store().keep(data),
            width_px=width_px,
            height_px=height_px,
        )
    return kit


def add_font(kit: BrandKit, family: str, data: bytes, *, weight: int = 400) -> Font:
    """Put a font file into a kit, published or not."""
    sha256 = get_store().keep(data)
    return kit.fonts.create(
        family=family, weight=weight, sha256=sha256, size_bytes=len(data)
    )


@cache
def _draw_logo(hex_: str) -> bytes:
    return draw_northwind_logo(hex_, 400)
