"""The bidirectional algorithm: which way each letter runs (UAX #9, Unicode 15).

Held to Unicode's BidiCharacterTest.txt by a test.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

DEEPEST = 125
_BRACKETS = (
    "()[]{}"
    "\u0f3a\u0f3b\u0f3c\u0f3d\u169b\u169c\u2045\u2046\u207d\u207e\u208d\u208e"
    "\u2308\u2309\u230a\u230b\u2329\u232a\u2768\u2769\u276a\u276b\u276c\u276d"
    "\u276e\u276f\u2770\u2771\u2772\u2773\u2774\u2775\u27c5\u27c6\u27e6\u27e7"
    "\u27e8\u27e9\u27ea\u27eb\u27ec\u27ed\u27ee\u27ef\u2983\u2984\u2985\u2986"
    "\u2987\u2988\u2989\u298a\u298b\u298c\u298d\u2990\u298f\u298e\u2991\u2992"
    "\u2993\u2994\u2995\u2996\u2997\u2998\u29d8\u29d9\u29da\u29db\u29fc\u29fd"
    "\u2e22\u2e23\u2e24\u2e25\u2e26\u2e27\u2e28\u2e29\u2e55\u2e56\u2e57\u2e58"
    "\u2e59\u2e5a\u2e5b\u2e5c\u3008\u3009\u300a\u300b\u300c\u300d\u300e\u300f"
    "\u3010\u3011\u3014\u3015\u3016\u3017\u3018\u3019\u301a\u301b\ufe59\ufe5a"
    "\ufe5b\ufe5c\ufe5d\ufe5e\uff08\uff09\uff3b\uff3d\uff5b\uff5d\uff5f\uff60"
    "\uff62\uff63"
)
"""BidiBrackets.txt: every opening one before its closing one."""
_CLOSING = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_CANONICAL = {"\u2329": "\u3008", "\u232a": "\u3009"}
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_UNASSIGNED = ((0x0590, "R"), (0x0600, "AL"), (0x07C0, "R"), (0x0860, "AL"))
_ISOLATES = ("LRI", "RLI", "FSI")
_REMOVED = ("RLE", "LRE", "RLO", "LRO", "PDF", "BN")
_NEUTRAL = ("B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI")


def base_level(text: str) -> int | None:
    """Give 0 or 1 by the first strong character; None without one (P2 and P3)."""
    kinds = [_kind(character) for character in text]
    return _base_level(kinds, _match_isolates(kinds))


def find_levels(text: str, base: int) -> list[int]:
    """Give each character's embedding level in a paragraph: odd runs right to left.

    Characters that rule X9 removes take the level before them.
    """
    if not base and not _RIGHT_TO_LEFT.search(text):
        return [0] * len(text)
    kinds = [_kind(character) for character in text]
    matches = _match_isolates(kinds)
    levels, resolved = _explicit(kinds, matches, base)
    for sequence in _sequences(kinds, levels, matches, base):
        _resolve_weak(sequence, resolved)
        _resolve_brackets(sequence, resolved, text)
        _resolve_neutral(sequence, resolved)
        for index in sequence.indices:
            kind = resolved[index]
            if levels[index] % 2:
                levels[index] += kind != "R"
            else:
                levels[index] += {"L": 0, "R": 1}.get(kind, 2)
    return _reset_spaces(kinds, levels, base)


def visual_order(levels: Sequence[int]) -> list[int]:
    """Give the indices of a line's pieces from left to right (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return order


def _kind(character: str) -> str:
    if kind := unicodedata.bidirectional(character):
        return kind
    place = bisect_right(_UNASSIGNED, (ord(character), "Z")) - 1
    is_known = place >= 0 and ord(character) < 0x0900
    return _UNASSIGNED[place][1] if is_known else "L"


def _match_isolates(kinds: Sequence[str]) -> dict[int, int]:
    """Map each isolate's start to its end, and the other way around (BD9)."""
    open_ones: list[int] = []
    matches: dict[int, int] = {}
    for index, kind in enumerate(kinds):
        if kind in _ISOLATES:
            open_ones.append(index)
        elif kind == "PDI" and open_ones:
            matches[index] = open_ones.pop()
            matches[matches[index]] = index
    return matches


