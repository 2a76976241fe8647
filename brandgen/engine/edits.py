"""What can be made from a picture that exists, how strongly and how large."""

from collections.abc import Collection, Mapping

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.framing import Fit, find_fit
from brandgen.engine.protocol import Capability
from brandgen.engine.requests import LARGEST_SIDE_PX, SIDE_MULTIPLE_PX, ControlKind

STRENGTHS: Mapping[str, float] = {"subtle": 0.35, "strong": 0.7}
"""How much of a picture a variation makes anew: the layout stays, or the idea."""
FACTORS = (1.5, 2.0)
"""How many times larger a picture can be made."""
DETAIL_STRENGTH = 0.5
"""How much of an enlarged picture's details the decoder may draw anew."""
CONTROLLED_FACTOR = 2.0
"""By how much the ControlNet enlarges: `scale_factor` in controlnet_c_3b_sr.yaml of the
official repository, which samples so without guidance."""
CONTROLLED_GUIDANCE = 1.0


class ExtensionError(InvalidRequestError):
    """A picture can't be made that large. The message is fit to show."""


def check_extension(fit: Fit, sides: Mapping[str, int]) -> tuple[int, int]:
    """Return the size that an extended picture will have.

    Raises:
        ExtensionError: no picture has that size, or nothing is added.
    """
    for name, side in sides.items():
        if side < 0 or side % SIDE_MULTIPLE_PX:
            raise ExtensionError(
                f"The {name} is extended by {side} px. Use a multiple of "
                f"{SIDE_MULTIPLE_PX} px."
            )
    if not any(sides.values()):
        raise ExtensionError("Nothing is added. Choose a side to extend.")
    size = (
        fit.width_px + sides["left"] + sides["right"],
        fit.height_px + sides["top"] + sides["bottom"],
    )
    if max(size) > LARGEST_SIDE_PX:
        raise ExtensionError(
            f"The picture would be {size[0]} × {size[1]} px. A side has at most "
            f"{LARGEST_SIDE_PX} px: extend it less."
        )
    return size


def find_enlarged_fit(width_px: int, height_px: int, factor: float) -> Fit:
    """Choose the sides of a picture that is enlarged.

    Raises:
        ExtensionError: no such factor, or a side would be too long.
    """
    if factor not in FACTORS:
        raise ExtensionError(
            f"The picture can't be enlarged {factor:g} times. Use "
            f"{' or '.join(f'{each:g}' for each in FACTORS)}."
        )
    longest = max(width_px, height_px)
    if longest * factor > LARGEST_SIDE_PX:
        raise ExtensionError(
            f"The longer side has {longest} px and would have {longest * factor:.0f} "
            f"px. The model draws up to {LARGEST_SIDE_PX} px."
        )
    return find_fit(width_px, height_px, scale=factor)


def choose_control(
    capabilities: Collection[Capability],
    *,
    has_mask: bool = False,
    factor: float | None = None,
) -> ControlKind | None:
    """Choose the ControlNet that helps with an edit, where the model has it."""
    if has_mask and Capability.CONTROL_INPAINT in capabilities:
        return "inpaint"
    can_enlarge = Capability.CONTROL_SUPER_RESOLUTION in capabilities
    if factor == CONTROLLED_FACTOR and can_enlarge:
        return "super_resolution"
    return None
