"""The blocks of a Stable Cascade network, with the channels last from end to end.

The stock blocks move channels to the front and back around every norm and pass over
their widest tensor eight times. These read the same modules, keep the shape (images,
rows, columns, channels) throughout and pass over it three times. Sums are added in
another order: results equal the stock blocks' to the rounding of the precision.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Source: `SDCascadeLayerNorm(..., eps=1e-6)` and `GlobalResponseNorm` of diffusers.
NORM_EPSILON = 1e-6
RESPONSE_EPSILON = 1e-6
FLOATS_IN_CACHE = 2**17
"""Widest tensor that a CPU works on at once: half a MiB, as much as a core's own cache.

Measured on the miniature at 512 px, one core of an AMD EPYC: a step of Stage B took
64 ms with everything at once, 52 ms in pieces of this size and 60 ms of a quarter.
"""


def norm(x: Tensor) -> Tensor:
    """Normalize every position over its channels."""
    return functional.layer_norm(x, x.shape[-1:], eps=NORM_EPSILON)


def mix_channels(conv: Any, x: Tensor) -> Tensor:
    """Run a convolution of 1 x 1 as the matrix product that it is."""
    return functional.linear(x, conv.weight.flatten(1), conv.bias)


def to_channels_first(x: Tensor) -> Tensor:
    """View (images, rows, columns, channels) as torch's convolutions want it."""
    return x.permute(0, 3, 1, 2)


def to_channels_last(x: Tensor) -> Tensor:
    """Undo `to_channels_first`; a copy only where a convolution moved the channels."""
    return x.permute(0, 2, 3, 1).contiguous()


def as_many(x: Tensor, images: int) -> Tensor:
    """Repeat what the halves of a guided batch have had in common so far."""
    return x if len(x) == images else x.repeat(images // len(x), *[1] * (x.dim() - 1))


def find_residual_bias(block: Any) -> Tensor:
    """Add up what an `SDCascadeResBlock` adds whatever it reads."""
    _, _, response, _, narrow = block.channelwise
    bias: Tensor = narrow(response.beta.view(-1))
    return bias


def run_residual(block: Any, x: Tensor, skip: Tensor | None, bias: Tensor) -> Tensor:
    """Run an `SDCascadeResBlock`; `bias` is what `find_residual_bias` gives for it."""
    conv = block.depthwise
    y = functional.conv2d(
        to_channels_first(x),
        conv.weight,
        conv.bias,
        padding=conv.padding,
        groups=conv.groups,
    )
    y = norm(to_channels_last(y))
    if skip is not None:
        y = torch.cat([y, skip], dim=-1)
    out = (x + bias).flatten(1, 2)
    add = _add_in_pieces if is_piecewise(x) else _add_at_once
    return add(block.channelwise, y.flatten(1, 2), out).view(x.shape)


def is_piecewise(x: Tensor) -> bool:
    """Say whether pieces pay: on a CPU, where no compiler orders the work itself."""
    return x.device.type == "cpu" and not torch.compiler.is_compiling()


def run_attention(block: Any, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Run an `SDCascadeAttnBlock`; keys and values are those of the condition."""
    attention = block.attention
    y = norm(x).flatten(1, 2)
    if block.self_attn:
        keys = torch.cat([attention.to_k(y), keys], dim=1)
        values = torch.cat([attention.to_v(y), values], dim=1)
    query, keys, values = (
        part.unflatten(-1, (attention.heads, -1)).transpose(1, 2)
        for part in (attention.to_q(y), keys, values)
    )
    mixed = functional.scaled_dot_product_attention(query, keys, values)
    mixed = mixed.transpose(1, 2).flatten(2)
    out: Tensor = attention.to_out[0](mixed)
    return x + out.view(x.shape)


def find_condition(block: Any, condition: Tensor) -> tuple[Tensor, Tensor]:
    """Compute an attention block's keys and values of the condition."""
    mapped = block.kv_mapper(condition)
    return block.attention.to_k(mapped), block.attention.to_v(mapped)


def _add_in_pieces(layers: Any, y: Tensor, out: Tensor) -> Tensor:
    """Add the channel mixing to `out`, image by image, in pieces that fit the cache."""
    widen, _, response, _, narrow = layers
    size = max(1, FLOATS_IN_CACHE // response.gamma.numel())
    for image, target in zip(y, out, strict=True):
        pieces = [gelu_(widen(piece)) for piece in image.split(size)]
        # In float32: squares and their sums overflow in float16.
        power = torch.stack([piece.float().square().sum(0) for piece in pieces]).sum(0)
        gain = find_gain(response, power.sqrt()).to(y.dtype)
        weight = (narrow.weight * gain).t()
        for piece, part in zip(pieces, target.split(size), strict=True):
            part.addmm_(piece, weight)
    return out


def _add_at_once(layers: Any, y: Tensor, out: Tensor) -> Tensor:
    """Add the channel mixing to `out`, all images and positions together."""
    widen, _, response, _, narrow = layers
    wide = gelu_(widen(y))
    strength = torch.linalg.vector_norm(wide, dim=1, keepdim=True, dtype=torch.float32)
    gain = find_gain(response, strength).to(wide.dtype)
    if out.shape[1] > out.shape[2]:  # the weight is smaller than what it multiplies
        return torch.baddbmm(out, wide, (narrow.weight * gain).transpose(1, 2))
    return out + functional.linear(wide * gain, narrow.weight)


def find_gain(response: Any, strength: Tensor) -> Tensor:
    """Say by what a `GlobalResponseNorm` multiplies each channel of this strength."""
    share = strength / (strength.mean(-1, keepdim=True) + RESPONSE_EPSILON)
    gain: Tensor = 1 + response.gamma.view(-1) * share
    return gain


def gelu_(x: Tensor) -> Tensor:
    """Put a tensor through GELU in place: memory that is warm is not asked for anew."""
    result: Tensor = torch.ops.aten.gelu_(x)
    return result
