"""Where a text may be broken: lines (UAX #14), letters (UAX #29), syllables.

ICU does the first two, with its dictionaries for Thai, Lao, Khmer and Burmese, which
are written without spaces. Lines are broken strictly (CSS `line-break: strict`): no
small kana or closing mark begins a line. Korean words are kept whole.
"""

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

import pyphen
from icu4py.breakers import CharacterBreaker, LineBreaker

SOFT_HYPHEN = "\u00ad"
_PLAIN = re.compile("[\t -~\u00a0-\u00ac\u00ae-\u02ff]*")
"""Characters that are a letter each, whatever stands beside them."""
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_WORD = re.compile(r"[^\W\d_]{5,}")
_SHORTEST_START, _SHORTEST_END = 2, 3


class Break(NamedTuple):
    """A place where a line may end, or must; with a hyphen where a word is parted."""

    at: int
    is_hard: bool = False
    has_hyphen: bool = False


def find_breaks(text: str, language: str, *, hyphenate: bool = False) -> list[Break]:
    """List where lines may end, in order; the last is the end of the text."""
    breaker = LineBreaker(text, f"{language}@lb=strict")
    ends = _in_characters(text, (end for _, end in breaker.segments()))
    found = {
        end: Break(
            end,
            is_hard=text[end - 1] == "\n",
            has_hyphen=text[end - 1] == SOFT_HYPHEN,
        )
        for end in ends
        if end and not _parts_hangul(text, end)
    }
    if hyphenate and (words := _hyphenator(language)):
        for match in _WORD.finditer(text):
            for at in words.positions(match[0]):
                place = match.start() + at
                found.setdefault(place, Break(place, has_hyphen=True))
    found[len(text)] = Break(len(text))
    return [found[at] for at in sorted(found)]


def find_letters(text: str) -> list[int]:
    """Give the end of each letter with its marks: where a cut tears nothing apart."""
    if _PLAIN.fullmatch(text):
        return list(range(1, len(text) + 1))
    breaker = CharacterBreaker(text, "")
    return _in_characters(text, (end for _, end in breaker.segments()))


def can_hyphenate(language: str) -> bool:
    """Say whether there are rules for parting this language's words."""
    return _hyphenator(language) is not None


def _in_characters(text: str, ends: Iterable[int]) -> list[int]:
    """Turn places in UTF-16, as ICU counts, into places in a Python text."""
    if not text or max(text) <= "\uffff":
        return list(ends)
    places = [0]
    for index, character in enumerate(text, 1):
        places += [index] * (2 if character > "\uffff" else 1)
    return [places[end] for end in ends]


def _parts_hangul(text: str, at: int) -> bool:
    return (
        at < len(text)
        and _HANGUL.match(text[at]) is not None
        and _HANGUL.match(text[at - 1]) is not None
    )


@functools.lru_cache(maxsize=32)
def _hyphenator(language: str) -> pyphen.Pyphen | None:
    known = pyphen.language_fallback(language.replace("-", "_")) if language else None
    if known is None:
        return None
    return pyphen.Pyphen(lang=known, left=_SHORTEST_START, right=_SHORTEST_END)
