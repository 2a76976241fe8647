"""Measures how far a bundle follows captions that it was never trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from brandgen.engine.miniature.artist import Artist
from brandgen.engine.miniature.captions import (
    index_attributes,
    list_attributes,
    write_caption,
)
from brandgen.engine.miniature.grammar import NONE, VOCABULARY
from brandgen.engine.miniature.palette import nearest_names, to_oklab
from brandgen.engine.miniature.reading import read_caption
from brandgen.engine.miniature.scenes import Mix, Scene, draw_scene, sample_scene
from brandgen.engine.miniature.stages.reader import READER_PX, Reader
from brandgen.engine.vocabulary import Vocabulary

Pixels = NDArray[np.uint8]
Colors = dict[str, tuple[int, int, int]]
HELD_OUT_SEED = 20_261_124
"""No training uses this seed: the pictures and wordings are drawn anew."""
BATCH = 8
SEED_STEP = 4000
"""How far the seeds of a caption's second picture are from those of its first."""
LEAST_SHARE = 0.02
"""Share of a picture that a color must have near it to be counted as shown."""
NEAR = 0.12
"""How near in OKLab; half of the palette's names are farther apart than twice that."""

# What is asked of which scenes; of the others the answer is trivially "none".
ASKED: dict[str, Callable[[Scene], bool]] = {
    "backdrop": lambda scene: True,
    "ground": lambda scene: True,
    "pattern": lambda scene: scene.pattern is not None,
    "accent": lambda scene: scene.accent is not None,
    "product": lambda scene: scene.product is not None,
    "product color": lambda scene: scene.product is not None,
    "label color": lambda scene: bool(scene.product and scene.product.label),
    "podium": lambda scene: scene.podium is not None,
    "podium color": lambda scene: scene.podium is not None,
    "side": lambda scene: not scene.is_bare,
    "mood": lambda scene: scene.mood != NONE,
    "room": lambda scene: scene.room != NONE,
}


@dataclass(frozen=True)
class Question:
    """A caption, the scene that it asks for, and what of that it tells."""

    text: str
    scene: Scene
    told: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """What was measured on one set of pictures."""

    plain_ground_named: float | None
    """Share of plain pictures whose color has the asked name as its nearest."""
    plain_ground_distance: float | None
    """Mean distance of that color from the asked one, in OKLab times 100."""
    colors_shown: float
    """Share of the asked colors that the picture has enough pixels near to."""
    read: dict[str, float]
    """Attribute to the share of pictures in which the reader finds what was asked."""
    roles: float | None
    """Share of patterned pictures with ground and pattern both read in their roles."""
    diversity: float
    """Mean distance between two seeds of one caption, as a share of 255."""
    frechet: float
    """Frechet distance to drawings in the reader's features."""


@dataclass(frozen=True)
class Report:
    """A bundle's figures beside those of drawings, which are the ceiling."""

    side_px: int
    captions: int
    model: Figures
    drawings: Figures


def hold_out(count: int, vocabulary: Vocabulary = VOCABULARY) -> list[Question]:
    """Choose scenes and captions that no training has seen, in words that are known."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    mix = Mix(vocabulary=vocabulary)
    questions = []
    for _ in range(count):
        scene = sample_scene(rng, mix)
        caption = write_caption(scene, rng, vocabulary)
        questions.append(Question(caption.text, scene, caption.told))
    return questions


def read_questions(path: Path, vocabulary: Vocabulary = VOCABULARY) -> list[Question]:
    """Read captions from a file, one a line; what they leave open is not asked.

    Raises:
        UnreadableCaptionError: a line asks for no backdrop that the grammar knows.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [line.strip() for line in lines if line.strip()]
    questions = []
    for text in texts:
        scene = read_caption(text, vocabulary)
        # Everything else that may be asked is there only if the text says so.
        open_ones = {"side"} if scene.side == "center" else set()
        told = frozenset(list_attributes(vocabulary)) - open_ones
        questions.append(Question(text, scene, told))
    return questions


