"""Set text: choose a size that fits, break lines, paint it. SkParagraph underneath.

Only fonts that were handed in are used, never the system's: a missing family would
silently become another. skia-python's binding has neither a base direction nor max
lines, an ellipsis or line metrics, so those are made here.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import skia

from brandgen.compositor.brand import BrandStyleError, FontFace
from brandgen.compositor.strict import name_nearest
from brandgen.compositor.writing import (
    base_direction_is_rtl,
    clean_text,
    grapheme_ends,
    is_invisible,
    isolate_rtl,
    joins_letters,
)

FONTS = Path(__file__).parent / "fonts"
OWN_FAMILY = "Inter"
FALLBACKS = {
    "Noto Sans": "NotoSans",
    "Noto Sans Arabic": "NotoSansArabic",
    "Noto Sans Hebrew": "NotoSansHebrew",
}
ELLIPSIS = "…"
WEIGHT_AXIS = int.from_bytes(b"wght", "big")
SIZE_AXIS = int.from_bytes(b"opsz", "big")

# Skia paints glyphs as paths, not as masks, when the matrix has perspective; masks are
# made heavier or lighter by the color of the text (measured: +12.6 % and -7.7 % ink).
# At this strength the matrix moves a point by less than a thousandth of a pixel.
_PERSPECTIVE = 1e-9


@dataclass(frozen=True)
class TextStyle:
    """How a text is set; sizes in pixels of the format."""

    family: str
    weight: int
    is_italic: bool
    largest_px: float
    smallest_px: float
    max_lines: int
    line_height: float
    letter_spacing_em: float
    align: str
    balance: bool = False


@dataclass(frozen=True)
class SetText:
    """A text with its size and its lines decided.

    `width_px` is the longest line, `measure_px` the width that lines were broken to;
    `breaks_word` says that a word was longer than that.
    """

    text: str
    style: TextStyle
    size_px: float
    measure_px: float
    width_px: float
    height_px: float
    lines: int
    is_cut: bool
    is_rtl: bool
    missing: str
    breaks_word: bool = False


@functools.lru_cache(maxsize=8)
def load_text_engine(faces: tuple[FontFace, ...]) -> "TextEngine":
    """Load the brand's faces beside our own; kept, because fonts are slow to read."""
    return TextEngine(faces)


