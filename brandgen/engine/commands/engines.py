"""Opens the bundle and the engine that a command describes."""

import argparse
import sys
from pathlib import Path
from typing import TypeVar

from brandgen.engine.bundle import Bundle
from brandgen.engine.compile_modes import COMPILE_MODES
from brandgen.engine.layout import SIZES
from brandgen.engine.memory_modes import MEMORY_MODES
from brandgen.engine.protocol import Engine, Step
from brandgen.engine.registry import CASCADE, default_bundle, open_engine

T = TypeVar("T")

DTYPE_NAMES = ("auto", "float32", "bfloat16", "float16")


def engine_options() -> argparse.ArgumentParser:
    """Describe the options that choose an engine, as a parent of parsers."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--bundle",
        type=Path,
        help="folder of weights (default: the miniature that ships with brandgen)",
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument(
        "--dtype",
        default="auto",
        choices=DTYPE_NAMES,
        help="default: bfloat16 on a GPU that has it, else float32",
    )
    parser.add_argument(
        "--decoder-dtype", choices=DTYPE_NAMES, help="default: as --dtype"
    )
    parser.add_argument("--memory", default="resident", choices=MEMORY_MODES)
    parser.add_argument("--prior-size", choices=SIZES, help="default: the largest")
    parser.add_argument("--decoder-size", choices=SIZES, help="default: the largest")
    parser.add_argument(
        "--stock",
        action="store_true",
        help="run the networks by the classes of diffusers, which is slower",
    )
    parser.add_argument(
        "--compile",
        default="off",
        choices=COMPILE_MODES,
        help="torch.compile's mode (default off); the first picture takes minutes",
    )
    parser.add_argument(
        "--threads",
        type=read_threads,
        default=1,
        help="CPU threads (default 1; more help only on an idle machine), or auto",
    )
    return parser


def open_bundle(options: argparse.Namespace) -> Bundle:
    """Open the weights that the command names, or the miniature."""
    return Bundle(
        default_bundle().folder if options.bundle is None else options.bundle,
        prior_size=options.prior_size,
        decoder_size=options.decoder_size,
    )


def make_engine(options: argparse.Namespace) -> Engine:
    """Make the engine that the command describes."""
    return open_engine(
        CASCADE,
        {
            "bundle_dir": options.bundle,
            "device": options.device,
            "dtype": options.dtype,
            "decoder_dtype": options.decoder_dtype,
            "memory": options.memory,
            "prior_size": options.prior_size,
            "decoder_size": options.decoder_size,
            "lean": not options.stock,
            "compile": options.compile,
            "threads": options.threads,
        },
    )


def either(given: T | None, otherwise: T) -> T:
    """Return what was given, else the other."""
    return otherwise if given is None else given


def show_step(step: Step) -> None:
    """Show progress on one line of a terminal."""
    if sys.stderr.isatty():
        is_last = step.stage == "A"
        text = f"\rStage {step.stage}: step {step.index} of {step.of}   "
        print(text, end="\n" if is_last else "", file=sys.stderr, flush=True)


def read_threads(text: str) -> int | str:
    """Read a number of threads, or the word for what is fastest here."""
    return text if text == "auto" else int(text)
