"""`generate` and `decode`: from a prompt to pixels, in two steps."""

import argparse
import time
from pathlib import Path
from typing import Any

from brandgen.engine.commands.engines import make_engine, open_bundle, show_step
from brandgen.engine.commands.files import (
    check_folder,
    check_output,
    read_file,
    save_image,
    write_file,
)
from brandgen.engine.commands.stages import (
    add_decoder_options,
    add_decoder_seed,
    add_prior_options,
    add_size_options,
    make_decoder_request,
    make_prior_request,
)


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the commands."""
    generate = commands.add_parser(
        "generate", parents=[engine], help="make a picture from a prompt"
    )
    add_prior_options(generate)
    add_size_options(generate)
    add_decoder_seed(generate)
    add_decoder_options(generate)
    generate.set_defaults(run=run_generate)

    decode = commands.add_parser(
        "decode", parents=[engine], help="make a picture from kept image embeddings"
    )
    decode.add_argument("--embeddings", type=Path, required=True, metavar="FILE")
    decode.add_argument("--seed", type=int, required=True)
    add_decoder_options(decode)
    decode.set_defaults(run=run_decode)


def run_generate(options: argparse.Namespace) -> None:
    """Run the prior, then the decoder."""
    check_output(options.out)
    if options.embeddings_out is not None:
        check_folder(options.embeddings_out)
    profile = open_bundle(options).profile
    request = make_prior_request(options, profile)
    make_decoder_request(options, profile, b"")  # fail early
    engine = make_engine(options)
    started = time.perf_counter()
    result = engine.run_prior(request, on_step=show_step)
    prior_s = time.perf_counter() - started
    if options.embeddings_out is not None:
        write_file(options.embeddings_out, result.embeddings)
    pixels = engine.run_decoder(
        make_decoder_request(options, profile, result.embeddings), on_step=show_step
    )
    decoder_s = time.perf_counter() - started - prior_s
    save_image(pixels, options.out)
    print(f"{options.out}: prior {prior_s:.1f} s, decoder {decoder_s:.1f} s")


def run_decode(options: argparse.Namespace) -> None:
    """Run the decoder on kept image embeddings."""
    check_output(options.out)
    profile = open_bundle(options).profile
    make_decoder_request(options, profile, b"")  # fail early
    embeddings = read_file("image embeddings", options.embeddings)
    request = make_decoder_request(options, profile, embeddings)
    started = time.perf_counter()
    pixels = make_engine(options).run_decoder(request, on_step=show_step)
    save_image(pixels, options.out)
    print(f"{options.out}: decoder {time.perf_counter() - started:.1f} s")
