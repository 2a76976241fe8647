"""Measures color guidance on the miniature, with random palettes and text boxes.

    python benchmarks/color_guidance.py [--count 64] [--strength 0.5] [--json]

Every round draws one scene that no training has seen in each of these ways, in turn, so
that a busy machine slows all alike:

    free            its own words, no guidance
    another seed    the same words from another seed: how far chance alone goes
    names           the palette's nearest color names in place of the scene's own
    palette         its own words, guided to the palette
    names, palette  both
    box 4.5, box 7  its own words, with room for a text at that contrast

Distances are Wasserstein-2 in OKLab times 100, between 24 x 24 means of the picture and
the palette's colors by their shares: the whole one, and its mean over 64 directions
(sliced). A box counts when 99 of 100 of its pixels reach the contrast.

Adherence is what the miniature's reader finds of what was asked. A palette of other
colors is there to change the ground's color, and no plain ground has three colors; so
of `palette` against `free` only shapes are asked (product, podium, side, room, and the
kind of backdrop where there is a pattern). Colors are asked of `names, palette` against
`names`, whose words and palette agree, and of boxes; a product or podium is not asked
where the box lies on it. Lost and gained count what only one of a pair shows.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.color_trials import (
    SEED,
    WAYS,
    Drawn,
    Trial,
    choose_trials,
    draw,
    know_words,
    save_sheet,
)
from brandgen.checks import box_contrast, share_distance
from brandgen.engine.miniature.captions import list_attributes
from brandgen.engine.miniature.course import SHIPPED
from brandgen.engine.miniature.evaluation import read_pictures
from brandgen.engine.miniature.export import READER
from brandgen.engine.miniature.grammar import NONE
from brandgen.engine.miniature.scenes import draw_scene
from brandgen.engine.miniature.stages.reader import Reader, load_reader
from brandgen.engine.registry import open_engine
from brandgen.engine.requests import PaletteGoal, Pixels
from brandgen.lib.colors import distance, to_oklab

CONTRASTS = (4.5, 7.0)
DIRECTIONS = 64
SEEN_PX = 128
"""Changes outside a box are looked at in so many means a side."""
VISIBLE = 5.0
"""OKLab times 100: a change that one sees without looking for it."""
ON_SUBJECT = 0.05
"""A box lies on a subject when it hides more of it than this share."""
SHAPES = ("backdrop", "product", "podium", "side", "room")
GROUNDS = ("backdrop", "ground", "pattern", "accent")
SUBJECTS = ("product", "product color", "podium", "podium color", "side")


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, measure and print."""
    options = parse_options(arguments)
    engine = open_engine(options={"threads": 1})
    trials = choose_trials(options.count, options.strength)
    draw(engine, trials[0].request("box 7", 256))  # loads the weights
    rounds: list[dict[str, Drawn]] = []
    for trial in trials:
        rounds.append(
            {way: draw(engine, trial.request(way, options.side)) for way in WAYS}
        )
        if not options.json:
            print(f"\r{len(rounds)} of {len(trials)}", end="", file=sys.stderr)
    if options.sheet:
        save_sheet(trials, rounds, options.sheet)
    identity = engine.identity()
    report = {
        "model": f"{identity.name} {identity.revision}",
        "device": identity.device,
        "side_px": options.side,
        "count": options.count,
        "strength": options.strength,
        "load_average": round(os.getloadavg()[0], 2),
        **measure(trials, rounds),
    }
    print(json.dumps(report)) if options.json else print_table(report)


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=64, help="palettes and boxes")
    parser.add_argument("--side", type=int, default=512, help="side in px")
    parser.add_argument(
        "--strength", type=float, default=PaletteGoal.strength, help="of the palette"
    )
    parser.add_argument("--sheet", type=Path, help="write the first pictures here")
    return parser.parse_args(arguments)


