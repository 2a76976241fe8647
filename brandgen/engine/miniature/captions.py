"""Says in words what a scene shows, in many wordings, and states it as attributes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from brandgen.engine.miniature import grammar
from brandgen.engine.miniature.grammar import NONE, VOCABULARY, choose_known
from brandgen.engine.miniature.scenes import Podium, Product, Scene
from brandgen.engine.vocabulary import Vocabulary

DROPPED = 0.08
"""How often a caption keeps a detail to itself."""

_BEFORE_VOWEL = re.compile(r"\ba (?=[aeiou])")

Attributes = Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=8)
def list_attributes(vocabulary: Vocabulary) -> Attributes:
    """List what a text can say, and the values of each, in the order of the lessons.

    What a model has only one value of is left out.
    """
    colors = tuple(vocabulary.colors)
    or_none = (*colors, NONE)
    every: dict[str, tuple[str, ...]] = {
        "backdrop": vocabulary.backdrops,
        "ground": colors,
        "pattern": or_none,
        "product": (*vocabulary.products, NONE),
        "product color": or_none,
        "size": vocabulary.sizes,
        "label color": or_none,
        "podium": (*vocabulary.podiums, NONE),
        "podium color": or_none,
        "side": vocabulary.sides,
        "accent": or_none if "accent" in vocabulary.roles else (),
        "mood": vocabulary.moods,
        "room": vocabulary.rooms,
    }
    return {name: values for name, values in every.items() if len(values) > 1}


ATTRIBUTES = list_attributes(VOCABULARY)
"""What today's captions can say: the lessons of the text encoder and the reader."""


@dataclass(frozen=True)
class Caption:
    """A text, and for each attribute the words after which it is known."""

    text: str
    known_after: Mapping[str, int | None]
    """Attribute to the number of words, from the start, that settle it.

    None: the text keeps it to itself, so that nobody can be asked for it.
    """

    @property
    def told(self) -> frozenset[str]:
        """Name the attributes that can be known from the text."""
        return frozenset(k for k, v in self.known_after.items() if v is not None)

    def insert(self, at: int, word: str) -> "Caption":
        """Put a word that says nothing before the word of this number."""
        words = self.text.split()
        known = {
            name: after + 1 if after is not None and after > at else after
            for name, after in self.known_after.items()
        }
        return Caption(" ".join([*words[:at], word, *words[at:]]), known)


Part = tuple[str, tuple[str, ...]]
"""Words, and the attributes that they settle."""


class Writer:
    """Writes one caption: chooses among the wordings that a model knows."""

    def __init__(self, rng: np.random.Generator, vocabulary: Vocabulary) -> None:
        self.rng = rng
        self.vocabulary = vocabulary
        self.dropped: set[str] = set()

    def pick(self, wordings: Sequence[str]) -> str:
        """Choose one of the wordings."""
        known = choose_known(tuple(wordings), self.vocabulary)
        return known[int(self.rng.integers(len(known)))]

    def may_drop(self, attribute: str) -> bool:
        """Decide whether to keep a detail to oneself, and remember it."""
        if self.rng.random() >= DROPPED:
            return False
        self.dropped.add(attribute)
        return True

    def describe_backdrop(self, scene: Scene) -> str:
        """Describe the backdrop with its colors in their roles."""
        wordings = grammar.BACKDROP_WORDINGS[scene.backdrop]
        text, inks = self.pick(wordings), scene.pattern or ""
        if scene.accent and not self.may_drop("accent"):
            both = "{p} to {a}" if " to {p}" in text else "{p} and {a}"
            inks = both.format(p=scene.pattern, a=scene.accent)
        if "{g} and {p} gradient" in text and scene.accent:
            inks = inks.replace(" and ", " to ")
        return text.format(g=scene.ground, p=inks)

    def describe_subject(self, scene: Scene) -> str:
        """Describe what stands before the backdrop; empty if nothing does."""
        stand = self._describe_podium(scene.podium) if scene.podium else ""
        if scene.product is None:
            return self.pick(grammar.EMPTY_WORDINGS).format(s=stand) if stand else ""
        text = self._describe_product(scene.product)
        return f"{text} {self.pick(grammar.STANDING)} {stand}" if stand else text

    def _describe_podium(self, podium: Podium) -> str:
        shape = "square " if podium.kind == "square" else self.pick(("", "", "round "))
        return f"{podium.color} {shape}{self.pick(grammar.PODIUM_WORDS)}"

    def _describe_product(self, product: Product) -> str:
        words = [self.pick(grammar.ARTICLES)]
        if product.size == "medium" or not self.may_drop("size"):
            words.append(self.pick(grammar.SIZE_WORDS[product.size]))
        words += [product.color, self.pick(grammar.PRODUCT_WORDS[product.kind])]
        if product.label and not self.may_drop("label color"):
            words.append(self.pick(grammar.LABEL_WORDINGS).format(l=product.label))
        return " ".join(word for word in words if word)

    def describe_side(self, scene: Scene) -> str:
        """Say where the subject stands, or where room is left; empty says nothing."""
        if scene.side == "center":
            return self.pick(("", *grammar.SIDE_WORDINGS["center"]))
        if self.may_drop("side"):
            return ""
        if "space" in self.vocabulary.words and self.rng.random() < 0.2:
            return self.describe_room({"left": "right", "right": "left"}[scene.side])
        return self.pick(grammar.SIDE_WORDINGS[scene.side])

    def describe_room(self, side: str) -> str:
        """Ask for an empty side."""
        return self.pick(grammar.ROOM_WORDINGS) % self.pick(grammar.ROOM_PLACES[side])


