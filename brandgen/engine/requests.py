"""What an engine is asked for, as plain data that is checked when it is made.

Nothing here imports torch: the web process checks a form by making its request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brandgen.engine.errors import InvalidRequestError
from brandgen.lib.colors import contrast, luminance

Pixels = NDArray[np.uint8]
"""sRGB, shape (height, width, 3), values 0 to 255."""

Mask = NDArray[np.uint8]
"""Shape (height, width): 255 is made anew, 0 is kept, between them both are mixed."""

SIDE_MULTIPLE_PX = 128
"""Image sides are multiples of this: others fail inside Stage B or come back larger.

Source: measured on `StableCascadeUNet` in diffusers 0.42.1, all sides from 256 to 2048.
"""
SMALLEST_SIDE_PX = 256
LARGEST_SIDE_PX = 2048

MOST_REFERENCES = 8
MOST_TEXT_BOXES = 16
MOST_COLORS = 12
MOST_ADAPTERS = 4

ControlKind = Literal["inpaint", "canny", "super_resolution"]
CONTROL_KINDS: tuple[ControlKind, ...] = ("inpaint", "canny", "super_resolution")

TUNED_TIMESTEPS: tuple[float, ...] = (
    *(float(t) for t in np.linspace(1, 2 / 3, 20)),
    *(float(t) for t in np.linspace(2 / 3, 0, 11)[1:]),
)
"""29 steps, two thirds of them in the first third of the way, where layout is decided.

Source: `DEFAULT_STAGE_C_TIMESTEPS` of diffusers 0.42.1, whose prior pipeline takes a
schedule and ignores it.
"""


@dataclass(frozen=True, eq=False)
class Reference:
    """A picture whose look the prior borrows; several are blended."""

    pixels: Pixels = field(repr=False)
    weight: float = 1.0
    """Its share of the blend, beside the weights of the others."""

    def __post_init__(self) -> None:
        check_pixels("reference", self.pixels)
        check_range("weight of a reference", self.weight, 0.0, 10.0)


@dataclass(frozen=True, eq=False)
class Start:
    """A picture to begin from, in place of noise alone."""

    source: Pixels | bytes = field(repr=False)
    """Pixels of the size asked for, or kept image embeddings of that size."""
    strength: float = 0.8
    """How much of it is noised away: near 0 nearly nothing changes, at 1 nothing of it
    is left but what the mask keeps."""
    mask: Mask | None = field(default=None, repr=False)
    """Where the picture is made anew; None is everywhere. Elsewhere the latents are
    held to those of the source at every step."""

    def __post_init__(self) -> None:
        check_range("strength", self.strength, 0.0, 1.0)
        if not isinstance(self.source, bytes):
            check_pixels("picture to start from", self.source)
        if self.mask is not None:
            check_mask(self.mask)


@dataclass(frozen=True)
class PaletteColor:
    """A color and how much of the picture it should take."""

    red: int
    green: int
    blue: int
    share: float

    def __post_init__(self) -> None:
        for name in ("red", "green", "blue"):
            check_range(name, getattr(self, name), 0, 255)
        check_range("share of a color", self.share, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class PaletteGoal:
    """Pulls the colors of a picture towards a palette while the prior samples."""

    colors: tuple[PaletteColor, ...]
    """Shares are weights; they need not sum to 1."""
    strength: float = 0.5
    """From 0, no pull, to 1, all the way at every step. Half goes nearly as far in the
    end, and keeps more of what the prompt asks for."""
    subject: Mask | None = field(default=None, repr=False)
    """Where a subject stands that keeps its own colors; None where none is known."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.colors) <= MOST_COLORS:
            raise InvalidRequestError(
                f"The palette has {len(self.colors)} colors. Use 1 to {MOST_COLORS}."
            )
        if not sum(color.share for color in self.colors) > 0:
            raise InvalidRequestError(
                "No color of the palette has a share. Give one more than 0."
            )
        check_range("palette strength", self.strength, 0.0, 1.0)
        if self.subject is not None:
            check_mask(self.subject)


