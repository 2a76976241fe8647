"""`fit`: what a model needs in memory, in every way to run it."""

import argparse
import json
from typing import Any

from brandgen.engine.bundle import Bundle
from brandgen.engine.commands.engines import either, open_bundle
from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.fit import FitCheck, gigabytes
from brandgen.engine.needs import Model, Need, Picture, Plan
from brandgen.engine.registry import find_free_bytes
from brandgen.engine.requests import check_side

GB = 10**9


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the command."""
    fit = commands.add_parser(
        "fit", parents=[engine], help="say what fits into memory, without loading it"
    )
    fit.add_argument("--width", type=int, metavar="PX")
    fit.add_argument("--height", type=int, metavar="PX")
    fit.add_argument("--batch", type=int, default=1, help="pictures at a time")
    fit.add_argument(
        "--free", type=float, metavar="GB", help="default: what is free on --device now"
    )
    fit.add_argument("--json", action="store_true", help="print one JSON object")
    fit.set_defaults(run=run_fit)


def run_fit(options: argparse.Namespace) -> None:
    """Print a table of every size and memory mode.

    Raises:
        DeviceMemoryError: it is not known how much is free.
    """
    bundle = open_bundle(options)
    check = FitCheck(
        model=Model.read(bundle),
        plan=_read_plan(options, bundle),
        picture=_read_picture(options, bundle),
        free_bytes=_find_free(options),
        device=options.device,
    )
    needs = list(check.all_needs())
    if options.json:
        print(json.dumps(as_json(check, needs)))
        return
    picture, plan = check.picture, check.plan
    print(
        f"{check.model.name}: {picture.width_px} x {picture.height_px} px, "
        f"{picture.batch} at a time, prior in {plan.dtype}, decoder in "
        f"{plan.decoder_dtype}.\n{options.device} has {gigabytes(check.free_bytes)} "
        "free.\n"
    )
    print(f"{'prior':7}{'decoder':9}{'memory':13}{'weights':>9}{'needs':>9}  fits")
    for need in needs:
        print(show(need, check.free_bytes))
    print(f"\n{check.describe()}" if not check.need.fits(check.free_bytes) else "")


def show(need: Need, free_bytes: int) -> str:
    """Write one line of the table."""
    plan = need.plan
    return (
        f"{plan.prior_size:7}{plan.decoder_size:9}{plan.memory:13}"
        f"{gigabytes(sum(need.weights.values())):>9}{gigabytes(need.device_bytes):>9}"
        f"  {'yes' if need.fits(free_bytes) else 'no'}"
    )


def as_json(check: FitCheck, needs: list[Need]) -> dict[str, Any]:
    """Return the table as JSON."""
    return {
        "model": check.model.name,
        "device": check.device,
        "free_bytes": check.free_bytes,
        "ways": [
            {
                "prior": need.plan.prior_size,
                "decoder": need.plan.decoder_size,
                "memory": need.plan.memory,
                "weights_bytes": sum(need.weights.values()),
                "device_bytes": need.device_bytes,
                "host_bytes": need.host_bytes,
                "fits": need.fits(check.free_bytes),
            }
            for need in needs
        ],
    }


def _read_plan(options: argparse.Namespace, bundle: Bundle) -> Plan:
    is_cpu = options.device == "cpu"
    auto = "float32" if is_cpu else "bfloat16"
    dtype = auto if options.dtype == "auto" else options.dtype
    decoder = either(options.decoder_dtype, dtype)
    return Plan(
        prior_size=bundle.sizes["prior"],
        decoder_size=bundle.sizes["decoder"],
        memory=options.memory,
        dtype=dtype,
        decoder_dtype=auto if decoder == "auto" else decoder,
    )


def _read_picture(options: argparse.Namespace, bundle: Bundle) -> Picture:
    side = bundle.profile.native_side_px
    width, height = either(options.width, side), either(options.height, side)
    check_side("width", width)
    check_side("height", height)
    return Picture(width, height, batch=max(1, options.batch))


def _find_free(options: argparse.Namespace) -> int:
    if options.free is not None:
        return int(options.free * GB)
    free = find_free_bytes(options.device)
    if free is None:
        raise DeviceMemoryError(
            "This system does not say how much memory is free. Name it with --free GB."
        )
    return free