def evaluate(
    artist: Artist,
    vocabulary: Vocabulary,
    reader: Reader,
    questions: Sequence[Question],
    *,
    side_px: int,
    seeds: int = 2,
) -> tuple[Report, Pixels]:
    """Measure a bundle; return the figures and the pictures of the first seed.

    Every caption is drawn from `seeds` seeds; with one, only a quarter is drawn again,
    which is enough for how far seeds lie apart.
    """
    texts = [question.text for question in questions]
    few = max(8, len(texts) // 4) if seeds == 1 else len(texts)
    rounds = [draw_all(artist, texts, side_px, seed=1000)]
    rounds += [
        draw_all(artist, texts[:few], side_px, seed=1000 + index * SEED_STEP)
        for index in range(1, max(2, seeds))
    ]
    rng = np.random.default_rng(HELD_OUT_SEED + 1)
    drawn = [
        np.stack([draw_scene(q.scene, rng, side_px, side_px) for q in some])
        for some in (questions, questions[:few], questions)
    ]
    known = vocabulary.rgb
    report = Report(
        side_px=side_px,
        captions=len(texts),
        model=measure(rounds, questions, reader, beside=drawn[0], known=known),
        # Drawings are held against other drawings of the same scenes.
        drawings=measure(drawn[:2], questions, reader, beside=drawn[2], known=known),
    )
    return report, rounds[0]


def draw_all(
    artist: Artist, captions: Sequence[str], side_px: int, seed: int
) -> Pixels:
    """Draw one picture of each caption, each from a seed of its own."""
    parts = []
    for start in range(0, len(captions), BATCH):
        some = captions[start : start + BATCH]
        seeds = [seed + start + index for index in range(len(some))]
        parts.append(artist.draw(some, seeds, side_px, side_px))
    return np.concatenate(parts)


def measure(
    rounds: Sequence[Pixels],
    questions: Sequence[Question],
    reader: Reader,
    *,
    beside: Pixels,
    known: Colors,
) -> Figures:
    """Measure pictures, one round for each seed; later rounds may show the first only.

    `beside` are drawings of the same scenes for the Frechet distance.
    """
    first, again = rounds[0], rounds[1]
    asked = [q for part in rounds for q in questions[: len(part)]]
    pictures = np.concatenate(rounds)
    named, distance = measure_plain(pictures, asked, known)
    pairs = first[: len(again)].astype(np.float32) - again
    is_right = read_pictures(pictures, asked, reader)
    both = [ok["ground"] and ok["pattern"] for ok in is_right if "pattern" in ok]
    read = {
        name: float(np.mean(answers))
        for name in ASKED
        if (answers := [ok[name] for ok in is_right if name in ok])
    }
    return Figures(
        plain_ground_named=named,
        plain_ground_distance=distance,
        colors_shown=measure_colors(pictures, asked, known),
        read=read,
        roles=float(np.mean(both)) if both else None,
        diversity=float(np.abs(pairs).mean() / 255),
        frechet=measure_frechet(describe(first, reader), describe(beside, reader)),
    )


def measure_plain(
    pictures: Pixels, questions: Sequence[Question], known: Colors
) -> tuple[float | None, float | None]:
    """Measure the colors of plain pictures in OKLab: share named right, distance."""
    plain = [
        index
        for index, question in enumerate(questions)
        if question.scene.backdrop == "plain"
        and question.scene.is_bare
        and question.scene.mood == NONE
    ]
    if not plain:
        return None, None
    colors = np.array([np.median(pictures[i], axis=(0, 1)) / 255 for i in plain])
    asked = [questions[i].scene.ground for i in plain]
    named = nearest_names(colors, known)
    is_right = [a == b for a, b in zip(named, asked, strict=True)]
    right = np.array([known[name] for name in asked]) / 255
    apart = np.linalg.norm(to_oklab(colors) - to_oklab(right), axis=-1)
    return float(np.mean(is_right)), float(apart.mean() * 100)


def measure_colors(
    pictures: Pixels, questions: Sequence[Question], known: Colors
) -> float:
    """Measure which share of the colors that were asked for can be seen.

    Every asked color, of the ground, the pattern, the product and the podium, must have
    two in a hundred pixels near it. Nights are left out.
    """
    is_shown = []
    for picture, question in zip(pictures, questions, strict=True):
        if question.scene.mood == "night":
            continue
        lab = to_oklab(picture[::4, ::4].reshape(-1, 3) / 255)
        for name in list_colors(question.scene):
            away = np.linalg.norm(lab - to_oklab(np.array(known[name]) / 255), axis=-1)
            is_shown.append((away < NEAR).mean() >= LEAST_SHARE)
    return float(np.mean(is_shown))


def list_colors(scene: Scene) -> list[str]:
    """List the colors that a scene shows much of."""
    colors = [scene.ground, scene.pattern]
    colors += [scene.product.color] if scene.product else []
    colors += [scene.podium.color] if scene.podium else []
    return [color for color in colors if color]


@torch.inference_mode()
def read_pictures(
    pictures: Pixels, questions: Sequence[Question], reader: Reader
) -> list[dict[str, bool]]:
    """Let the reader find what was asked: for each picture, attribute to right."""
    answers = [torch.cat(a) for a in zip(*_look(pictures, reader), strict=True)]
    scenes = [question.scene for question in questions]
    truth = torch.tensor(index_attributes(scenes, reader.attributes))
    names = list(reader.attributes)
    is_right = {
        name: answers[index].argmax(-1) == truth[:, index]
        for index, name in enumerate(names)
    }
    return [
        {
            name: bool(is_right[name][row])
            for name in names
            if name in ASKED and name in question.told and ASKED[name](question.scene)
        }
        for row, question in enumerate(questions)
    ]


def _look(pictures: Pixels, reader: Reader) -> list[tuple[torch.Tensor, ...]]:
    return [reader(part) for part in _shrink(pictures)]


def _shrink(pictures: Pixels) -> list[torch.Tensor]:
    """Bring pictures to the size and the range that the reader knows, in batches."""
    parts = []
    for start in range(0, len(pictures), 64):
        part = torch.from_numpy(pictures[start : start + 64])
        planes = part.permute(0, 3, 1, 2).float() / 127.5 - 1
        parts.append(
            functional.interpolate(
                planes, size=READER_PX, mode="bilinear", antialias=True
            )
        )
    return parts


@torch.inference_mode()
def describe(pictures: Pixels, reader: Reader) -> NDArray[np.float64]:
    """Describe pictures by the reader's features, the mean of all places."""
    parts = [reader.summary(part) for part in _shrink(pictures)]
    features: NDArray[np.float64] = torch.cat(parts).double().numpy()
    return features


def measure_frechet(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Measure the Frechet distance between two sets of features, shape (n, width).

    Source: Heusel and others, 2017, with this reader in place of Inception. Both sets
    are taken for normal; few pictures give too large a distance, so compare only
    distances of the same count.
    """
    apart = one.mean(0) - two.mean(0)
    cov_one, cov_two = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (one, two))
    # The trace of a product's root is the sum of the roots of its eigenvalues.
    roots = np.sqrt(np.clip(np.linalg.eigvals(cov_one @ cov_two).real, 0, None))
    return float(apart @ apart + np.trace(cov_one + cov_two) - 2 * roots.sum())
