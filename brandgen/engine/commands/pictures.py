"""The options that give the prior pictures: references, a start, a mask."""

import argparse
import sys
from pathlib import Path
from typing import Any

from brandgen.engine.commands.engines import either
from brandgen.engine.commands.files import (
    read_file,
    read_image,
    read_mask,
    split_number,
)
from brandgen.engine.edits import CONTROLLED_FACTOR
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.framing import Fit, crop_to, cut, find_fit
from brandgen.engine.requests import (
    CONTROL_KINDS,
    Control,
    Mask,
    Pixels,
    Reference,
    Start,
)

EMBEDDINGS_SUFFIX = ".safetensors"


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options that give the prior pictures."""
    group = parser.add_argument_group("pictures")
    add_reference_option(group)
    group.add_argument(
        "--start",
        type=Path,
        metavar="FILE",
        help="begin from a picture, or from kept image embeddings (.safetensors)",
    )
    group.add_argument(
        "--strength",
        type=float,
        metavar="S",
        help=f"how much of it is made anew, 0 to 1 (default {Start.strength}; 1 under "
        "a mask)",
    )
    group.add_argument(
        "--mask",
        type=Path,
        metavar="FILE",
        help="a picture as large as that of --start or --control inpaint, white where "
        "it is made anew",
    )
    add_control_option(group)


def add_reference_option(parser: Any) -> None:
    """Describe the option that names a picture whose look is borrowed."""
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="a picture whose look is borrowed, such as mood.png:0.5; may be repeated",
    )


def add_control_option(parser: Any) -> None:
    """Describe the option that names a picture which a ControlNet follows."""
    parser.add_argument(
        "--control",
        metavar="KIND:FILE[:SCALE]",
        help="follow a picture by a ControlNet of the model, such as "
        f"canny:shoe.png:0.8; kinds: {', '.join(CONTROL_KINDS)}",
    )


def add_control_scale(parser: Any) -> None:
    """Describe how much a ControlNet counts where a command uses it by itself."""
    parser.add_argument(
        "--control-scale",
        type=float,
        default=Control.scale,
        metavar="S",
        help="how much the model's ControlNet for this counts, where it has one; 0 "
        "leaves it out (default %(default)s)",
    )


def read_control(
    text: str, mask_path: Path | None, wanted_px: tuple[int | None, int | None]
) -> Control:
    """Read a control such as `canny:shoe.png:0.8`, cut to sides that the model draws.

    A side that is None is chosen by the picture: twice its own to enlarge it.

    Raises:
        InvalidRequestError: no such kind, or a mask or a scale that can't be.
        OutputError: a file can't be read.
    """
    name, _, rest = text.partition(":")
    kind = next((each for each in CONTROL_KINDS if each == name), None)
    if kind is None or not rest:
        raise InvalidRequestError(
            f"The control {text!r} can't be read. Write a kind "
            f"({', '.join(CONTROL_KINDS)}) and a picture: canny:shoe.png."
        )
    path, scale = split_number(rest, Control.scale)
    followed = mask_path if kind == "inpaint" else None
    larger = CONTROLLED_FACTOR if kind == "super_resolution" else 1.0
    pixels, mask = read_cut(path, followed, wanted_px, scale=larger)
    return Control(kind, pixels, mask, scale)


def read_references(options: argparse.Namespace) -> tuple[Reference, ...]:
    """Read the reference pictures.

    Raises:
        OutputError: one can't be read.
        InvalidRequestError: a weight is out of range.
    """
    return tuple(read_reference(text) for text in options.reference)


def read_reference(text: str) -> Reference:
    """Read a reference such as `mood.png:0.5`; without a weight it weighs 1.

    Raises:
        OutputError: there is no such picture.
        InvalidRequestError: the weight is out of range.
    """
    path, weight = split_number(text, Reference.weight)
    return Reference(read_image(path), weight)


def read_beginning(options: argparse.Namespace, family: str) -> dict[str, Any]:
    """Read `--start`, `--mask` and `--control` into fields of a prior's request.

    Where no size is asked for it is that of the picture.

    Raises:
        InvalidRequestError: a mask or a strength without a picture, or they don't fit.
        OutputError: a file can't be read.
    """
    fields: dict[str, Any] = {}
    control: str = getattr(options, "control", None) or ""
    if options.start is not None:
        fields = _read_start(options, family)
    elif options.strength is not None:
        raise InvalidRequestError(
            "--strength needs a picture to begin from. Name it with --start."
        )
    elif options.mask is not None and not control.startswith("inpaint:"):
        raise InvalidRequestError(
            "--mask needs a picture to begin from. Name it with --start."
        )
    if control:
        size = (
            fields.get("width_px", options.width),
            fields.get("height_px", options.height),
        )
        followed = read_control(control, options.mask, size)
        fields |= {"control": followed, **_size_of(followed.pixels)}
    return fields


def begin_at(start: Start) -> dict[str, Any]:
    """Return the fields of a prior's request that begins from pixels."""
    size = {} if isinstance(start.source, bytes) else _size_of(start.source)
    return {"start": start, **size}


