"""`generate`, `prior` and `decode`: from a prompt to pixels, in two steps."""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brandgen.engine.bundle import Bundle
from brandgen.engine.commands.engines import make_engine, open_bundle, show_step
from brandgen.engine.commands.files import (
    check_folder,
    check_output,
    read_file,
    save_image,
    write_file,
)
from brandgen.engine.commands.pictures import (
    add_picture_options,
    read_beginning,
    read_references,
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
    add_picture_options(generate)
    add_decoder_seed(generate)
    add_decoder_options(generate)
    generate.set_defaults(run=run_generate)

    prior = commands.add_parser(
        "prior", parents=[engine], help="make image embeddings, to be decoded later"
    )
    add_prior_options(prior, are_embeddings_needed=True)
    add_size_options(prior)
    add_picture_options(prior)
    prior.add_argument(
        "--preview", type=Path, metavar="FILE.png", help="draw them small, at once"
    )
    prior.set_defaults(run=run_prior)

    decode = commands.add_parser(
        "decode", parents=[engine], help="make a picture from kept image embeddings"
    )
    decode.add_argument("--embeddings", type=Path, required=True, metavar="FILE")
    decode.add_argument("--seed", type=int, required=True)
    add_decoder_options(decode)
    decode.set_defaults(run=run_decode)


def run_generate(options: argparse.Namespace) -> None:
    """Run the prior, then the decoder."""
    bundle = open_bundle(options)
    make_picture(options, bundle, read_beginning(options, bundle.family))


def make_picture(
    options: argparse.Namespace, bundle: Bundle, changes: Mapping[str, Any]
) -> None:
    """Run the prior, then the decoder, which holds what a mask keeps.

    `changes` are fields of the prior's request that the command itself sets.
    """
    check_output(options.out)
    if options.embeddings_out is not None:
        check_folder(options.embeddings_out)
    request = make_prior_request(
        options, bundle.profile, references=read_references(options), **changes
    )
    make_decoder_request(options, bundle.profile, b"")  # fail early
    engine = make_engine(options)
    started = time.perf_counter()
    result = engine.run_prior(request, on_step=show_step)
    prior_s = time.perf_counter() - started
    if options.embeddings_out is not None:
        write_file(options.embeddings_out, result.embeddings)
    is_held = request.start is not None and request.start.mask is not None
    pixels = engine.run_decoder(
        make_decoder_request(
            options,
            bundle.profile,
            result.embeddings,
            start=request.start if is_held else None,
        ),
        on_step=show_step,
    )
    decoder_s = time.perf_counter() - started - prior_s
    save_image(pixels, options.out)
    print(f"{options.out}: prior {prior_s:.1f} s, decoder {decoder_s:.1f} s")


def run_prior(options: argparse.Namespace) -> None:
    """Run the prior, and keep what it makes."""
    check_folder(options.embeddings_out)
    if options.preview is not None:
        check_output(options.preview)
    bundle = open_bundle(options)
    request = make_prior_request(
        options,
        bundle.profile,
        references=read_references(options),
        **read_beginning(options, bundle.family),
    )
    started = time.perf_counter()
    result = make_engine(options).run_prior(request, on_step=show_step)
    write_file(options.embeddings_out, result.embeddings)
    if options.preview is not None:
        save_image(result.preview, options.preview)
    print(f"{options.embeddings_out}: prior {time.perf_counter() - started:.1f} s")


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
