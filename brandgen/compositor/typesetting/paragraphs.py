"""Paragraphs: a text shaped once, in em, then broken into lines of any measure."""

import functools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from fontTools.unicodedata import script as script_of

from brandgen.compositor.typesetting.bidi import find_levels, visual_order
from brandgen.compositor.typesetting.breaks import find_breaks, find_letters
from brandgen.compositor.typesetting.fonts import Cut, Library, Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.shaping import UNSPACED, Manner, Run, shape
from brandgen.compositor.writing import is_invisible

SLACK = 1e-6
_SHARED_SCRIPTS = ("Zyyy", "Zinh", "Zzzz")
_SLANTED = ("Latn", "Grek", "Cyrl")
_EMOJI, _AS_TEXT = "\ufe0f", "\ufe0e"
_HYPHENS = "\u2010-"
# Emoji_Presentation of emoji-data.txt below U+1F000, where text fonts have signs too.
_EMOJI_BY_ITSELF = frozenset(
    "\u231a\u231b\u23e9\u23ea\u23eb\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648"
    "\u2649\u264a\u264b\u264c\u264d\u264e\u264f\u2650\u2651\u2652\u2653\u267f\u2693"
    "\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5"
    "\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753\u2754\u2755\u2757\u2795"
    "\u2796\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
)


@dataclass(frozen=True)
class Setting:
    """How a paragraph is set: the looks of plain and emphasized letters, and its way.

    `language` is a BCP 47 tag or empty; `spacing` is in em.
    """

    looks: tuple[Look, ...]
    is_rtl: bool = False
    language: str = ""
    spacing: float = 0.0
    hyphenate: bool = False


class Line(NamedTuple):
    """A line's characters, without the spaces at its end, and its width in em."""

    start: int
    end: int
    width: float
    has_hyphen: bool = False


class Paragraph:
    """A text with its glyphs and the places where it may be broken."""

    def __init__(self, marked: MarkedText, setting: Setting, library: Library) -> None:
        self.text, self._setting = marked.text, setting
        self._manners = [
            Manner(setting.language, setting.spacing, look.features)
            for look in setting.looks
        ]
        chains = [library.chain(look) for look in setting.looks]
        self._runs = [
            shape(run, self._manners[run.look])
            for run in _itemize(marked, chains, setting)
        ]
        self._breaks = find_breaks(
            self.text, setting.language, hyphenate=setting.hyphenate
        )
        self._measure()

    def _measure(self) -> None:
        advances = [0.0] * (len(self.text) + 1)
        for run in self._runs:
            for glyph in run.glyphs:
                advances[glyph.cluster + 1] += glyph.advance
        self._reach = list(accumulate(advances))
        self._ends, self._hard = [], []
        before = 0
        for place in self._breaks:
            end = before + len(self.text[before : place.at].rstrip())
            self._ends.append(end)
            before = place.at
        self._reached = [self._reach[end] for end in self._ends]
        last = len(self._breaks) - 1
        for index in range(last, -1, -1):
            if self._breaks[index].is_hard or index == last:
                last = index
            self._hard.append(last)
        self._hard.reverse()

    @functools.cached_property
    def longest_word(self) -> float:
        """The width of the longest piece that is never broken, in em."""
        starts = [0, *(place.at for place in self._breaks)]
        return max(
            (
                self._width(start, end, has_hyphen=place.has_hyphen)
                for start, end, place in zip(
                    starts, self._ends, self._breaks, strict=False
                )
            ),
            default=0.0,
        )

    @property
    def width(self) -> float:
        """The width of all of it in one line, in em."""
        return self._reach[-1]

    @functools.cached_property
    def notdef(self) -> str:
        """The characters for which a font has a glyph that does not exist."""
        return "".join(
            self.text[glyph.cluster]
            for run in self._runs
            for glyph in run.glyphs
            if not 0 < glyph.id < run.cut.face.data.glyph_count
            and not is_invisible(self.text[glyph.cluster])
        )

    def _width(self, start: int, end: int, *, has_hyphen: bool = False) -> float:
        """Measure a line; letter spacing after its last letter is none of it."""
        if end <= start:
            return 0.0
        width = self._reach[end] - self._reach[start]
        if has_hyphen:
            width += self._hyphen(end).width
        return width - self._spacing_after(end)

    def _spacing_after(self, end: int) -> float:
        if not self._setting.spacing:
            return 0.0
        run = next((r for r in self._runs if r.start < end <= r.end), None)
        return 0.0 if not run or run.script in UNSPACED else self._setting.spacing

    def lines(self, measure: float) -> list[Line]:
        """Break it into lines of at most so many em; a longer word is broken."""
        found: list[Line] = []
        start = index = 0
        while index < len(self._breaks):
            limit = self._reach[start] + measure + SLACK
            stop = self._hard[index] + 1
            if self._setting.spacing:
                limit += max(0.0, self._setting.spacing)
            best = bisect_right(self._reached, limit, index, stop) - 1
            while best >= index and (
                self._width(
                    start, self._ends[best], has_hyphen=self._breaks[best].has_hyphen
                )
                > measure + SLACK
            ):
                best -= 1
            if best < index and self._ends[index] > start:
                end = self._letter_within(start, self._ends[index], limit)
                found.append(Line(start, end, self._width(start, end)))
                start = end
                if end == self._ends[index]:
                    start, index = self._breaks[index].at, index + 1
                continue
            best = max(best, index)
            place, end = self._breaks[best], max(start, self._ends[best])
            # A word that was parted needs its hyphen only where the line ends there.
            width = self._width(start, end, has_hyphen=place.has_hyphen)
            found.append(Line(start, end, width, place.has_hyphen))
            start, index = place.at, best + 1
        return found

    def _letter_within(self, start: int, end: int, limit: float) -> int:
        """Give the end of the last letter that fits, of the first if none does."""
        first = bisect_right(self._letters, start)
        best = self._letters[first]
        for letter in self._letters[first:]:
            if letter > end or self._reach[letter] > limit:
                break
            best = letter
        return min(best, end)

    @functools.cached_property
    def _letters(self) -> list[int]:
        return find_letters(self.text)

    def cuts(self) -> list[int]:
        """List where the text may be cut off: after words, or letters of the first."""
        return [end for end in self._ends[:-1] if end > 0]

    def letter_cuts(self) -> list[int]:
        """List where its first word may be cut off."""
        first = self._ends[0] if self._ends else 0
        return [end for end in self._letters if end <= first]

    def pieces(self, line: Line) -> list[Run]:
        """Give a line's runs from left to right."""
        found = []
        for run in self._runs:
            start, end = max(run.start, line.start), min(run.end, line.end)
            if start < end:
                found.append(self._slice(run, start, end))
        if line.has_hyphen and found:
            found.append(self._hyphen(line.end))
        return [found[index] for index in visual_order([run.level for run in found])]

    def _slice(self, run: Run, start: int, end: int) -> Run:
        if (start, end) == (run.start, run.end):
            return run
        part = run.part(run.text, start, end)
        inner = [place for place in (start, end) if run.start < place < run.end]
        if not all(run.splits_at(place) for place in inner):
            return shape(part, self._manners[run.look])
        part.glyphs = tuple([g for g in run.glyphs if start <= g.cluster < end])
        return part

    def _hyphen(self, end: int) -> Run:
        """Shape the hyphen that parts a word here, as the letter before it looks."""
        run = next(r for r in self._runs if r.start < end <= r.end)
        text = next((h for h in _HYPHENS if run.cut.glyph(ord(h))), "")
        return shape(run.part(text, 0, len(text)), self._manners[run.look])


