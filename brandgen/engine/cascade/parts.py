"""The networks of one bundle in memory: loaded when asked for, and no longer than fits.

Which of them are in memory, and on the device, is decided here alone, whenever one is
asked for. Nothing hooks into a network: a run that ends halfway leaves nothing behind.
"""

import gc
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade import weights
from brandgen.engine.cascade.semantic import AnySemanticEncoder
from brandgen.engine.color_map import ColorMap, find_color_map
from brandgen.engine.errors import EngineError
from brandgen.engine.layout import Component
from brandgen.engine.memory_modes import (
    IN_FLOAT32,
    MEMORY_MODES,
    STAGE_OF,
    MemoryMode,
)

Prepare = Callable[[Component, Any], Any]
"""Changes a network right after it was loaded, say to run faster, and returns it."""

CPU = torch.device("cpu")


class MemoryModeError(EngineError):
    """There is no such memory mode."""


class Parts:
    """The parts of one bundle on one device.

    A worker that only decodes never loads the prior or the text encoder.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        device: torch.device,
        dtype: torch.dtype,
        decoder_dtype: torch.dtype | None = None,
        memory: MemoryMode = "resident",
        prepare: Prepare | None = None,
    ) -> None:
        """Load nothing yet; `decoder_dtype` is that of Stages B and A.

        Raises:
            MemoryModeError: there is no such memory mode.
        """
        if memory not in MEMORY_MODES:
            raise MemoryModeError(
                f"The memory mode {memory!r} is unknown. Use {', '.join(MEMORY_MODES)}."
            )
        self.bundle, self.device, self.memory = bundle, device, memory
        self.dtype = dtype
        self.decoder_dtype = dtype if decoder_dtype is None else decoder_dtype
        self._prepare = prepare
        self._networks: dict[Component, Any] = {}
        self._visits: dict[Component, Visit] = {}

    @property
    def prior(self) -> Any:
        """Stage C."""
        return self.network("prior")

    @property
    def decoder(self) -> Any:
        """Stage B."""
        return self.network("decoder")

    @property
    def vqgan(self) -> Any:
        """Stage A."""
        return self.network("vqgan")

    @property
    def text_encoder(self) -> Any:
        """CLIP's text model with its projection; one for both stages."""
        return self.network("text_encoder")

    @property
    def semantic_encoder(self) -> AnySemanticEncoder:
        """A picture to image embeddings; in float32 always."""
        encoder: AnySemanticEncoder = self.network("semantic_encoder")
        return encoder

    @property
    def image_encoder(self) -> Any:
        """CLIP's image model with its projection, for references."""
        return self.network("image_encoder")

    @cached_property
    def image_processor(self) -> Any:
        """How a picture is prepared for the image encoder."""
        return weights.load_image_processor(self.bundle)

    @cached_property
    def tokenizer(self) -> Any:
        """CLIP's tokenizer."""
        return weights.load_tokenizer(self.bundle)

    @cached_property
    def previewer(self) -> weights.AnyPreviewer:
        """What draws image embeddings as small pictures."""
        with torch.inference_mode(mode=False), torch.no_grad():
            return weights.load_bundle_previewer(self.bundle, self.device)

    @cached_property
    def color_map(self) -> ColorMap:
        """The linear map from image embeddings to colors, and back."""
        return find_color_map(self.bundle)

    def new_scheduler(self) -> Any:
        """Return a noise schedule of its own for a run: it keeps state."""
        return weights.load_scheduler(self.bundle)

    @property
    def loaded(self) -> set[str]:
        """Names of the networks that are in memory, on the device or beside it."""
        return set(self._networks)

    @property
    def on_device(self) -> set[str]:
        """Names of the networks that are on the device now."""
        return set(self._visits if self.memory == "cpu-offload" else self._networks)

    def dtype_of(self, part: Component) -> torch.dtype:
        """Say in which precision a network computes."""
        if part in IN_FLOAT32:
            return torch.float32
        return self.dtype if STAGE_OF[part] == "prior" else self.decoder_dtype

    def network(self, part: Component) -> Any:
        """Return a network that is ready to compute on the device.

        In the modes that spare memory another one may have to go for it.

        Raises:
            WeightsError: its weights are missing or damaged.
        """
        # Weights outlive the run that loads them: they must not be inference tensors.
        with torch.inference_mode(mode=False), torch.no_grad():
            self._make_room(part)
            if part not in self._networks:
                self._networks[part] = self._load(part)
            if self.memory == "cpu-offload" and part not in self._visits:
                self._visits[part] = Visit(self._networks[part], self.device)
        return self._networks[part]

    def rest(self) -> None:
        """Take back to main memory what only visits the device."""
        for part in list(self._visits):
            self._visits.pop(part).end()

    def drop(self, *parts: Component) -> None:
        """Forget networks, or all of them; they are loaded again when asked for."""
        for part in parts or list(self._networks):
            self._visits.pop(part, None)
            self._networks.pop(part, None)
        gc.collect()
        self.free_cache()

    def free_cache(self) -> None:
        """Hand memory that nothing uses back to the device."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _make_room(self, part: Component) -> None:
        if self.memory == "one-stage":
            others = [
                each for each in self._networks if STAGE_OF[each] != STAGE_OF[part]
            ]
            if others:
                self.drop(*others)
        elif self.memory == "cpu-offload" and self._visits.keys() - {part}:
            self.rest()
            self.free_cache()

    def _load(self, part: Component) -> Any:
        model = weights.load_model(
            self.bundle,
            part,
            device=CPU if self.memory == "cpu-offload" else self.device,
            dtype=self.dtype_of(part),
        )
        return model if self._prepare is None else self._prepare(part, model)


class Visit:
    """A network's stay on the device, while its weights also rest in main memory.

    Weights that were changed in place during the stay are as before when it ends.
    """

    def __init__(self, model: torch.nn.Module, device: torch.device) -> None:
        """Copy the weights to the device; on failure the network rests as before."""
        self._model, self._device = model, device
        self._home = [(tensor, tensor.data) for tensor in tensors_of(model)]
        try:
            for tensor, home in self._home:
                tensor.data = home.to(device, copy=True)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Use the weights in main memory again, and let go of those on the device."""
        for tensor, home in self._home:
            tensor.data = home
        for tensor in tensors_of(self._model):  # what was added during the stay
            if tensor.device != CPU:
                tensor.data = tensor.data.cpu()
        self._home = []


def tensors_of(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    """Go through the weights of a network."""
    yield from model.parameters()
    yield from model.buffers()
