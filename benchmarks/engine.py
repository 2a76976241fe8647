"""Measures this engine against the stock pipelines of diffusers, and each lever alone.

    python benchmarks/engine.py [--json] [--repeats 3] [--side 512] [--batches 1,4]
                                [--threads 2] [--compile default] [--bundle DIR]
                                [--device cpu] [--clock cpu] [--full-size]

All ways have the same networks in memory, the same prompts, seeds and steps, and take
turns in one run, so that a busy machine slows all alike; ratios are medians of the
turns. `difference` is the largest between a way's picture and the stock pipelines', in
levels of 255. `--clock cpu` counts the seconds of the processor, which other programs
disturb less; it says nothing about more threads than one.

`--full-size` needs an NVIDIA GPU: Stable Cascade of the published sizes with random
weights in bfloat16, beside SDXL base, and the share of what the GPU's matrix units
could do. `--json` prints one object as the last line.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.full_size import beside_sdxl, build_cascade
from benchmarks.turns import SHEET, Clock, Row, measure
from benchmarks.ways import SHIPPED, STOCK, Work, make_ways
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.compile_modes import COMPILE_MODES

PROMPT = "a teal bottle on a coral podium, gradient background from cream to pink"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parse_options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_model(options, Path(folder))
        work = choose_work(engine, options)
        rows = measure_engine(engine, work, options)
    report = {"clock": options.clock, **summarize(engine, work, rows)}
    if options.full_size:
        report |= beside_sdxl(rows, device=engine.device, side_px=work.side_px)
    print_report(report)
    if options.json:
        print(json.dumps(report))


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--full-size", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--side", type=int, help="px; by default the model's own")
    parser.add_argument("--batches", help="by default 1,4; full-size 1,4,8")
    parser.add_argument("--threads", type=int, default=2, help="in a row of its own")
    parser.add_argument("--compile", choices=COMPILE_MODES, default="off")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--steps", help="of prior and decoder: 20,10")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="auto")
    options = parser.parse_args(arguments)
    if options.full_size and not torch.cuda.is_available():
        parser.error(
            "--full-size needs an NVIDIA GPU: on a CPU one image would take hours. "
            "PyTorch sees none here."
        )
    return options


def open_model(options: argparse.Namespace, folder: Path) -> CascadeEngine:
    """Open a bundle, by default the miniature, or build the full-size model."""
    if options.full_size:
        device = "cuda" if options.device == "cpu" else options.device
        return build_cascade(folder, device=device)
    return CascadeEngine(options.bundle, device=options.device, dtype=options.dtype)


def measure_engine(
    engine: CascadeEngine, work: Work, options: argparse.Namespace
) -> list[Row]:
    """Measure the ways on an engine's networks."""
    ways = make_ways(
        engine,
        work,
        many_threads=options.threads if engine.device.type == "cpu" else 1,
        compile_mode=options.compile,
    )
    batches = read_numbers(options.batches or ("1,4,8" if options.full_size else "1,4"))
    now = time.process_time if options.clock == "cpu" else time.perf_counter
    clock = Clock(engine.device, now)
    return measure(ways, batches, repeats=options.repeats, clock=clock)


def choose_work(engine: CascadeEngine, options: argparse.Namespace) -> Work:
    """Say what is drawn: the model's own settings where the options say nothing."""
    profile = engine.bundle.profile
    if options.steps:
        prior_steps, decoder_steps = read_numbers(options.steps)
        profile = replace(profile, prior_steps=prior_steps, decoder_steps=decoder_steps)
    return Work(PROMPT, options.side or profile.native_side_px, profile)


def read_numbers(text: str) -> list[int]:
    """Read numbers with commas between them."""
    return [int(part) for part in text.split(",")]


def summarize(engine: CascadeEngine, work: Work, rows: Sequence[Row]) -> dict[str, Any]:
    """Put the figures together."""
    identity = engine.identity()
    (shipped, *_), (stock, *_) = (
        [row for row in rows if row.way == way] for way in (SHIPPED, STOCK)
    )
    return {
        "model": f"{identity.name} {identity.revision}",
        "device": identity.device,
        "dtype": identity.dtype,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2),
        "libraries": dict(identity.libraries),
        "side_px": work.side_px,
        "steps": [work.profile.prior_steps, work.profile.decoder_steps],
        "ratio_to_stock": shipped.ratio,
        "variation_share": round(shipped.variation_s / shipped.image_s, 3),
        "sheet_share": round(shipped.sheet_s / (SHEET * shipped.image_s), 3),
        "sheet_ratio_to_stock": round(stock.sheet_s / shipped.sheet_s, 2),
        "prior_share_of_work": round(work.share_of_prior, 3),
        "rows": [asdict(row) for row in rows],
    }


def print_report(report: Mapping[str, Any]) -> None:
    """Print for people."""
    print(
        f"{report['model']}, {report['side_px']} px, {report['device']} "
        f"{report['dtype']}, {report['cores']} cores, load {report['load_average']}, "
        f"{report['clock']} clock\n"
    )
    print(
        f"{'way':28} batch  image s  variation s  sheet of {SHEET} s  memory MB  "
        "against stock  difference"
    )
    for row in report["rows"]:
        print(
            f"{row['way']:28} {row['batch']:5} {row['image_s']:8.3f} "
            f"{row['variation_s']:12.3f} {row['sheet_s']:13.3f} "
            f"{row['memory_mb']:10} {row['ratio']:12.2f} x {row['difference']:11}"
        )
    variation, limit = report["variation_share"], report["prior_share_of_work"]
    print(
        f"\nA variation takes {variation:.0%} of an image here, {SHEET} candidates "
        f"{report['sheet_share']:.0%} of {SHEET} images. The prior is {limit:.1%} of a "
        f"full-size image's\narithmetic at these steps, so no variation of that model "
        f"takes under {1 - limit:.1%}."
    )
    for name in ("matrix_tflops", "sdxl_s", "ratio_to_sdxl", "share_of_floor"):
        if name in report:
            print(f"{name}: {json.dumps(report[name], indent=2)}")


if __name__ == "__main__":
    main()
