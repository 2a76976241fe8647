"""What every engine can do, as plain data in and plain data out.

Nothing here imports torch: the web process and the tests read these types for free.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""sRGB, shape (height, width, 3), values 0 to 255."""

SIDE_MULTIPLE_PX = 128
"""Image sides are multiples of this: others fail inside Stage B or come back larger.

Source: measured on `StableCascadeUNet` in diffusers 0.42.1, all sides from 256 to 2048.
"""
SMALLEST_SIDE_PX = 256
LARGEST_SIDE_PX = 2048

Stage = Literal["C", "B", "A"]


class EngineError(Exception):
    """An engine can't do what it was asked. The message is fit to show."""


class InvalidRequestError(EngineError):
    """A request is refused before any work is done."""


class WeightsError(EngineError):
    """Weights are missing, damaged or not those that their manifest names."""


@dataclass(frozen=True)
class ModelLicense:
    """The license of a model's weights, which every image made with them inherits."""

    name: str
    url: str
    is_commercial_use_allowed: bool


@dataclass(frozen=True)
class ModelIdentity:
    """Which weights, read how, by which libraries: enough to make an image again."""

    name: str
    """For people: "Stable Cascade miniature"."""
    revision: str
    family: str
    """"stable-cascade-miniature", "stable-cascade", "fake"."""
    weights_sha256: Mapping[str, str]
    """File name inside the bundle to the SHA-256 of its bytes, in hex."""
    dtype: str
    device: str
    """Kind of device, not its number: "cpu" or the GPU's name."""
    libraries: Mapping[str, str]
    """Distribution name to version, of those that decide the pixels."""
    license: ModelLicense
    threads: int = 1
    """CPU threads that share the arithmetic: they decide the last bit of a picture."""


@dataclass(frozen=True)
class Step:
    """One sampling step that has just ended."""

    stage: Stage
    index: int
    """From 1."""
    of: int
    preview: Pixels | None = None
    """The picture as Stage C sees it now, small; None where no preview is due."""


OnStep = Callable[[Step], None]
"""Called after every step. What it raises ends the run within that step: that is how
work is cancelled. The engine stays usable."""


def ignore_step(step: Step) -> None:
    """Do nothing after a step."""


@dataclass(frozen=True)
class PriorRequest:
    """Asks for the image embeddings of one seed."""

    prompt: str
    seed: int
    width_px: int
    height_px: int
    negative_prompt: str = ""
    steps: int = 20
    guidance_scale: float = 4.0

    def __post_init__(self) -> None:
        check_side("width", self.width_px)
        check_side("height", self.height_px)
        check_seed(self.seed)
        check_range("prior steps", self.steps, 1, 100)
        check_range("prior guidance scale", self.guidance_scale, 0.0, 20.0)


@dataclass(frozen=True)
class PriorResult:
    """One seed's image embeddings, kept to be decoded at any time, anywhere."""

    embeddings: bytes
    """A safetensors file: image embeddings (1, 16, ceil(h / 42.67), ceil(w / 42.67)),
    the prompt embeddings that the decoder needs, and metadata with sizes and model."""
    preview: Pixels
    """Small: one pixel or more for each embedding cell."""


@dataclass(frozen=True)
class DecoderRequest:
    """Asks for the pixels of kept image embeddings."""

    embeddings: bytes = field(repr=False)
    seed: int
    steps: int = 10
    guidance_scale: float = 0.0

    def __post_init__(self) -> None:
        check_seed(self.seed)
        check_range("decoder steps", self.steps, 1, 100)
        check_range("decoder guidance scale", self.guidance_scale, 0.0, 20.0)


class Engine(Protocol):
    """Runs the prior and the decoder as two separate steps."""

    def identity(self) -> ModelIdentity:
        """Say which model this is. Loads no weights into memory."""
        ...

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Sample the image embeddings of one seed (Stage C).

        The same request gives the same bytes on the same kind of machine.
        """
        ...

    def run_decoder(
        self, request: DecoderRequest, *, on_step: OnStep = ignore_step
    ) -> Pixels:
        """Make pixels from image embeddings (Stages B and A); the prior is not needed.

        Raises:
            InvalidRequestError: the bytes are no embeddings of this model's family.
        """
        ...


def check_side(name: str, value: int) -> None:
    """Refuse an image side that the model can't draw.

    Raises:
        InvalidRequestError: not a multiple of 128 px from 256 to 2048 px.
    """
    if value % SIDE_MULTIPLE_PX or not SMALLEST_SIDE_PX <= value <= LARGEST_SIDE_PX:
        nearest = round(value / SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX
        nearest = min(max(nearest, SMALLEST_SIDE_PX), LARGEST_SIDE_PX)
        message = (
            f"The {name} is {value} px. Use a multiple of {SIDE_MULTIPLE_PX} px from "
            f"{SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX}; the nearest is {nearest} px."
        )
        raise InvalidRequestError(message)


def check_seed(seed: int) -> None:
    """Refuse a seed that does not fit where seeds are kept.

    Raises:
        InvalidRequestError: not between 0 and 2**53 - 1 (a safe integer in JSON).
    """
    if not 0 <= seed < 2**53:
        raise InvalidRequestError(
            f"The seed is {seed}. Use a whole number from 0 to {2**53 - 1}."
        )


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside its range.

    Raises:
        InvalidRequestError: below low or above high, or not a number.
    """
    if not low <= value <= high:
        raise InvalidRequestError(
            f"The {name} is {value}. Use a number from {low:g} to {high:g}."
        )
