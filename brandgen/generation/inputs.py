"""What a generation was given beside its words, as data that is kept with it.

Pictures and masks are files in storage, named by their hash, so that the same inputs
make the same image again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from brandgen.compositor.strict import DataError, Limit, read
from brandgen.engine.requests import LARGEST_SIDE_PX

Sha256 = Annotated[str, Limit(pattern=r"[0-9a-f]{64}")]
Share = Annotated[float, Limit(0, 1)]
Side = Annotated[int, Limit(0, LARGEST_SIDE_PX)]
Hex = Annotated[str, Limit(pattern=r"#[0-9a-f]{6}")]


class InputsError(Exception):
    """The inputs that a row keeps can't be read. The message is fit to show."""


@dataclass(frozen=True)
class SourceInput:
    """A picture to begin from, cut and scaled to the size of the generation."""

    pixels_sha256: Sha256
    """A PNG of exactly the generation's size."""
    strength: Share = 1.0
    mask_sha256: str = ""
    """A gray PNG of the same size, white where the picture is made anew; empty for
    everywhere."""
    embeddings_sha256: str = ""
    """Image embeddings of the same picture and size, where a generation has made it: a
    model of that family begins from them, for they say more than the pixels."""
    family: str = ""
    control: Literal["", "inpaint", "canny", "super_resolution"] = ""
    """The kind of ControlNet that follows the picture, where the model has one."""
    left_px: Side = 0
    top_px: Side = 0
    right_px: Side = 0
    bottom_px: Side = 0
    """By how much an extension made the picture larger on each side."""


@dataclass(frozen=True)
class ReferenceInput:
    """A picture of the library whose look is borrowed."""

    asset_id: str
    sha256: Sha256
    weight: Annotated[float, Limit(0, 10)] = 1.0


@dataclass(frozen=True)
class ColorInput:
    """A color of the brand kit and the share of the picture that it should take."""

    hex: Hex
    share: Share


@dataclass(frozen=True)
class PaletteInput:
    """How strongly colors are pulled to the brand's palette, and that palette."""

    strength: Share
    colors: Annotated[tuple[ColorInput, ...], Limit(1, 12)]


@dataclass(frozen=True)
class BoxInput:
    """Room for a text: sides as shares of the picture, from its top left corner."""

    left: Share
    top: Share
    right: Share
    bottom: Share
    text_color: Hex = "#ffffff"
    contrast: Annotated[float, Limit(1, 21)] = 4.5
    other_color: Hex | None = None
    """Another color that the text may have, where that suits the picture better."""


@dataclass(frozen=True)
class AdapterInput:
    """A LoRA that the prior samples with, as the registry of models named it then."""

    name: Annotated[str, Limit(1, 120)]
    sha256: Sha256
    scale: Annotated[float, Limit(-2, 2)] = 1.0
    key: str = ""
    license: str = ""
    is_commercial_use_allowed: bool = False


@dataclass(frozen=True)
class Inputs:
    """Everything beside prompts, seeds, sizes and steps."""

    source: SourceInput | None = None
    references: tuple[ReferenceInput, ...] = ()
    palette: PaletteInput | None = None
    text_boxes: tuple[BoxInput, ...] = ()
    layout: str = ""
    """What the room is for, in words: "Spring sale, Story"."""
    adapters: tuple[AdapterInput, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what a row keeps; what stands at its default is left out."""
        usual = asdict(Inputs())
        return {k: v for k, v in asdict(self).items() if v != usual[k]}


def read_inputs(data: Mapping[str, Any]) -> Inputs:
    """Read the inputs that a row keeps.

    Raises:
        InputsError: they are damaged, or of a newer version.
    """
    try:
        return read(Inputs, data)
    except DataError as error:
        raise InputsError(
            f"What this generation was given can't be read: {error}. It was written by "
            "another version of brandgen."
        ) from error
