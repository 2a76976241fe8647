"""Read fonts: files, their cuts (weight, width, optical size), and who has what."""

import functools
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skia
import uharfbuzz as hb
from fontTools.ttLib import TTFont
from fontTools.unicodedata import script as script_of

from brandgen.compositor.brand import BrandStyleError, FontFace
from brandgen.compositor.writing import is_invisible

FONTS = Path(__file__).parents[1] / "fonts"
OWN_FAMILY = "Inter"
SHIPPED = {
    "Noto Sans": "NotoSans",
    "Noto Sans Arabic": "NotoSansArabic",
    "Noto Sans Hebrew": "NotoSansHebrew",
    "Noto Sans Devanagari": "NotoSansDevanagari",
    "Noto Sans Thai": "NotoSansThai",
}
FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_DISPLAY_WEIGHT = 600
"""From semibold on, the cut for display sizes: tighter, with finer joints."""
_POSTSCRIPT_NAME = 6
_FEWEST_LETTERS = 16
"""Fonts for Latin have a few letters of Greek, as signs; no alphabet is so short."""
Tags = tuple[tuple[str, float], ...]
"""Settings of features or axes by their four letters, in order."""


def nameable(own: Iterable[str]) -> tuple[str, ...]:
    """Give the families that a template may name: the brand's, or ours if it has none.

    Ours stand in for letters that the brand's fonts lack, but nobody chooses them.
    """
    return tuple(dict.fromkeys(own)) or (OWN_FAMILY, *SHIPPED)


def explain_foreign(family: str, own: Iterable[str]) -> str:
    """Say that a family is not the brand's, and which are; "" where it is."""
    known = nameable(own)
    if family in ("brand", *known):
        return ""
    listed = ", ".join(known[:12])
    return (
        f"{family} is no font of the brand kit. Choose one that is ({listed}), or add "
        "it to the kit."
    )


@dataclass(frozen=True)
class Look:
    """How letters look: a family, a weight, a slant, features and axes."""

    family: str
    weight: int = 400
    is_italic: bool = False
    features: Tags = ()
    axes: Tags = ()


class Cut:
    """A font at one position of its axes; metrics are in em."""

    def __init__(self, face: "Face", axes: Mapping[str, float]) -> None:
        self.face = face
        self.axes = axes
        self.font = hb.Font(face.data)
        self.typeface = face.typeface
        if axes:
            self.font.set_variations(dict(axes))
            self.typeface = _vary(face.typeface, axes)
        self.em = face.data.upem
        extents = self.font.get_font_extents("ltr")
        self.ascent = extents.ascender / self.em
        self.descent = -extents.descender / self.em
        self._glyphs: dict[int, int] = {}
        self._outlines: dict[int, Any] = {}

    def glyph(self, code: int) -> int:
        """Give the glyph of a character that is seen; 0 where there is none.

        A glyph that shows nothing where something should be seen is none.
        """
        if code not in self._glyphs:
            glyph = self.font.get_nominal_glyph(code) or 0
            if glyph and not self.face.is_color and not _is_blank(code):
                extents = self.font.get_glyph_extents(glyph)
                glyph = glyph if extents and extents.width and extents.height else 0
            self._glyphs[code] = glyph
        return self._glyphs[code]

    def draws(self, text: str) -> bool:
        """Say whether it has every character that needs a glyph."""
        return all(self.glyph(ord(c)) or is_invisible(c) for c in text)

    @functools.cached_property
    def embedded(self) -> Any:
        """Give its typeface for a file that fonts are put into, with equal glyphs.

        It has no axes: skia's PDF writer keeps fonts that have as drawings (Type 3).
        """
        if not self.face.has_axes:
            return self.typeface
        wanted = hb.SubsetInput()
        wanted.keep_everything()
        wanted.pin_all_axes_to_default(self.face.data)
        for tag, value in self.axes.items():
            wanted.pin_axis_location(self.face.data, tag, value)
        font = TTFont(io.BytesIO(hb.subset(self.face.data, wanted).blob.data))
        # Cuts of one font need names of their own (Adobe Technical Note 5902).
        position = "".join(f"_{value:g}{tag}" for tag, value in self.axes.items())
        for record in font["name"].names:
            if record.nameID == _POSTSCRIPT_NAME:
                record.string = record.toUnicode() + position
        return _open(_save(font))

    def outline(self, glyph: int) -> Any:
        """Give a glyph's path, in units of the font, y down; None for a picture."""
        if glyph not in self._outlines:
            font = unhinted(self.typeface, self.em)
            self._outlines[glyph] = font.getPath(glyph)
        return self._outlines[glyph]


