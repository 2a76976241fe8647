"""What Unicode says about a text: direction, invisible characters, safe cuts."""

import unicodedata
from collections.abc import Sequence

# The isolate keeps the base direction of a text that is set right to left (UAX #9).
_RTL_ISOLATE, _POP_ISOLATE = "\u2067", "\u2069"
_BIDI_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def base_direction_is_rtl(text: str) -> bool:
    """Say whether the first strong character runs right to left (UAX #9, P2 and P3)."""
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def clean_text(text: str) -> str:
    """Normalize to NFC and drop control characters and bidi overrides."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    text = text.translate(_BIDI_OVERRIDES)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def grapheme_ends(word: str) -> Sequence[int]:
    """Give the places where a cut tears no mark from its letter."""
    ends = [
        index
        for index in range(1, len(word))
        if not unicodedata.combining(word[index])
        and "\u200d" not in word[index - 1 : index + 1]
    ]
    return [*ends, len(word)]


def is_invisible(character: str) -> bool:
    """Say whether a character needs no glyph: a control, a joiner, a selector."""
    is_selector = 0xFE00 <= ord(character) <= 0xFE0F or ord(character) >= 0xE0000
    return is_selector or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


def isolate_rtl(text: str) -> str:
    """Wrap each line so that it is set right to left whatever stands around it."""
    return "\n".join(f"{_RTL_ISOLATE}{line}{_POP_ISOLATE}" for line in text.split("\n"))


def joins_letters(text: str) -> bool:
    """Say whether a text has letters that join, as Arabic's and Syriac's do."""
    return any(unicodedata.bidirectional(character) == "AL" for character in text)
