"""What Unicode says about a text: direction, and characters that are not seen."""

import unicodedata

# Isolates stay: they keep a name of another script apart, and change no letter's order.
_BIDI_OVERRIDES = dict.fromkeys(range(0x202A, 0x202F))
_SPACING = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\t": " "})


def base_direction_is_rtl(text: str) -> bool:
    """Say whether the first strong character runs right to left (UAX #9, P2 and P3)."""
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def is_right_to_left(text: str, direction: str) -> bool:
    """Say whether a text starts on the right: as all its letters run.

    Where it has letters of both directions `direction` decides, "rtl" or "ltr"; with
    "auto" the first of them does.
    """
    is_rtl = base_direction_is_rtl(text)
    if direction == "auto" or is_rtl == (direction == "rtl"):
        return is_rtl
    other = ("L",) if is_rtl else ("R", "AL")
    has_both = any(unicodedata.bidirectional(letter) in other for letter in text)
    return is_rtl != has_both


def clean_text(text: str) -> str:
    """Normalize to NFC and drop control characters and bidi overrides."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_BIDI_OVERRIDES).translate(_SPACING)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def is_invisible(character: str) -> bool:
    """Say whether a character needs no glyph: a control, a joiner, a selector."""
    code = ord(character)
    is_selector = 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF
    return is_selector or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")
