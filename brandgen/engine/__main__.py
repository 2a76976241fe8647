"""Makes one picture from the command line, without Django.

python -m brandgen.engine generate --prompt "teal waves" --seed 7 --out x.png
python -m brandgen.engine decode --embeddings e.safetensors --seed 3 --out y.png
python -m brandgen.engine identity
python -m brandgen.engine manifest --bundle DIR
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from PIL import Image

from brandgen.engine.bundle import Bundle, write_manifest
from brandgen.engine.errors import EngineError
from brandgen.engine.protocol import Engine, Step
from brandgen.engine.registry import CASCADE, default_bundle, open_engine
from brandgen.engine.requests import DecoderRequest, Pixels, PriorRequest, check_seed

T = TypeVar("T")

IMAGE_SUFFIXES = {".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff"}


class OutputError(EngineError):
    """A file can't be read or written where the command says."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it did its work, 2 if it could not as it was asked."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except EngineError as error:
        return fail(error, 2)
    except KeyboardInterrupt:
        return fail("Stopped.", 130)
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing is left to say to it
        return 1
    return 0


def fail(error: object, code: int) -> int:
    """Say in one line what went wrong."""
    print(f"brandgen.engine: {error}", file=sys.stderr)
    return code


def build_parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m brandgen.engine",
        description="Makes pictures with Stable Cascade, without Django.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    engine = argparse.ArgumentParser(add_help=False)
    engine.add_argument(
        "--bundle",
        type=Path,
        help="folder of weights (default: the miniature that ships with brandgen)",
    )
    engine.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    engine.add_argument(
        "--dtype", default="float32", choices=["float32", "bfloat16", "float16"]
    )
    engine.add_argument(
        "--threads",
        type=int,
        default=1,
        help="CPU threads (default 1; more help only on an idle machine)",
    )

    generate = commands.add_parser(
        "generate", parents=[engine], help="make a picture from a prompt"
    )
    generate.add_argument("--prompt", required=True)
    generate.add_argument("--negative", default="", metavar="PROMPT")
    generate.add_argument("--seed", type=int, required=True)
    generate.add_argument("--decoder-seed", type=int, help="default: the seed")
    generate.add_argument("--width", type=int, metavar="PX")
    generate.add_argument("--height", type=int, metavar="PX")
    generate.add_argument("--steps", type=int, help="of the prior")
    generate.add_argument("--guidance", type=float, help="of the prior")
    add_decoder_options(generate)
    generate.add_argument(
        "--embeddings-out", type=Path, metavar="FILE", help="keep the image embeddings"
    )
    generate.set_defaults(run=run_generate)

    decode = commands.add_parser(
        "decode", parents=[engine], help="make a picture from kept image embeddings"
    )
    decode.add_argument("--embeddings", type=Path, required=True, metavar="FILE")
    decode.add_argument("--seed", type=int, required=True)
    add_decoder_options(decode)
    decode.set_defaults(run=run_decode)

    identity = commands.add_parser(
        "identity", parents=[engine], help="print which model this is, as JSON"
    )
    identity.set_defaults(run=run_identity)

    manifest = commands.add_parser(
        "manifest", help="hash a folder of weights and write its bundle.json"
    )
    manifest.add_argument("--bundle", type=Path, required=True)
    manifest.set_defaults(run=run_manifest)
    return parser


