"""`vary`, `inpaint` and `outpaint`: what the prior makes from one picture."""

import argparse
from pathlib import Path
from typing import Any

from brandgen.engine.canvas import extend
from brandgen.engine.capabilities import find_capabilities
from brandgen.engine.commands.engines import either, open_bundle
from brandgen.engine.commands.files import read_image
from brandgen.engine.commands.generate import make_picture
from brandgen.engine.commands.pictures import (
    add_control_scale,
    add_reference_option,
    begin_at,
    cut_aloud,
    read_beginning,
    read_start,
)
from brandgen.engine.commands.stages import (
    add_decoder_options,
    add_decoder_seed,
    add_prior_options,
)
from brandgen.engine.edits import STRENGTHS, check_extension, choose_control
from brandgen.engine.framing import find_fit
from brandgen.engine.requests import Control, Start

SIDES = ("left", "right", "top", "bottom")


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the commands."""
    vary = commands.add_parser(
        "vary", parents=[engine], help="make a picture like one that exists"
    )
    vary.add_argument(
        "--picture",
        type=Path,
        required=True,
        dest="start",
        metavar="FILE",
        help="a picture, or its kept image embeddings, which say more (.safetensors)",
    )
    vary.add_argument(
        "--how",
        default="subtle",
        choices=STRENGTHS,
        help="subtle (default) keeps the layout, strong the colors and the idea",
    )
    vary.add_argument(
        "--strength", type=float, metavar="S", help="0 to 1, in place of --how"
    )
    _add_both_stages(vary)
    vary.set_defaults(run=run_vary, mask=None, width=None, height=None)

    inpaint = commands.add_parser(
        "inpaint", parents=[engine], help="make a part of a picture anew"
    )
    _add_picture(inpaint)
    inpaint.add_argument(
        "--mask",
        type=Path,
        required=True,
        metavar="FILE",
        help="a picture as large as --picture, white where it is made anew",
    )
    add_control_scale(inpaint)
    _add_both_stages(inpaint)
    inpaint.set_defaults(run=run_inpaint)

    outpaint = commands.add_parser(
        "outpaint", parents=[engine], help="show more of a picture on some sides"
    )
    _add_picture(outpaint)
    for side in SIDES:
        outpaint.add_argument(
            f"--{side}", type=int, default=0, metavar="PX", help="a multiple of 128"
        )
    add_control_scale(outpaint)
    _add_both_stages(outpaint)
    outpaint.set_defaults(run=run_outpaint)


def draw_in_mask(options: argparse.Namespace, start: Start) -> None:
    """Draw inside a start's mask, helped by a ControlNet where the model has one."""
    bundle = open_bundle(options)
    changes = begin_at(start)
    kind = choose_control(find_capabilities(bundle), has_mask=True)
    if kind and options.control_scale and not isinstance(start.source, bytes):
        changes["control"] = Control(
            kind, start.source, start.mask, options.control_scale
        )
    make_picture(options, bundle, changes)


def run_vary(options: argparse.Namespace) -> None:
    """Begin from a picture, partly noised away."""
    options.strength = either(options.strength, STRENGTHS[options.how])
    bundle = open_bundle(options)
    make_picture(options, bundle, read_beginning(options, bundle.family))


def run_inpaint(options: argparse.Namespace) -> None:
    """Draw inside the mask; every byte outside stays."""
    draw_in_mask(options, read_start(options.picture, 1.0, options.mask))


def run_outpaint(options: argparse.Namespace) -> None:
    """Draw beside the picture; every byte of it stays."""
    pixels = read_image(options.picture)
    fit = find_fit(pixels.shape[1], pixels.shape[0])
    sides = {side: getattr(options, side) for side in SIDES}
    check_extension(fit, sides)
    canvas = extend(
        cut_aloud(options.picture, pixels, fit),
        feather_px=0,  # what is there keeps every pixel
        **{f"{side}_px": size_px for side, size_px in sides.items()},
    )
    draw_in_mask(options, Start(canvas.pixels, 1.0, canvas.mask))


def _add_picture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--picture", type=Path, required=True, metavar="FILE")


def _add_both_stages(parser: argparse.ArgumentParser) -> None:
    add_prior_options(parser, is_prompt_needed=False)
    add_reference_option(parser)
    add_decoder_seed(parser)
    add_decoder_options(parser)