class TextEngine:
    """Sets text in a fixed set of fonts."""

    def __init__(self, faces: tuple[FontFace, ...] = ()) -> None:
        self._provider = skia.textlayout.TypefaceFontProvider()
        self._faces: dict[str, list[tuple[int, bool, Any]]] = {}
        self.main_family = faces[0].family if faces else OWN_FAMILY
        for face in faces:
            self._add(face.family, face.data, face.weight, face.is_italic)
        for family, stem in FALLBACKS.items():
            for name, weight in (("Regular", 400), ("Bold", 700)):
                data = (FONTS / f"{stem}-{name}.ttf").read_bytes()
                self._add(family, data, weight, is_italic=False)
        if OWN_FAMILY not in self._faces:
            data = (FONTS / "InterVariable.ttf").read_bytes()
            self._add(OWN_FAMILY, data, 400, is_italic=False)
        self._collection = skia.textlayout.FontCollection()
        self._collection.setDefaultFontManager(self._provider, OWN_FAMILY)
        self._unicode = skia.Unicodes.ICU.Make()
        self._fit = functools.lru_cache(maxsize=2048)(self._fit_anew)

    def _add(self, family: str, data: bytes, weight: int, is_italic: bool) -> None:
        typeface = skia.Typeface.MakeFromData(skia.Data.MakeWithCopy(data))
        if typeface is None:
            raise BrandStyleError(
                f"The font file of {family} {weight} can't be read. "
                "Upload a TTF or OTF."
            )
        axes = {axis.tag: axis for axis in typeface.getVariationDesignParameters()}
        if WEIGHT_AXIS not in axes:
            self._register(family, typeface, weight, is_italic)
            return
        for step in range(100, 1000, 100):
            if axes[WEIGHT_AXIS].min <= step <= axes[WEIGHT_AXIS].max:
                position: dict[int, float] = {WEIGHT_AXIS: step}
                if SIZE_AXIS in axes:
                    # From semibold on, the cut for display sizes: tighter, with finer
                    # joints.
                    size = 32 if step >= 600 else 14
                    low, high = axes[SIZE_AXIS].min, axes[SIZE_AXIS].max
                    position[SIZE_AXIS] = min(max(size, low), high)
                self._register(family, _vary(typeface, position), step, is_italic)

    def _register(
        self, family: str, typeface: Any, weight: int, is_italic: bool
    ) -> None:
        self._provider.registerTypeface(typeface, family)
        self._faces.setdefault(family, []).append((weight, is_italic, typeface))

    def resolve_family(self, name: str) -> str:
        """Give the family that a font token means.

        Raises:
            BrandStyleError: no such family is loaded.
        """
        family = self.main_family if name == "brand" else name
        if family not in self._faces:
            raise BrandStyleError(
                f"The template uses the font {family!r}, which the brand kit does not "
                f"have. Upload it. {name_nearest(family, self._faces)}"
            )
        return family

    def families(self, first: str) -> list[str]:
        """List the fallback chain that starts with this family."""
        return list(dict.fromkeys([first, OWN_FAMILY, *FALLBACKS]))

    def missing_characters(self, text: str, family: str) -> str:
        """Name the characters that no font of the chain can draw, each once."""
        chain = [self._faces[name][0][2] for name in self.families(family)]
        return "".join(
            character
            for character in dict.fromkeys(text)
            if not is_invisible(character)
            and not any(face.unicharToGlyph(ord(character)) for face in chain)
        )

    def fit(self, text: str, style: TextStyle, width: float, height: float) -> SetText:
        """Set a text as large as it fits a box; cut it where even the smallest is not.

        Characters that no font has are left out and named in `missing`. What was fitted
        lately is remembered: formats, previews and rows of a batch ask again.
        """
        return self._fit(text, style, width, height)

    def _fit_anew(
        self, text: str, style: TextStyle, width: float, height: float
    ) -> SetText:
        text = clean_text(text)
        missing = self.missing_characters(text, style.family)
        text = text.translate(dict.fromkeys(map(ord, missing))).strip()
        setting = functools.partial(
            self._set, style=style, width=width, missing=missing
        )

        def fits(found: SetText) -> bool:
            return found.height_px <= height + 0.5 and found.lines <= style.max_lines

        longest_word, bound = self._bound(text, setting, style, width)
        found = setting(text, size=max(bound, style.smallest_px))
        if not fits(found):
            least, most = math.ceil(style.smallest_px), math.ceil(found.size_px) - 1
            size = _largest(
                least, most, lambda size: fits(setting(text, size=float(size)))
            )
            found = setting(text, size=float(size or least))
        if not fits(found):
            found = self._cut(found, fits, setting)
        found = replace(found, breaks_word=longest_word * found.size_px > width + 0.5)
        if style.balance and found.lines > 1 and "\n" not in found.text:
            return self._balance(found, longest_word * found.size_px)
        return found

    def _set(
        self,
        text: str,
        *,
        style: TextStyle,
        size: float,
        width: float,
        missing: str,
        is_cut: bool = False,
    ) -> SetText:
        draft = SetText(
            text=text,
            style=style,
            size_px=size,
            measure_px=width,
            width_px=0,
            height_px=0,
            lines=0,
            is_cut=is_cut,
            is_rtl=base_direction_is_rtl(text),
            missing=missing,
        )
        paragraph = self._build(draft, "#000000", 1.0)
        lines = max(1, round(paragraph.Height / (size * style.line_height)))
        return replace(
            draft,
            width_px=paragraph.LongestLine,
            height_px=lines * size * style.line_height,
            lines=lines,
        )

    def _bound(
        self,
        text: str,
        setting: Callable[..., SetText],
        style: TextStyle,
        width: float,
    ) -> tuple[float, float]:
        """Measure the longest word, in sizes of the font, and bound the size by it.

        Widths grow in proportion to the size, so one paragraph tells how large a word
        and how large all lines together can be; it must be without a limit, because in
        a narrow one words are broken.
        """
        found = replace(setting(text, size=100.0), measure_px=1e6)
        paragraph = self._build(found, "#000000", 1.0)
        word = max(paragraph.MinIntrinsicWidth / 100, 0.01)
        bound = (width + 0.5) / word
        if "\n" not in text:
            whole = max(paragraph.MaxIntrinsicWidth / 100, 0.01)
            bound = min(bound, style.max_lines * (width + 0.5) / whole)
        if bound >= style.largest_px:
            return word, style.largest_px
        return word, float(math.floor(bound))

    def _cut(
        self,
        found: SetText,
        fits: Callable[[SetText], bool],
        setting: Callable[..., SetText],
    ) -> SetText:
        words = found.text.split(" ")

        def cut(count: int) -> SetText:
            kept = " ".join(words[:count]).rstrip(" ,;:.-\u2013\u2014") + ELLIPSIS
            return setting(kept, size=found.size_px, is_cut=True)

        count = _largest(1, len(words) - 1, lambda count: fits(cut(count)))
        if count:
            return cut(count)
        ends = grapheme_ends(words[0])

        def cut_word(count: int) -> SetText:
            kept = words[0][: ends[count - 1]] + ELLIPSIS
            return setting(kept, size=found.size_px, is_cut=True)

        return cut_word(_largest(1, len(ends), lambda n: fits(cut_word(n))) or 1)

    def _balance(self, found: SetText, longest_word: float) -> SetText:
        """Narrow the measure as far as the number of lines allows."""
        low, high = min(longest_word, found.measure_px), found.measure_px
        best = found
        for _ in range(7):
            middle = (low + high) / 2
            tried = self._set(
                found.text,
                style=found.style,
                size=found.size_px,
                width=middle,
                missing=found.missing,
                is_cut=found.is_cut,
            )
            if tried.lines > found.lines:
                low = middle
            else:
                high = middle
                best = replace(tried, breaks_word=found.breaks_word)
        return best

    def _build(self, found: SetText, color: str, opacity: float) -> Any:
        layout, style = skia.textlayout, found.style
        look = layout.TextStyle()
        look.setFontFamilies(self.families(style.family))
        look.setFontStyle(_font_style(style.weight, style.is_italic))
        look.setFontSize(found.size_px)
        # Letters that join must not be pulled apart, nor pushed into each other.
        spacing = 0.0 if joins_letters(found.text) else style.letter_spacing_em
        look.setLetterSpacing(spacing * found.size_px)
        look.setColor(_argb(color, opacity))
        strut = layout.StrutStyle()
        strut.setStrutEnabled(True)
        strut.setForceStrutHeight(True)
        strut.setFontFamilies([style.family])
        strut.setFontStyle(_font_style(style.weight, style.is_italic))
        strut.setFontSize(found.size_px)
        strut.setHeightOverride(True)
        strut.setHeight(style.line_height)
        strut.setHalfLeading(True)
        whole = layout.ParagraphStyle()
        whole.setTextStyle(look)
        whole.setStrutStyle(strut)
        whole.setTextAlign(_alignment(style.align, is_rtl=found.is_rtl))
        builder = layout.ParagraphBuilder.make(whole, self._collection, self._unicode)
        builder.pushStyle(look)
        builder.addText(isolate_rtl(found.text) if found.is_rtl else found.text)
        paragraph = builder.Build()
        paragraph.layout(found.measure_px)
        return paragraph

    def paint(
        self,
        canvas: Any,
        found: SetText,
        *,
        x: float,
        y: float,
        color: str,
        opacity: float,
        as_paths: bool = True,
    ) -> None:
        """Paint a set text with its top left corner at x, y.

        As glyph paths the color does not change the weight; a PDF keeps letters.
        Lines are broken to the same measure as when it was set, and stand in it as they
        are aligned; x is where the longest one begins.
        """
        free = found.measure_px - found.width_px
        align = _alignment(found.style.align, is_rtl=found.is_rtl)
        sides = skia.textlayout.TextAlign
        x -= {sides.kLeft: 0.0, sides.kCenter: free / 2, sides.kRight: free}[align]
        matrix = skia.Matrix()
        matrix.setPerspX(_PERSPECTIVE if as_paths else 0)
        canvas.save()
        canvas.concat(matrix)
        self._build(found, color, opacity).paint(canvas, x, y)
        canvas.restore()