def read_start(
    path: Path,
    strength: float,
    mask_path: Path | None = None,
    wanted_px: tuple[int | None, int | None] = (None, None),
) -> Start:
    """Read a picture to begin from and its mask, at sides that the model draws.

    A side that is None is chosen by the picture.

    Raises:
        InvalidRequestError: the mask has another size, or marks nothing.
        OutputError: a file can't be read.
    """
    pixels, mask = read_cut(path, mask_path, wanted_px)
    return Start(pixels, strength, mask)


def read_cut(
    path: Path,
    mask_path: Path | None,
    wanted_px: tuple[int | None, int | None],
    *,
    scale: float = 1.0,
) -> tuple[Pixels, Mask | None]:
    """Read a picture and its mask at a size, or at the picture's own times a scale."""
    pixels = read_image(path)
    height, width = pixels.shape[:2]
    own = find_fit(width, height, scale=scale)
    size = either(wanted_px[0], own.width_px), either(wanted_px[1], own.height_px)
    fit = crop_to(width, height, size)
    mask = None
    if mask_path is not None:
        mask = read_mask(mask_path)
        check_mask_fits(mask_path, mask, path, pixels)
        mask = cut(mask, fit)
    return cut_aloud(path, pixels, fit), mask


def cut_aloud(path: Path, pixels: Pixels, fit: Fit) -> Pixels:
    """Cut and scale a picture, and say so where that changes it."""
    height, width = pixels.shape[:2]
    lost = fit.cut_percent(width, height)
    if not fit.is_whole(width, height):
        trimmed = f", {lost:.0f} % of it cut off" if lost >= 1 else ""
        print(
            f"{path} is {width} x {height} px and taken at {fit.width_px} x "
            f"{fit.height_px} px{trimmed}.",
            file=sys.stderr,
        )
    return cut(pixels, fit)


def check_mask_fits(mask_path: Path, mask: Mask, path: Path, pixels: Pixels) -> None:
    """Refuse a mask that is not of its picture's size, or that marks nothing.

    Raises:
        InvalidRequestError: so it is.
    """
    if mask.shape != pixels.shape[:2]:
        raise InvalidRequestError(
            f"The mask {mask_path} is {mask.shape[1]} x {mask.shape[0]} px and {path} "
            f"{pixels.shape[1]} x {pixels.shape[0]} px. Make the mask as large as the "
            "picture."
        )
    if not mask.any():
        raise InvalidRequestError(
            f"The mask {mask_path} is black everywhere, so nothing would change. Paint "
            "white what is to be made anew."
        )


def _read_start(options: argparse.Namespace, family: str) -> dict[str, Any]:
    usual = Start.strength if options.mask is None else 1.0
    strength = either(options.strength, usual)
    if options.start.suffix == EMBEDDINGS_SUFFIX:
        return _begin_from_embeddings(options, strength, family)
    size = (options.width, options.height)
    return begin_at(read_start(options.start, strength, options.mask, size))


def _size_of(pixels: Pixels) -> dict[str, int]:
    return {"width_px": pixels.shape[1], "height_px": pixels.shape[0]}


def _begin_from_embeddings(
    options: argparse.Namespace, strength: float, family: str
) -> dict[str, Any]:
    if options.mask is not None:
        raise InvalidRequestError(
            f"--mask needs a picture, and {options.start} holds image embeddings. Name "
            "the picture with --start."
        )
    data = read_file("image embeddings", options.start)
    kept = read_embeddings(data, family=family)
    return {
        "start": Start(data, strength),
        "width_px": either(options.width, kept.width_px),
        "height_px": either(options.height, kept.height_px),
    }
