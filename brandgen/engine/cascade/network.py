"""Readies a network for the steps of a run, whichever way it is run."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from brandgen.engine.cascade.control import added_by_hooks
from brandgen.engine.cascade.lean.unet import Added, LeanUNet, Run

NOTHING: Added = {}


def prepare(
    network: Any,
    *,
    rows: int,
    columns: int,
    images: int,
    condition: Mapping[str, Tensor],
    added: Added = NOTHING,
) -> Run:
    """Do what need not be done at each step; return what runs one.

    Each tensor of the condition has one entry for each image, or under guidance two:
    all with the prompt, then all without. So has what the run returns. `added` is what
    a ControlNet adds to some blocks.
    """
    if isinstance(network, LeanUNet):
        return network.prepare(
            rows=rows,
            columns=columns,
            images=images,
            condition=condition,
            added=added,
        )
    halves = len(condition["clip_text_pooled"]) // images

    def run(latents: Tensor, ratio: Tensor) -> Tensor:
        with added_by_hooks(network, added):
            seen: Tensor = network(
                sample=torch.cat([latents] * halves),
                timestep_ratio=torch.cat([ratio] * halves),
                return_dict=False,
                **condition,
            )[0]
        return seen

    return run
