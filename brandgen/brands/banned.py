"""Finds banned terms in a text, however they are disguised.

The text is reduced to what a reader sees (compatibility forms, accents, invisible
characters, lookalikes of UTS 39), then each term is sought as a whole word, with the
usual substitutes for its letters and with anything but letters between them.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from string import ascii_lowercase, ascii_uppercase

from confusable_homoglyphs.confusables import confusables_data

# What stands for a letter when somebody types around a filter.
SUBSTITUTES = {
    "a": "4@",
    "b": "8",
    "c": "(",
    "e": "3€",
    "g": "9",
    "i": "1!|",
    "l": "1|",
    "o": "0",
    "s": "5$",
    "t": "7+",
    "z": "2",
}
# Blank, but letters or symbols by their Unicode category.
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
EITHER_I_OR_L = "1"
SEPARATORS = r"[\W_]{0,3}"
LETTER = r"[^\W\d_]"
# Control characters of ASCII, but for those that are space.
CONTROLS = {n: None for n in (*range(32), 127) if not chr(n).isspace()}
# Of the substitutes, signs may part letters as well as stand for one.
AMBIGUOUS = re.compile("[@(€!|$+]")
BONES = str.maketrans("48391l0572w", "abegiiostzv")


def find_banned_terms(text: str, terms: Iterable[str]) -> list[str]:
    """Return the terms that a text holds, in the order of the terms.

    Plain plurals count; longer words that only hold a term ("begun" for "gun") do not.
    """
    seen = reduce_to_looks(text)
    bones = None if AMBIGUOUS.search(seen) else _bones(seen)
    return [
        term
        for term in terms
        if (bones is None or _bones_of(term) in bones) and _holds(seen, term)
    ]


@lru_cache(maxsize=256)
def reduce_to_looks(text: str) -> str:
    """Return the plain small letters that a text looks like."""
    # A capital I between small letters is read as an l.
    text = re.sub(r"(?<=[a-z])I(?=[a-z])", EITHER_I_OR_L, text)
    if text.isascii():
        return text.translate(CONTROLS).lower()
    kept = []
    for character in unicodedata.normalize("NFKD", text):
        is_blank = character in BLANK_LETTERS
        if is_blank or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
            continue
        if unicodedata.category(character) == "Cc" and not character.isspace():
            continue
        kept.append(_look(character))
    return unicodedata.normalize("NFKC", "".join(kept))


def is_searchable(term: str) -> bool:
    """Say whether a term has anything that can be sought: a letter or a digit."""
    return any(map(str.isalnum, reduce_to_looks(term)))


def _bones(seen: str) -> str:
    """Return the letters of a reduced text, one for each substitute and each run.

    Those of a term stand in those of every text that holds it: a quick look spares most
    texts the search.
    """
    letters = "".join(filter(str.isalnum, seen)).translate(BONES)
    return re.sub(r"(.)\1+", r"\1", letters)


@lru_cache(maxsize=4096)
def _bones_of(term: str) -> str:
    return _bones(reduce_to_looks(term))


def _holds(seen: str, term: str) -> bool:
    pattern = _compile(term)
    return pattern is not None and any(
        _is_word(match["word"]) for match in pattern.finditer(seen)
    )


def _is_word(found: str) -> bool:
    """Tell a disguised word from numbers: "l33t" from "10 t"."""
    marks: list[str] = re.findall(r"[^\s\-–—_.,:;/\\*]", found)
    digits = sum(mark.isdigit() for mark in marks)
    has_gaps = len(marks) < len(found)
    return digits == 0 or digits * 2 <= len(marks) - (1 if has_gaps else 0)


@lru_cache(maxsize=4096)
def _compile(term: str) -> re.Pattern[str] | None:
    """Write the expression that finds one term in a reduced text."""
    words = re.findall(r"[^\W_]+", reduce_to_looks(term))
    if not words:
        return None
    body = r"[\W_]{1,3}".join(_spell(word) for word in words)
    ending = "es" if words[-1].endswith("s") else "e?s"
    plural = f"(?:{ending})?" if len(words[-1]) >= 3 else ""
    if any(word.isdigit() for word in (words[0], words[-1])):
        return re.compile(rf"(?<![^\W_])(?P<word>{body}){plural}(?![^\W_])")
    return re.compile(rf"(?<!{LETTER})(?P<word>{body}){plural}(?!{LETTER})")


def _spell(word: str) -> str:
    """Write one word as letters with their substitutes; any letter may be drawn out."""
    runs = [match[0] for match in re.finditer(r"(.)\1*", word)]
    return SEPARATORS.join(_spell_run(run) for run in runs)


def _spell_run(run: str) -> str:
    letter, times = run[0], len(run)
    one = f"[{re.escape(letter + SUBSTITUTES.get(letter, ''))}]"
    if letter == "w":
        one = "(?:w|vv)"
    exact = SEPARATORS.join([one] * times)
    return f"(?:{exact}|{one}{{3,}})" if times < 3 else f"{one}{{{times},}}"


def _look(character: str) -> str:
    """Return the small letter that a character looks like."""
    if character.isascii():
        return character.casefold()
    return (
        _lookalikes().get(character)
        or _lookalikes().get(character.casefold())
        or _named_letter(character)
        or character.casefold()
    )


@cache
def _lookalikes() -> dict[str, str]:
    """Return Unicode's confusables of the Latin letters, by character."""
    found: dict[str, str] = {}
    for letter in ascii_lowercase + ascii_uppercase:
        for homoglyph in confusables_data.get(letter, []):
            character = homoglyph["c"].strip("\u200e")
            if len(character) == 1 and not character.isascii():
                look = EITHER_I_OR_L if letter in "lI" else letter.lower()
                found.setdefault(character, look)
    return found


NAMED = re.compile(
    r"(?:LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL |SCRIPT |OPEN |STRETCHED )?"
    r"|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER "
    r"|REGIONAL INDICATOR SYMBOL LETTER )([A-Z])(?: WITH .*)?"
)


def _named_letter(character: str) -> str:
    """Return the letter in a character's Unicode name, without its marks."""
    match = NAMED.fullmatch(unicodedata.name(character, ""))
    return match[1].lower() if match else ""
