"""A brand kit as the compositor sees it."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from brandgen.brands import models as brands
from brandgen.brands.models import BrandKit
from brandgen.compositor import BrandStyle, FontFace, LogoImage
from brandgen.compositor.brand import Disclaimer
from brandgen.lib.colors import Inks, parse_inks
from brandgen.lib.storage import get_store

Face = tuple[str, int, bool, str]
Mark = tuple[str, str, int, int]


def style_of(kit: BrandKit) -> BrandStyle:
    """Return a kit's colors, fonts and logos; of inks for one color the first count.

    Raises:
        StorageError: a file of the kit can't be read.
    """
    palette = {token: color.hex for token, color in kit.color_tokens().items()}
    style = _load(
        tuple(palette.items()),
        tuple((c.hex, parse_inks(c.inks)) for c in kit.colors.all() if c.inks),
        tuple((f.family, f.weight, f.is_italic, f.sha256) for f in kit.fonts.all()),
        tuple(
            (
                logo.variant,
                logo.sha256,
                logo.clear_space_percent,
                logo.smallest_width_px,
            )
            for logo in kit.logos.all()
        ),
        settings.FONTS_DIR,
    )
    return replace(style, disclaimers=tuple(map(_disclaimer, kit.disclaimers.all())))


def _disclaimer(row: brands.Disclaimer) -> Disclaimer:
    return Disclaimer(
        name=row.name,
        wordings=row.wordings,
        triggers=tuple(row.triggers),
        smallest_px=row.smallest_px,
        smallest_pt=row.smallest_pt,
    )


@lru_cache(maxsize=16)
def _load(
    palette: tuple[tuple[str, str], ...],
    inks: tuple[tuple[str, Inks], ...],
    faces: tuple[Face, ...],
    marks: tuple[Mark, ...],
    fonts_folder: Path | None,
) -> BrandStyle:
    """Read the files once a process: they are named by their hash and never change."""
    read = get_store().read
    return BrandStyle(
        palette=dict(palette),
        inks=dict(reversed(inks)),
        fonts=tuple(
            FontFace(
                family=family, weight=weight, is_italic=is_italic, data=read(sha256)
            )
            for family, weight, is_italic, sha256 in faces
        ),
        logos={
            variant: LogoImage(
                data=read(sha256), clear_space_percent=space, smallest_width_px=width_px
            )
            for variant, sha256, space, width_px in marks
        },
        fonts_folder=fonts_folder,
    )
