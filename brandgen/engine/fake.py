"""An engine for fast tests: numpy only, honest bytes, no model.

It paints a gradient between the colors that the prompt names, so that a test can see
that a picture came from its prompt, and does in its own simple way all that a model can
be asked for. The same request gives the same bytes.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import version

from brandgen.engine import fake_painting as painting
from brandgen.engine.capabilities import check_supported
from brandgen.engine.embeddings import (
    EncodedPrompts,
    ImageEmbeddings,
    hash_bytes,
    read_embeddings,
    read_prompts,
    write_embeddings,
    write_prompts,
)
from brandgen.engine.errors import EngineError, UnsupportedError
from brandgen.engine.previews import enlarge
from brandgen.engine.protocol import (
    Capability,
    ModelIdentity,
    ModelLicense,
    OnStep,
    PriorResult,
    Stage,
    Step,
    ignore_step,
)
from brandgen.engine.records import describe
from brandgen.engine.requests import (
    DecoderRequest,
    EncodeRequest,
    Pixels,
    PriorRequest,
    check_batch,
)
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tokens import check_prompt

NAME = "Fake engine"
FAMILY = "fake"
CAPABILITIES = frozenset(
    {
        Capability.REFERENCES,
        Capability.START,
        Capability.COLOR_GUIDANCE,
        Capability.ADAPTERS,
    }
)


class EngineDiedError(EngineError):
    """The fake engine was told to die here, as a killed worker would."""


class FakeEngine:
    """Paints gradients in the colors of the prompt."""

    def __init__(
        self,
        *,
        dies_after: int | None = None,
        delay_s: float = 0.0,
        capabilities: Collection[Capability] = CAPABILITIES,
    ) -> None:
        """Make an engine that dies in its run number `dies_after` + 1, if given.

        `delay_s` is waited in every step, so that a test has the time to cancel.
        """
        self.dies_after = dies_after
        self.delay_s = delay_s
        self.seeds_seen: list[int] = []
        """Seeds of prior runs that were started, in order."""
        self.decoder_seeds_seen: list[int] = []
        """Seeds of decoder runs that were started, in order."""
        self._capabilities = frozenset(capabilities)
        self._finished = 0

    def identity(self) -> ModelIdentity:
        """Say which model this is."""
        return ModelIdentity(
            name=NAME,
            revision="1",
            family=FAMILY,
            weights_sha256={},
            dtype="float32",
            decoder_dtype="float32",
            device="cpu",
            libraries={"numpy": version("numpy"), "pillow": version("pillow")},
            license=ModelLicense(
                name="Apache-2.0",
                url="https://www.apache.org/licenses/LICENSE-2.0",
                is_commercial_use_allowed=True,
            ),
        )

    def capabilities(self) -> frozenset[Capability]:
        """Say what it does beside drawing a prompt."""
        return self._capabilities

    def encode_prompt(self, prompt: str, negative_prompt: str = "") -> bytes:
        """Write down the colors that both prompts name."""
        return write_prompts(self._encode(prompt, negative_prompt))

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Lay out a gradient between the colors that the prompt names.

        Raises:
            UnsupportedError: the request needs what this engine was made without.
            WeightsError: an adapter's file is missing or another.
        """
        return self.run_prior_batch([request], on_step=on_step)[0]

    def run_prior_batch(
        self, requests: Sequence[PriorRequest], *, on_step: OnStep = ignore_step
    ) -> list[PriorResult]:
        """Lay out a gradient for each; only prompts and seeds may differ."""
        check_batch(requests)
        first = requests[0]
        check_supported(first, self._capabilities, NAME)
        prompts = [self._prompts_of(request) for request in requests]
        self.seeds_seen += [request.seed for request in requests]
        images = [
            painting.paint_cells(request, read)
            for request, read in zip(requests, prompts, strict=True)
        ]
        previews = [enlarge(painting.to_pixels(image)) for image in images]
        steps = painting.count_steps(first)
        for index in self._steps(steps):
            is_due = index % max(1, steps // 5) == 0
            on_step(Step("C", index, steps, tuple(previews) if is_due else ()))
        self._finished += 1
        return [
            PriorResult(write_embeddings(_keep(request, image, read)), preview)
            for request, image, read, preview in zip(
                requests, images, prompts, previews, strict=True
            )
        ]

    def run_decoder(
        self, request: DecoderRequest, *, on_step: OnStep = ignore_step
    ) -> Pixels:
        """Enlarge the gradient and strew grain over it, other grain for other seeds.

        Raises:
            InvalidRequestError: the bytes are no embeddings of this engine.
        """
        return self.run_decoder_batch([request], on_step=on_step)[0]

    def run_decoder_batch(
        self, requests: Sequence[DecoderRequest], *, on_step: OnStep = ignore_step
    ) -> list[Pixels]:
        """Enlarge several gradients; only embeddings and seeds may differ."""
        check_batch(requests)
        first = requests[0]
        check_supported(first, self._capabilities, NAME)
        kept = [read_embeddings(each.embeddings, family=FAMILY) for each in requests]
        self.decoder_seeds_seen += [request.seed for request in requests]
        stage: Stage = "B"
        for index in self._steps(first.steps):
            on_step(Step(stage, index, first.steps))
        pictures = [
            painting.draw_pixels(each, request)
            for each, request in zip(kept, requests, strict=True)
        ]
        on_step(Step("A", 1, 1))
        self._finished += 1
        return pictures

    def encode_image(self, request: EncodeRequest) -> PriorResult:
        """Keep the mean color of each cell of a picture.

        Raises:
            UnsupportedError: this engine was made without `Capability.START`.
        """
        if Capability.START not in self._capabilities:
            raise UnsupportedError(
                f"{NAME} can't begin from a picture: it has no semantic encoder. Leave "
                "that out, or use a model that can."
            )
        image = painting.average_cells(
            request.pixels, request.width_px, request.height_px
        )
        prompts = self._encode(request.prompt, request.negative_prompt)
        embeddings = ImageEmbeddings(
            image=image[None],
            prompt=prompts.pooled,
            negative_prompt=prompts.negative_pooled,
            width_px=request.width_px,
            height_px=request.height_px,
            family=FAMILY,
            model=f"{NAME} 1",
        )
        return PriorResult(
            write_embeddings(embeddings), enlarge(painting.to_pixels(image))
        )

    def _encode(self, prompt: str, negative_prompt: str) -> EncodedPrompts:
        check_prompt(prompt)
        check_prompt(negative_prompt)
        return EncodedPrompts(
            tokens=painting.write_colors(prompt),
            pooled=painting.hash_prompt(prompt),
            negative_tokens=painting.write_colors(negative_prompt),
            negative_pooled=painting.hash_prompt(negative_prompt),
            family=FAMILY,
        )

    def _prompts_of(self, request: PriorRequest) -> EncodedPrompts:
        if request.prompt_embeddings is None:
            return self._encode(request.prompt, request.negative_prompt)
        return read_prompts(request.prompt_embeddings, family=FAMILY)

    def _steps(self, of: int) -> Iterator[int]:
        for index in range(1, of + 1):
            if self.dies_after is not None and self._finished >= self.dies_after:
                raise EngineDiedError(
                    f"The fake engine died after {self._finished} runs."
                )
            if self.delay_s:
                time.sleep(self.delay_s)
            yield index


def _keep(
    request: PriorRequest, image: Floats, prompts: EncodedPrompts
) -> ImageEmbeddings:
    """Put one picture's cells into embeddings, with what made them."""
    return ImageEmbeddings(
        image=image[None],
        prompt=prompts.pooled,
        negative_prompt=prompts.negative_pooled,
        width_px=request.width_px,
        height_px=request.height_px,
        family=FAMILY,
        model=f"{NAME} 1",
        made_with={
            "settings": describe(request),
            "prompt_embeddings_sha256": hash_bytes(write_prompts(prompts)),
        },
    )
