"""Trains, packs and evaluates the miniature from the command line."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brandgen.engine.adapters.files import AdapterCard, save_adapter
from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import EngineError
from brandgen.engine.miniature.artist import Artist, make_sheet
from brandgen.engine.miniature.bars import Costs, Result, judge, measure_costs
from brandgen.engine.miniature.captions import list_attributes
from brandgen.engine.miniature.course import (
    SHIPPED,
    STAGES,
    Course,
    CourseError,
    draw_ahead,
    read_start,
)
from brandgen.engine.miniature.evaluation import (
    Report,
    evaluate,
    hold_out,
    read_questions,
)
from brandgen.engine.miniature.export import (
    READER,
    Edition,
    export_bundle,
    next_revision,
)
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.looks import read_lookbook, train_look
from brandgen.engine.miniature.networks import SIZES
from brandgen.engine.miniature.plans import AMOUNTS
from brandgen.engine.miniature.reading import UnreadableCaptionError
from brandgen.engine.miniature.stages.reader import READER_FILE, load_reader
from brandgen.engine.miniature.teachers import run_course
from brandgen.engine.miniature.training import CheckpointError, Run, TrainingError
from brandgen.engine.protocol import ModelLicense

MINUTES = 180.0
FAILURES = (
    CourseError, CheckpointError, TrainingError, EngineError, UnreadableCaptionError,
)  # fmt: skip
"""What a person can do something about: told in a line."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = make_parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        options.run(options)
    except FAILURES as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(prog="python -m brandgen.engine.miniature")
    parser.add_argument("--threads", type=int, default=1)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train stages into a folder")
    train.add_argument("--stage", choices=("all", *STAGES), default="all")
    train.add_argument(
        "--minutes",
        type=float,
        help=f"of learning, {MINUTES:.0f} by default, or as many as it began with when "
        "resumed; drawing what is learned from comes on top, about ten for all stages",
    )
    train.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    train.add_argument("--out", type=Path, default=Path("miniature-training"))
    train.add_argument(
        "--init-from",
        type=find_bundle,
        help="a bundle to begin from; SHIPPED is the one that ships with brandgen",
    )
    train.add_argument("--size", choices=tuple(SIZES), help="of networks made anew")
    train.add_argument("--resume", action="store_true", help="go on where it stopped")
    train.add_argument("--seed", type=int, default=7)
    train.set_defaults(run=run_train)

    draw = commands.add_parser("draw", help="draw what a training will learn from")
    draw.add_argument("--out", type=Path, default=Path("miniature-training"))
    draw.add_argument("--size", choices=tuple(SIZES), default="s")
    draw.add_argument("--seed", type=int, default=7)
    draw.set_defaults(run=run_draw)

    export = commands.add_parser("export", help="pack a trained bundle")
    export.add_argument("source", type=Path, help="the folder given to train --out")
    export.add_argument("--to", type=Path, default=SHIPPED)
    export.add_argument("--revision", help="by default, one after that at the target")
    export.set_defaults(run=run_export)

    look = commands.add_parser("look", help="train a LoRA adapter of a look")
    look.add_argument("source", type=Path, help="pictures, each with a .txt beside it")
    look.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    look.add_argument("--bundle", type=Path, default=SHIPPED)
    look.add_argument("--minutes", type=float, default=10.0)
    look.add_argument("--steps", type=int, default=400, help="end here at the latest")
    look.add_argument("--side", type=int, default=256, help="side in px")
    look.add_argument("--rank", type=int, default=8)
    look.add_argument("--seed", type=int, default=7)
    look.add_argument("--name", help="default: that of the file")
    look.add_argument("--license", metavar="NAME", help="of what comes out")
    look.add_argument("--commercial-use", choices=("yes", "no"), default="no")
    look.set_defaults(run=run_look)

    measure = commands.add_parser("evaluate", help="measure a bundle")
    measure.add_argument("--bundle", type=Path, default=SHIPPED)
    measure.add_argument("--reader", type=Path, help="by default, the bundle's own")
    measure.add_argument("--captions", type=Path, help="a file of captions, one a line")
    measure.add_argument("--count", type=int, default=512, help="captions to hold out")
    measure.add_argument("--seeds", type=int, default=1, help="pictures of a caption")
    measure.add_argument("--side", type=int, default=512, help="side in px")
    measure.add_argument("--sheet", type=Path, help="write the pictures to this PNG")
    measure.add_argument("--json", action="store_true", help="print JSON only")
    measure.set_defaults(run=run_evaluate)
    return parser


def find_bundle(text: str) -> Path:
    """Find the bundle that a person names."""
    return SHIPPED if text.upper() == "SHIPPED" else Path(text)


