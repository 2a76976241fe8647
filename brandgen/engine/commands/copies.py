"""`upscale` and `reconstruct`: a picture drawn again by the decoder alone."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

from brandgen.engine.capabilities import find_capabilities
from brandgen.engine.commands.engines import make_engine, open_bundle, show_step
from brandgen.engine.commands.files import (
    check_output,
    read_image,
    save_image,
    write_file,
)
from brandgen.engine.commands.pictures import add_control_scale, cut_aloud
from brandgen.engine.commands.stages import add_decoder_options, make_decoder_request
from brandgen.engine.edits import (
    CONTROLLED_GUIDANCE,
    DETAIL_STRENGTH,
    FACTORS,
    choose_control,
    find_enlarged_fit,
)
from brandgen.engine.fidelity import Fidelity, measure
from brandgen.engine.framing import find_fit
from brandgen.engine.requests import (
    Control,
    EncodeRequest,
    Pixels,
    PriorRequest,
    Start,
)


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the commands."""
    upscale = commands.add_parser(
        "upscale", parents=[engine], help="make a picture larger"
    )
    _add_options(upscale)
    upscale.add_argument(
        "--factor",
        type=float,
        default=FACTORS[-1],
        metavar="N",
        help=f"{' or '.join(f'{each:g}' for each in FACTORS)} (default %(default)g)",
    )
    upscale.add_argument(
        "--details",
        type=float,
        default=DETAIL_STRENGTH,
        metavar="S",
        help="how much of them is drawn anew, 0 to 1 (default %(default)s)",
    )
    add_control_scale(upscale)
    add_decoder_options(upscale)
    upscale.set_defaults(run=run_upscale)

    reconstruct = commands.add_parser(
        "reconstruct",
        parents=[engine],
        help="measure how much the decoder would change a picture",
    )
    _add_options(reconstruct)
    add_decoder_options(reconstruct)
    reconstruct.add_argument(
        "--map",
        type=Path,
        metavar="FILE.png",
        help="draw where it changes the picture: the lighter, the more",
    )
    reconstruct.add_argument("--json", action="store_true", help="print one object")
    reconstruct.set_defaults(run=run_reconstruct)


def run_upscale(options: argparse.Namespace) -> None:
    """Encode a picture at a larger size, and draw its details."""
    check_output(options.out)
    pixels = read_image(options.picture)
    fit = find_enlarged_fit(pixels.shape[1], pixels.shape[0], options.factor)
    pixels = cut_aloud(options.picture, pixels, fit)
    capabilities = find_capabilities(open_bundle(options))
    kind = choose_control(capabilities, factor=options.factor)
    control = None
    if kind and options.control_scale:
        control = Control(kind, pixels, scale=options.control_scale)
    drawn = draw_again(options, pixels, Start(pixels, options.details), control)
    save_image(drawn, options.out)
    print(f"{options.out}: {drawn.shape[1]} x {drawn.shape[0]} px")


def run_reconstruct(options: argparse.Namespace) -> None:
    """Draw a picture again, and measure what differs."""
    check_output(options.out)
    if options.map is not None:
        check_output(options.map)
    pixels = read_image(options.picture)
    fit = find_fit(pixels.shape[1], pixels.shape[0])
    before = cut_aloud(options.picture, pixels, fit)
    after = draw_again(options, before)
    save_image(after, options.out)
    fidelity = measure(before, after)
    if options.map is not None:
        write_file(options.map, fidelity.draw_map())
    print(json.dumps(as_json(fidelity)) if options.json else describe(fidelity))


def draw_again(
    options: argparse.Namespace,
    pixels: Pixels,
    start: Start | None = None,
    control: Control | None = None,
) -> Pixels:
    """Encode a picture, or let the prior follow it under a control, and decode that."""
    profile = open_bundle(options).profile
    height_px, width_px = pixels.shape[:2]
    make_decoder_request(options, profile, b"")  # fail early
    engine = make_engine(options)
    if control is None:
        encode = EncodeRequest(pixels, width_px, height_px, options.prompt)
        kept = engine.encode_image(encode).embeddings
    else:
        request = PriorRequest(
            prompt=options.prompt,
            seed=options.seed,
            width_px=width_px,
            height_px=height_px,
            steps=profile.prior_steps,
            guidance_scale=CONTROLLED_GUIDANCE,
            control=control,
        )
        kept = engine.run_prior(request, on_step=show_step).embeddings
    return engine.run_decoder(
        make_decoder_request(options, profile, kept, start=start), on_step=show_step
    )


def describe(fidelity: Fidelity) -> str:
    """Say in words what was measured."""
    return (
        f"{fidelity.verdict}\n"
        f"PSNR {fidelity.psnr_db:.1f} dB. Color distance (OKLab, about 2 is just "
        f"noticeable): mean {fidelity.mean:.1f}, 99 of 100 pixels below "
        f"{fidelity.worst:.1f}; seen as different: "
        f"{fidelity.noticeable_percent:.0f} % of the picture."
    )


def as_json(fidelity: Fidelity) -> dict[str, Any]:
    """Return the figures; the ratio is null where nothing differs."""
    psnr_db = fidelity.psnr_db
    return {
        "psnr_db": round(psnr_db, 2) if math.isfinite(psnr_db) else None,
        "mean_distance": round(fidelity.mean, 3),
        "distance_99_percent": round(fidelity.worst, 3),
        "noticeable_percent": round(fidelity.noticeable_percent, 2),
        "verdict": fidelity.verdict,
    }


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--picture", type=Path, required=True, metavar="FILE")
    parser.add_argument("--prompt", default="", help="what is to be seen; may be empty")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