def _largest(least: int, most: int, fits: Callable[[int], bool]) -> int | None:
    """Find the largest whole number that fits, by halving; None if none does."""
    if most < least or not fits(least):
        return None
    while least < most:
        middle = (least + most + 1) // 2
        if fits(middle):
            least = middle
        else:
            most = middle - 1
    return least


def _alignment(align: str, *, is_rtl: bool) -> Any:
    sides = skia.textlayout.TextAlign
    if align == "center":
        return sides.kCenter
    return sides.kRight if (align == "end") != is_rtl else sides.kLeft


def _font_style(weight: int, is_italic: bool) -> Any:
    slant = skia.FontStyle.Slant
    return skia.FontStyle(
        weight, 5, slant.kItalic_Slant if is_italic else slant.kUpright_Slant
    )


def _argb(color: str, opacity: float) -> int:
    return round(opacity * 255) << 24 | int(color.lstrip("#"), 16)


def _vary(base: Any, axes: dict[int, float]) -> Any:
    # skia keeps bare pointers from arguments to position to coordinates: each needs a
    # name until the clone is made.
    kind = skia.FontArguments.VariationPosition
    listed = [kind.Coordinate(axis, value) for axis, value in axes.items()]
    coordinates = kind.Coordinates(listed)
    position = kind(coordinates)
    arguments = skia.FontArguments()
    arguments.setVariationDesignPosition(position)
    return base.makeClone(arguments)
