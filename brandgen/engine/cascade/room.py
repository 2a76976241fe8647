"""Keeps a run within the device's memory: looks before, and cleans up after."""

import gc
import traceback
from collections.abc import Sequence
from functools import cached_property

from brandgen.engine.cascade.devices import find_free_bytes, name_of
from brandgen.engine.cascade.parts import Parts
from brandgen.engine.errors import DeviceMemoryError, WeightsError
from brandgen.engine.fit import FitCheck
from brandgen.engine.layout import Component
from brandgen.engine.needs import Model, Picture, Plan

# A run that failed needed more than was thought: advise what needs clearly less.
CLEARLY_LESS = 0.9


class Room:
    """The memory of one device, as the runs of one model use it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        bundle = parts.bundle
        self._plan = Plan(
            prior_size=bundle.sizes["prior"],
            decoder_size=bundle.sizes["decoder"],
            memory=parts.memory,
            dtype=name_of(parts.dtype),
            decoder_dtype=name_of(parts.decoder_dtype),
        )

    @cached_property
    def _model(self) -> Model:
        return Model.read(self._parts.bundle)

    def check(self, used: Sequence[Component], picture: Picture) -> None:
        """Refuse a run whose networks can't be loaded into what is free.

        Raises:
            DeviceMemoryError: they don't fit. The message says what would.
        """
        if set(used) <= self._parts.on_device:
            return
        try:
            check = self._check(used, picture)
        except WeightsError:
            return  # whoever loads these weights says what is wrong with them
        if check is not None:
            check.check()

    def recover(
        self, error: BaseException, used: Sequence[Component], picture: Picture
    ) -> DeviceMemoryError:
        """Let go of what a failed run held; say what would fit.

        The engine can be used again at once.
        """
        self._parts.rest()
        # The error's frames hold half-done tensors.
        traceback.clear_frames(error.__traceback__)
        gc.collect()
        self._parts.free_cache()
        device = str(self._parts.device)
        drawn = f"{picture.width_px} x {picture.height_px} px"
        if picture.batch > 1:
            drawn = f"{picture.batch} pictures of {drawn}"
        message = f"The memory of {device} ran out while it worked on {drawn}. "
        try:
            check = self._check(used, picture)
        except WeightsError:
            check = None
        if check is None:
            return DeviceMemoryError(
                f"{message}Ask for fewer or smaller pictures, or give the worker more "
                "memory."
            )
        return DeviceMemoryError(f"{message}{check.below(CLEARLY_LESS).advise()}")

    def _check(self, used: Sequence[Component], picture: Picture) -> FitCheck | None:
        """Hold a run against what is free; None where that is not known."""
        free = find_free_bytes(self._parts.device)
        if free is None:
            return None
        held = [part for part in self._model.parts if part in self._parts.on_device]
        weights = self._model.need(self._plan, picture, parts=held).weights
        together = {*used, *held} if self._parts.memory == "resident" else {*used}
        return FitCheck(
            model=self._model,
            plan=self._plan,
            picture=picture,
            free_bytes=free + sum(weights.values()),
            device=str(self._parts.device),
            parts=[part for part in self._model.parts if part in together],
        )
