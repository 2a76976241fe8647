"""Fonts that a drawing names as those that the brand has."""

import re
from dataclasses import dataclass, replace

from brandgen.compositor.svg.css import Style
from brandgen.compositor.svg.notes import Notes
from brandgen.compositor.text import TextEngine
from brandgen.compositor.typesetting.fonts import Look

MOST_FONTS = 20
# Optical sizes of text and of display, and the size between them in pixels.
TEXT_OPSZ, DISPLAY_OPSZ, BETWEEN_OPSZ = 14.0, 32.0, 23.0
WEIGHTS = {
    "thin": 100,
    "hairline": 100,
    "extralight": 200,
    "ultralight": 200,
    "light": 300,
    "regular": 400,
    "normal": 400,
    "roman": 400,
    "book": 400,
    "medium": 500,
    "semibold": 600,
    "demibold": 600,
    "demi": 600,
    "bold": 700,
    "extrabold": 800,
    "ultrabold": 800,
    "black": 900,
    "heavy": 900,
}
_GENERIC = ("sans-serif", "serif", "monospace", "system-ui", "ui-sans-serif", "cursive")


@dataclass(frozen=True)
class Named:
    """A family as a drawing names it, with what its name says of weight and slant."""

    family: str
    weight: int | None = None
    is_italic: bool = False


def split_name(name: str) -> Named:
    """Part a PostScript name, such as Inter-BoldItalic, into family and cut."""
    stem, dash, cut = name.rpartition("-")
    words = cut.lower().replace("mt", "")
    is_italic = words.endswith(("italic", "oblique", "it"))
    word = re.sub(r"(italic|oblique|it)\Z", "", words)
    if not dash or (word and word not in WEIGHTS) or (not word and not is_italic):
        return Named(name)
    return Named(stem, WEIGHTS.get(word, 400), is_italic)


class Fonts:
    """The fonts of an import, as tokens that the document names as it needs them."""

    def __init__(self, engine: TextEngine, notes: Notes) -> None:
        self._engine, self._notes = engine, notes
        self._known = {_plain(name): name for name in engine.families}
        self.tokens: dict[str, dict[str, object]] = {}
        self._looks: dict[Look, str] = {}
        self._told: set[str] = set()

    def look(self, style: Style, element: str, size_px: float) -> Look:
        """Give the cut that a style asks for, in a family that there is."""
        asked = style.get("font-family", "").replace('"', "").replace("'", "")
        names = [name.strip() for name in asked.split(",") if name.strip()]
        weight = _weight(style.get("font-weight", "400"))
        is_italic = style.get("font-style", "normal").split(" ")[0] != "normal"
        family = ""
        for name in names:
            named = Named(name) if _plain(name) in self._known else split_name(name)
            if found := self._known.get(_plain(named.family)):
                family = found
                weight = named.weight if named.weight and weight == 400 else weight
                is_italic |= named.is_italic
                break
        if not family:
            family = self._engine.main_family
            named = split_name(names[0]) if names else Named("")
            weight = named.weight if named.weight and weight == 400 else weight
            is_italic |= named.is_italic
            if names and names[0].lower() not in (*_GENERIC, *self._told):
                self._told.add(names[0].lower())
                self._notes.add(
                    element,
                    f"The font {names[0][:60]!r} is not among the brand's; {family} "
                    "stands in, which is wider or narrower.",
                    "Upload it to the brand kit and import again, or choose another.",
                )
        look = Look(family, weight, is_italic)
        if not self._engine.has(look):
            cut = f"{weight} italic" if is_italic else f"{weight}"
            self._notes.add(
                element,
                f"{family} has no cut {cut}; the nearest stands in.",
                "Upload this cut to the brand kit, or choose another.",
            )
        return self._at_size(look, size_px)

    def _at_size(self, look: Look, size_px: float) -> Look:
        """Ask for the optical size, where ours would be another than a browser's."""
        size = TEXT_OPSZ if size_px < BETWEEN_OPSZ else DISPLAY_OPSZ
        ours = TEXT_OPSZ if look.weight < 600 else DISPLAY_OPSZ
        sized = replace(look, axes=(("opsz", size),))
        return look if size == ours or self._engine.lacks(sized) else sized

    def token(self, look: Look, element: str) -> str:
        """Give the token of a cut."""
        if look in self._looks:
            return self._looks[look]
        if len(self._looks) == MOST_FONTS:
            self._notes.add(
                element,
                f"A template has at most {MOST_FONTS} fonts; the first stands in.",
                "Use fewer cuts.",
            )
            return next(iter(self._looks.values()))
        is_main = look.family == self._engine.main_family
        stem = "brand" if is_main else _plain(look.family)[:24]
        stem = stem if stem[:1].isalpha() else f"font{stem}"
        name = f"{stem}-{look.weight}{'-italic' if look.is_italic else ''}"
        if look.axes:
            name += "-display" if look.axes[0][1] == DISPLAY_OPSZ else "-text"
        data: dict[str, object] = {} if is_main else {"family": look.family}
        data["weight"] = look.weight
        if look.is_italic:
            data["is_italic"] = True
        if look.axes:
            data["axes"] = dict(look.axes)
        self.tokens[name], self._looks[look] = data, name
        return name


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _weight(text: str) -> int:
    word = text.strip().lower()
    if word.replace(".", "").isdigit():
        return min(900, max(100, round(float(word[:8]))))
    return {"bolder": 700, "lighter": 300}.get(word, WEIGHTS.get(word, 400))
