"""Colors of SVG as the brand's: read, and matched by how far they look apart."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import ImageColor

from brandgen.compositor.brand import OWN_COLORS
from brandgen.compositor.svg.css import Style
from brandgen.compositor.svg.geometry import read_length
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.lib.colors import FloatArray, distance, parse_hex, to_oklab

NEAR = 2.0
"""OKLab distance times 100 up to which a color counts as the kit's."""
_RGBA = re.compile(r"(rgb|hsl)a?\(([^()]*)\)\Z")
_REFERENCE = re.compile(r"""url\(\s*["']?#([^"')]+)["']?\s*\)""")


@dataclass(frozen=True)
class Ink:
    """A color and how opaque it is."""

    color: str
    opacity: float = 1.0


def read_color(text: str, current: str = "#000000") -> Ink | None:
    """Read a color of CSS; None for none.

    Raises:
        UnreadableError: it is no color that is known.
    """
    text = text.strip()
    if text in ("none", "transparent"):
        return None
    if text.lower() == "currentcolor":
        return Ink(current)
    opacity = 1.0
    if match := _RGBA.match(text.lower()):
        parts = [part for part in re.split(r"[\s,/]+", match[2].strip()) if part]
        if len(parts) == 4:
            opacity = share_of(parts.pop())
        if match[1] == "rgb" and any("." in part for part in parts):
            parts = [p if "%" in p else f"{round(read_length(p)[0])}" for p in parts]
        text = f"{match[1]}({','.join(parts)})"
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text)
    except ValueError:
        raise UnreadableError(f"{text[:40]!r} is no color that is known.") from None
    opacity = alpha[0] / 255 if alpha else opacity
    levels = [min(255, max(0, level)) for level in (red, green, blue)]
    return Ink("#" + "".join(f"{level:02x}" for level in levels), opacity)


def share_of(text: str) -> float:
    """Read a share of one, as a number or in percent.

    Raises:
        UnreadableError: it is neither.
    """
    value, unit = read_length(text)
    return min(1.0, max(0.0, value / 100 if unit == "%" else value))


def read_share(style: Style, name: str) -> float:
    """Give an opacity of a style, 1 where it says none or none that can be read."""
    try:
        return share_of(style.get(name, "1"))
    except UnreadableError:
        return 1.0


def reference_in(text: str) -> str | None:
    """Give the id that a url(#id) names; None where it names none."""
    match = _REFERENCE.match(text.strip())
    return match[1] if match else None


class Palette:
    """The brand's colors, as tokens that the document names as it needs them."""

    def __init__(self, palette: Mapping[str, str], notes: Notes) -> None:
        self._notes = notes
        self._known = {**palette, **OWN_COLORS}
        self.tokens: dict[str, str] = {}
        self._told: set[str] = set()

    @property
    def known(self) -> Mapping[str, str]:
        """The hex color of each token."""
        return self._known

    def token(self, color: str, element: str) -> str:
        """Give the token of the nearest color of the kit; a far one is told."""
        role, apart = find_nearest(color, self._known)
        if apart > NEAR and color not in self._told:
            self._told.add(color)
            nearest = self._known[role]
            self._notes.add(
                element,
                f"Its color {color} is not in the brand kit; the nearest, {role} "
                f"({nearest}), is used. They are {apart:.0f} apart; 2 can be seen.",
                "Choose another color in the editor, or add this one to the kit.",
            )
        self.tokens[role] = role
        return role


def find_nearest(color: str, known: Mapping[str, str]) -> tuple[str, float]:
    """Find the name of the known color that looks most alike, and how far it is."""
    lab = _lab(color)
    apart = {name: float(distance(lab, _lab(other))) for name, other in known.items()}
    name = min(apart, key=apart.__getitem__)
    return name, apart[name]


@functools.lru_cache(maxsize=256)
def _lab(color: str) -> FloatArray:
    return to_oklab(np.array(parse_hex(color), np.float64))
