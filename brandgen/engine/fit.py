"""Checks whether a model fits into memory, and says what would.

Nothing here imports torch.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.layout import Component
from brandgen.engine.memory_modes import MEMORY_MODES
from brandgen.engine.needs import Model, Need, Picture, Plan
from brandgen.engine.requests import SIDE_MULTIPLE_PX, SMALLEST_SIDE_PX


@dataclass(frozen=True)
class FitCheck:
    """A plan and a picture held against what is free."""

    model: Model
    plan: Plan
    picture: Picture
    free_bytes: int
    device: str
    """For people: "cpu", "cuda:0"."""
    parts: Collection[Component] | None = None
    """The networks that are used; None is all that are there."""

    @property
    def is_cpu(self) -> bool:
        """Whether main memory is the device's memory."""
        return self.device == "cpu"

    @cached_property
    def need(self) -> Need:
        """What it takes."""
        return self._need(self.plan, self.picture)

    def all_needs(self) -> Iterator[Need]:
        """Go through every size and memory mode in the plan's precisions."""
        for plan in self.model.plans(
            dtype=self.plan.dtype, decoder_dtype=self.plan.decoder_dtype
        ):
            yield self._need(plan, self.picture)

    def below(self, share: float) -> "FitCheck":
        """Return the check for what needs less than a share of this."""
        most = int(self.need.device_bytes * share)
        return replace(self, free_bytes=min(self.free_bytes, most))

    def check(self) -> None:
        """Refuse what does not fit, and say what would.

        Raises:
            DeviceMemoryError: it does not fit.
        """
        if not self.need.fits(self.free_bytes):
            raise DeviceMemoryError(self.describe())

    def describe(self) -> str:
        """Say in a few sentences what is needed, what is free and what would fit."""
        picture = self.picture
        batch = f"{picture.batch} pictures of " if picture.batch > 1 else ""
        needed = (
            f"{self.model.name} needs {gigabytes(self.need.device_bytes)} for {batch}"
            f"{picture.width_px} x {picture.height_px} px; {self.device} has "
            f"{gigabytes(self.free_bytes)} free."
        )
        return f"{needed} {self.advise()}"

    def advise(self) -> str:
        """Say what would fit: the smallest changes first, each one tried."""
        if fitting := [(words, need) for words, need in self._changes()]:
            listed = ", or ".join(
                f"{words} ({gigabytes(need.device_bytes)})" for words, need in fitting
            )
            return f"This would fit: {listed}."
        smallest = min(
            (self._need(plan, self.picture) for plan in self._plans()),
            key=lambda need: need.device_bytes,
        )
        if smallest.fits(self.free_bytes):
            return (
                f"This would fit: {describe_plan(smallest.plan)} "
                f"({gigabytes(smallest.device_bytes)})."
            )
        return (
            f"No way to run it fits: the least is {describe_plan(smallest.plan)} with "
            f"{gigabytes(smallest.device_bytes)}. Free some memory, or use another "
            "device or a smaller model."
        )

    def _need(self, plan: Plan, picture: Picture) -> Need:
        return self.model.need(plan, picture, is_cpu=self.is_cpu, parts=self.parts)

    def _plans(self) -> Iterator[Plan]:
        for dtype in dict.fromkeys((self.plan.dtype, "bfloat16")):
            decoder = self.plan.decoder_dtype if dtype == self.plan.dtype else dtype
            yield from self.model.plans(dtype=dtype, decoder_dtype=decoder)

    def _changes(self) -> Iterator[tuple[str, Need]]:
        """Try one change at a time; give the first of each kind that fits."""
        for kind in (self._modes, self._sizes, self._dtypes, self._pictures):
            for words, plan, picture in kind():
                need = self._need(plan, picture)
                if need.fits(self.free_bytes):
                    yield words, need
                    break

    def _modes(self) -> Iterator[tuple[str, Plan, Picture]]:
        for memory in MEMORY_MODES:
            if memory != self.plan.memory:
                plan = replace(self.plan, memory=memory)
                yield f"memory mode {memory}", plan, self.picture

    def _sizes(self) -> Iterator[tuple[str, Plan, Picture]]:
        sizes = self.model.sizes
        for prior, decoder in product(sizes["prior"], sizes["decoder"]):
            lite = [
                part
                for part, size, was in (
                    ("prior", prior, self.plan.prior_size),
                    ("decoder", decoder, self.plan.decoder_size),
                )
                if size == "lite" != was
            ]
            plan = replace(self.plan, prior_size=prior, decoder_size=decoder)
            if lite:
                yield f"the lite {' and '.join(lite)}", plan, self.picture

    def _dtypes(self) -> Iterator[tuple[str, Plan, Picture]]:
        if "float32" in (self.plan.dtype, self.plan.decoder_dtype):
            plan = replace(self.plan, dtype="bfloat16", decoder_dtype="bfloat16")
            yield "bfloat16", plan, self.picture

    def _pictures(self) -> Iterator[tuple[str, Plan, Picture]]:
        picture = self.picture
        for batch in range(picture.batch - 1, 0, -1):
            words = f"{batch} at a time" if batch > 1 else "one picture at a time"
            yield words, self.plan, replace(picture, batch=batch)
        width, height = picture.width_px, picture.height_px
        while min(width, height) > SMALLEST_SIDE_PX:
            width, height = width - SIDE_MULTIPLE_PX, height - SIDE_MULTIPLE_PX
            smaller = replace(picture, width_px=width, height_px=height, batch=1)
            yield f"{width} x {height} px", self.plan, smaller


def describe_plan(plan: Plan) -> str:
    """Name a plan for people."""
    sizes = (
        f"the {plan.prior_size} prior and the {plan.decoder_size} decoder"
        if plan.prior_size != plan.decoder_size
        else f"the {plan.prior_size} prior and decoder"
    )
    return f"{sizes} in {plan.dtype}, memory mode {plan.memory}"


def gigabytes(size_bytes: int) -> str:
    """Write a size for people, in units of 1000 as disks and GPUs are sold."""
    if size_bytes < 10**8:
        return f"{size_bytes / 10**6:.0f} MB"
    return f"{size_bytes / 10**9:.1f} GB"
