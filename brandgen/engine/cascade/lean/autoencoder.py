"""Runs Stage A, the decoder of a `PaellaVQModel`, in less time."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from brandgen.engine.cascade.lean.blocks import (
    FLOATS_IN_CACHE,
    gelu_,
    is_piecewise,
    mix_channels,
    norm,
    to_channels_first,
    to_channels_last,
)


def decode(vqgan: Any, latents: Tensor) -> Tensor:
    """Turn scaled latents into colors, shape (images, 3, height, width).

    Equal to `vqgan.decode(latents).sample` to the rounding of the precision.
    """
    (first,), *layers = vqgan.up_blocks
    x = mix_channels(first, to_channels_last(latents))
    for layer in layers:
        if isinstance(layer, nn.ConvTranspose2d):
            x = to_channels_last(layer(to_channels_first(x)))
        else:
            x = run_mixing(layer, x)
    conv, shuffle = vqgan.out_block
    colors: Tensor = shuffle(to_channels_first(mix_channels(conv, x)))
    return colors


def run_mixing(block: Any, x: Tensor) -> Tensor:
    """Run a `MixingResidualBlock`.

    Its six numbers scale and shift what its layers read and scale what they give, so
    they are multiplied into the weights, which are far smaller than the pictures.
    """
    scale_1, shift_1, share_1, scale_2, shift_2, share_2 = block.gammas
    pad, conv = block.depthwise
    weight = conv.weight * ((1 + scale_1) * share_1)
    bias = (conv.bias + shift_1 * conv.weight.sum((1, 2, 3))) * share_1
    padded = pad(to_channels_first(norm(x)))
    x = x + to_channels_last(
        functional.conv2d(padded, weight, bias, groups=conv.groups)
    )
    widen, _, narrow = block.channelwise
    widen_weight = widen.weight * (1 + scale_2)
    widen_bias = widen.bias + shift_2 * widen.weight.sum(1)
    narrow_weight = (narrow.weight * share_2).t()
    narrow_bias = narrow.bias * share_2
    flat = x.view(-1, x.shape[-1])
    size = FLOATS_IN_CACHE // len(widen_bias) if is_piecewise(x) else len(flat)
    for piece in torch.split(flat, max(1, size)):
        wide = gelu_(functional.linear(norm(piece), widen_weight, widen_bias))
        piece.add_(narrow_bias).addmm_(wide, narrow_weight)
    return x