def _base_level(
    kinds: Sequence[str], matches: dict[int, int], start: int = 0, end: int = -1
) -> int | None:
    index, end = start, len(kinds) if end < 0 else end
    while index < end:
        kind = kinds[index]
        if kind in ("L", "R", "AL"):
            return int(kind != "L")
        if kind in _ISOLATES:
            index = matches.get(index, end)
        index += 1
    return None


def _explicit(
    kinds: Sequence[str], matches: dict[int, int], base: int
) -> tuple[list[int], list[str]]:
    """Apply embeddings, overrides and isolates (X1 to X8)."""
    levels, resolved = [base] * len(kinds), list(kinds)
    stack: list[tuple[int, str, bool]] = [(base, "", False)]
    lost_isolates = lost_embeddings = valid_isolates = 0
    for index, kind in enumerate(kinds):
        level, override, _ = stack[-1]
        levels[index] = level
        if kind in ("RLE", "LRE", "RLO", "LRO") or kind in _ISOLATES:
            is_isolate = kind in _ISOLATES
            is_rtl = kind in ("RLE", "RLO", "RLI")
            if is_isolate:
                resolved[index] = override or kind
            if kind == "FSI":
                inner = _base_level(kinds, matches, index + 1, matches.get(index, -1))
                is_rtl = inner == 1
            new = (level + 1) | 1 if is_rtl else (level + 2) & ~1
            if new <= DEEPEST and not lost_isolates and not lost_embeddings:
                forced = {"RLO": "R", "LRO": "L"}.get(kind, "")
                stack.append((new, forced, is_isolate))
                valid_isolates += is_isolate
                if not is_isolate:
                    levels[index] = new
            elif is_isolate:
                lost_isolates += 1
            elif not lost_isolates:
                lost_embeddings += 1
        elif kind == "PDI":
            if lost_isolates:
                lost_isolates -= 1
            elif valid_isolates:
                lost_embeddings = 0
                while not stack[-1][2]:
                    stack.pop()
                stack.pop()
                valid_isolates -= 1
            levels[index], override, _ = stack[-1]
            resolved[index] = override or kind
        elif kind == "PDF":
            if not lost_isolates:
                if lost_embeddings:
                    lost_embeddings -= 1
                elif not stack[-1][2] and len(stack) > 1:
                    stack.pop()
        elif kind == "B":
            levels[index] = base
        elif override and kind != "BN":
            resolved[index] = override
    return levels, resolved


@dataclass
class _Sequence:
    """An isolating run sequence: indices, and the kinds on either side (BD13)."""

    level: int
    indices: list[int] = field(default_factory=list)
    before: str = "L"
    after: str = "L"


def _sequences(
    kinds: Sequence[str], levels: Sequence[int], matches: dict[int, int], base: int
) -> list[_Sequence]:
    kept = [index for index, kind in enumerate(kinds) if kind not in _REMOVED]
    runs: list[list[int]] = []
    for index in kept:
        if runs and levels[runs[-1][-1]] == levels[index]:
            runs[-1].append(index)
        else:
            runs.append([index])
    starts = {run[0]: run for run in runs}
    found = []
    for run in runs:
        if kinds[run[0]] == "PDI" and run[0] in matches:
            continue
        sequence = _Sequence(levels[run[0]])
        part: list[int] | None = run
        while part:
            sequence.indices += part
            last = part[-1]
            closes = kinds[last] in _ISOLATES and last in matches
            part = starts.get(matches[last]) if closes else None
        found.append(sequence)
    place = {index: number for number, index in enumerate(kept)}
    for sequence in found:
        first, last = place[sequence.indices[0]], place[sequence.indices[-1]]
        before = levels[kept[first - 1]] if first else base
        is_open = kinds[kept[last]] in _ISOLATES
        ends = is_open or last + 1 == len(kept)
        after = base if ends else levels[kept[last + 1]]
        sequence.before = "R" if max(before, sequence.level) % 2 else "L"
        sequence.after = "R" if max(after, sequence.level) % 2 else "L"
    return found