def missing_in(text: str, chain: Sequence[Cut]) -> str:
    """Name the characters that no font of a chain has, each once."""
    first = chain[0]
    return "".join(
        character
        for character in dict.fromkeys(text)
        if not first.glyph(ord(character))
        and not is_invisible(character)
        and not any(cut.glyph(ord(character)) for cut in chain)
    )


def _is_slanted(run: Run, setting: Setting) -> bool:
    """Say whether upright letters must be slanted, the font having no italic."""
    is_asked = setting.looks[run.look].is_italic and not run.cut.face.is_italic
    return is_asked and run.script in _SLANTED


def _itemize(
    marked: MarkedText, chains: Sequence[Sequence[Cut]], setting: Setting
) -> Iterator[Run]:
    """Split a text into runs of one font, script, direction and look."""
    start = 0
    for line in marked.text.split("\n"):
        end = start + len(line)
        part = marked.part(start, end)
        levels = find_levels(line, int(setting.is_rtl))
        for run in _items_of(part, levels, chains):
            run.text = marked.text
            run.start += start
            run.end += start
            run.is_slanted = _is_slanted(run, setting)
            yield run
        start = end + 1


def _items_of(
    marked: MarkedText, levels: Sequence[int], chains: Sequence[Sequence[Cut]]
) -> Iterator[Run]:
    text = marked.text
    if not text:
        return
    is_even = max(levels) == min(levels) and len(set(marked.strong)) == 1
    look = marked.strong[0]
    if text.isascii() and is_even and chains[look][0].draws(text):
        yield Run(text, 0, len(text), levels[0], look, "Latn", chains[look][0])
        return
    current: Run | None = None
    scripts = _scripts(text)
    for start, end, cut in _fonts(marked, chains):
        look = marked.strong[start]
        if current is not None and (
            current.level,
            current.look,
            current.script,
            current.cut,
        ) == (levels[start], look, scripts[start], cut):
            current.end = end
            continue
        if current is not None:
            yield current
        current = Run(text, start, end, levels[start], look, scripts[start], cut)
    if current is not None:
        yield current


def _scripts(text: str) -> list[str]:
    """Give each character's script; signs that all share take that before them."""
    found = [script_of(character) for character in text]
    own = (script for script in found if script not in _SHARED_SCRIPTS)
    last = next(own, "Latn")
    for index, script in enumerate(found):
        last = last if script in _SHARED_SCRIPTS else script
        found[index] = last
    return found


def _fonts(
    marked: MarkedText, chains: Sequence[Sequence[Cut]]
) -> Iterator[tuple[int, int, Cut]]:
    """Choose a font for each letter: the first of the chain that has all of it."""
    start = 0
    for end in find_letters(marked.text):
        letter = marked.text[start:end]
        chain = _preferred(letter, chains[marked.strong[start]])
        cut = next((cut for cut in chain if cut.draws(letter)), None)
        if cut is not None:
            yield start, end, cut
        else:
            for index, character in enumerate(letter, start):
                draws = (c for c in chain if c.draws(character))
                yield index, index + 1, next(draws, chain[0])
        start = end


def _preferred(letter: str, chain: Sequence[Cut]) -> Sequence[Cut]:
    """Put color fonts first for emoji, and last for signs that are to be text."""
    if _AS_TEXT in letter:
        return sorted(chain, key=lambda cut: cut.face.is_color)
    first = letter[0]
    if _EMOJI in letter or first >= "\U0001f000" or first in _EMOJI_BY_ITSELF:
        return sorted(chain, key=lambda cut: not cut.face.is_color)
    return chain
