"""Judge whether a creative says what its brand must say: required disclaimers.

Whether the text can be read on what lies behind it, and lies inside the safe zone, is
judged of every text alike.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from brandgen.compositor.brand import Disclaimer
from brandgen.compositor.display import Drawable, DrawText
from brandgen.compositor.formats import POINTS_PER_INCH, VIEWED_WIDTH_PX, Format
from brandgen.lib.findings import Finding, Verdict

RULE = "disclaimer"
LONGEST_QUOTE = 120


def check_disclaimers(
    items: Sequence[Drawable],
    shape: Format,
    disclaimers: Sequence[Disclaimer],
    locale: str,
) -> list[Finding]:
    """Judge each disclaimer that these texts make necessary."""
    texts = [item for item in items if isinstance(item, DrawText)]
    return [
        _judge(disclaimer, texts, shape, locale)
        for disclaimer in disclaimers
        if _is_required(disclaimer, texts, locale)
    ]


def _is_required(
    disclaimer: Disclaimer, texts: Sequence[DrawText], locale: str
) -> bool:
    if not disclaimer.triggers:
        return True
    own = _normalize(disclaimer.wording(locale))
    # What the disclaimer itself says does not make it necessary.
    said = [_normalize(item.text.text) for item in texts]
    rest = " ".join(text.replace(own, " ") if own else text for text in said)
    return any(_says(rest, _normalize(word)) for word in disclaimer.triggers)


def _says(text: str, word: str) -> bool:
    """Say whether a text has a word as a whole; signs such as % may touch others."""
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    return re.search(before + re.escape(word) + after, text) is not None


def _judge(
    disclaimer: Disclaimer, texts: Sequence[DrawText], shape: Format, locale: str
) -> Finding:
    asked = disclaimer.wording(locale)
    if not asked:
        return Finding(
            rule=RULE,
            measured=f"no wording for {locale}",
            allowed="a wording in the brand kit",
            verdict=Verdict.WARN,
            message=f"The brand kit has no wording of “{disclaimer.name}” for "
            f"{locale}. Ask a brand manager to add it.",
        )
    found = list(_find(asked, texts))
    if not found:
        return Finding(
            rule=RULE,
            measured="missing",
            allowed=f"“{_shorten(asked)}”",
            verdict=Verdict.FAIL,
            message=f"“{disclaimer.name}” is missing. Write word for word: “{asked}”",
        )
    largest = max(found, key=lambda item: item.text.size_px)
    return _judge_size(disclaimer, largest, shape)


def _find(asked: str, texts: Sequence[DrawText]) -> Iterator[DrawText]:
    """Give the texts that say it wholly: what was cut off at the end says less."""
    wanted = _normalize(asked)
    for item in texts:
        if item.opacity > 0 and wanted in _normalize(item.text.text):
            yield item


def _judge_size(disclaimer: Disclaimer, item: DrawText, shape: Format) -> Finding:
    if shape.is_paper:
        size, unit = item.text.size_px / shape.dpi * POINTS_PER_INCH, "pt"
        allowed, where = disclaimer.smallest_pt, "on paper"
    else:
        size, unit = item.text.size_px * VIEWED_WIDTH_PX / shape.width_px, "px"
        allowed, where = disclaimer.smallest_px, "as seen on a phone"
    # A hair less comes of rounding.
    is_small = size < allowed - 0.05
    return Finding(
        rule=RULE,
        measured=f"{size:.1f} {unit} {where}",
        allowed=f"at least {allowed:g} {unit}",
        verdict=Verdict.FAIL if is_small else Verdict.PASS,
        message=f"“{disclaimer.name}” is too small to be read. Make it larger."
        if is_small
        else f"“{disclaimer.name}” is there and large enough.",
        place=item.layer,
    )


def _normalize(text: str) -> str:
    """Leave out what makes no other wording: case, spaces, quotes, asterisks."""
    return " ".join(text.translate(_ALIKE).casefold().split())


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


_ALIKE: Mapping[int, int | None] = MappingProxyType(
    str.maketrans("\u2019\u2018\u201c\u201d\u201e", '\'\'"""', "*")
)