def write_caption(
    scene: Scene, rng: np.random.Generator, vocabulary: Vocabulary = VOCABULARY
) -> Caption:
    """Describe a scene in one of the wordings that a model knows."""
    writer = Writer(rng, vocabulary)
    parts: list[Part] = [
        (writer.describe_backdrop(scene), ("backdrop", "ground", "pattern", "accent"))
    ]
    if subject := writer.describe_subject(scene):
        parts.append((subject, _settled_by_subject(scene)))
        rng.shuffle(parts)
        if side := writer.describe_side(scene):
            parts.insert(int(rng.integers(1, len(parts) + 1)), (side, ("side",)))
    elif rng.random() < 0.2:
        parts.insert(0, (writer.pick(grammar.OPENINGS), ()))
    if scene.room != NONE and not writer.may_drop("room"):
        _insert(parts, rng, (writer.describe_room(scene.room), ("room",)))
    if scene.mood != NONE and not writer.may_drop("mood"):
        _insert(parts, rng, (writer.pick(grammar.MOOD_WORDINGS[scene.mood]), ("mood",)))
    if rng.random() < 0.12:
        _insert(parts, rng, (writer.pick(grammar.FILLERS), ()))
    mark = ", " if rng.random() < 0.85 else " "
    return join_parts(parts, mark, writer.dropped, list_attributes(vocabulary))


def join_parts(
    parts: Sequence[Part],
    mark: str,
    dropped: set[str],
    attributes: Attributes = ATTRIBUTES,
) -> Caption:
    """Join parts of a text and note where each of their attributes is settled."""
    # What no part speaks of is settled only where the text ends.
    words = sum(len(text.split()) for text, _ in parts)
    known_after: dict[str, int | None] = dict.fromkeys(attributes, words)
    words = 0
    for text, settled in parts:
        words += len(text.split())
        known_after |= {name: words for name in settled if name in attributes}
    known_after |= dict.fromkeys(dropped & attributes.keys(), None)
    text = mark.join(text for text, _ in parts)
    return Caption(_BEFORE_VOWEL.sub("an ", text), known_after)


def read_attributes(
    scene: Scene, attributes: Attributes = ATTRIBUTES
) -> dict[str, str]:
    """State a scene as the values that a text encoder must tell apart."""
    product, podium = scene.product, scene.podium
    every = {
        "backdrop": scene.backdrop,
        "ground": scene.ground,
        "pattern": scene.pattern or NONE,
        "product": product.kind if product else NONE,
        "product color": product.color if product else NONE,
        "size": product.size if product else "medium",
        "label color": product.label or NONE if product else NONE,
        "podium": podium.kind if podium else NONE,
        "podium color": podium.color if podium else NONE,
        "side": scene.side,
        "accent": scene.accent or NONE,
        "mood": scene.mood,
        "room": scene.room,
    }
    return {name: every[name] for name in attributes}


def index_attributes(
    scenes: Sequence[Scene], attributes: Attributes = ATTRIBUTES
) -> list[list[int]]:
    """State scenes as indexes into the values of each attribute."""
    return [
        [attributes[name].index(value) for name, value in values.items()]
        for values in (read_attributes(scene, attributes) for scene in scenes)
    ]


def _settled_by_subject(scene: Scene) -> tuple[str, ...]:
    settled: tuple[str, ...] = ()
    if scene.product:
        settled = ("product", "product color", "size", "label color")
    return (*settled, "podium", "podium color") if scene.podium else settled


def _insert(parts: list[Part], rng: np.random.Generator, part: Part) -> None:
    parts.insert(int(rng.integers(len(parts) + 1)), part)