def unhinted(typeface: Any, size: float) -> Any:
    """Give a skia font that draws glyphs as they were designed, between pixels too."""
    font = skia.Font(typeface, size)
    font.setHinting(skia.FontHinting.kNone)
    font.setSubpixel(True)
    font.setLinearMetrics(True)
    font.setEdging(skia.Font.Edging.kAntiAlias)
    return font


def _is_blank(code: int) -> bool:
    """Say whether nothing is to be seen: spaces, Hangul fillers, the empty braille."""
    return chr(code).isspace() or code in (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)


class Face:
    """One font file, and the cuts of it that were asked for."""

    def __init__(self, blob: Any, typeface: Any, *, named: FontFace | None) -> None:
        self.data = hb.Face(blob)
        if typeface is None or not self.data.glyph_count:
            raise ValueError("no font")
        self.typeface = typeface
        self._axes = {axis.tag: axis for axis in self.data.axis_infos}
        self._cuts: dict[tuple[tuple[str, float], ...], Cut] = {}
        data = self.data
        # Glyphs that are SVG documents are not drawn; their outlines are.
        self.is_color = bool(
            data.has_color_png or data.has_color_layers or data.has_color_paint
        )
        if named is not None:
            self.family, self.weight = named.family, named.weight
            self.is_italic = named.is_italic
        else:
            style = typeface.fontStyle()
            self.family = typeface.getFamilyName()
            self.weight = style.weight()
            self.is_italic = style.slant() != skia.FontStyle.Slant.kUpright_Slant

    @property
    def has_axes(self) -> bool:
        """Say whether it has cuts between which one can choose."""
        return bool(self._axes)

    @functools.cached_property
    def _features(self) -> frozenset[str]:
        data, found = self.data, set[str]()
        for table in ("GSUB", "GPOS"):
            for script, _ in enumerate(data.get_table_script_tags(table)):
                languages = data.get_script_language_tags(table, script)
                for language in (0xFFFF, *range(len(languages))):
                    found.update(
                        data.get_language_feature_tags(table, script, language)
                    )
        return frozenset(found)

    def lacks(self, look: Look) -> list[str]:
        """Name the features and axes of a look that it does not have."""
        features = [f"feature {t}" for t, _ in look.features if t not in self._features]
        axes = [f"axis {tag}" for tag, _ in look.axes if tag not in self._axes]
        return features + axes

    def reaches(self, weight: int) -> bool:
        """Say whether it has this weight on an axis."""
        axis = self._axes.get("wght")
        return axis is not None and axis.min_value <= weight <= axis.max_value

    def writes(self, script: str) -> bool:
        """Say whether it has letters of a script, and not only a sign or two."""
        return self._letters_by_script.get(script, 0) >= _FEWEST_LETTERS

    @functools.cached_property
    def _letters_by_script(self) -> Counter[str]:
        characters = map(chr, self.data.unicodes)
        return Counter(script_of(c) for c in characters if c.isalpha())

    def cut(self, weight: int, axes: Tags = ()) -> Cut:
        """Give the cut of a weight, and of other axes; what is out of range is near."""
        asked: dict[str, float] = {"wght": weight}
        # Optical size follows the weight, not the size: one shaping for all sizes.
        asked["opsz"] = 32 if weight >= _DISPLAY_WEIGHT else 14
        asked.update(axes)
        position = {
            tag: min(max(asked[tag], axis.min_value), axis.max_value)
            for tag, axis in self._axes.items()
            if tag in asked
        }
        key = tuple(position.items())
        if key not in self._cuts:
            self._cuts[key] = Cut(self, position)
        return self._cuts[key]


