"""Chooses and draws the pictures on which the miniature is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from brandgen.engine.miniature.backdrops import BACKDROPS, Paints
from brandgen.engine.miniature.canvas import Canvas, Floats, make_canvas
from brandgen.engine.miniature.grammar import NONE, SIZES, SMOOTH, VOCABULARY
from brandgen.engine.miniature.light import blur_picture, light_night, light_sun
from brandgen.engine.miniature.objects import (
    Place,
    draw_floor,
    draw_podium,
    draw_product,
)
from brandgen.engine.miniature.palette import rgb
from brandgen.engine.vocabulary import Vocabulary

Pixels = NDArray[np.uint8]

LABELED = frozenset({"bottle", "box", "cup", "can", "jar", "tube"})
HORIZONS = frozenset({"waves", "hills", "gradient", "radial", "paper"})
"""Backdrops that a floor would hide too much of."""

# Large soft shapes most often: they are what so small a network draws best.
SHARES: dict[str, float] = {
    "plain": 0.13, "gradient": 0.11, "glow": 0.10, "waves": 0.12, "hills": 0.10,
    "blobs": 0.08, "radial": 0.07, "beams": 0.06, "stripes": 0.06, "dots": 0.05,
    "rings": 0.05, "terrazzo": 0.03, "paper": 0.04,
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
    accent: str | None = None
    """Third color, also the pattern's; None leaves it in one color."""
    mood: str = NONE
    room: str = NONE
    """Side that the backdrop leaves empty."""

    @property
    def is_bare(self) -> bool:
        """Whether the backdrop stands alone."""
        return self.product is None and self.podium is None


@dataclass(frozen=True)
class Mix:
    """How often each thing is drawn, of what a model knows."""

    backdrops: Mapping[str, float] = field(default_factory=lambda: SHARES)
    bare: float = 0.52
    """Share of pictures that show a backdrop alone."""
    empty_podium: float = 0.16
    """Share of pictures that show a podium with nothing on it."""
    accent: float = 0.3
    """Share of patterns in two colors."""
    mood: float = 0.3
    """Share of pictures with a mood."""
    room: float = 0.4
    """Share of bare patterns that leave a side empty."""
    vocabulary: Vocabulary = VOCABULARY


def sample_scene(rng: np.random.Generator, mix: Mix | None = None) -> Scene:
    """Choose a scene; no color is used twice in one picture."""
    mix = mix or Mix()
    known = mix.vocabulary
    kinds = [name for name in mix.backdrops if name in known.backdrops]
    shares = np.array([mix.backdrops[name] for name in kinds])
    backdrop = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
    names = list(known.colors)
    colors = [names[i] for i in rng.permutation(len(names))[:6]]
    draw = rng.random()
    has_product = draw >= mix.bare + mix.empty_podium
    has_podium = draw >= mix.bare and (not has_product or rng.random() < 0.7)
    is_plain = backdrop == "plain"
    has_accent = "accent" in known.roles and rng.random() < mix.accent
    podium = str(rng.choice(known.podiums))
    return Scene(
        backdrop=backdrop,
        ground=colors[0],
        pattern=None if is_plain else colors[1],
        product=sample_product(rng, colors[2], colors[4], known)
        if has_product
        else None,
        podium=Podium(podium, colors[3]) if has_podium else None,
        side=str(rng.choice(known.sides, p=(0.5, 0.25, 0.25)))
        if draw >= mix.bare
        else "center",
        accent=colors[5] if has_accent and not is_plain else None,
        mood=_sample_mood(rng, backdrop, mix),
        room=_sample_room(rng, backdrop, mix) if draw < mix.bare else NONE,
    )


def sample_product(
    rng: np.random.Generator, color: str, label: str, known: Vocabulary = VOCABULARY
) -> Product:
    """Choose a product of a color."""
    kind = str(rng.choice(known.products))
    has_label = kind in LABELED and rng.random() < 0.3
    size = str(rng.choice(known.sizes, p=(0.2, 0.55, 0.25)))
    return Product(kind, color, size, label if has_label else None)


