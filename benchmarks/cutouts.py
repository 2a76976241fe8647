"""Measure how well backgrounds are removed, on scenes whose truth is known.

The miniature's own drawing code draws products and podiums before backdrops; drawn
again on black and on white without shadow and floor, the same scene says how much of
each pixel the subject covers. Beside the whole way stand what it is made of: the
barriers alone, and GrabCut from a box, as a person would draw it.

    python benchmarks/cutouts.py [--scenes 60] [--side 512] [--json] [--show FOLDER]

IoU is of what covers more than half; the edge's error is the mean absolute difference
of alpha in a band of 1 % of the side along the true outline, 0 to 1.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

import cv2
import numpy as np
from PIL import Image

from brandgen.compositor.alpha import Floats, Pixels, soften
from brandgen.compositor.cutouts import CutOutError, cut_out, find_barriers
from brandgen.compositor.marks import Mark
from brandgen.engine.miniature import objects, scenes
from brandgen.engine.miniature.canvas import make_canvas

Way = Callable[[Pixels, Floats], Floats]
SOLID = 0.8
"""The IoU above which a cut-out needs a touch by hand at most."""


def draw(scene: scenes.Scene, seed: int, side: int) -> tuple[Pixels, Floats]:
    """Draw a scene, and how much of each pixel its subject covers."""
    canvas = make_canvas(side, side)
    rng = np.random.default_rng(seed)
    image = scenes.draw_backdrop(canvas, scene, rng)
    before = rng.bit_generator.state
    scenes.draw_subject(canvas, image, scene, rng)
    drawn = []
    for ground in (0.0, 1.0):
        rng.bit_generator.state = before
        plain = np.full_like(image, ground)
        with (
            mock.patch.object(objects, "drop_shadow"),
            mock.patch.object(scenes, "draw_floor"),
        ):
            scenes.draw_subject(canvas, plain, scene, rng)
        drawn.append(plain)
    truth = 1 - np.clip((drawn[1] - drawn[0]).mean(-1), 0, 1)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8), truth.astype(np.float32)


def sample(count: int, *, has_podium: bool, start: int) -> Iterator[scenes.Scene]:
    """Yield scenes with a product, with or without a podium."""
    rng = np.random.default_rng(start)
    found = 0
    while found < count:
        scene = scenes.sample_scene(rng)
        if scene.product and bool(scene.podium) == has_podium:
            found += 1
            yield scene


def by_itself(pixels: Pixels, truth: Floats) -> Floats:
    """Remove the background as it comes, without a mark."""
    del truth
    return alpha_of(pixels)


def by_a_box(pixels: Pixels, truth: Floats) -> Floats:
    """Remove it within a loose box, as a person draws it."""
    return alpha_of(pixels, (box_of(truth),))


def by_barriers(pixels: Pixels, truth: Floats) -> Floats:
    """Take what barriers part from the edge, and nothing else."""
    del truth
    distance = (find_barriers(pixels) * 255).astype(np.uint8)
    _, found = cv2.threshold(distance, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return soften(pixels, found > 0)


def by_grabcut(pixels: Pixels, truth: Floats) -> Floats:
    """Run OpenCV's GrabCut from that box, as its tutorial does."""
    (left, top), (right, bottom) = box_of(truth).points
    height, width = truth.shape
    box = (
        round(left * width), round(top * height),
        round((right - left) * width), round((bottom - top) * height),
    )  # fmt: skip
    mask = np.zeros(truth.shape, np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(pixels, mask, box, *models, 5, cv2.GC_INIT_WITH_RECT)
    return np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


WAYS: dict[str, Way] = {
    "GrabCut from a box": by_grabcut,
    "barriers alone": by_barriers,
    "brandgen": by_itself,
    "brandgen with a box": by_a_box,
}


def alpha_of(pixels: Pixels, marks: tuple[Mark, ...] = ()) -> Floats:
    """Return the alpha of a cut-out; nothing where nothing is found."""
    try:
        return cut_out(pixels, marks).pixels[..., 3].astype(np.float32) / 255
    except CutOutError:
        return np.zeros(pixels.shape[:2], np.float32)


def box_of(truth: Floats) -> Mark:
    """Return a box with a margin of 4 % of the side around the subject."""
    columns, rows = (
        np.flatnonzero((truth > 0.5).any(0)),
        np.flatnonzero((truth > 0.5).any(1)),
    )
    height, width = truth.shape
    near = max(0.0, columns[0] / width - 0.04), max(0.0, rows[0] / height - 0.04)
    far = min(1.0, columns[-1] / width + 0.04), min(1.0, rows[-1] / height + 0.04)
    return Mark("within", "box", (near, far))


def judge(alpha: Floats, truth: Floats) -> tuple[float, float]:
    """Return IoU, and the mean error of alpha along the outline."""
    one, other = alpha > 0.5, truth > 0.5
    iou = float((one & other).sum() / max(1, (one | other).sum()))
    kernel = np.ones((3, 3), np.uint8)
    wide = max(1, round(len(truth) / 200))
    band = cv2.morphologyEx(
        other.astype(np.uint8), cv2.MORPH_GRADIENT, kernel, iterations=wide
    )
    return iou, float(np.abs(alpha - truth)[band > 0].mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=60, help="of each kind")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--show", type=Path, help="write what was cut out here")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    for what, has_podium in (("product", False), ("product on a podium", True)):
        drawn = [
            draw(scene, seed, given.side)
            for seed, scene in enumerate(
                sample(given.scenes, has_podium=has_podium, start=20260101)
            )
        ]
        for name, way in WAYS.items():
            began = time.perf_counter()
            found = [way(pixels, truth) for pixels, truth in drawn]
            took_s = (time.perf_counter() - began) / len(drawn)
            judged = np.array(
                [judge(a, truth) for a, (_, truth) in zip(found, drawn, strict=True)]
            )
            rows.append(
                {
                    "scene": what,
                    "way": name,
                    "iou_mean": round(float(judged[:, 0].mean()), 3),
                    "iou_median": round(float(np.median(judged[:, 0])), 3),
                    "solid_share": round(float((judged[:, 0] >= SOLID).mean()), 3),
                    "edge_error": round(float(judged[:, 1].mean()), 3),
                    "took_s": round(took_s, 3),
                }
            )
            if given.show:
                show(given.show, f"{what} {name}", drawn, found)
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    print("| scene | way | IoU, mean | median | IoU ≥ 0.8 | edge error | s |")
    print("| --- | --- | --: | --: | --: | --: | --: |")
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


def show(
    folder: Path, name: str, drawn: list[tuple[Pixels, Floats]], found: list[Floats]
) -> None:
    """Write the first pictures beside what was cut out of them."""
    folder.mkdir(parents=True, exist_ok=True)
    tiles = []
    for (pixels, _), alpha in list(zip(drawn, found, strict=True))[:12]:
        cut = pixels * alpha[..., None] + np.array([255, 0, 255]) * (
            1 - alpha[..., None]
        )
        tiles.append(np.vstack([pixels, cut.astype(np.uint8)]))
    sheet = np.vstack([np.hstack(tiles[:6]), np.hstack(tiles[6:])])
    Image.fromarray(cv2.resize(sheet, None, fx=0.5, fy=0.5)).save(
        folder / f"{name}.jpg"
    )


if __name__ == "__main__":
    main()