def run_train(options: argparse.Namespace) -> None:
    """Train one stage or all."""
    minutes = options.minutes
    if minutes is None:
        minutes = read_start(options.out)["minutes"] if options.resume else MINUTES
    size = options.size or ("m" if options.device == "cuda" else "s")
    course = Course(
        folder=options.out,
        minutes=minutes,
        init_from=options.init_from,
        device=torch.device(options.device),
        is_resumed=options.resume,
        seed=options.seed,
        size=SIZES[size],
        amounts=AMOUNTS[size],
    )
    stages = STAGES if options.stage == "all" else (options.stage,)
    run_course(course, stages)


def run_draw(options: argparse.Namespace) -> None:
    """Draw ahead, so that stages that are trained side by side find it done."""
    amounts = AMOUNTS[options.size]
    draw_ahead(Course(options.out, MINUTES, seed=options.seed, amounts=amounts))


def run_look(options: argparse.Namespace) -> None:
    """Train an adapter on a folder of pictures."""
    lookbook, bundle = read_lookbook(options.source), Bundle(options.bundle)
    license_ = None
    if options.license:
        license_ = ModelLicense(options.license, "", options.commercial_use == "yes")
    card = AdapterCard(
        options.name or options.out.stem,
        bundle.family,
        license_,
        f"{len(lookbook.pictures)} pictures of {options.source.resolve().name}",
    )
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), options.minutes, options.steps, options.seed)
        pairs = train_look(
            lookbook, bundle, run, side_px=options.side, rank=options.rank
        )
    sha256 = save_adapter(options.out, card, {"prior": pairs}, dtype=np.float16)
    print(f"{options.out}: {len(pairs)} layers, SHA-256 {sha256}")


def run_export(options: argparse.Namespace) -> None:
    """Pack the bundle of a training."""
    revision = options.revision or next_revision(options.to)
    source = options.source / "bundle"
    bundle = export_bundle(source, options.to, edition=Edition(revision))
    print(f"{bundle.manifest.name} {revision} is in {options.to}.")


def run_evaluate(options: argparse.Namespace) -> None:
    """Measure a bundle beside drawings, and hold it against the bars."""
    bundle = Bundle(options.bundle)
    vocabulary = bundle.vocabulary or VOCABULARY
    reader = load_reader(
        (options.reader or options.bundle / READER) / READER_FILE,
        list_attributes(vocabulary),
    )
    if options.captions:
        questions = read_questions(options.captions, vocabulary)
    else:
        questions = hold_out(options.count, vocabulary)
    artist = Artist(bundle)
    costs = measure_costs(bundle, artist, questions, options.side)
    report, pictures = evaluate(
        artist,
        vocabulary,
        reader,
        questions,
        side_px=options.side,
        seeds=options.seeds,
    )
    if options.sheet:
        make_sheet(pictures).save(options.sheet)
    results = judge(report, costs)
    if options.json:
        print(json.dumps(lay_out(report, costs, results)))
    else:
        print(tabulate(report), tabulate_bars(results), sep="\n\n")


def lay_out(report: Report, costs: Costs, results: list[Result]) -> dict[str, Any]:
    """Lay out everything that was measured for machines."""
    bars = [
        asdict(result.bar) | {"value": result.value, "is_reached": result.is_reached}
        for result in results
    ]
    return asdict(report) | {"costs": asdict(costs), "bars": bars}


def tabulate(report: Report) -> str:
    """Lay out a report for people, the ceiling in the second column."""
    model, drawings = report.model, report.drawings
    rows = [
        ("plain ground named", model.plain_ground_named, drawings.plain_ground_named),
        (
            "plain ground distance",
            model.plain_ground_distance,
            drawings.plain_ground_distance,
        ),
        ("colors shown", model.colors_shown, drawings.colors_shown),
        *((name, model.read[name], drawings.read[name]) for name in model.read),
        ("ground and pattern", model.roles, drawings.roles),
        ("diversity", model.diversity, drawings.diversity),
        ("Frechet distance", model.frechet, drawings.frechet),
    ]
    head = f"{report.captions} captions at {report.side_px} px"
    lines = [f"{head:<30}{'model':>8}{'drawn':>8}"]
    lines += [f"{name:<30}{show(ours):>8}{show(best):>8}" for name, ours, best in rows]
    return "\n".join(lines)


def tabulate_bars(results: list[Result]) -> str:
    """Lay out which bars are reached."""
    lines = [f"{'bars':<30}{'value':>8}{'bar':>8}{'goal':>8}"]
    lines += [
        f"{f'{r.bar.name}, {r.bar.unit}':<30}{show(r.value):>8}{r.bar.bar:>8g}"
        f"{r.bar.goal:>8g}  {'reached' if r.is_reached else 'missed'}"
        for r in results
    ]
    return "\n".join(lines)


def show(value: float | None) -> str:
    """Write a figure, or that there is none."""
    return "none" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
