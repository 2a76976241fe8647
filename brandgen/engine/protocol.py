"""What every engine can do, as plain data in and plain data out.

Nothing here imports torch: the web process and the tests read these types for free.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from brandgen.engine.requests import (
    DecoderRequest,
    EncodeRequest,
    Pixels,
    PriorRequest,
)

Stage = Literal["C", "B", "A"]


class Capability(StrEnum):
    """What an engine may be able to do beside drawing a prompt.

    A page greys out what is missing; an engine refuses it with `UnsupportedError`.
    """

    REFERENCES = "references"
    """Look at reference pictures (CLIP image encoder)."""
    START = "start"
    """Begin from a picture, and inpaint by mask (semantic encoder)."""
    COLOR_GUIDANCE = "color_guidance"
    """Follow a palette, and keep text boxes calm (a linear map to color)."""
    ADAPTERS = "adapters"
    """Sample with LoRA adapters of Stage C."""
    CONTROL_INPAINT = "control_inpaint"
    CONTROL_CANNY = "control_canny"
    CONTROL_SUPER_RESOLUTION = "control_super_resolution"


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
    """Of the text encoder and the prior."""
    device: str
    """Kind of device, not its number: "cpu" or the GPU's name."""
    libraries: Mapping[str, str]
    """Distribution name to version, of those that decide the pixels."""
    license: ModelLicense
    threads: int = 1
    """CPU threads that share the arithmetic: they decide the last bit of a picture."""
    decoder_dtype: str = ""
    """Of the decoder; "" where an older record does not say: it was `dtype`."""
    prior_size: str = "large"
    decoder_size: str = "large"
    networks: str = "stock"
    """By which code the networks are run: it decides the last bits too."""


@dataclass(frozen=True)
class Step:
    """One sampling step that has just ended."""

    stage: Stage
    index: int
    """From 1."""
    of: int
    previews: tuple[Pixels, ...] = ()
    """Each picture of the batch as Stage C sees it now, small; empty where none is
    due."""


OnStep = Callable[[Step], None]
"""Called after every step. What it raises ends the run within that step: that is how
work is cancelled. The engine stays usable."""


def ignore_step(step: Step) -> None:
    """Do nothing after a step."""


@dataclass(frozen=True)
class PriorResult:
    """One seed's image embeddings, kept to be decoded at any time, anywhere."""

    embeddings: bytes
    """A safetensors file: image embeddings (1, 16, ceil(h / 42.67), ceil(w / 42.67)),
    the prompt embeddings that the decoder needs, and metadata with sizes and model."""
    preview: Pixels
    """Small: one pixel or more for each embedding cell."""


class Engine(Protocol):
    """Runs the prior and the decoder as two separate steps."""

    def identity(self) -> ModelIdentity:
        """Say which model this is. Loads no weights into memory."""
        ...

    def capabilities(self) -> frozenset[Capability]:
        """Say what this model can do beside drawing a prompt. Loads no weights."""
        ...

    def encode_prompt(self, prompt: str, negative_prompt: str = "") -> bytes:
        """Read both prompts (the text encoder), for a prior that runs elsewhere.

        Returns a safetensors file that `PriorRequest.prompt_embeddings` takes.

        Raises:
            InvalidRequestError: a prompt is too long or holds a control word.
        """
        ...

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Sample the image embeddings of one seed (Stage C).

        The same request gives the same bytes on the same kind of machine.

        Raises:
            UnsupportedError: the request asks for what `capabilities` does not name.
            InvalidRequestError: the prompt is too long or holds a control word.
        """
        ...

    def run_prior_batch(
        self, requests: Sequence[PriorRequest], *, on_step: OnStep = ignore_step
    ) -> list[PriorResult]:
        """Sample several at once; only prompts and seeds may differ.

        Each equals the same request run alone up to rounding, not in every bit.
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

    def run_decoder_batch(
        self, requests: Sequence[DecoderRequest], *, on_step: OnStep = ignore_step
    ) -> list[Pixels]:
        """Decode several of one size at once; only embeddings and seeds may differ."""
        ...

    def encode_image(self, request: EncodeRequest) -> PriorResult:
        """Make image embeddings of a picture that exists; the prior is not needed.

        Decoding them shows what the decoder can keep of it; at a larger size it is an
        upscale.

        Raises:
            UnsupportedError: the model has no semantic encoder.
        """
        ...
