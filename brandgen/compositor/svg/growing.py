"""Give texts of a drawing the room that longer ones may take."""

from collections.abc import Sequence
from dataclasses import replace

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.nodes import Leaf, Words
from brandgen.compositor.text import TextEngine

SLACK = 1.02
"""Of a column's width, so that rounding breaks no line anew."""
CENTERED = 0.01
"""Of a frame's length, up to which what is off its center counts as centered."""
SMALL_GROUND = 0.6
"""Of the page, up to which what a text stands on is its button, card or badge."""
_GROUNDS = ("shape", "path", "image")


def find_ground(leaf: Leaf, leaves: Sequence[Leaf], page: Rect) -> Leaf | None:
    """Find the smallest shape that a text stands on; None if that is the page."""
    below = leaves[: leaves.index(leaf)]
    most = SMALL_GROUND * page.width * page.height
    found = [
        other
        for other in below
        if other.data["type"] in _GROUNDS
        and other.rect.holds(leaf.rect)
        and other.rect.width * other.rect.height < most
    ]
    return min(found, key=lambda one: one.rect.width * one.rect.height, default=None)


def grow(leaf: Leaf, leaves: Sequence[Leaf], page: Rect, engine: TextEngine) -> None:
    """Widen a text's box to its neighbors, and write its text and its lines.

    A column that wraps by itself as it was drawn keeps its width; else the lines are
    broken where the drawing does.
    """
    words = leaf.words
    if words is None or leaf.slot is None:
        return
    _center(leaf, words, leaves, page)
    wraps = " ".join(
        f"{line}\n" if breaks else line
        for line, breaks in zip(words.lines[:-1], words.breaks, strict=False)
    )
    text = f"{wraps} {words.lines[-1]}".strip().replace("\n ", "\n")
    width = words.width * SLACK + 1
    if len(words.lines) > 1 and not _breaks_so(engine, words, text, width):
        text = "\n".join(words.lines)
    if len(words.lines) == 1 or "\n" in text:
        width = max(width, _room(leaf, words, leaves, page))
    share = {"start": 0.0, "center": 0.5, "end": 1.0}[words.side]
    leaf.rect = replace(leaf.rect, x=words.x - share * width, width=width)
    leaf.slot["example"] = text


def _center(leaf: Leaf, words: Words, leaves: Sequence[Leaf], page: Rect) -> None:
    """Center a line that stands in the middle of its ground, or alone in the page's.

    Programs say of a centered line only where it begins.
    """
    ground = find_ground(leaf, leaves, page)
    frame, rect = ground.rect if ground else page, leaf.rect
    middle = rect.x + rect.width / 2
    is_off = abs(middle - frame.x - frame.width / 2) > CENTERED * frame.width
    if len(words.lines) > 1 or words.side != "start" or is_off:
        return
    shares_edge = any(
        other.words and other is not leaf and abs(other.words.x - words.x) < 2
        for other in leaves
    )
    if ground or not shares_edge:
        leaf.data["align"] = "center"
        words.side, words.x = "center", middle


def _breaks_so(engine: TextEngine, words: Words, text: str, width: float) -> bool:
    """Say whether a text breaks into the lines that were drawn."""
    found = engine.fit(text, words.style, width, 1e6)
    drawn = engine.fit("\n".join(words.lines), words.style, 1e6, 1e6)
    return [b.text.strip() for b in found.boxes] == [
        b.text.strip() for b in drawn.boxes
    ]


def _room(leaf: Leaf, words: Words, leaves: Sequence[Leaf], page: Rect) -> float:
    """Give how wide a text may grow: to the margin it keeps, or to a neighbor."""
    rect, ground = leaf.rect, find_ground(leaf, leaves, page)
    frame = ground.rect if ground else page
    margin = max(0.0, min(rect.x - frame.x, frame.right - rect.right))
    left, right = frame.x + margin, frame.right - margin
    for other in leaves:
        beside = other.rect
        if other is leaf or beside.bottom <= rect.y or beside.y >= rect.bottom:
            continue
        gap = 0.25 * words.style.largest_px
        if beside.x >= rect.right - 1:
            right = min(right, beside.x - gap)
        elif beside.right <= rect.x + 1:
            left = max(left, beside.right + gap)
    if words.side == "center":
        return 2 * min(words.x - left, right - words.x)
    return right - words.x if words.side == "start" else words.x - left
