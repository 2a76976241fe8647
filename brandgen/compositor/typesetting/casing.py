"""Capitals as a language writes them."""

import unicodedata

ACUTE, DOT_ABOVE = "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING DOT ABOVE}"
GREEK_ACCENTS = frozenset(
    {ACUTE, "\N{COMBINING GRAVE ACCENT}", "\N{COMBINING GREEK PERISPOMENI}"}
    | {"\N{COMBINING COMMA ABOVE}", "\N{COMBINING REVERSED COMMA ABOVE}"}
)
DIAERESIS = "\N{COMBINING DIAERESIS}"
FIRST_VOWELS, SECOND_VOWELS = "\u0391\u0395\u039f\u03a5", "\u03b9\u03c5"
"""Of a Greek diphthong: alpha, epsilon, omicron, upsilon; iota and upsilon."""


def to_upper(text: str, language: str) -> str:
    """Turn a text to capitals; `language` is a tag such as "tr" or "el-GR".

    Turkish and Azerbaijani give i its dot, Greek loses its accents but for the word ή,
    and Lithuanian the dot that it writes below other accents.
    Source: Unicode SpecialCasing.txt, and CLDR's el-Upper.
    """
    tag = language.lower().split("-")[0]
    if tag in ("tr", "az"):
        return text.replace("i", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}").upper()
    if tag == "lt":
        return _without_inner_dots(text).upper()
    return _upper_greek(text) if tag == "el" else text.upper()


def _without_inner_dots(text: str) -> str:
    """Drop the dot that i and j keep under another accent, where both are written."""
    decomposed = unicodedata.normalize("NFD", text)
    kept = [
        letter
        for before, letter in zip(" " + decomposed, decomposed, strict=False)
        if not (letter == DOT_ABOVE and before in "ijį")
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def _upper_greek(text: str) -> str:
    """Drop accents and breathings; dots tell two vowels that an accent held apart."""
    found: list[str] = []
    decomposed = unicodedata.normalize("NFD", text)
    had_accent = False
    for index, letter in enumerate(decomposed):
        if letter in GREEK_ACCENTS and _is_greek(found):
            had_accent = not _is_alone(decomposed, index)
            if not had_accent:
                found.append(ACUTE)
            continue
        if letter in SECOND_VOWELS and had_accent and found[-1] in FIRST_VOWELS:
            found += [letter.upper(), DIAERESIS]
        else:
            found.append(letter.upper())
        had_accent = False
    return unicodedata.normalize(
        "NFC", "".join(found).replace(DIAERESIS * 2, DIAERESIS)
    )


def _is_greek(found: list[str]) -> bool:
    base = next((c for c in reversed(found) if not unicodedata.combining(c[0])), "")
    return bool(base) and "\u0370" <= base[0] <= "\u03ff"


def _is_alone(text: str, accent: int) -> bool:
    """Whether an accent stands on the word ή, "or", which keeps it."""
    before, after = text[: accent - 1][-1:], text[accent + 1 :][:1]
    is_word = not before.isalnum() and not after.isalnum()
    return text[accent - 1] in "ηΗ" and is_word