class Library:
    """Faces by family: the brand's first, then ours, then those of a folder."""

    def __init__(self, faces: Iterable[FontFace], folder: Path | None = None) -> None:
        self.families: dict[str, list[Face]] = {}
        for face in faces:
            self._add(_load(face))
        self.own = tuple(self.families)
        if OWN_FAMILY not in self.families:
            self._add(_shipped("InterVariable", OWN_FAMILY, 400))
        for family, stem in SHIPPED.items():
            for name, weight in (("Regular", 400), ("Bold", 700)):
                self._add(_shipped(f"{stem}-{name}", family, weight))
        for found in _faces_in(folder) if folder else ():
            self._add(found)
        self._chain = functools.lru_cache(maxsize=256)(self._find_chain)

    def _add(self, face: Face) -> None:
        self.families.setdefault(face.family, []).append(face)

    def chain(self, look: Look) -> tuple[Cut, ...]:
        """Give the cuts that are asked for each letter, in turn."""
        return self._chain(look)

    def has(self, look: Look) -> bool:
        """Say whether a family has this weight and slant, and not only one near it."""
        return any(
            face.is_italic == look.is_italic
            and (face.weight == look.weight or face.reaches(look.weight))
            for face in self.families.get(look.family, ())
        )

    def face(self, look: Look) -> Face:
        """Give the face that is nearest to a look."""
        return self._nearest(look.family, look)

    def _find_chain(self, look: Look) -> tuple[Cut, ...]:
        first = [look.family, *self.own, OWN_FAMILY, *SHIPPED]
        names = dict.fromkeys(name for name in first if name in self.families)
        return tuple(
            self._nearest(name, look).cut(look.weight, look.axes)
            for name in dict.fromkeys([*names, *self.families])
        )

    def _nearest(self, family: str, look: Look) -> Face:
        """Choose a face as CSS does: slant, then weight (Fonts 4, 5.2)."""

        def distance(face: Face) -> tuple[bool, int, int]:
            has_wrong_slant = face.is_italic != look.is_italic
            away = 0 if face.reaches(look.weight) else face.weight - look.weight
            is_near = 400 <= look.weight <= face.weight <= 500
            is_wrong_way = away < 0 if look.weight > 500 else away > 0
            rank = 0 if not away or is_near else 1 + is_wrong_way
            return has_wrong_slant, rank, abs(away)

        return min(self.families[family], key=distance)


def _load(face: FontFace) -> Face:
    data = face.data
    try:
        if data[:4] == b"wOF2":
            data = _unpack(data)
        return Face(hb.Blob(data), _open(data), named=face)
    except Exception as error:
        raise BrandStyleError(
            f"The font file of {face.family} {face.weight} can't be read. "
            "Upload a TTF or OTF."
        ) from error


def _open(data: bytes) -> Any:
    """Give the typeface of a font's bytes; None where skia can't read them."""
    return skia.Typeface.MakeFromData(skia.Data.MakeWithCopy(data))


def _unpack(data: bytes) -> bytes:
    """Unpack a WOFF2 file, which HarfBuzz does not read."""
    font = TTFont(io.BytesIO(data))
    font.flavor = None
    return _save(font)


def _save(font: TTFont) -> bytes:
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


@functools.lru_cache(maxsize=32)
def _shipped(stem: str, family: str, weight: int) -> Face:
    return _load(FontFace(family, weight, False, (FONTS / f"{stem}.ttf").read_bytes()))


@functools.lru_cache(maxsize=4)
def _faces_in(folder: Path) -> tuple[Face, ...]:
    """Read a folder's fonts, by name; of a collection its first face. Kept mapped.

    Raises:
        BrandStyleError: the folder or a file of it can't be read.
    """
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in FONT_ENDINGS)
    except OSError as error:
        raise BrandStyleError(
            f"The folder of fonts {folder} can't be read: {error.strerror}."
        ) from error
    found = []
    for file in files:
        try:
            blob = hb.Blob.from_file_path(str(file))
            found.append(Face(blob, skia.Typeface.MakeFromFile(str(file)), named=None))
        except Exception as error:
            raise BrandStyleError(
                f"{file} is no font that can be read. Remove it."
            ) from error
    # Color last, so that signs which a text font has look like its letters.
    return tuple(sorted(found, key=lambda face: face.is_color))


def _vary(base: Any, axes: Mapping[str, float]) -> Any:
    # skia keeps bare pointers from arguments to position to coordinates: each needs a
    # name until the clone is made.
    kind = skia.FontArguments.VariationPosition
    tags = {int.from_bytes(tag.encode(), "big"): value for tag, value in axes.items()}
    listed = [kind.Coordinate(tag, value) for tag, value in tags.items()]
    coordinates = kind.Coordinates(listed)
    position = kind(coordinates)
    arguments = skia.FontArguments()
    arguments.setVariationDesignPosition(position)
    return base.makeClone(arguments)
