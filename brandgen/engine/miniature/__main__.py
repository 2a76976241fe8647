"""Trains, packs and evaluates the miniature from the command line."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import EngineError
from brandgen.engine.miniature.course import (
    SHIPPED,
    STAGES,
    Course,
    CourseError,
    run_course,
)
from brandgen.engine.miniature.evaluation import Report, evaluate, make_sheet
from brandgen.engine.miniature.export import (
    READER,
    Edition,
    export_bundle,
    next_revision,
)
from brandgen.engine.miniature.stages.reader import load_reader
from brandgen.engine.miniature.training import CheckpointError, TrainingError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = make_parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        options.run(options)
    except (CourseError, CheckpointError, TrainingError, EngineError) as error:
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
    train.add_argument("--minutes", type=float, default=180.0)
    train.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    train.add_argument("--out", type=Path, default=Path("miniature-training"))
    train.add_argument("--init-from", type=Path, help="a bundle to begin from")
    train.add_argument("--resume", action="store_true", help="go on where it stopped")
    train.add_argument("--seed", type=int, default=7)
    train.set_defaults(run=run_train)

    export = commands.add_parser("export", help="pack a trained bundle")
    export.add_argument("source", type=Path, help="the folder given to train --out")
    export.add_argument("--to", type=Path, default=SHIPPED)
    export.add_argument("--revision", help="by default, one after that at the target")
    export.set_defaults(run=run_export)

    measure = commands.add_parser("evaluate", help="measure a bundle")
    measure.add_argument("--bundle", type=Path, default=SHIPPED)
    measure.add_argument("--reader", type=Path, default=SHIPPED / READER)
    measure.add_argument("--seeds", type=int, default=64, help="captions to draw")
    measure.add_argument("--side", type=int, default=512, help="side in px")
    measure.add_argument("--sheet", type=Path, help="write the pictures to this PNG")
    measure.add_argument("--json", action="store_true", help="print JSON only")
    measure.set_defaults(run=run_evaluate)
    return parser


def run_train(options: argparse.Namespace) -> None:
    """Train one stage or all."""
    course = Course(
        folder=options.out,
        minutes=options.minutes,
        init_from=options.init_from,
        device=torch.device(options.device),
        is_resumed=options.resume,
        seed=options.seed,
    )
    stages = STAGES if options.stage == "all" else (options.stage,)
    run_course(course, stages)


def run_export(options: argparse.Namespace) -> None:
    """Pack the bundle of a training."""
    revision = options.revision or next_revision(options.to)
    source = options.source / "bundle"
    bundle = export_bundle(source, options.to, edition=Edition(revision))
    print(f"{bundle.manifest.name} {revision} is in {options.to}.")


def run_evaluate(options: argparse.Namespace) -> None:
    """Measure a bundle beside drawings."""
    report, pictures = evaluate(
        Bundle(options.bundle),
        load_reader(options.reader / "model.safetensors"),
        count=options.seeds,
        side_px=options.side,
    )
    if options.sheet:
        make_sheet(pictures).save(options.sheet)
    print(json.dumps(asdict(report)) if options.json else tabulate(report))


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
        *((name, model.read[name], drawings.read[name]) for name in model.read),
        ("diversity", model.diversity, drawings.diversity),
    ]
    head = f"{report.captions} captions at {report.side_px} px"
    lines = [f"{head:<30}{'model':>8}{'drawn':>8}"]
    lines += [f"{name:<30}{ours:>8.3f}{best:>8.3f}" for name, ours, best in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
