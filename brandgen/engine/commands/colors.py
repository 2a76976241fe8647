"""The options that guide colors, and what they read: a palette and text boxes."""

import argparse
from pathlib import Path
from typing import Any

from brandgen.engine.commands.files import read_mask
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import PaletteColor, PaletteGoal, TextBox
from brandgen.lib.colors import ColorError, parse_hex


def add_color_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options that guide colors."""
    group = parser.add_argument_group("colors")
    group.add_argument(
        "--palette",
        metavar="COLORS",
        help='colors with their shares, such as "#0b3d91:60,#f4f1ea:30,#ff6b35:10"',
    )
    group.add_argument(
        "--palette-strength",
        type=float,
        default=PaletteGoal.strength,
        metavar="S",
        help="from 0 to 1 (default %(default)s)",
    )
    group.add_argument(
        "--subject",
        type=Path,
        metavar="MASK",
        help="a picture that is white where a subject keeps its own colors",
    )
    group.add_argument(
        "--text-box",
        action="append",
        default=[],
        metavar="BOX",
        help="room for text: left,top,right,bottom:color:contrast, sides as shares of "
        'the picture, such as "0.05,0.1,0.5,0.9:#ffffff:4.5"; of two colors, such as '
        "#ffffff/#171717, the one that suits the picture is taken; may be repeated",
    )


def read_color_options(options: argparse.Namespace) -> dict[str, Any]:
    """Read the options into fields of a prior's request.

    Raises:
        InvalidRequestError: a palette or a box is not written as it should be.
        OutputError: the mask can't be read.
    """
    if options.palette is None:
        palette = None
    else:
        palette = PaletteGoal(
            read_palette(options.palette),
            options.palette_strength,
            None if options.subject is None else read_mask(options.subject),
        )
    boxes = tuple(read_text_box(text) for text in options.text_box)
    return {"palette": palette, "text_boxes": boxes}


def read_palette(text: str) -> tuple[PaletteColor, ...]:
    """Read colors such as `#0b3d91:60,#f4f1ea:30`; a color without a share weighs 1.

    Raises:
        InvalidRequestError: a color or a share is none.
    """
    pairs = [part.partition(":")[::2] for part in text.split(",")]
    try:
        weights = [float(share) if share else 1.0 for _, share in pairs]
        inks = [parse_hex(color.strip()) for color, _ in pairs]
    except (ColorError, ValueError) as error:
        raise InvalidRequestError(
            f"The palette {text!r} can't be read: {error} Write colors with their "
            "shares, such as #0b3d91:60,#f4f1ea:30."
        ) from error
    whole = sum(abs(weight) for weight in weights) or 1.0
    return tuple(
        PaletteColor(*ink, weight / whole)
        for ink, weight in zip(inks, weights, strict=True)
    )


def read_text_box(text: str) -> TextBox:
    """Read a box such as `0.05,0.1,0.5,0.9:#ffffff:4.5`; the last two may be left out.

    Raises:
        InvalidRequestError: it is written otherwise, or it is no box.
    """
    place, _, rest = text.partition(":")
    color, _, ratio = rest.partition(":")
    try:
        left, top, right, bottom = (float(side) for side in place.split(","))
        inks = [parse_hex(ink) for ink in color.split("/")] if color else []
        ink, *others = inks or [TextBox.text_color]
        contrast = float(ratio) if ratio else TextBox.contrast
        if len(others) > 1:
            raise ValueError("it has more than two colors.")
    except (ColorError, ValueError) as error:
        raise InvalidRequestError(
            f"The text box {text!r} can't be read: {error} Write four sides as shares "
            "of the picture, a color and a contrast: 0.05,0.1,0.5,0.9:#ffffff:4.5."
        ) from error
    return TextBox(left, top, right, bottom, ink, contrast, *others)