def measure(
    trials: Sequence[Trial], rounds: Sequence[dict[str, Drawn]]
) -> dict[str, object]:
    """Work out every figure; shares and adherence in percent."""
    whole = mean_of(trials, rounds, lambda t, d: share_distance(d.pixels, t.palette))
    sliced = mean_of(trials, rounds, lambda t, d: sliced_distance(d.pixels, t.palette))
    reach = {
        f"{contrast:g}": {
            way: percent(
                box_contrast(drawn[way].pixels, trial.box, trial.ink) >= contrast
                for trial, drawn in zip(trials, rounds, strict=True)
            )
            for way in ("free", f"box {contrast:g}")
        }
        for contrast in CONTRASTS
    }
    reader = load_reader(
        SHIPPED / READER / "model.safetensors", list_attributes(know_words())
    )
    adherence = measure_adherence(trials, rounds, reader)
    fewer = [
        pair["free"] - pair["guided"]
        for what, pair in adherence.items()
        if what != "chance"
    ]
    taken = {way: time_of(rounds, way) for way in WAYS}
    return {
        "distance": rounded(whole),
        "distance_sliced": rounded(sliced),
        "distance_down_percent": down(whole),
        "distance_sliced_down_percent": down(sliced),
        "names_down_percent": round(100 * (1 - whole["names"] / whole["free"]), 1),
        "boxes_percent": reach,
        "adherence_percent": adherence,
        "adherence_down_points": round(max(fewer, default=0.0), 1),
        "outside_change": {
            way: outside_change(trials, rounds, way)
            for way in ("box 4.5", "box 7", "another seed")
        },
        "seconds": {way: each["wall_s"] for way, each in taken.items()},
        "time_up_percent": max(taken[way]["up"] for way in ("palette", "box 4.5")),
        "time_up_percent_by_way": {way: each["up"] for way, each in taken.items()},
    }


def mean_of(
    trials: Sequence[Trial], rounds: Sequence[dict[str, Drawn]], figure: Any
) -> dict[str, float]:
    """Average a figure of a trial and a picture, for each way but the boxes."""
    return {
        way: statistics.fmean(
            figure(trial, drawn[way])
            for trial, drawn in zip(trials, rounds, strict=True)
        )
        for way in WAYS
        if not way.startswith("box")
    }