def add_decoder_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options that the decoder reads."""
    parser.add_argument("--decoder-steps", type=int)
    parser.add_argument("--decoder-guidance", type=float)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")


def run_generate(options: argparse.Namespace) -> None:
    """Run the prior, then the decoder."""
    check_output(options.out)
    if options.embeddings_out is not None:
        check_folder(options.embeddings_out)
    bundle = open_bundle(options)
    profile = bundle.profile
    request = PriorRequest(
        prompt=options.prompt,
        negative_prompt=options.negative,
        seed=options.seed,
        width_px=either(options.width, profile.native_side_px),
        height_px=either(options.height, profile.native_side_px),
        steps=either(options.steps, profile.prior_steps),
        guidance_scale=either(options.guidance, profile.prior_guidance_scale),
    )
    decoder_seed = either(options.decoder_seed, options.seed)
    decoder_steps = either(options.decoder_steps, profile.decoder_steps)
    decoder_guidance = either(options.decoder_guidance, profile.decoder_guidance_scale)
    DecoderRequest(b"", decoder_seed, decoder_steps, decoder_guidance)  # fail early
    engine = make_engine(options)
    started = time.perf_counter()
    result = engine.run_prior(request, on_step=show_step)
    prior_s = time.perf_counter() - started
    if options.embeddings_out is not None:
        write_file(options.embeddings_out, result.embeddings)
    pixels = engine.run_decoder(
        DecoderRequest(
            result.embeddings, decoder_seed, decoder_steps, decoder_guidance
        ),
        on_step=show_step,
    )
    decoder_s = time.perf_counter() - started - prior_s
    save_image(pixels, options.out)
    print(f"{options.out}: prior {prior_s:.1f} s, decoder {decoder_s:.1f} s")


def run_decode(options: argparse.Namespace) -> None:
    """Run the decoder on kept image embeddings."""
    check_output(options.out)
    check_seed(options.seed)
    profile = open_bundle(options).profile
    try:
        embeddings = options.embeddings.read_bytes()
    except OSError as error:
        raise OutputError(
            f"The image embeddings {options.embeddings} can't be read: "
            f"{error.strerror}. Check the path."
        ) from error
    request = DecoderRequest(
        embeddings,
        options.seed,
        either(options.decoder_steps, profile.decoder_steps),
        either(options.decoder_guidance, profile.decoder_guidance_scale),
    )
    started = time.perf_counter()
    pixels = make_engine(options).run_decoder(request, on_step=show_step)
    save_image(pixels, options.out)
    print(f"{options.out}: decoder {time.perf_counter() - started:.1f} s")


def run_identity(options: argparse.Namespace) -> None:
    """Print which model this is."""
    identity = make_engine(options).identity()
    print(json.dumps(asdict(identity), indent=2, ensure_ascii=False))


def run_manifest(options: argparse.Namespace) -> None:
    """Write `bundle.json`, with the names and settings of the one that is there."""
    bundle = Bundle(options.bundle)
    written = write_manifest(options.bundle, bundle.described)
    print(f"{options.bundle}: {written.name}, {len(written.files)} files")


def open_bundle(options: argparse.Namespace) -> Bundle:
    """Open the weights that the command names, or the miniature."""
    return default_bundle() if options.bundle is None else Bundle(options.bundle)


def make_engine(options: argparse.Namespace) -> Engine:
    """Make the engine that the command describes."""
    return open_engine(
        CASCADE,
        {
            "bundle_dir": options.bundle,
            "device": options.device,
            "dtype": options.dtype,
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


def check_output(path: Path) -> None:
    """Refuse to start where the picture can't be kept.

    Raises:
        OutputError: the name's end is no picture's, or the folder is not there.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise OutputError(
            f"The picture {path} has no known format. Let its name end in .png."
        )
    check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse to start where a file can't be kept.

    Raises:
        OutputError: the folder is not there, or the path is a folder.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(
            f"The folder of {path} is not there, or it is a folder itself."
        )


def save_image(pixels: Pixels, path: Path) -> None:
    """Write a picture.

    Raises:
        OutputError: it can't be written.
    """
    try:
        Image.fromarray(pixels).save(path)
    except OSError as error:
        raise OutputError(f"The picture {path} can't be written: {error}.") from error


def write_file(path: Path, data: bytes) -> None:
    """Write bytes.

    Raises:
        OutputError: they can't be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"The file {path} can't be written: {error}.") from error


if __name__ == "__main__":
    sys.exit(main())
