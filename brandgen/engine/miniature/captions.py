"""Says in words what a scene shows, in many wordings."""

from dataclasses import dataclass

import numpy as np

from brandgen.engine.miniature.palette import COLOR_NAMES
from brandgen.engine.miniature.scenes import (
    PODIUMS,
    PRODUCTS,
    SHARES,
    SIDES,
    SIZES,
    Podium,
    Product,
    Scene,
)

NONE = "none"
COLOR_OR_NONE = (*COLOR_NAMES, NONE)

# What a text can say, and the values of each: the lessons of the text encoder.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "backdrop": tuple(SHARES),
    "ground": COLOR_NAMES,
    "pattern": COLOR_OR_NONE,
    "product": (*PRODUCTS, NONE),
    "product color": COLOR_OR_NONE,
    "size": tuple(SIZES),
    "label color": COLOR_OR_NONE,
    "podium": (*PODIUMS, NONE),
    "podium color": COLOR_OR_NONE,
    "side": SIDES,
}

# {g} is the ground's color, {p} the pattern's. Only the wording tells which is which.
BACKDROP_WORDINGS: dict[str, tuple[str, ...]] = {
    "plain": (
        "plain {g} background", "solid {g} backdrop", "{g} background", "on plain {g}",
    ),
    "gradient": (
        "soft gradient background from {g} to {p}", "gradient from {g} to {p}",
        "{g} to {p} gradient background", "{g} and {p} gradient backdrop",
    ),
    "glow": (
        "{g} background with a {p} glow", "{p} glow on {g}",
        "{p} glow on a {g} background", "soft {p} glow, {g} background",
    ),
    "waves": (
        "{g} background with {p} waves", "{p} waves on {g}",
        "{p} waves on a {g} background", "{p} waves, {g} background",
    ),
    "hills": (
        "{g} background with {p} hills", "{p} hills under a {g} sky",
        "{p} hills, {g} sky", "{g} sky over {p} hills",
    ),
    "blobs": (
        "{g} background with {p} blobs", "{p} blobs on {g}",
        "{p} blobs on a {g} background", "{p} blobs, {g} background",
    ),
    "stripes": ("{g} background with {p} stripes", "{p} stripes on {g}"),
    "dots": ("{g} background with {p} dots", "{p} polka dots on {g}"),
    "rings": ("{g} background with {p} rings", "{p} rings on {g}"),
}  # fmt: skip
SIDE_WORDINGS: dict[str, tuple[str, ...]] = {
    "center": ("", "", "centred", "in the center"),
    "left": ("on the left", "left"),
    "right": ("on the right", "right"),
}
OPENINGS = ("abstract backdrop", "abstract design", "abstract background")
FILLERS = ("minimal", "clean", "modern", "studio light", "elegant", "high quality")
"""Words that change nothing: a text encoder must learn to let unknown words pass."""


@dataclass(frozen=True)
class Caption:
    """A text, and for each attribute the words after which it is known."""

    text: str
    known_after: dict[str, int]
    """Attribute to the number of words, from the start, that settle it."""


def write_caption(scene: Scene, rng: np.random.Generator) -> Caption:
    """Describe a scene in one of its wordings."""
    backdrop = _pick(rng, BACKDROP_WORDINGS[scene.backdrop])
    backdrop = backdrop.format(g=scene.ground, p=scene.pattern)
    parts: list[tuple[str, tuple[str, ...]]] = [
        (backdrop, ("backdrop", "ground", "pattern"))
    ]
    if subject := describe_subject(scene.product, scene.podium):
        side = _pick(rng, SIDE_WORDINGS[scene.side])
        named = tuple(subject_attributes(scene.product, scene.podium))
        parts.append((subject, named))
        rng.shuffle(parts)
        if side:
            at = int(rng.integers(1, len(parts) + 1))
            parts.insert(at, (side, ("side",)))
    elif rng.random() < 0.3:
        parts.insert(0, (_pick(rng, OPENINGS), ()))
    if rng.random() < 0.15:
        parts.insert(int(rng.integers(len(parts) + 1)), (_pick(rng, FILLERS), ()))
    return join_parts(parts, mark=", " if rng.random() < 0.85 else " ")


def join_parts(parts: list[tuple[str, tuple[str, ...]]], mark: str) -> Caption:
    """Join parts of a text and note where each of their attributes is settled."""
    known_after: dict[str, int] = {}
    words = 0
    for text, attributes in parts:
        words += len(text.split())
        known_after |= dict.fromkeys(attributes, words)
    text = mark.join(text for text, _ in parts)
    # What no part speaks of is settled only where the text ends.
    unsaid = {name: words for name in ATTRIBUTES if name not in known_after}
    return Caption(text, known_after | unsaid)


def describe_subject(product: Product | None, podium: Podium | None) -> str:
    """Describe what stands before the backdrop; empty if nothing does."""
    stand = ""
    if podium:
        shape = "square " if podium.kind == "square" else ""
        stand = f"{podium.color} {shape}podium"
    if product is None:
        return f"an empty {stand}" if stand else ""
    size = "" if product.size == "medium" else f"{product.size} "
    text = f"a {size}{product.color} {product.kind}"
    if product.label:
        text += f" with a {product.label} label"
    return f"{text} on a {stand}" if stand else text


def subject_attributes(product: Product | None, podium: Podium | None) -> list[str]:
    """Name the attributes that a description of the subject settles."""
    names = ["product", "product color", "size", "label color"] if product else []
    return [*names, "podium", "podium color"] if podium else names


def read_attributes(scene: Scene) -> dict[str, str]:
    """State a scene as the values that a text encoder must tell apart."""
    product, podium = scene.product, scene.podium
    return {
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
    }


def _pick(rng: np.random.Generator, wordings: tuple[str, ...]) -> str:
    return wordings[int(rng.integers(len(wordings)))]
