"""Report what fonts can't do: letters, weights and settings that they do not have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from brandgen.compositor.page import Page
from brandgen.compositor.text import SetText
from brandgen.compositor.typesetting.fonts import Look
from brandgen.compositor.typesetting.shaping import Run
from brandgen.lib.findings import Verdict

MOST_SHOWN = 8
_LATIN = "Latn"


@dataclass(frozen=True)
class StandIn:
    """Letters of a text that are set in another family than the one asked for.

    `is_expected` says that the family does not write their script at all: nobody takes
    the one for the other, and a font for that script stands in as it should.
    """

    asked: str
    family: str
    letters: str
    is_expected: bool


def report_look(page: Page, font: str, look: Look) -> None:
    """Report a font token's font that is not the brand's, and what it can't do."""
    if lacking := page.engine.lacks(look):
        page.warn(
            "font-setting",
            font,
            f"no {', '.join(lacking)} in {look.family}",
            "what the font has",
            "The font can't be set so; it is set as it is. Use another font.",
        )
    if why := page.engine.explain_foreign(look.family):
        page.fail("font-family", font, why, measured=look.family)
    if page.engine.has(look):
        return
    face = page.engine.nearest(look)
    if not (face.weight == look.weight or face.reaches(look.weight)):
        page.warn(
            "font-weight",
            font,
            f"{face.weight}",
            f"{look.weight}",
            f"{look.family} has no weight {look.weight}; {face.weight}, the nearest, "
            "stands in. Use that one, or add this weight to the brand kit.",
        )
    if look.is_italic != face.is_italic:
        asked, given = (
            ("italic", "slanted") if look.is_italic else ("upright", "italic")
        )
        page.warn(
            "font-slant",
            font,
            given,
            asked,
            f"{look.family} has no {asked} letters; they are {given}. Add a font file "
            "that has them to the brand kit.",
        )


def report_letters(page: Page, layer_id: str, text: SetText) -> None:
    """Report letters that no font has, or only another than the one asked for."""
    if text.missing:
        page.report(
            "missing-glyph",
            layer_id,
            Verdict.FAIL,
            f"{len(text.missing)} characters",
            "0 characters",
            f"No font of the brand has {_name(text.missing)}; left out. Change the "
            "text, or add a font that has them.",
        )
    for found in find_stand_ins(page, text):
        _report_stand_in(page, layer_id, found)


def _report_stand_in(page: Page, layer_id: str, found: StandIn) -> None:
    if found.is_expected:
        verdict = Verdict.PASS
        message = (
            f"{found.family} stands in for this writing, which {found.asked} lacks."
        )
    else:
        verdict = Verdict.WARN
        message = (
            f"{found.asked} does not have {_name(found.letters)}; {found.family} "
            "stands in. Change the text, or add a font with these letters to the brand "
            "kit."
        )
    page.report(
        "font-fallback",
        layer_id,
        verdict,
        f"{len(found.letters)} letters in {found.family}",
        f"all letters in {found.asked}",
        message,
    )


def find_stand_ins(page: Page, text: SetText) -> list[StandIn]:
    """Give the letters of a text that another family draws, each once.

    Color fonts draw emoji, which no font for text has. Neither is a script worth a
    word for which the brand has a font of its own, or of which it has no fonts at all.
    """
    looks = text.style.look, text.style.emphasis or text.style.look
    letters: dict[tuple[str, str, bool], str] = {}
    for asked, run in _foreign_runs(looks, (piece.run for piece in text.pieces)):
        face, family = page.engine.nearest(asked), run.cut.face.family
        is_expected = run.script != _LATIN and not face.writes(run.script)
        is_ours = page.engine.is_own(family) or not page.engine.is_own(asked.family)
        if not (is_expected and is_ours):
            key = asked.family, family, is_expected
            letters[key] = letters.get(key, "") + run.text[run.start : run.end]
    return [
        StandIn(asked, family, _each_once(seen), is_expected)
        for (asked, family, is_expected), seen in letters.items()
        if seen.strip()
    ]


def _foreign_runs(
    looks: tuple[Look, Look], runs: Iterable[Run]
) -> Iterator[tuple[Look, Run]]:
    for run in runs:
        asked, face = looks[run.look], run.cut.face
        if face.family != asked.family and not face.is_color:
            yield asked, run


def _each_once(letters: str) -> str:
    return "".join(dict.fromkeys("".join(letters.split())))


def _name(letters: str) -> str:
    shown = " ".join(f"{c} (U+{ord(c):04X})" for c in letters[:MOST_SHOWN])
    more = len(letters) - MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
