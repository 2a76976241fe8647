"""Measures the engine: seconds for the prior, the decoder, a sheet and a re-decode.

    python benchmarks/engine.py [--json] [--threads 1] [--repeats 3] [--bundle DIR]

The ratio is measured against a full generation in the same run: how many times faster a
kept candidate is decoded again than generated again. Times are medians.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from brandgen.engine.protocol import Engine
from brandgen.engine.registry import open_engine
from brandgen.engine.requests import DecoderRequest, PriorRequest

PROMPT = "a teal bottle on a coral podium, gradient background from cream to pink"
SIZES = ((256, 256), (512, 512), (768, 512), (1024, 1024))
SHEET = 4


@dataclass(frozen=True)
class Row:
    """What one size of picture takes, in seconds."""

    width_px: int
    height_px: int
    prior_s: float
    decoder_s: float
    image_s: float
    """Prior and decoder."""
    sheet_s: float
    """Four candidates with previews, by the prior alone."""
    redecode_ratio: float
    """Full generation over decoding a kept candidate again."""


def main() -> None:
    """Measure and print."""
    options = parse_options()
    engine_options = {
        "bundle_dir": options.bundle,
        "device": options.device,
        "dtype": options.dtype,
        "threads": options.threads,
    }
    started = time.perf_counter()
    engine = open_engine(options=engine_options)
    import_s = time.perf_counter() - started
    warm = lambda: generate(engine, 256, 256, seed=0)  # noqa: E731
    load_s = seconds(warm) - seconds(warm)
    rows = [measure(engine, *size, repeats=options.repeats) for size in SIZES]
    identity = engine.identity()
    report = {
        "model": f"{identity.name} {identity.revision}",
        "device": identity.device,
        "dtype": identity.dtype,
        "threads": identity.threads,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2),
        "import_s": round(import_s, 2),
        "load_weights_s": round(load_s, 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "libraries": identity.libraries,
        "rows": [asdict(row) for row in rows],
    }
    print(json.dumps(report)) if options.json else print_table(report, rows)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    return parser.parse_args()


def measure(engine: Engine, width_px: int, height_px: int, *, repeats: int) -> Row:
    """Measure one size."""
    priors, decoders, sheets = [], [], []
    for repeat in range(repeats):
        seeds = range(SHEET * repeat, SHEET * (repeat + 1))
        candidates = []
        for seed in seeds:
            request = PriorRequest(
                PROMPT, seed, width_px, height_px, guidance_scale=3.0
            )
            started = time.perf_counter()
            candidates.append(engine.run_prior(request))
            priors.append(time.perf_counter() - started)
        sheets.append(sum(priors[-SHEET:]))
        for decoder_seed, candidate in enumerate(candidates[:2]):
            request = DecoderRequest(candidate.embeddings, decoder_seed)
            decoders.append(seconds(lambda r=request: engine.run_decoder(r)))
    prior_s, decoder_s = statistics.median(priors), statistics.median(decoders)
    return Row(
        width_px,
        height_px,
        round(prior_s, 3),
        round(decoder_s, 3),
        round(prior_s + decoder_s, 3),
        round(statistics.median(sheets), 3),
        round((prior_s + decoder_s) / decoder_s, 2),
    )


def generate(engine: Engine, width_px: int, height_px: int, *, seed: int) -> None:
    """Make one picture."""
    candidate = engine.run_prior(
        PriorRequest(PROMPT, seed, width_px, height_px, guidance_scale=3.0)
    )
    engine.run_decoder(DecoderRequest(candidate.embeddings, seed))


def seconds(work: Callable[[], object]) -> float:
    """Time some work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_table(report: dict[str, object], rows: list[Row]) -> None:
    """Print for people."""
    print(
        f"{report['model']}, {report['device']} {report['dtype']}, "
        f"{report['threads']} of {report['cores']} threads, "
        f"load {report['load_average']}"
    )
    print(
        f"import {report['import_s']} s, weights {report['load_weights_s']} s, "
        f"peak memory {report['peak_memory_mb']} MB\n"
    )
    print("size px      prior s  decoder s  image s  sheet of 4 s  full / re-decode")
    for row in rows:
        size = f"{row.width_px} x {row.height_px}"
        print(
            f"{size:12} {row.prior_s:7.2f} {row.decoder_s:10.2f} {row.image_s:8.2f} "
            f"{row.sheet_s:13.2f} {row.redecode_ratio:13.2f} x"
        )


if __name__ == "__main__":
    main()