@dataclass(frozen=True)
class TextBox:
    """Where a layout will put text: kept calm, and dark or light enough for it.

    Sides are shares of the picture's width and height, from its top left corner.
    """

    left: float
    top: float
    right: float
    bottom: float
    text_color: tuple[int, int, int] = (255, 255, 255)
    contrast: float = 4.5
    """WCAG 2.2 contrast ratio that the text needs on every part of the box."""
    other_color: tuple[int, int, int] | None = None
    """Another color that the text may have, where that asks less of the picture."""

    def __post_init__(self) -> None:
        for name in ("left", "top", "right", "bottom"):
            check_range(f"{name} side of a text box", getattr(self, name), 0.0, 1.0)
        if not (self.left < self.right and self.top < self.bottom):
            raise InvalidRequestError(
                f"A text box goes from {self.left:g} to {self.right:g} and from "
                f"{self.top:g} to {self.bottom:g}: it has no inside. Let it end right "
                "of and below its start."
            )
        check_range("contrast of a text box", self.contrast, 1.0, 21.0)
        for color in self.colors:
            self._check_color(color)

    @property
    def colors(self) -> tuple[tuple[int, int, int], ...]:
        """The colors that the text may have."""
        other = self.other_color
        return (self.text_color,) if other is None else (self.text_color, other)

    def _check_color(self, color: tuple[int, int, int]) -> None:
        for value in color:
            check_range("text color", value, 0, 255)
        own = float(luminance(np.array(color, np.float64)))
        most = float(max(contrast(own, 0.0), contrast(own, 1.0)))
        if self.contrast > most:
            raise InvalidRequestError(
                f"A text of the color {color} reaches a contrast of at most "
                f"{most:.2f} : 1, on black or white; the box asks for "
                f"{self.contrast:g} : 1. Make the text lighter or darker, or ask less."
            )


@dataclass(frozen=True)
class Adapter:
    """A LoRA of Stage C to sample with."""

    file: Path
    """A safetensors file in one of the formats that `engine.adapters` reads."""
    scale: float = 1.0
    sha256: str = ""
    """In hex; the file is refused where it is another. Empty takes any."""

    def __post_init__(self) -> None:
        check_range("adapter scale", self.scale, -2.0, 2.0)


