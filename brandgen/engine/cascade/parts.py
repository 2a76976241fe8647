"""The networks of one bundle in memory, each loaded when first asked for."""

from functools import cached_property
from typing import Any

import torch

from brandgen.engine.bundle import Bundle, Component
from brandgen.engine.cascade import weights
from brandgen.engine.previews import Previewer


class Parts:
    """The parts of one bundle on one device.

    A worker that only decodes never loads the prior or the text encoder.
    """

    def __init__(
        self, bundle: Bundle, *, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.bundle, self.device, self.dtype = bundle, device, dtype

    @cached_property
    def prior(self) -> Any:
        """Stage C."""
        return self._load("prior")

    @cached_property
    def decoder(self) -> Any:
        """Stage B."""
        return self._load("decoder")

    @cached_property
    def vqgan(self) -> Any:
        """Stage A."""
        return self._load("vqgan")

    @cached_property
    def text_encoder(self) -> Any:
        """CLIP's text model with its projection; one for both stages."""
        return self._load("text_encoder")

    @cached_property
    def tokenizer(self) -> Any:
        """CLIP's tokenizer."""
        return weights.load_tokenizer(self.bundle)

    @cached_property
    def previewer(self) -> Previewer:
        """The linear map from image embeddings to colors."""
        return weights.load_bundle_previewer(self.bundle)

    def new_scheduler(self) -> Any:
        """Return a noise schedule of its own for a run: it keeps state."""
        return weights.load_scheduler(self.bundle)

    @property
    def loaded(self) -> set[str]:
        """Names of the networks that are in memory."""
        names = {"prior", "decoder", "vqgan", "text_encoder"}
        return names & vars(self).keys()

    def _load(self, part: Component) -> Any:
        return weights.load_model(
            self.bundle, part, device=self.device, dtype=self.dtype
        )
