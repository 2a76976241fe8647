"""The engine that runs Stable Cascade, miniature or full size, from a bundle."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.canvas import compose
from brandgen.engine.capabilities import (
    check_can,
    check_supported,
    find_capabilities,
)
from brandgen.engine.cascade.adapters import load_stack
from brandgen.engine.cascade.color_guidance import make_steer
from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.devices import (
    Dtype,
    as_floats,
    check_finite,
    check_prior_dtype,
    choose_dtype,
    find_capability,
    find_device,
    is_out_of_memory,
    name_of,
    to_device,
)
from brandgen.engine.cascade.levers import Levers, Runners
from brandgen.engine.cascade.parts import Parts
from brandgen.engine.cascade.picture_inputs import PictureInputs
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.prompts import Prompts
from brandgen.engine.cascade.room import Room
from brandgen.engine.cascade.sampling import OnClean, Steer
from brandgen.engine.cascade.text import PromptEmbeddings
from brandgen.engine.cascade.threads import Threads, choose_threads
from brandgen.engine.compile_modes import CompileMode
from brandgen.engine.embeddings import (
    ImageEmbeddings,
    count_cells,
    hash_bytes,
    read_embeddings,
    write_embeddings,
)
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.layout import CONTROL_PARTS, Component, Size
from brandgen.engine.memory_modes import MemoryMode
from brandgen.engine.needs import Picture
from brandgen.engine.protocol import (
    Capability,
    ModelIdentity,
    OnStep,
    PriorResult,
    Step,
    ignore_step,
)
from brandgen.engine.records import describe, parts_used
from brandgen.engine.registry import default_bundle
from brandgen.engine.requests import (
    DecoderRequest,
    EncodeRequest,
    Pixels,
    PriorRequest,
    Start,
    check_batch,
)
from brandgen.engine.results import SEMANTIC, STAGE_B, STAGE_C
from brandgen.engine.seams import match_edge
from brandgen.engine.tensor_file import Floats

LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "numpy", "pillow")
PREVIEWS_PER_RUN = 5
"""Previews sent while the prior runs, besides the one in its result."""


NO_PICTURE = Picture(256, 256)
"""Stands for the little that is computed where nothing is drawn."""


class CascadeEngine:
    """Runs the prior and the decoder of one bundle; loads each part when first needed.

    A worker that only decodes never loads the prior or the text encoder.
    """

    def __init__(
        self,
        bundle_dir: Path | str | None = None,
        device: str = "cpu",
        dtype: Dtype = "auto",
        threads: Threads = 1,
        decoder_dtype: Dtype | None = None,
        memory: MemoryMode = "resident",
        prior_size: Size | None = None,
        decoder_size: Size | None = None,
        lean: bool = True,
        compile: CompileMode = "off",  # noqa: A002
    ) -> None:
        """Read the bundle's manifest; None takes the miniature. Loads no weights.

        `threads` share the arithmetic on a CPU and decide the last bit of a picture.
        More than one helps only where nothing else computes: on two cores with one of
        them busy, two threads took twelve times as long as one; "auto" tries it for
        about a second. `decoder_dtype` is that of Stages B and A, by default as the
        rest. Sizes: None is the largest that is there.

        Raises:
            WeightsError: the folder is no bundle, or has no part of this size.
            DeviceError: the device is not there.
            PrecisionError: no such precision, or not on this device.
            MemoryModeError: no such memory mode.
            CompileError: the networks can't be compiled here.
        """
        self.bundle = Bundle(
            default_bundle().folder if bundle_dir is None else Path(bundle_dir),
            prior_size=prior_size,
            decoder_size=decoder_size,
        )
        self.device = find_device(device)
        capability = find_capability(self.device)
        self.dtype = choose_dtype(dtype, capability=capability)
        self.decoder_dtype = choose_dtype(decoder_dtype or dtype, capability=capability)
        self.threads = (
            choose_threads(self.bundle, self.device)
            if threads == "auto"
            else max(1, threads)
        )
        self.parts = Parts(
            self.bundle,
            device=self.device,
            dtype=self.dtype,
            decoder_dtype=self.decoder_dtype,
            memory=memory,
        )
        self.room = Room(self.parts)
        self.pictures = PictureInputs(self.parts)
        levers = Levers(lean=lean, compile=compile)
        levers.check(self.device)
        self.runners = Runners(levers)
        self.prompts = Prompts(self.parts)

    def identity(self) -> ModelIdentity:
        """Say which model this is. Loads no weights into memory."""
        manifest = self.bundle.manifest
        is_cpu = self.device.type == "cpu"
        return ModelIdentity(
            name=manifest.name,
            revision=manifest.revision,
            family=manifest.family,
            weights_sha256=self.bundle.files_of(),
            dtype=name_of(self.dtype),
            decoder_dtype=name_of(self.decoder_dtype),
            prior_size=self.bundle.sizes["prior"],
            decoder_size=self.bundle.sizes["decoder"],
            device="cpu" if is_cpu else torch.cuda.get_device_name(self.device),
            libraries={name: version(name) for name in LIBRARIES},
            license=manifest.license,
            threads=self.threads,
            networks=self.runners.levers.describe(),
        )

    def capabilities(self) -> frozenset[Capability]:
        """Say what this model can do beside drawing a prompt. Loads no weights."""
        return find_capabilities(self.bundle)

    def encode_prompt(self, prompt: str, negative_prompt: str = "") -> bytes:
        """Read both prompts (the text encoder), for a prior that runs elsewhere.

        Raises:
            InvalidRequestError: a prompt is too long or holds a control word.
            WeightsError: weights are missing or damaged.
        """
        with self._computing("text_encoder"):
            return self.prompts.write(
                self.prompts.read(prompt), self.prompts.read(negative_prompt)
            )

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Sample the image embeddings of one seed (Stage C).

        Raises:
            InvalidRequestError: the prompt is too long or holds a control word.
            UnsupportedError: the model lacks a part that the request needs.
            AdapterError: an adapter can't be used with this model.
            PrecisionError: the engine computes in float16.
            NonFiniteError: values overflow.
            WeightsError: weights are missing or damaged.
        """
        return self.run_prior_batch([request], on_step=on_step)[0]

    def run_prior_batch(
        self, requests: Sequence[PriorRequest], *, on_step: OnStep = ignore_step
    ) -> list[PriorResult]:
        """Sample several at once; only prompts and seeds may differ.

        Raises:
            InvalidRequestError: they differ in a setting, or one can't be run.
            UnsupportedError, PrecisionError, NonFiniteError, WeightsError: as
                `run_prior`.
        """
        check_batch(requests)
        first = requests[0]
        check_supported(first, self.capabilities(), self.bundle.described.name)
        check_prior_dtype(self.dtype)
        adapters = load_stack(first.adapters, self.bundle)
        picture = Picture(
            first.width_px,
            first.height_px,
            batch=len(requests),
            is_guided=first.guidance_scale > 1 and first.guidance_until > 0,
        )
        followed = [CONTROL_PARTS[first.control.kind]] if first.control else []
        with self._computing("text_encoder", *followed, "prior", picture=picture):
            pairs = [self.prompts.of(request, adapters) for request in requests]
            references = self.pictures.see_references(first)
            begin = self.pictures.begin_prior(first)
            added = self.pictures.follow(first)
            with adapters.applied("prior", self.parts.prior):
                latents = sample_prior(
                    self.runners.run(self.parts.prior),
                    self.parts.new_scheduler(),
                    prompt=PromptEmbeddings.join([prompt for prompt, _ in pairs]),
                    negative_prompt=PromptEmbeddings.join(
                        [other for _, other in pairs]
                    ),
                    seeds=[request.seed for request in requests],
                    width_px=first.width_px,
                    height_px=first.height_px,
                    steps=first.steps,
                    timesteps=first.timesteps,
                    guidance_scale=first.guidance_scale,
                    guidance_until=first.guidance_until,
                    references=references,
                    begin=begin,
                    added=added,
                    x0_limit=self.bundle.profile.prior_x0_limit,
                    steer=self._steer(first),
                    on_step=self._tell(on_step),
                )
            check_finite(latents, STAGE_C)
            return [
                self._keep(
                    adapters.as_used(request), image, *pair, also=adapters.record()
                )
                for request, image, pair in zip(
                    requests, as_floats(latents), pairs, strict=True
                )
            ]

    def run_decoder(
        self, request: DecoderRequest, *, on_step: OnStep = ignore_step
    ) -> Pixels:
        """Make pixels from image embeddings (Stages B and A); the prior is not needed.

        Raises:
            InvalidRequestError: the bytes are no embeddings of this model's family.
            UnsupportedError: the model lacks a part that the request needs.
            NonFiniteError: values overflow.
            WeightsError: weights are missing or damaged.
        """
        return self.run_decoder_batch([request], on_step=on_step)[0]

    def run_decoder_batch(
        self, requests: Sequence[DecoderRequest], *, on_step: OnStep = ignore_step
    ) -> list[Pixels]:
        """Decode several of one size at once; only embeddings and seeds may differ.

        Raises:
            InvalidRequestError: they differ in a setting, or one can't be run.
            UnsupportedError, NonFiniteError, WeightsError: as `run_decoder`.
        """
        check_batch(requests)
        first = requests[0]
        check_supported(first, self.capabilities(), self.bundle.described.name)
        kept = [
            read_embeddings(request.embeddings, family=self.bundle.family)
            for request in requests
        ]
        check_same_size(kept)
        width_px, height_px = kept[0].width_px, kept[0].height_px
        picture = Picture(
            width_px,
            height_px,
            batch=len(requests),
            is_decoder_guided=first.guidance_scale > 1,
        )
        with self._computing("decoder", "vqgan", picture=picture):
            for embeddings in kept:
                self._check_fit(embeddings)
            begin = self.pictures.begin_decoder(first.start, width_px, height_px)
            latents = sample_decoder(
                self.runners.run(self.parts.decoder),
                self.parts.new_scheduler(),
                image=self._stack([each.image for each in kept]),
                prompt=self._stack([each.prompt for each in kept]),
                negative_prompt=self._stack([each.negative_prompt for each in kept]),
                seeds=[request.seed for request in requests],
                steps=first.steps,
                guidance_scale=first.guidance_scale,
                begin=begin,
                x0_limit=self.bundle.profile.decoder_x0_limit,
                on_step=lambda index, of: on_step(Step("B", index, of)),
            )
            check_finite(latents, STAGE_B)
            # One by one: Stage A takes the most memory, and gains nothing by batches.
            pictures = [self._draw(each) for each in latents.chunk(len(kept))]
        pictures = [keep_outside(first.start, each) for each in pictures]
        on_step(Step("A", 1, 1))
        return pictures

    def encode_image(self, request: EncodeRequest) -> PriorResult:
        """Make image embeddings of a picture that exists; the prior is not needed.

        Raises:
            UnsupportedError: the model has no semantic encoder.
            InvalidRequestError: the prompt is too long or holds a control word.
            WeightsError: weights are missing or damaged.
        """
        check_can(Capability.START, self.capabilities(), self.bundle.described.name)
        rows, columns = count_cells(request.height_px), count_cells(request.width_px)
        with self._computing("text_encoder"):
            prompts = (
                self.prompts.read(request.prompt),
                self.prompts.read(request.negative_prompt),
            )
            image = self.pictures.embed(request.pixels, rows, columns)
            check_finite(image, SEMANTIC)
            return self._keep(request, as_floats(image)[0], *prompts)

    # ── small steps ──

    @contextmanager
    def _computing(
        self, *used: Component, picture: Picture = NO_PICTURE
    ) -> Iterator[None]:
        """Run with these networks, if they fit.

        A network comes to the device when `self.parts` is asked for it, and in some
        memory modes another one goes: ask for the one that computes last.
        """
        torch.set_num_threads(self.threads)  # of the whole process, so set for each run
        self.room.check(used, picture)
        try:
            with torch.inference_mode():
                yield
        except (RuntimeError, MemoryError, OSError) as error:
            if not is_out_of_memory(error):
                raise
            raise self.room.recover(error, used, picture) from error
        finally:
            self.parts.rest()

    def _steer(self, request: PriorRequest) -> list[Steer]:
        if request.palette is None and not request.text_boxes:
            return []
        return make_steer(request, self.parts.color_map, self.device)

    def _keep(
        self,
        request: PriorRequest | EncodeRequest,
        image: Floats,
        prompt: PromptEmbeddings,
        negative_prompt: PromptEmbeddings,
        *,
        also: Mapping[str, Any] | None = None,
    ) -> PriorResult:
        """Put one image's embeddings into a file, with what made them."""
        manifest = self.bundle.manifest
        encoded = self.prompts.write(prompt, negative_prompt)
        embeddings = ImageEmbeddings(
            image=image[None],
            prompt=as_floats(prompt.pooled),
            negative_prompt=as_floats(negative_prompt.pooled),
            width_px=request.width_px,
            height_px=request.height_px,
            family=manifest.family,
            model=f"{manifest.name} {manifest.revision}",
            made_with={
                "settings": describe(request),
                **(also or {}),
                "prompt_embeddings_sha256": hash_bytes(encoded),
                "weights_sha256": self.bundle.files_of(*parts_used(request)),
            },
        )
        return PriorResult(
            write_embeddings(embeddings), self.parts.previewer.draw(image)
        )

    def _tell(self, on_step: OnStep) -> OnClean:
        """Draw previews for who watches; nobody's would take a tenth of the time."""
        if on_step is ignore_step:
            return lambda *_: None
        return lambda index, of, clean: on_step(
            Step("C", index, of, self._previews_if_due(index, of, clean))
        )

    def _previews_if_due(
        self, index: int, of: int, clean: torch.Tensor
    ) -> tuple[Pixels, ...]:
        if index % max(1, of // PREVIEWS_PER_RUN):
            return ()
        check_finite(clean, STAGE_C)
        return tuple(self.parts.previewer.draw(each) for each in as_floats(clean))

    def _draw(self, latents: torch.Tensor) -> Pixels:
        colors = decode_latents(self.parts.vqgan, latents, self.runners.decode)[0]
        colors = colors.permute(1, 2, 0)
        pixels = (colors.float() * 255).round().to(torch.uint8).cpu().numpy()
        return np.ascontiguousarray(pixels)

    def _stack(self, values: Sequence[Floats]) -> torch.Tensor:
        """Gather what the decoder reads for each picture of a batch."""
        return to_device(np.concatenate(values), self.device, self.decoder_dtype)

    def _check_fit(self, embeddings: ImageEmbeddings) -> None:
        config = self.parts.decoder.config
        expected = (config.effnet_in_channels, config.clip_text_pooled_in_channels)
        found = (embeddings.image.shape[1], embeddings.prompt.shape[2])
        if found != expected:
            raise InvalidRequestError(
                f"The image embeddings have {found[0]} channels and prompts of width "
                f"{found[1]}; this decoder reads {expected[0]} and {expected[1]}. Run "
                "the prior of the same model."
            )


def keep_outside(start: Start | None, drawn: Pixels) -> Pixels:
    """Put back the pixels that a start's mask keeps, byte for byte, without a seam."""
    if start is None or start.mask is None or isinstance(start.source, bytes):
        return drawn
    matched = match_edge(start.source, drawn, start.mask)
    return compose(start.source, matched, start.mask)


def check_same_size(embeddings: Sequence[ImageEmbeddings]) -> None:
    """Refuse image embeddings of several sizes in one batch.

    Raises:
        InvalidRequestError: they differ in size.
    """
    sizes = sorted({f"{each.width_px} x {each.height_px}" for each in embeddings})
    if len(sizes) > 1:
        raise InvalidRequestError(
            f"The image embeddings are of {len(sizes)} sizes: {', '.join(sizes)} px. "
            "Decode each size on its own."
        )
