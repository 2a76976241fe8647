"""The wordings of captions, and so every word that the miniature is taught."""

import re
from collections.abc import Iterable
from functools import lru_cache

from brandgen.engine.miniature.backdrops import BACKDROPS
from brandgen.engine.miniature.palette import COLORS
from brandgen.engine.vocabulary import Vocabulary

NONE = "none"
PRODUCTS = ("bottle", "box", "cup", "can", "jar", "sphere", "tube")
PODIUMS = ("round", "square")
SIDES = ("center", "left", "right")
SIZES: dict[str, float] = {"small": 0.8, "medium": 1.0, "large": 1.22}
MOODS = (NONE, "soft", "bold", "night", "sunny")
ROOMS = (NONE, "left", "right", "top", "bottom")
ROLES = ("ground", "pattern", "accent")
SMOOTH = frozenset({"plain", "gradient", "radial", "glow"})
"""Backdrops without edges: soft or bold would show nothing on them."""

# {g} is the ground's color, {p} the pattern's, or both of the pattern's: "teal and
# navy". Only the wording tells which is which.
_NOUNS: dict[str, tuple[str, ...]] = {
    "glow": ("glow", "soft glow", "light"),
    "beams": ("light beams", "beams of light", "beams"),
    "waves": ("waves", "swells"),
    "hills": ("hills", "mountains"),
    "blobs": ("blobs", "pebbles", "organic shapes"),
    "stripes": ("stripes", "bands"),
    "dots": ("dots", "polka dots"),
    "rings": ("rings", "circles"),
    "terrazzo": ("terrazzo", "terrazzo chips"),
    "paper": ("layered paper", "paper layers", "paper cut"),
}
_PATTERNS = (
    "{g} background with {p} %s", "{p} %s on {g}", "{p} %s on a {g} background",
    "{p} %s, {g} background", "{g} backdrop with {p} %s", "{p} %s over {g}",
    "%s in {p} on {g}", "on {g}, {p} %s", "{g} wall with {p} %s",
)  # fmt: skip
BACKDROP_WORDINGS: dict[str, tuple[str, ...]] = {
    "plain": (
        "plain {g} background", "solid {g} backdrop", "{g} background", "on plain {g}",
        "plain {g}", "{g} wall", "{g} backdrop", "in front of a {g} wall",
    ),
    "gradient": (
        "soft gradient background from {g} to {p}", "gradient from {g} to {p}",
        "{g} to {p} gradient background", "{g} and {p} gradient backdrop",
        "{g} to {p} gradient", "{g} fading to {p}", "linear gradient {g} to {p}",
        "background that fades from {g} to {p}",
    ),
    "radial": (
        "radial gradient from {g} to {p}", "{g} to {p} radial gradient",
        "radial gradient, {g} to {p}", "round gradient from {g} to {p}",
        "{g} center fading to {p}", "radial {g} to {p} background",
    ),
} | {
    name: tuple(pattern % noun for noun in nouns for pattern in _PATTERNS)
    for name, nouns in _NOUNS.items()
}  # fmt: skip
BACKDROP_WORDINGS["glow"] += ("soft {p} glow, {g} background",)
BACKDROP_WORDINGS["hills"] += (
    "{p} hills under a {g} sky", "{p} hills, {g} sky", "{g} sky over {p} hills",
)  # fmt: skip

SIDE_WORDINGS: dict[str, tuple[str, ...]] = {
    "center": ("centred", "in the center", "centered", "in the middle", "center"),
    "left": ("on the left", "left", "at the left", "on the left side"),
    "right": ("on the right", "right", "at the right", "on the right side"),
}
ROOM_WORDINGS = (
    "space for text %s", "empty space %s", "room for copy %s", "copy space %s",
    "free space %s", "room for text %s",
)  # fmt: skip
ROOM_PLACES: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "left"),
    "right": ("on the right", "right"),
    "top": ("at the top", "above", "on top"),
    "bottom": ("at the bottom", "below"),
}
MOOD_WORDINGS: dict[str, tuple[str, ...]] = {
    "soft": ("soft", "soft focus", "gentle"),
    "bold": ("bold", "strong", "striking"),
    "night": ("night", "at night", "dark night", "evening"),
    "sunny": ("sunny", "in the sun", "sunlight", "sunny morning"),
}
PRODUCT_WORDS: dict[str, tuple[str, ...]] = {
    "bottle": ("bottle", "flask"),
    "box": ("box", "carton", "package"),
    "cup": ("cup", "mug"),
    "can": ("can", "tin"),
    "jar": ("jar", "pot"),
    "sphere": ("sphere", "ball"),
    "tube": ("tube",),
}
SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small", "little", "mini"),
    "medium": ("", "", "medium"),
    "large": ("large", "big"),
}
LABEL_WORDINGS = ("with a {l} label", "with {l} label", "and a {l} label")
PODIUM_WORDS = ("podium", "pedestal", "plinth")
EMPTY_WORDINGS = ("an empty {s}", "empty {s}", "a {s}", "{s} with nothing on it")
STANDING = ("on a", "on", "standing on a", "on top of a")
ARTICLES = ("a", "a", "one", "")
OPENINGS = ("abstract backdrop", "abstract design", "abstract background")
FILLERS = (
    "minimal", "clean", "modern", "studio light", "elegant", "high quality", "simple",
    "product photo", "for a brand", "professional",
)  # fmt: skip
"""Words that change nothing: a text encoder must learn to let unknown words pass."""


@lru_cache(maxsize=4096)
def choose_known(wordings: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Take the wordings whose words a model knows.

    Raises:
        ValueError: it knows none of them.
    """
    known = tuple(w for w in wordings if vocabulary.knows(_SLOT.sub(" ", w)))
    if not known:
        raise ValueError(f"None of these is in the vocabulary: {', '.join(wordings)}.")
    return known


_SLOT = re.compile(r"\{\w\}|%s")


def _list_words() -> frozenset[str]:
    texts: list[str] = ["round square podium and from to over"]
    groups: Iterable[Iterable[str]] = (
        *BACKDROP_WORDINGS.values(), *SIDE_WORDINGS.values(), ROOM_WORDINGS,
        *ROOM_PLACES.values(), *MOOD_WORDINGS.values(), *PRODUCT_WORDS.values(),
        *SIZE_WORDS.values(), LABEL_WORDINGS, PODIUM_WORDS, EMPTY_WORDINGS, STANDING,
        ARTICLES, OPENINGS, FILLERS,
    )  # fmt: skip
    texts += [text for group in groups for text in group]
    bare = _SLOT.sub(" ", " ".join(texts)).replace(",", " ")
    return frozenset(bare.split())


VOCABULARY = Vocabulary(
    colors={name: "#{:02x}{:02x}{:02x}".format(*c) for name, c in COLORS.items()},
    roles=ROLES,
    backdrops=tuple(BACKDROPS),
    products=PRODUCTS,
    podiums=PODIUMS,
    sizes=tuple(SIZES),
    sides=SIDES,
    moods=MOODS,
    rooms=ROOMS,
    words=_list_words(),
)
"""What today's drawings show and today's captions say. A bundle states its own."""
