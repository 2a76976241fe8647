"""How the networks are run: every way gives the same pictures, in less or more time."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from brandgen.engine.cascade.lean import autoencoder
from brandgen.engine.cascade.lean.unet import LeanUNet, See, see
from brandgen.engine.compile_modes import COMPILE_MODES, CompileMode
from brandgen.engine.errors import EngineError

Decode = Callable[[Any, Tensor], Tensor]
"""Runs Stage A: a `PaellaVQModel` and scaled latents give colors."""


class CompileError(EngineError):
    """The networks can't be compiled here."""


@dataclass(frozen=True)
class Levers:
    """What is done for speed. Each way has last bits of its own."""

    lean: bool = True
    """Run the networks by `cascade.lean`, not by the classes of diffusers."""
    compile: CompileMode = "off"
    """torch.compile's mode, for the lean networks."""

    def check(self, device: torch.device) -> None:
        """Refuse what can't be done on a device.

        Raises:
            CompileError: no such mode, or no compiler for it.
        """
        if self.compile not in COMPILE_MODES:
            raise CompileError(
                f"The compile mode {self.compile!r} is unknown. Use "
                f"{', '.join(COMPILE_MODES)}."
            )
        if self.compile == "off":
            return
        if not self.lean:
            raise CompileError(
                "Only the lean networks are compiled, and ENGINE_LEAN is off. Switch "
                "it on, or ENGINE_COMPILE off."
            )
        if device.type == "cpu" and not (
            shutil.which("g++") or shutil.which("clang++")
        ):
            raise CompileError(
                "Compiling for a CPU needs g++ or clang++, and there is neither. "
                "Install one, or set ENGINE_COMPILE=off."
            )
        if device.type == "cuda" and find_spec("triton") is None:
            raise CompileError(
                "Compiling for a GPU needs the package triton, which is not there. "
                "Install it, or set ENGINE_COMPILE=off."
            )

    def describe(self) -> str:
        """Name them, as an image's record keeps them."""
        if not self.lean:
            return "stock"
        return "lean" if self.compile == "off" else f"lean, compiled ({self.compile})"


class Runners:
    """Gives networks the form in which they are run. What is compiled is kept."""

    def __init__(self, levers: Levers) -> None:
        self.levers = levers
        self.decode: Decode = autoencoder.decode if levers.lean else decode_stock
        self._step: See = see
        if levers.compile != "off":
            self.decode = self._compile(autoencoder.decode)
            self._step = self._compile(see)

    def run(self, unet: Any) -> Any:
        """Return Stage C or B as the sampling loops take it."""
        return LeanUNet(unet, step=self._step) if self.levers.lean else unet

    def _compile(self, function: Any) -> Any:
        return torch.compile(
            function, fullgraph=True, dynamic=False, mode=self.levers.compile
        )


def decode_stock(vqgan: Any, latents: Tensor) -> Tensor:
    """Turn scaled latents into colors by the class of diffusers."""
    colors: Tensor = vqgan.decode(latents).sample
    return colors
