"""Chooses and draws the pictures on which the miniature is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from brandgen.engine.miniature.backdrops import BACKDROPS
from brandgen.engine.miniature.canvas import Floats, make_canvas
from brandgen.engine.miniature.objects import Place, draw_podium, draw_product
from brandgen.engine.miniature.palette import COLOR_NAMES, rgb

Pixels = NDArray[np.uint8]

PRODUCTS = ("bottle", "box", "cup", "can", "jar", "sphere")
PODIUMS = ("round", "square")
SIDES = ("center", "left", "right")
SIZES: dict[str, float] = {"small": 0.8, "medium": 1.0, "large": 1.22}
LABELED = frozenset(PRODUCTS) - {"sphere"}

# What the CPU-trained cut learns: large soft shapes. Fine patterns are drawn by
# `backdrops` too, but a network of this size turns them to worms.
SHARES: dict[str, float] = {
    "plain": 0.17, "gradient": 0.20, "glow": 0.17, "waves": 0.17, "hills": 0.15,
    "blobs": 0.14,
}  # fmt: skip


@dataclass(frozen=True)
class Product:
    """A product in a scene."""

    kind: str
    color: str
    size: str = "medium"
    label: str | None = None
    """Color of its label; None has no label."""


@dataclass(frozen=True)
class Podium:
    """A podium in a scene."""

    kind: str
    color: str


@dataclass(frozen=True)
class Scene:
    """What a picture shows, in words that a caption can say."""

    backdrop: str
    ground: str
    pattern: str | None = None
    """Second color; None only for a plain backdrop."""
    product: Product | None = None
    podium: Podium | None = None
    side: str = "center"


@dataclass(frozen=True)
class Mix:
    """How often each thing is drawn."""

    backdrops: Mapping[str, float] = field(default_factory=lambda: SHARES)
    bare: float = 0.52
    """Share of pictures that show a backdrop alone."""
    empty_podium: float = 0.16
    """Share of pictures that show a podium with nothing on it."""


def sample_scene(rng: np.random.Generator, mix: Mix | None = None) -> Scene:
    """Choose a scene; no color is used twice in one picture."""
    mix = mix or Mix()
    kinds = list(mix.backdrops)
    shares = np.array(list(mix.backdrops.values()))
    backdrop = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
    colors = [COLOR_NAMES[i] for i in rng.permutation(len(COLOR_NAMES))[:5]]
    draw = rng.random()
    has_product = draw >= mix.bare + mix.empty_podium
    has_podium = draw >= mix.bare and (not has_product or rng.random() < 0.7)
    return Scene(
        backdrop=backdrop,
        ground=colors[0],
        pattern=None if backdrop == "plain" else colors[1],
        product=sample_product(rng, colors[2], colors[4]) if has_product else None,
        podium=Podium(str(rng.choice(PODIUMS)), colors[3]) if has_podium else None,
        side=str(rng.choice(SIDES, p=(0.5, 0.25, 0.25)))
        if draw >= mix.bare
        else "center",
    )


def sample_product(rng: np.random.Generator, color: str, label: str) -> Product:
    """Choose a product of a color."""
    kind = str(rng.choice(PRODUCTS))
    has_label = kind in LABELED and rng.random() < 0.3
    size = str(rng.choice(tuple(SIZES), p=(0.2, 0.55, 0.25)))
    return Product(kind, color, size, label if has_label else None)


def draw_scene(
    scene: Scene, rng: np.random.Generator, width_px: int, height_px: int
) -> Pixels:
    """Draw a scene; what its words leave open is chosen by `rng`."""
    canvas = make_canvas(width_px, height_px)
    ground = vary(rng, scene.ground)
    pattern = vary(rng, scene.pattern) if scene.pattern else ground
    image = BACKDROPS[scene.backdrop](canvas, rng, ground, pattern)
    image = np.array(np.broadcast_to(image, (height_px, width_px, 3)), np.float32)
    share = {"left": 0.27, "center": 0.5, "right": 0.73}[scene.side]
    x = share * canvas.width + rng.uniform(-0.012, 0.012)
    foot = canvas.height * 0.84 + rng.uniform(-0.012, 0.012)
    if scene.podium:
        color = vary(rng, scene.podium.color)
        foot = draw_podium(canvas, image, scene.podium.kind, x, foot, color)
    if product := scene.product:
        label = vary(rng, product.label) if product.label else None
        place = Place(x, foot, SIZES[product.size])
        color = vary(rng, product.color)
        draw_product(canvas, image, product.kind, place, color, label)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def vary(rng: np.random.Generator, name: str) -> Floats:
    """Return a named color, a hair off, so that a name means a region."""
    varied: Floats = np.clip(rgb(name) + rng.normal(0, 0.012, 3), 0, 1).astype(
        np.float32
    )
    return varied