@dataclass(frozen=True, eq=False)
class Control:
    """A picture that a ControlNet of Stage C follows."""

    kind: ControlKind
    pixels: Pixels = field(repr=False)
    mask: Mask | None = field(default=None, repr=False)
    """For "inpaint": what is made anew."""
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in CONTROL_KINDS:
            raise InvalidRequestError(
                f"There is no control {self.kind!r}. Use {', '.join(CONTROL_KINDS)}."
            )
        check_pixels("control picture", self.pixels)
        check_range("control scale", self.scale, 0.0, 2.0)
        if self.kind == "inpaint" and self.mask is None:
            raise InvalidRequestError("Inpainting needs a mask. Say what to make anew.")
        if self.mask is not None:
            check_mask(self.mask)


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
    guidance_until: float = 1.0
    """The share of the steps that are guided; the rest cost half. 1 guides all."""
    timesteps: tuple[float, ...] = ()
    """Noise levels from 1 down to 0, in place of even steps; see TUNED_TIMESTEPS."""
    prompt_embeddings: bytes | None = field(default=None, repr=False)
    """What `encode_prompt` made of both prompts, so that no text encoder is needed."""
    references: tuple[Reference, ...] = ()
    start: Start | None = None
    palette: PaletteGoal | None = None
    text_boxes: tuple[TextBox, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    control: Control | None = None

    def __post_init__(self) -> None:
        check_side("width", self.width_px)
        check_side("height", self.height_px)
        check_seed(self.seed)
        check_range("prior steps", self.steps, 1, 100)
        check_range("prior guidance scale", self.guidance_scale, 0.0, 20.0)
        check_range("guided share of the steps", self.guidance_until, 0.0, 1.0)
        check_timesteps(self.timesteps)
        check_count("references", len(self.references), MOST_REFERENCES)
        check_count("text boxes", len(self.text_boxes), MOST_TEXT_BOXES)
        check_count("adapters", len(self.adapters), MOST_ADAPTERS)
        if self.references and not sum(each.weight for each in self.references) > 0:
            raise InvalidRequestError(
                "No reference has a weight. Give one more than 0, or leave them out."
            )
        pictures = (self.references, self.start, self.control)
        if not self.prompt.strip() and not any(pictures):
            raise InvalidRequestError(
                "The prompt is empty. Say what to draw, or give a picture to vary."
            )
        if self.start is not None:
            check_fit(self.start, self.width_px, self.height_px)

    @property
    def step_count(self) -> int:
        """How many steps a run from pure noise takes."""
        return len(self.timesteps) - 1 if self.timesteps else self.steps

    def with_seed(self, seed: int) -> "PriorRequest":
        """Ask the same for another seed."""
        return replace(self, seed=seed)


@dataclass(frozen=True)
class DecoderRequest:
    """Asks for the pixels of kept image embeddings."""

    embeddings: bytes = field(repr=False)
    seed: int
    steps: int = 10
    guidance_scale: float = 0.0
    start: Start | None = None
    """Pixels whose details Stage B keeps, outside the mask or by strength."""

    def __post_init__(self) -> None:
        check_seed(self.seed)
        check_range("decoder steps", self.steps, 1, 100)
        check_range("decoder guidance scale", self.guidance_scale, 0.0, 20.0)
        if self.start is not None and isinstance(self.start.source, bytes):
            raise InvalidRequestError(
                "The decoder starts from pixels; it was given image embeddings."
            )


@dataclass(frozen=True, eq=False)
class EncodeRequest:
    """Asks for the image embeddings of a picture that exists, without the prior."""

    pixels: Pixels = field(repr=False)
    width_px: int
    height_px: int
    """The size to decode to; the picture is scaled to it."""
    prompt: str = ""
    """What is on it, for the decoder; may be empty."""
    negative_prompt: str = ""

    def __post_init__(self) -> None:
        check_pixels("picture", self.pixels)
        check_side("width", self.width_px)
        check_side("height", self.height_px)


def check_batch(requests: Sequence[PriorRequest] | Sequence[DecoderRequest]) -> None:
    """Refuse requests that can't run as one batch: only prompts and seeds may differ.

    Raises:
        InvalidRequestError: none, or they differ in size, steps or another setting.
    """
    if not requests:
        raise InvalidRequestError("A batch needs at least one request.")
    free = {"prompt", "negative_prompt", "seed", "prompt_embeddings", "embeddings"}
    first = requests[0]
    for other in requests[1:]:
        for name in vars(first).keys() - free:
            if getattr(other, name) != getattr(first, name):
                raise InvalidRequestError(
                    f"The requests of a batch differ in {name.replace('_', ' ')}. Run "
                    "them one by one."
                )


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


def check_count(name: str, count: int, most: int) -> None:
    """Refuse too many of something.

    Raises:
        InvalidRequestError: more than the most.
    """
    if count > most:
        raise InvalidRequestError(f"There are {count} {name}. Use at most {most}.")


def check_timesteps(timesteps: Sequence[float]) -> None:
    """Refuse a schedule that does not lead from noise to a picture.

    Raises:
        InvalidRequestError: it does not fall from 1 to 0, or has over 100 steps.
    """
    if not timesteps:
        return
    check_count("timesteps", len(timesteps), 101)
    falls = all(a > b for a, b in pairwise(timesteps))
    if len(timesteps) < 2 or not falls or (timesteps[0], timesteps[-1]) != (1, 0):
        raise InvalidRequestError(
            f"The timesteps go from {timesteps[0]:g} to {timesteps[-1]:g}. Let them "
            "fall from 1 to 0, each below the one before."
        )


def check_pixels(name: str, pixels: Pixels) -> None:
    """Refuse what is no picture, or a tiny or a huge one.

    Raises:
        InvalidRequestError: not uint8 of shape (height, width, 3), 16 to 8192 px.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise InvalidRequestError(
            f"The {name} has the shape {pixels.shape} of {pixels.dtype}. Give RGB "
            "pixels, shape (height, width, 3) of uint8."
        )
    if not 16 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= 8192:
        raise InvalidRequestError(
            f"The {name} is {pixels.shape[1]} x {pixels.shape[0]} px. Use sides from "
            "16 to 8192 px."
        )


def check_mask(mask: Mask) -> None:
    """Refuse what is no mask.

    Raises:
        InvalidRequestError: not uint8 of shape (height, width).
    """
    if mask.dtype != np.uint8 or mask.ndim != 2 or not mask.size:
        raise InvalidRequestError(
            f"The mask has the shape {mask.shape} of {mask.dtype}. Give one value from "
            "0 to 255 for each pixel, shape (height, width) of uint8."
        )


def check_fit(start: Start, width_px: int, height_px: int) -> None:
    """Refuse a start or a mask of another size than the picture asked for.

    Raises:
        InvalidRequestError: a side differs.
    """
    named = {} if isinstance(start.source, bytes) else {"picture": start.source}
    if start.mask is not None:
        named["mask"] = start.mask
    for name, values in named.items():
        if values.shape[:2] != (height_px, width_px):
            raise InvalidRequestError(
                f"The {name} to start from is {values.shape[1]} x {values.shape[0]} "
                f"px; the picture asked for is {width_px} x {height_px} px. Scale it "
                "first."
            )