def sliced_distance(pixels: Pixels, palette: Sequence[tuple[str, float]]) -> float:
    """Measure the sliced Wasserstein-2 distance, in OKLab times 100.

    Along each of 64 fixed directions colors move in order, which is the cheapest.
    """
    small = cv2.resize(pixels, (24, 24), interpolation=cv2.INTER_AREA)
    seen = to_oklab(small.reshape(-1, 3))
    inks = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color, _ in palette]
    counts = np.round(np.cumsum([share for _, share in palette]) * len(seen))
    counts = np.diff(counts.astype(int), prepend=0)
    wanted = np.repeat(to_oklab(np.array(inks, np.float64)), counts, axis=0)
    directions = np.random.default_rng(SEED).normal(size=(3, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    apart = np.sort(seen @ directions, 0) - np.sort(wanted @ directions, 0)
    return float(np.sqrt(np.square(apart).mean())) * 100


def measure_adherence(
    trials: Sequence[Trial], rounds: Sequence[dict[str, Drawn]], reader: Reader
) -> dict[str, dict[str, float]]:
    """Let the reader find what was asked, in pairs without and with guidance."""
    pairs = {
        "chance": ("free", "another seed"),
        "palette, shapes": ("free", "palette"),
        "palette, shapes and colors": ("names", "names, palette"),
        "box 4.5": ("free", "box 4.5"),
        "box 7": ("free", "box 7"),
    }
    report = {}
    for what, (before, after) in pairs.items():
        found: dict[str, list[bool]] = {before: [], after: []}
        for trial, drawn in zip(trials, rounds, strict=True):
            scene = trial.named if before == "names" else trial.scene
            asked = set(what_is_asked(trial, after))
            pictures = np.stack([drawn[way].pixels for way in (before, after)])
            read = read_pictures(pictures, 2 * [trial.ask(scene)], reader)
            for way, is_right in zip((before, after), read, strict=True):
                found[way] += [is_right[name] for name in asked & is_right.keys()]
        if not found[before]:
            continue  # two or three scenes may hold nothing that can be asked
        one, other = (np.array(found[way]) for way in (before, after))
        report[what] = {
            "asked": len(one),
            "free": percent(one),
            "guided": percent(other),
            "lost": int((one > other).sum()),
            "gained": int((other > one).sum()),
        }
    return report


def what_is_asked(trial: Trial, way: str) -> Iterator[str]:
    """Name the attributes that guidance of this way is not there to change."""
    if way == "palette":
        yield from (
            name for name in SHAPES if name != "backdrop" or trial.scene.pattern
        )
    elif way.startswith("names"):
        yield from (
            name
            for name in GROUNDS + SUBJECTS
            if name != "backdrop" or trial.scene.pattern
        )
    else:
        yield from GROUNDS
        if not way.startswith("box") or not lies_on_subject(trial):
            yield from SUBJECTS


def lies_on_subject(trial: Trial) -> bool:
    """Say whether a box hides a part of the product or the podium."""
    # Before a gradient nothing stands on a floor, which would count as the subject.
    whole = replace(
        trial.scene, backdrop="gradient", pattern=trial.scene.ground, accent=None,
        mood=NONE, room=NONE,
    )  # fmt: skip
    with_it, without = (
        draw_scene(scene, np.random.default_rng(trial.seed), 128, 128)
        for scene in (whole, replace(whole, product=None, podium=None))
    )
    subject = (with_it != without).any(-1)
    hidden = subject & inside(trial.box, 128)
    return bool(hidden.sum() > ON_SUBJECT * subject.sum())


def inside(box: tuple[float, float, float, float], side_px: int) -> NDArray[np.bool_]:
    """Say which pixels of a square picture lie in a box."""
    at = (np.arange(side_px) + 0.5) / side_px
    left, top, right, bottom = box
    rows, columns = (at > top) & (at < bottom), (at > left) & (at < right)
    return np.asarray(rows[:, None] & columns[None])


def outside_change(
    trials: Sequence[Trial], rounds: Sequence[dict[str, Drawn]], way: str
) -> dict[str, float]:
    """Measure how the pictures changed where no box is."""
    means, shares = [], []
    for trial, drawn in zip(trials, rounds, strict=True):
        one, other = (
            to_oklab(cv2.resize(drawn[each].pixels, (SEEN_PX, SEEN_PX), None, 0, 0, 3))
            for each in ("free", way)
        )
        apart = distance(one, other)[~inside(trial.box, SEEN_PX)]
        means.append(apart.mean())
        shares.append((apart > VISIBLE).mean())
    return {
        "mean": round(float(np.mean(means)), 2),
        "visible_percent": round(100 * float(np.mean(shares)), 1),
    }


def time_of(rounds: Sequence[dict[str, Drawn]], way: str) -> dict[str, float]:
    """Give the median time of a picture, and how much more CPU it takes than free."""
    more = [drawn[way].cpu_s / drawn["free"].cpu_s - 1 for drawn in rounds]
    return {
        "wall_s": round(statistics.median(drawn[way].wall_s for drawn in rounds), 3),
        "up": round(100 * statistics.median(more), 1),
    }


def down(distances: dict[str, float]) -> float:
    """Say by how many percent guidance brought a distance down."""
    return round(100 * (1 - distances["palette"] / distances["free"]), 1)


def percent(values: Any) -> float:
    """Give the mean of many values from 0 to 1, in percent."""
    return round(100 * float(np.mean(list(values))), 1)


def rounded(values: dict[str, float]) -> dict[str, float]:
    """Round for printing."""
    return {name: round(value, 2) for name, value in values.items()}


def print_table(report: dict[str, Any]) -> None:
    """Print for people."""
    print(
        f"\r{report['model']}, {report['device']}, {report['side_px']} px, "
        f"{report['count']} palettes and boxes, strength {report['strength']}, "
        f"load {report['load_average']}\n"
    )
    print("way             distance  sliced    seconds   more CPU")
    for way, seconds in report["seconds"].items():
        far = report["distance"].get(way, float("nan"))
        sliced = report["distance_sliced"].get(way, float("nan"))
        up = report["time_up_percent_by_way"][way]
        print(f"{way:15} {far:8.2f} {sliced:8.2f} {seconds:9.2f} {up:8.1f} %")
    print(
        f"\ndistance down {report['distance_down_percent']} % "
        f"(sliced {report['distance_sliced_down_percent']} %), "
        f"by names {report['names_down_percent']} %\n"
    )
    for contrast, found in report["boxes_percent"].items():
        free, guided = found.values()
        print(
            f"boxes at {contrast:>3} : 1   free {free:5.1f} %   guided {guided:5.1f} %"
        )
    print("\nadherence                     asked   free  guided  lost  gained")
    for what, found in report["adherence_percent"].items():
        print(
            f"{what:28} {found['asked']:6} {found['free']:6.1f} {found['guided']:7.1f} "
            f"{found['lost']:5} {found['gained']:7}"
        )
    print("\noutside the boxes   mean change   visibly changed")
    for way, found in report["outside_change"].items():
        print(f"{way:18} {found['mean']:12.2f} {found['visible_percent']:15.1f} %")


if __name__ == "__main__":
    main()