COLUMNS = {"left": 0.27, "center": 0.5, "right": 0.73}
"""Where the subject stands, as shares of the picture's width."""
FOOT = 0.84
"""Share of the picture's height at which it meets the ground."""
REACH = {False: (0.16, 0.55), True: (0.23, 0.66)}
"""How far any product reaches to its sides and up, without and with a podium.

In units of the picture's shorter side.
"""


def draw_scene(
    scene: Scene, rng: np.random.Generator, width_px: int, height_px: int
) -> Pixels:
    """Draw a scene; what its words leave open is chosen by `rng`."""
    canvas = make_canvas(width_px, height_px)
    image = draw_backdrop(canvas, scene, rng)
    if not scene.is_bare:
        draw_subject(canvas, image, scene, rng)
    if scene.mood == "night":
        light_night(canvas, rng, image)
    elif scene.mood == "sunny":
        light_sun(canvas, rng, image)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def draw_backdrop(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> Floats:
    """Draw what stands behind, as colors from 0 to 1 that may be painted over."""
    ground = vary(rng, scene.ground)
    paints = Paints(
        ground=ground,
        pattern=vary(rng, scene.pattern) if scene.pattern else ground,
        accent=vary(rng, scene.accent) if scene.accent else None,
        room=None if scene.room == NONE else scene.room,
        is_bold=scene.mood == "bold",
    )
    drawn = BACKDROPS[scene.backdrop](canvas, rng, paints)
    if scene.mood == "soft":
        drawn = blur_picture(canvas, drawn)
    shape = (canvas.height_px, canvas.width_px, 3)
    return np.array(np.broadcast_to(drawn, shape), np.float32)


def draw_subject(
    canvas: Canvas, image: Floats, scene: Scene, rng: np.random.Generator
) -> None:
    """Draw what stands before the backdrop."""
    x = COLUMNS[scene.side] * canvas.width + rng.uniform(-0.012, 0.012)
    foot = canvas.height * FOOT + rng.uniform(-0.012, 0.012)
    if scene.backdrop not in HORIZONS:
        draw_floor(canvas, image, foot, vary(rng, scene.ground))
    if scene.podium:
        color = vary(rng, scene.podium.color)
        foot = draw_podium(canvas, image, scene.podium.kind, x, foot, color)
    if product := scene.product:
        label = vary(rng, product.label) if product.label else None
        place = Place(x, foot, SIZES[product.size])
        color = vary(rng, product.color)
        draw_product(canvas, image, product.kind, place, color, label)


def cover_subject(scene: Scene, columns: int, rows: int) -> NDArray[np.bool_]:
    """Say which cells of a grid over the picture its subject may touch.

    Cells are square. Returns shape (rows, columns), all False where nothing stands
    before the backdrop.
    """
    if scene.is_bare:
        return np.zeros((rows, columns), np.bool_)
    half_width, height = REACH[scene.podium is not None]
    cell = 1 / min(columns, rows)
    x = (np.arange(columns) + 0.5 - COLUMNS[scene.side] * columns) * cell
    above = (FOOT * rows - np.arange(rows) - 0.5) * cell
    is_beside = np.abs(x) < half_width + cell / 2
    is_above = (above > -0.04 - cell / 2) & (above < height + cell / 2)
    covered: NDArray[np.bool_] = is_above[:, None] & is_beside[None, :]
    return covered


def vary(rng: np.random.Generator, name: str) -> Floats:
    """Return a named color, a hair off, so that a name means a region."""
    varied: Floats = np.clip(rgb(name) + rng.normal(0, 0.012, 3), 0, 1).astype(
        np.float32
    )
    return varied


def _sample_mood(rng: np.random.Generator, backdrop: str, mix: Mix) -> str:
    moods = [m for m in mix.vocabulary.moods if m != NONE]
    if backdrop in SMOOTH:
        moods = [mood for mood in moods if mood in ("night", "sunny")]
    return str(rng.choice(moods)) if moods and rng.random() < mix.mood else NONE


def _sample_room(rng: np.random.Generator, backdrop: str, mix: Mix) -> str:
    rooms = [room for room in mix.vocabulary.rooms if room != NONE]
    full = {"hills": "bottom", "beams": "top"}.get(backdrop)
    rooms = [room for room in rooms if room != full]
    if not rooms or backdrop in SMOOTH - {"glow"} or rng.random() >= mix.room:
        return NONE
    return str(rng.choice(rooms))
