"""Runs Stage C or B, a `StableCascadeUNet`, in less time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from diffusers.models.unets import unet_stable_cascade as stock
from torch import Tensor
from torch.nn import functional

from brandgen.engine.cascade.lean.blocks import (
    as_many,
    find_condition,
    find_residual_bias,
    mix_channels,
    norm,
    run_attention,
    run_residual,
    to_channels_first,
    to_channels_last,
)
from brandgen.engine.cascade.lean.scaling import fit, rescale

KNOWN_BLOCKS = (
    stock.SDCascadeResBlock,
    stock.SDCascadeTimestepBlock,
    stock.SDCascadeAttnBlock,
)
# Source: `StableCascadeUNet.forward` of diffusers 0.42.1, where no pixels are given.
NO_PIXELS_SHAPE = (3, 8, 8)

Run = Callable[[Tensor, Tensor], Tensor]
"""Reads latents and the noise level of each; sees the noise under each condition."""

Added = Mapping[int, Tensor]
"""What a ControlNet adds before a residual block, by its place among them all, from 0
in the order in which they run. Shape (1, channels, rows, columns)."""


@dataclass(frozen=True)
class Constants:
    """What stays the same from step to step of a run."""

    levels: list[list[Any]]
    """For each block of each level: a residual block's bias and what is added to what
    it reads, an attention block's keys and values of the condition, or where a timestep
    block's numbers lie."""
    time_weight: Tensor
    """Every timestep block's, one below the other."""
    time_bias: Tensor
    image: Tensor | None
    """What image embeddings add to the first level, channels last."""
    images: int
    """How many conditions there are: twice the latents under guidance."""


See = Callable[[Any, Tensor, Tensor, Constants], Tensor]
"""Runs one step: network, latents, the noise level of each, constants."""


class LeanUNet:
    """One network, with its modules' weights as they are when a run is prepared.

    So adapters work that change any weights for the length of a run.
    What does not change from step to step is computed once for a run. What the two
    halves of a guided batch have in common is computed once for both. On a CPU each
    image of a batch is computed by itself: faster, and equal to it alone in every bit.
    """

    def __init__(self, unet: Any, *, step: See | None = None) -> None:
        """Take a network; `step` is `see`, compiled.

        Raises:
            TypeError: the network has blocks that are not Stable Cascade's.
        """
        for block in (block for level in levels_of(unet) for block in level):
            if not isinstance(block, KNOWN_BLOCKS):
                raise TypeError(
                    f"The network has a block {type(block).__name__}, which can't be "
                    "run lean. Switch ENGINE_LEAN off."
                )
        self.unet = unet
        self.config: Any = unet.config
        self._step: See = step or see

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        device: torch.device = self.unet.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        dtype: torch.dtype = self.unet.dtype
        return dtype

    def prepare(
        self,
        *,
        rows: int,
        columns: int,
        images: int,
        condition: Mapping[str, Tensor],
        added: Added,
    ) -> Run:
        """Compute what stays the same for latents of a size; return what runs a step.

        Each tensor of the condition has one entry for each image, or two: all with the
        prompt, then all without.
        """
        patch = self.config.patch_size
        size = rows // patch, columns // patch
        if self.device.type != "cpu":
            constants = self._compute_constants(size, added, **condition)
            return lambda latents, ratio: self._step(
                self.unet, latents, ratio, constants
            )
        each = [
            self._compute_constants(size, added, **take(condition, i, of=images))
            for i in range(images)
        ]

        def run_apart(latents: Tensor, ratio: Tensor) -> Tensor:
            seen = [
                self._step(self.unet, latents[i : i + 1], ratio[i : i + 1], constants)
                for i, constants in enumerate(each)
            ]
            return torch.stack(seen, dim=1).flatten(0, 1)

        return run_apart

    def _compute_constants(
        self,
        size: tuple[int, int],
        added: Added,
        *,
        clip_text_pooled: Tensor,
        clip_text: Tensor | None = None,
        clip_img: Tensor | None = None,
        effnet: Tensor | None = None,
    ) -> Constants:
        unet = self.unet
        condition = unet.get_clip_embeddings(clip_text_pooled, clip_text, clip_img)
        still = unet.get_timestep_ratio_embedding(condition.new_zeros(1))
        weights: list[Tensor] = []
        biases: list[Tensor] = []
        places = count()

        def added_here(one: Tensor | None) -> Tensor | None:
            if one is None:
                return None
            return to_channels_last(stretch(one.to(condition.dtype), size))

        def constant_of(block: Any) -> Any:
            if isinstance(block, stock.SDCascadeAttnBlock):
                return find_condition(block, condition)
            if isinstance(block, stock.SDCascadeResBlock):
                return find_residual_bias(block), added_here(added.get(next(places)))
            weights.append(block.mapper.weight)
            biases.append(find_time_bias(block, still))
            end = sum(map(len, weights))
            return slice(end - len(weights[-1]), end)

        levels = [[constant_of(block) for block in level] for level in levels_of(unet)]
        return Constants(
            levels=levels,
            time_weight=torch.cat(weights),
            time_bias=torch.cat(biases),
            image=self._map_image(size, effnet, images=len(condition)),
            images=len(condition),
        )

    def _map_image(
        self, size: tuple[int, int], effnet: Tensor | None, *, images: int
    ) -> Tensor | None:
        unet, mapped = self.unet, []
        if effnet is not None:
            mapped.append(unet.effnet_mapper(stretch(effnet, size)))
        if hasattr(unet, "pixels_mapper"):
            pixels = torch.zeros(
                images, *NO_PIXELS_SHAPE, device=unet.device, dtype=unet.dtype
            )
            mapped.append(stretch(unet.pixels_mapper(pixels), size))
        return to_channels_last(sum(mapped)) if mapped else None