def _resolve_weak(sequence: _Sequence, kinds: list[str]) -> None:
    """Apply W1 to W7."""
    indices = sequence.indices
    previous = strong = sequence.before
    for index in indices:
        kind = kinds[index]
        if kind == "NSM":
            kind = "ON" if previous in (*_ISOLATES, "PDI") else previous
        previous = kind
        if kind in ("R", "L", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kind = "AN"
        kinds[index] = kind
    for index in indices:
        if kinds[index] == "AL":
            kinds[index] = "R"
    for before, index, after in zip(indices, indices[1:], indices[2:], strict=False):
        around = kinds[before], kinds[after]
        if kinds[index] in ("ES", "CS") and around == ("EN", "EN"):
            kinds[index] = "EN"
        elif kinds[index] == "CS" and around == ("AN", "AN"):
            kinds[index] = "AN"
    for walk in (indices, indices[::-1]):
        previous = ""
        for index in walk:
            if kinds[index] == "ET" and previous == "EN":
                kinds[index] = "EN"
            previous = kinds[index]
    strong = sequence.before
    for index in indices:
        if kinds[index] in ("ES", "ET", "CS"):
            kinds[index] = "ON"
        if kinds[index] in ("R", "L"):
            strong = kinds[index]
        elif kinds[index] == "EN" and strong == "L":
            kinds[index] = "L"


def _strong(kind: str) -> str:
    """Numbers count as right to left between neutrals (N0 and N1)."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _pairs(sequence: _Sequence, kinds: Sequence[str], text: str) -> list[list[int]]:
    """Find paired brackets as places in the sequence (BD16)."""
    waiting: list[tuple[str, int]] = []
    pairs = []
    for place, index in enumerate(sequence.indices):
        if kinds[index] != "ON":
            continue
        character = text[index]
        if character in _CLOSING:
            if len(waiting) == 63:
                return []
            closing = _CLOSING[character]
            waiting.append((_CANONICAL.get(closing, closing), place))
            continue
        character = _CANONICAL.get(character, character)
        for depth in range(len(waiting) - 1, -1, -1):
            if waiting[depth][0] == character:
                pairs.append([waiting[depth][1], place])
                del waiting[depth:]
                break
    return sorted(pairs)


def _resolve_brackets(sequence: _Sequence, kinds: list[str], text: str) -> None:
    """Apply N0."""
    indices = sequence.indices
    own = "R" if sequence.level % 2 else "L"
    # Marks after a bracket follow it, as W1 would have had them do.
    marks = {i for i in indices if unicodedata.bidirectional(text[i]) == "NSM"}
    for first, last in _pairs(sequence, kinds, text):
        inside = {_strong(kinds[index]) for index in indices[first + 1 : last]}
        if own in inside:
            side = own
        elif inside - {""}:
            before = [_strong(kinds[index]) for index in indices[:first]]
            context = next((k for k in reversed(before) if k), sequence.before)
            side = context if context != own else own
        else:
            continue
        for place in (first, last):
            kinds[indices[place]] = side
            for index in indices[place + 1 :]:
                if index not in marks:
                    break
                kinds[index] = side


def _resolve_neutral(sequence: _Sequence, kinds: list[str]) -> None:
    """Apply N1 and N2."""
    indices = sequence.indices
    own = "R" if sequence.level % 2 else "L"
    start = 0
    while start < len(indices):
        if kinds[indices[start]] not in _NEUTRAL:
            start += 1
            continue
        end = start
        while end < len(indices) and kinds[indices[end]] in _NEUTRAL:
            end += 1
        before = _strong(kinds[indices[start - 1]]) if start else sequence.before
        is_last = end == len(indices)
        after = sequence.after if is_last else _strong(kinds[indices[end]])
        for index in indices[start:end]:
            kinds[index] = before if before == after else own
        start = end


def _reset_spaces(kinds: Sequence[str], levels: list[int], base: int) -> list[int]:
    """Give separators, and spaces before them or at the end, the base level (L1)."""
    is_trailing = True
    for index in range(len(kinds) - 1, -1, -1):
        kind = kinds[index]
        if kind in ("B", "S"):
            is_trailing = True
        elif kind not in ("WS", *_ISOLATES, "PDI", *_REMOVED):
            is_trailing = False
        if is_trailing:
            levels[index] = base
    for index, kind in enumerate(kinds):
        if kind in _REMOVED:
            levels[index] = levels[index - 1] if index else base
    return levels
