"""The engine that runs Stable Cascade, miniature or full size, from a bundle."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade import weights
from brandgen.engine.cascade.decoder import decode_latents, sample_decoder
from brandgen.engine.cascade.prior import sample_prior
from brandgen.engine.cascade.text import PromptEmbeddings, encode_prompt
from brandgen.engine.embeddings import (
    Floats,
    ImageEmbeddings,
    read_embeddings,
    write_embeddings,
)
from brandgen.engine.previews import Previewer
from brandgen.engine.protocol import (
    DecoderRequest,
    EngineError,
    InvalidRequestError,
    ModelIdentity,
    OnStep,
    Pixels,
    PriorRequest,
    PriorResult,
    Step,
    ignore_step,
)
from brandgen.engine.registry import default_bundle

LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "numpy", "pillow")
PREVIEWS_PER_RUN = 5
"""Previews sent while the prior runs, besides the one in its result."""

Dtype = Literal["float32", "bfloat16", "float16"]
DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


class PrecisionError(EngineError):
    """Numbers of this precision can't be used here."""


class DeviceMemoryError(EngineError):
    """The picture does not fit the device's memory."""


class DeviceError(EngineError):
    """The device is not there."""


class CascadeEngine:
    """Runs the prior and the decoder of one bundle; loads each part when first needed.

    A worker that only decodes never loads the prior or the text encoder.
    """

    def __init__(
        self,
        bundle_dir: Path | str | None = None,
        device: str = "cpu",
        dtype: Dtype = "float32",
        threads: int = 1,
    ) -> None:
        """Read the bundle's manifest; None takes the miniature. Loads no weights.

        `threads` share the arithmetic on a CPU and decide the last bit of a picture.
        More than one helps only where nothing else computes: on two cores with one of
        them busy, two threads took twelve times as long as one.

        Raises:
            WeightsError: the folder is no bundle.
            DeviceError: the device is not there.
            PrecisionError: no such precision.
        """
        self.bundle = (
            default_bundle() if bundle_dir is None else Bundle(Path(bundle_dir))
        )
        self.device = find_device(device)
        if dtype not in DTYPES:
            raise PrecisionError(
                f"The precision {dtype!r} is unknown. Use {', '.join(DTYPES)}."
            )
        self.dtype = DTYPES[dtype]
        self.threads = max(1, threads)
        self._encode = lru_cache(maxsize=8)(self._encode_uncached)

    def identity(self) -> ModelIdentity:
        """Say which model this is. Loads no weights into memory."""
        manifest = self.bundle.manifest
        is_cpu = self.device.type == "cpu"
        return ModelIdentity(
            name=manifest.name,
            revision=manifest.revision,
            family=manifest.family,
            weights_sha256=dict(manifest.files),
            dtype=str(self.dtype).removeprefix("torch."),
            device="cpu" if is_cpu else torch.cuda.get_device_name(self.device),
            libraries={name: version(name) for name in LIBRARIES},
            license=manifest.license,
            threads=self.threads,
        )

    def run_prior(
        self, request: PriorRequest, *, on_step: OnStep = ignore_step
    ) -> PriorResult:
        """Sample the image embeddings of one seed (Stage C).

        Raises:
            InvalidRequestError: the prompt holds a control word of the model.
            PrecisionError: the engine computes in float16, or values overflow.
            WeightsError: weights are missing or damaged.
        """
        if self.dtype == torch.float16:
            raise PrecisionError(
                "The prior can't compute in float16: Stage C was trained in bfloat16 "
                "and its values overflow. Use bfloat16, or float32 on a CPU."
            )
        profile = self.bundle.profile
        with self._computing():
            prompt = self._encode(request.prompt)
            negative_prompt = self._encode(request.negative_prompt)
            latents = sample_prior(
                self._prior,
                self._scheduler(),
                prompt=prompt,
                negative_prompt=negative_prompt,
                seeds=[request.seed],
                width_px=request.width_px,
                height_px=request.height_px,
                steps=request.steps,
                guidance_scale=request.guidance_scale,
                x0_limit=profile.prior_x0_limit,
                on_step=lambda index, of, clean: on_step(
                    Step("C", index, of, self._preview_if_due(index, of, clean))
                ),
            )
        check_finite(latents)
        image = as_floats(latents)
        embeddings = ImageEmbeddings(
            image=image,
            prompt=as_floats(prompt.pooled),
            negative_prompt=as_floats(negative_prompt.pooled),
            width_px=request.width_px,
            height_px=request.height_px,
            family=self.bundle.family,
            model=f"{self.bundle.manifest.name} {self.bundle.manifest.revision}",
        )
        return PriorResult(write_embeddings(embeddings), self._previewer.draw(image[0]))

    def run_decoder(
        self, request: DecoderRequest, *, on_step: OnStep = ignore_step
    ) -> Pixels:
        """Make pixels from image embeddings (Stages B and A); the prior is not needed.

        Raises:
            InvalidRequestError: the bytes are no embeddings of this model's family.
            PrecisionError: values overflow.
            WeightsError: weights are missing or damaged.
        """
        embeddings = read_embeddings(request.embeddings, family=self.bundle.family)
        with self._computing():
            self._check_fit(embeddings)
            latents = sample_decoder(
                self._decoder,
                self._scheduler(),
                image=self._as_tensor(embeddings.image),
                prompt=self._as_tensor(embeddings.prompt),
                negative_prompt=self._as_tensor(embeddings.negative_prompt),
                seeds=[request.seed],
                steps=request.steps,
                guidance_scale=request.guidance_scale,
                x0_limit=self.bundle.profile.decoder_x0_limit,
                on_step=lambda index, of: on_step(Step("B", index, of)),
            )
            check_finite(latents)
            colors = decode_latents(self._vqgan, latents)[0].permute(1, 2, 0)
            pixels = (colors.float() * 255).round().to(torch.uint8).cpu().numpy()
        on_step(Step("A", 1, 1))
        return np.ascontiguousarray(pixels)

    # ── parts, each loaded when first asked for ──

    @cached_property
    def _prior(self) -> Any:
        return self._load("prior")

    @cached_property
    def _decoder(self) -> Any:
        return self._load("decoder")

    @cached_property
    def _vqgan(self) -> Any:
        return self._load("vqgan")

    @cached_property
    def _text_encoder(self) -> Any:
        return self._load("text_encoder")

    @cached_property
    def _tokenizer(self) -> Any:
        return weights.load_tokenizer(self.bundle)

    @cached_property
    def _previewer(self) -> Previewer:
        return weights.load_bundle_previewer(self.bundle)

    def _load(self, part: Any) -> Any:
        return weights.load_model(
            self.bundle, part, device=self.device, dtype=self.dtype
        )

    def _scheduler(self) -> Any:
        return weights.load_scheduler(self.bundle)  # it keeps state: one for each run

    # ── small steps ──

    @contextmanager
    def _computing(self) -> Iterator[None]:
        torch.set_num_threads(self.threads)  # of the whole process, so set for each run
        try:
            with torch.inference_mode():
                yield
        except RuntimeError as error:
            # A CPU that is out of memory has no exception of its own.
            if not isinstance(error, torch.OutOfMemoryError) and (
                "can't allocate memory" not in str(error)
            ):
                raise
            raise DeviceMemoryError(
                f"The {self.device.type} has not enough memory for this picture. Ask "
                "for a smaller one, or give the worker more memory."
            ) from error

    def _encode_uncached(self, prompt: str) -> PromptEmbeddings:
        return encode_prompt(self._tokenizer, self._text_encoder, prompt)

    def _preview_if_due(
        self, index: int, of: int, clean: torch.Tensor
    ) -> Pixels | None:
        check_finite(clean)
        every = max(1, of // PREVIEWS_PER_RUN)
        return self._previewer.draw(as_floats(clean)[0]) if index % every == 0 else None

    def _as_tensor(self, values: Floats) -> torch.Tensor:
        # torch.tensor copies to aligned memory, as every bit of the result asks for.
        return torch.tensor(values).to(self.device, self.dtype)

    def _check_fit(self, embeddings: ImageEmbeddings) -> None:
        config = self._decoder.config
        expected = (config.effnet_in_channels, config.clip_text_pooled_in_channels)
        found = (embeddings.image.shape[1], embeddings.prompt.shape[2])
        if found != expected:
            raise InvalidRequestError(
                f"The image embeddings have {found[0]} channels and prompts of width "
                f"{found[1]}; this decoder reads {expected[0]} and {expected[1]}. Run "
                "the prior of the same model."
            )


def find_device(name: str) -> torch.device:
    """Find the device to compute on.

    Raises:
        DeviceError: it is not there.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(
            f"The device {name!r} is unknown. Use cpu or cuda."
        ) from error
    if device.type not in {"cpu", "cuda"}:
        raise DeviceError(f"The device {name!r} is not supported. Use cpu or cuda.")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise DeviceError(
            f"The device {name!r} is not there: PyTorch sees {count} NVIDIA GPUs. Use "
            "cpu, or install a driver and a CUDA build of PyTorch."
        )
    return device


def check_finite(latents: torch.Tensor) -> None:
    """Refuse latents that overflowed, before they become a black picture.

    Raises:
        PrecisionError: a value is infinite or no number.
    """
    if not latents.isfinite().all():
        raise PrecisionError(
            f"Values overflowed in {str(latents.dtype).removeprefix('torch.')}, so "
            "there is no picture. Use bfloat16 or float32, or a lower guidance scale."
        )


def as_floats(tensor: torch.Tensor) -> Floats:
    """Copy a tensor to numpy as float32."""
    values: Floats = tensor.detach().float().cpu().numpy()
    return values
