"""Shape runs: letters of one font, script and direction become glyphs (HarfBuzz)."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import uharfbuzz as hb

from brandgen.compositor.typesetting.fonts import Cut, Tags

_JOINING = ["Arab", "Syrc", "Mong", "Mand", "Nkoo", "Adlm", "Phag", "Rohg"]
_HANGING = ["Deva", "Beng", "Guru"]
UNSPACED = frozenset([*_JOINING, *_HANGING])
"""Scripts whose letters join: they must be neither pulled apart nor pushed together."""


class Glyph(NamedTuple):
    """One glyph in visual order: where it is drawn from the pen, and how far it goes.

    `cluster` is the first of the characters that it stands for; in em, y up.
    """

    id: int
    cluster: int
    advance: float
    x: float
    y: float


@dataclass(eq=False, slots=True)
class Run:
    """Letters from `start` to `end` of a text, of one font and direction.

    `look` counts the paragraph's looks; `is_slanted` says that upright letters lean.
    """

    text: str = field(repr=False)
    start: int
    end: int
    level: int
    look: int
    script: str
    cut: Cut = field(repr=False)
    is_slanted: bool = False
    glyphs: tuple[Glyph, ...] = field(default=(), repr=False)
    _buffer: Any = field(default=None, repr=False)

    @property
    def width(self) -> float:
        """How far the pen goes, in em."""
        return sum([glyph.advance for glyph in self.glyphs])

    def part(self, text: str, start: int, end: int) -> "Run":
        """Give a run of the same kind that is not shaped yet."""
        kind = self.level, self.look, self.script, self.cut, self.is_slanted
        return Run(text, start, end, *kind)

    def splits_at(self, place: int) -> bool:
        """Say whether its glyphs can be parted here without shaping anew."""
        for index, glyph in enumerate(self.glyphs):
            if glyph.cluster == place:
                flags = self._buffer.glyph_infos[index].flags
                return not flags & hb.GlyphFlags.UNSAFE_TO_BREAK
        return False


@dataclass(frozen=True)
class Manner:
    """What shaping needs beside the letters: language, letter spacing, features.

    `spacing` is in em and stands after each cluster; it parts ligatures, as in CSS.
    """

    language: str = ""
    spacing: float = 0.0
    features: Tags = ()

    def settings(self) -> dict[str, bool | int]:
        """Give the features as HarfBuzz takes them."""
        off: dict[str, bool | int] = dict.fromkeys(("liga", "clig", "dlig"), False)
        base = off if self.spacing else {}
        return {**base, **{tag: int(value) for tag, value in self.features}}


def shape(run: Run, manner: Manner) -> Run:
    """Shape a run, seeing the letters around it."""
    buffer = hb.Buffer()
    buffer.add_str(run.text, run.start, run.end - run.start)
    buffer.script = run.script
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    if manner.language:
        buffer.language = manner.language
    hb.shape(run.cut.font, buffer, manner.settings())
    per_em = 1 / run.cut.em
    spacing = 0.0 if run.script in UNSPACED else manner.spacing
    glyphs = []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        x, y, advance, _ = position.position
        glyphs.append(
            Glyph(
                info.codepoint, info.cluster, advance * per_em, x * per_em, y * per_em
            )
        )
    if spacing:
        glyphs = _spaced(glyphs, spacing)
    run.glyphs, run._buffer = tuple(glyphs), buffer
    return run


def _spaced(glyphs: list[Glyph], spacing: float) -> list[Glyph]:
    """Put space after the last glyph of each cluster that goes anywhere."""
    following = [glyph.cluster for glyph in glyphs[1:]]
    return [
        glyph._replace(advance=glyph.advance + spacing)
        if glyph.advance and glyph.cluster != after
        else glyph
        for glyph, after in zip(glyphs, [*following, -1], strict=True)
    ]
