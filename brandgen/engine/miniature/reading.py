"""Reads a caption back to the scene that it asks for, as far as it tells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from brandgen.engine.miniature import grammar
from brandgen.engine.miniature.grammar import NONE, SMOOTH, VOCABULARY
from brandgen.engine.miniature.scenes import Podium, Product, Scene
from brandgen.engine.vocabulary import Vocabulary


class UnreadableCaptionError(Exception):
    """A text asks for no backdrop that the grammar knows. Fit to show."""


@dataclass(frozen=True)
class _Pattern:
    """One wording as a pattern, and what it means."""

    expression: re.Pattern[str]
    meaning: str


def read_caption(text: str, vocabulary: Vocabulary = VOCABULARY) -> Scene:
    """Read which scene a caption asks for; what it leaves open is as plain as can be.

    Raises:
        UnreadableCaptionError: no backdrop can be made out.
    """
    rest = _normalize(text)
    patterns = _compile(vocabulary)
    subject, rest = _take(patterns["subject"], rest)
    empty, rest = _take(patterns["stand"], rest) if subject is None else (None, rest)
    backdrop, rest = _take(patterns["backdrop"], rest)
    if backdrop is None:
        raise UnreadableCaptionError(
            f"No backdrop can be made out in {text!r}. Write, for instance, "
            "'teal waves on a cream background'."
        )
    room, rest = _take(patterns["room"], rest)
    side, rest = _take(patterns["side"], rest)
    mood, rest = _take(patterns["mood"], rest)
    found = backdrop.values
    is_bare = subject is None and empty is None
    said = subject or empty
    room_said = room.meaning if room else NONE
    away = {"left": "right", "right": "left"}.get(room_said, "center")
    mood_said = mood.meaning if mood else NONE
    if backdrop.meaning in SMOOTH and mood_said in ("soft", "bold"):
        mood_said = NONE
    return Scene(
        backdrop=backdrop.meaning,
        ground=found["g"],
        pattern=found.get("p"),
        accent=found.get("a"),
        product=_read_product(subject.values) if subject else None,
        podium=_read_podium(said.values) if said and said.values.get("s") else None,
        side="center" if is_bare else side.meaning if side else away,
        mood=mood_said,
        room=room_said if is_bare else NONE,
    )


@dataclass(frozen=True)
class _Found:
    meaning: str
    values: Mapping[str, str]


def _take(patterns: Sequence[_Pattern], text: str) -> tuple[_Found | None, str]:
    """Find the longest wording in a text; return it and the text without it."""
    best: tuple[re.Match[str], str] | None = None
    for pattern in patterns:
        match = pattern.expression.search(text)
        if match and (best is None or len(match[0]) > len(best[0][0])):
            best = match, pattern.meaning
    if best is None:
        return None, text
    match, meaning = best
    values = {k: v for k, v in match.groupdict().items() if v is not None}
    return _Found(meaning, values), text[: match.start()] + " | " + text[match.end() :]


def _read_product(values: Mapping[str, str]) -> Product:
    size = values.get("size", "")
    sizes = (name for name, words in grammar.SIZE_WORDS.items() if size in words)
    kinds = (k for k, words in grammar.PRODUCT_WORDS.items() if values["kind"] in words)
    return Product(next(kinds), values["color"], next(sizes), values.get("l"))


def _read_podium(values: Mapping[str, str]) -> Podium:
    return Podium("square" if values.get("shape") == "square" else "round", values["s"])


@lru_cache(maxsize=4)
def _compile(vocabulary: Vocabulary) -> dict[str, tuple[_Pattern, ...]]:
    color = _any(vocabulary.colors)
    shape, podium = _any(("square", "round")), _any(grammar.PODIUM_WORDS)
    stand = f"(?P<s>{color}) (?:(?P<shape>{shape}) )?{podium}"
    sizes = _any(word for words in grammar.SIZE_WORDS.values() for word in words)
    kinds = _any(word for words in grammar.PRODUCT_WORDS.values() for word in words)
    label = f"(?:with|and) (?:a )?(?P<l>{color}) label"
    product = (
        f"(?:(?P<size>{sizes}) )?(?P<color>{color}) (?P<kind>{kinds})(?: {label})?"
        f"(?: {_any(grammar.STANDING)} {stand})?"
    )
    backdrops = [
        _make(_fill(wording, g=color, p=_inks(wording, color)), name)
        for name, wordings in grammar.BACKDROP_WORDINGS.items()
        for wording in wordings
    ]
    rooms = [
        _make(wording % re.escape(place), side)
        for side, places in grammar.ROOM_PLACES.items()
        for place in places
        for wording in grammar.ROOM_WORDINGS
    ]
    return {
        "subject": (_make(product, "product"),),
        "stand": (_make(stand, "podium"),),
        "backdrop": tuple(backdrops),
        "room": tuple(rooms),
        "side": _make_each(grammar.SIDE_WORDINGS),
        "mood": _make_each(grammar.MOOD_WORDINGS),
    }


def _inks(wording: str, color: str) -> str:
    """Match the pattern's color, or both: "teal and navy", "teal to navy"."""
    return f"{color})(?: (?:and|to) (?P<a>{color})" if "{p}" in wording else ""


def _fill(wording: str, **slots: str) -> str:
    """Turn a wording to a pattern with a named group for each of its slots."""
    text = _normalize(wording).replace(" , ", " ,? ")
    for name, expression in slots.items():
        group = f"(?P<{name}>{expression})"
        if "(?P<a>" in expression:
            group += "?"
        text = text.replace("{" + name + "}", group)
    return text.replace(" ,? ", " (?:, )?")


def _normalize(text: str) -> str:
    words = text.lower().replace(",", " , ").split()
    return " ".join("a" if word == "an" else word for word in words)


def _make(expression: str, meaning: str) -> _Pattern:
    return _Pattern(re.compile(rf"(?<!\w){expression}(?!\w)"), meaning)


def _make_each(wordings: Mapping[str, Sequence[str]]) -> tuple[_Pattern, ...]:
    return tuple(
        _make(re.escape(text).replace(r"\ ", " "), meaning)
        for meaning, texts in wordings.items()
        for text in texts
    )


def _any(words: Iterable[str]) -> str:
    ordered = sorted({word for word in words if word}, key=len, reverse=True)
    return f"(?:{'|'.join(ordered)})"
