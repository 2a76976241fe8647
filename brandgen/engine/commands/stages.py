"""The options that the prior and the decoder read, and the requests they make.

An option of either stage has its place here, once; a command takes the groups it needs.
"""

import argparse
from pathlib import Path
from typing import Any

from brandgen.engine.bundle import Profile
from brandgen.engine.commands.adapters import add_adapter_option, read_adapter_option
from brandgen.engine.commands.colors import add_color_options, read_color_options
from brandgen.engine.commands.engines import either
from brandgen.engine.requests import DecoderRequest, PriorRequest


def add_prior_options(
    parser: argparse.ArgumentParser,
    *,
    is_prompt_needed: bool = True,
    are_embeddings_needed: bool = False,
) -> None:
    """Describe the options that the prior reads."""
    parser.add_argument("--prompt", required=is_prompt_needed, default="")
    parser.add_argument("--negative", default="", metavar="PROMPT")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, help="of the prior")
    parser.add_argument("--guidance", type=float, help="of the prior")
    parser.add_argument(
        "--embeddings-out",
        type=Path,
        required=are_embeddings_needed,
        metavar="FILE",
        help="keep the image embeddings",
    )
    add_adapter_option(parser)
    add_color_options(parser)


def add_size_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options for the size of a picture."""
    parser.add_argument("--width", type=int, metavar="PX")
    parser.add_argument("--height", type=int, metavar="PX")


def make_prior_request(
    options: argparse.Namespace, profile: Profile, **changes: Any
) -> PriorRequest:
    """Make the request that the options describe, with the profile for what they omit.

    `changes` are fields of the request that the command itself sets.
    """
    settings = {
        "prompt": options.prompt,
        "negative_prompt": options.negative,
        "seed": options.seed,
        "steps": either(options.steps, profile.prior_steps),
        "guidance_scale": either(options.guidance, profile.prior_guidance_scale),
        "adapters": read_adapter_option(options),
        **read_color_options(options),
    }
    if hasattr(options, "width"):
        settings["width_px"] = either(options.width, profile.native_side_px)
        settings["height_px"] = either(options.height, profile.native_side_px)
    return PriorRequest(**(settings | changes))


def add_decoder_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options that the decoder reads."""
    parser.add_argument("--decoder-steps", type=int)
    parser.add_argument("--decoder-guidance", type=float)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")


def add_decoder_seed(parser: argparse.ArgumentParser) -> None:
    """Describe the decoder's seed where the prior has one too."""
    parser.add_argument("--decoder-seed", type=int, help="default: the seed")


def make_decoder_request(
    options: argparse.Namespace, profile: Profile, embeddings: bytes, **changes: Any
) -> DecoderRequest:
    """Make the request that the options describe, with the profile for what they omit.

    `changes` are fields of the request that the command itself sets.
    """
    settings = {
        "embeddings": embeddings,
        "seed": either(getattr(options, "decoder_seed", None), options.seed),
        "steps": either(options.decoder_steps, profile.decoder_steps),
        "guidance_scale": either(
            options.decoder_guidance, profile.decoder_guidance_scale
        ),
    }
    return DecoderRequest(**(settings | changes))