def take(condition: Mapping[str, Tensor], image: int, *, of: int) -> dict[str, Tensor]:
    """Take one image's part of a condition, laid out as if it were alone."""
    return {name: value[image::of].contiguous() for name, value in condition.items()}


def see(unet: Any, latents: Tensor, ratio: Tensor, constants: Constants) -> Tensor:
    """Run one step of a network."""
    images = constants.images
    times = functional.linear(
        unet.get_timestep_ratio_embedding(as_many(ratio, images)),
        constants.time_weight,
        constants.time_bias,
    )[:, None, None, :]
    unshuffle, conv, _ = unet.embedding
    x = norm(mix_channels(conv, to_channels_last(unshuffle(latents))))
    if constants.image is not None:
        x = as_many(x, images) + constants.image
    deep = len(unet.down_blocks)
    down, up = constants.levels[:deep], constants.levels[deep:]
    outputs = []
    for blocks, own, scaler, repeats in zip(
        unet.down_blocks,
        down,
        unet.down_downscalers,
        unet.down_repeat_mappers,
        strict=True,
    ):
        x = run_level(blocks, own, repeats, rescale(scaler, x), None, times)
        outputs.append(x)
    for blocks, own, scaler, repeats, skip in zip(
        unet.up_blocks,
        up,
        unet.up_upscalers,
        unet.up_repeat_mappers,
        [None, *reversed(outputs[:-1])],
        strict=True,
    ):
        x = rescale(scaler, run_level(blocks, own, repeats, x, skip, times))
    _, conv, shuffle = unet.clf
    seen: Tensor = shuffle(to_channels_first(mix_channels(conv, norm(x))))
    return as_many(seen, images)


def run_level(
    blocks: Any,
    constants: list[Any],
    repeats: Any,
    x: Tensor,
    skip: Tensor | None,
    times: Tensor,
) -> Tensor:
    """Run the blocks of a level, once more after each of its repeat mappers."""
    for mapper in (None, *repeats):
        if mapper is not None:
            x = mix_channels(mapper, x)
        first = skip
        for block, constant in zip(blocks, constants, strict=True):
            if isinstance(block, stock.SDCascadeResBlock):
                if first is not None:
                    first = as_many(first, len(x))
                    x = fit(as_many(x, len(first)), *first.shape[1:3])
                bias, added = constant
                if added is not None:
                    x = x + fit(added, *x.shape[1:3])
                x = run_residual(block, x, first, bias)
            elif isinstance(block, stock.SDCascadeTimestepBlock):
                shift = times[: len(x), ..., constant]
                factor, offset = shift.chunk(2, dim=-1)
                x = torch.addcmul(offset, x, 1 + factor)
            else:
                keys, values = constant
                x = run_attention(block, as_many(x, len(keys)), keys, values)
            first = None
    return x


def levels_of(unet: Any) -> Iterator[Any]:
    """Give the levels in the order in which they run, each with its blocks."""
    yield from (*unet.down_blocks, *unet.up_blocks)


def find_time_bias(block: Any, still: Tensor) -> Tensor:
    """Add up what an `SDCascadeTimestepBlock` adds at every noise level."""
    extra = [getattr(block, f"mapper_{name}")(still)[0] for name in block.conds]
    bias: Tensor = torch.stack([block.mapper.bias, *extra]).sum(0)
    return bias


def stretch(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Stretch a map to a size, as the stock network does."""
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=True)
