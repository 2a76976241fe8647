"""What the benchmark of color guidance draws: scenes, palettes and boxes by chance."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from brandgen.engine.miniature.captions import write_caption
from brandgen.engine.miniature.evaluation import Question
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.scenes import Mix, Scene, sample_scene
from brandgen.engine.protocol import Engine
from brandgen.engine.registry import default_bundle
from brandgen.engine.requests import (
    DecoderRequest,
    PaletteColor,
    PaletteGoal,
    Pixels,
    PriorRequest,
    TextBox,
)
from brandgen.engine.tokens import count_tokens
from brandgen.engine.vocabulary import Vocabulary
from brandgen.lib.colors import distance, to_oklab

SEED = 20_261_126
SHARES = (0.6, 0.3, 0.1)
INKS = ((255, 255, 255), (23, 23, 23))
WAYS = (
    "free", "another seed", "names", "palette", "names, palette", "box 4.5", "box 7",
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """What one round draws."""

    seed: int
    scene: Scene
    named: Scene
    """The scene in the palette's nearest color names."""
    goal: PaletteGoal
    box: tuple[float, float, float, float]
    ink: tuple[int, int, int]

    @property
    def palette(self) -> list[tuple[str, float]]:
        """Hex colors with their shares."""
        return [
            (f"#{c.red:02x}{c.green:02x}{c.blue:02x}", c.share)
            for c in self.goal.colors
        ]

    def ask(self, scene: Scene) -> Question:
        """Ask for a scene; two that differ in colors are asked for in one wording."""
        rng = np.random.default_rng([self.seed, 1])
        caption = write_caption(scene, rng, know_words())
        return Question(caption.text, scene, caption.told)

    def request(self, way: str, side_px: int) -> PriorRequest:
        """Ask for the scene, drawn in one of the ways."""
        scene = self.named if "names" in way else self.scene
        changes: dict[str, Any] = {}
        if "palette" in way:
            changes["palette"] = self.goal
        if way.startswith("box"):
            contrast = float(way.removeprefix("box "))
            changes["text_boxes"] = (TextBox(*self.box, self.ink, contrast),)
        seed = self.seed + (SEED if way == "another seed" else 0)
        return PriorRequest(
            self.ask(scene).text, seed, side_px, side_px, guidance_scale=3.0, **changes
        )


@dataclass(frozen=True)
class Drawn:
    """One picture, and what it took."""

    pixels: Pixels
    wall_s: float
    cpu_s: float


@lru_cache
def know_words() -> Vocabulary:
    """Say which words the miniature was trained on."""
    return default_bundle().vocabulary or VOCABULARY


def choose_trials(count: int, strength: float) -> list[Trial]:
    """Choose the first trials whose prompts the miniature can read to their end."""
    tokenizer = default_bundle().tokenizer_file
    every = (make_trial(index, strength) for index in itertools.count())
    fitting = (
        trial
        for trial in every
        if not any(
            count_tokens(trial.ask(scene).text, tokenizer).is_too_long
            for scene in (trial.scene, trial.named)
        )
    )
    return list(itertools.islice(fitting, count))


def make_trial(index: int, strength: float) -> Trial:
    """Choose a scene, a palette and a box by chance, the same ones at every run."""
    rng = np.random.default_rng([SEED, index])
    scene = sample_scene(rng, Mix(vocabulary=know_words()))
    inks = rng.integers(0, 256, (3, 3))
    colors = tuple(
        PaletteColor(*(int(value) for value in ink), share)
        for ink, share in zip(inks, SHARES, strict=True)
    )
    names = choose_names(inks)
    width, height = rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.5)
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return Trial(
        seed=index,
        scene=scene,
        named=recolor(scene, names),
        goal=PaletteGoal(colors, strength),
        box=(left, top, left + width, top + height),
        ink=INKS[int(rng.integers(len(INKS)))],
    )


def choose_names(inks: NDArray[Any]) -> list[str]:
    """Name each color by the nearest known one that is still free."""
    colors = know_words().rgb
    free = list(colors)
    names = []
    for lab in to_oklab(inks.astype(np.float64)):
        known = to_oklab(np.array([colors[name] for name in free], np.float64))
        names.append(free.pop(int(distance(known, lab).argmin())))
    return names


def recolor(scene: Scene, names: Sequence[str]) -> Scene:
    """Give the largest share to the ground, the next to the pattern, then the rest."""
    ground, pattern, rest = names
    return replace(
        scene,
        ground=ground,
        pattern=scene.pattern and pattern,
        accent=scene.accent and rest,
        product=scene.product and replace(scene.product, color=rest),
        podium=scene.podium and replace(scene.podium, color=rest),
    )


def draw(engine: Engine, request: PriorRequest) -> Drawn:
    """Run both stages, and time them."""
    wall, cpu = time.perf_counter(), time.process_time()
    kept = engine.run_prior(request)
    pixels = engine.run_decoder(DecoderRequest(kept.embeddings, request.seed))
    return Drawn(pixels, time.perf_counter() - wall, time.process_time() - cpu)


def save_sheet(
    trials: Sequence[Trial], rounds: Sequence[dict[str, Drawn]], path: Path
) -> None:
    """Lay the first rounds below each other: the palette, then every way."""
    rows = []
    for trial, drawn in zip(trials[:12], rounds, strict=False):
        bars = np.zeros((160, 60, 3), np.uint8)
        start = 0
        for color in trial.goal.colors:
            end = start + round(160 * color.share)
            bars[start:end] = (color.red, color.green, color.blue)
            start = end
        small = [cv2.resize(drawn[way].pixels, (160, 160)) for way in WAYS]
        left, top, right, bottom = (round(160 * side) for side in trial.box)
        for picture in (small[0], *small[5:]):
            cv2.rectangle(picture, (left, top), (right, bottom), trial.ink)
        rows.append(np.concatenate([bars, *small], axis=1))
    cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1])
