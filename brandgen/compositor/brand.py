"""What a brand brings to a layout: colors by role, fonts, logos. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from brandgen.compositor.strict import name_nearest
from brandgen.lib.colors import ColorError, Inks, parse_hex

OWN_COLORS = {"white": "#ffffff", "black": "#000000"}
"""Paper and ink that every brand has: text on pictures, scrims, plates for codes."""


class BrandStyleError(ValueError):
    """The brand lacks what the template asks for. The message is fit to show."""


@dataclass(frozen=True)
class FontFace:
    """One font file of a family: TTF, OTF or WOFF2."""

    family: str
    weight: int
    is_italic: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class LogoImage:
    """A logo's file (PNG with transparency) and the room it needs."""

    data: bytes = field(repr=False)
    clear_space_percent: float = 25.0
    smallest_width_px: int = 80


@dataclass(frozen=True)
class Disclaimer:
    """A text that a brand's creatives must bear, word for word.

    `wordings` maps a language tag (`de`, `pt-BR`) to the text, "" to the one for every
    language that has none of its own. With `triggers` it is required only where another
    text has one of these words. `smallest_px` is its least size in CSS pixels as seen
    on a phone, `smallest_pt` in points on paper.
    """

    name: str
    wordings: Mapping[str, str]
    triggers: tuple[str, ...] = ()
    smallest_px: float = 8.0
    smallest_pt: float = 6.0

    def wording(self, locale: str) -> str:
        """Return the text for a locale, "" where there is none.

        A layout without a locale takes the first text, if none is for every language.
        """
        tag = locale.lower()
        texts = {name.lower(): text for name, text in self.wordings.items()}
        while tag:
            if tag in texts:
                return texts[tag]
            tag = tag.rpartition("-")[0]
        if "" in texts or locale:
            return texts.get("", "")
        return next(iter(texts.values()), "")


@dataclass(frozen=True)
class BrandStyle:
    """A brand as the compositor sees it.

    `palette` maps a role (primary, secondary, accent, background, ink, neutral) to a
    hex color, and `accent-2` to the second of a role; the first face of `fonts` names
    the brand's main family, and Inter stands in when there is none; `logos` maps a
    variant (primary, reversed, mono) to its file. A `fonts_folder` holds fonts for
    letters that neither the brand's nor ours have. `inks` maps hex colors to the
    brand's own inks for print: cyan, magenta, yellow and black in percent. Every
    creative must bear the `disclaimers`.
    """

    palette: Mapping[str, str]
    fonts: tuple[FontFace, ...] = ()
    logos: Mapping[str, LogoImage] = field(default_factory=dict)
    fonts_folder: Path | None = None
    inks: Mapping[str, Inks] = field(default_factory=dict)
    disclaimers: tuple[Disclaimer, ...] = ()

    def color(self, role: str) -> str:
        """Give the hex color of a role.

        Raises:
            BrandStyleError: the palette has no such role, or no color there.
        """
        text = {**OWN_COLORS, **self.palette}.get(role)
        if text is None:
            raise BrandStyleError(
                f"The template uses the color role {role!r}, which the brand kit does "
                f"not have. Add it to the palette. {name_nearest(role, self.palette)}"
            )
        try:
            parse_hex(text)
        except ColorError as error:
            raise BrandStyleError(f"The brand's {role} color: {error}") from error
        return text

    def logo(self, variant: str) -> LogoImage:
        """Give the logo of a variant.

        Raises:
            BrandStyleError: the brand has no such logo.
        """
        if variant not in self.logos:
            raise BrandStyleError(
                f"The template places the {variant} logo, which the brand kit does not "
                f"have. Add it. {name_nearest(variant, self.logos)}"
            )
        return self.logos[variant]
