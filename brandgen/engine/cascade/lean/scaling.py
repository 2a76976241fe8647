"""What stands between the levels of a Stable Cascade network, channels last."""

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from brandgen.engine.cascade.lean.blocks import (
    mix_channels,
    norm,
    to_channels_first,
    to_channels_last,
)


def rescale(scaler: Any, x: Tensor) -> Tensor:
    """Run a downscaler or an upscaler of a `StableCascadeUNet`."""
    if isinstance(scaler, nn.Identity):
        return x
    _, scale = scaler
    x = norm(x)
    if isinstance(scale, nn.Conv2d):
        return _halve(scale, x)
    if isinstance(scale, nn.ConvTranspose2d):
        return _double(scale, x)
    for module in scale.blocks:  # an `UpDownBlock2d`: interpolation and a 1 x 1
        if isinstance(module, nn.Conv2d):
            x = mix_channels(module, x)
        elif not isinstance(module, nn.Identity):
            x = to_channels_last(module(to_channels_first(x)))
    return x


def fit(x: Tensor, rows: int, columns: int) -> Tensor:
    """Stretch to the size of what is joined, as the stock network does."""
    if tuple(x.shape[1:3]) == (rows, columns):
        return x
    stretched = functional.interpolate(
        to_channels_first(x).float(),
        (rows, columns),
        mode="bilinear",
        align_corners=True,
    )
    return to_channels_last(stretched).to(x.dtype)


def _halve(conv: Any, x: Tensor) -> Tensor:
    """Run a convolution of 2 x 2 at every other position, as a matrix product."""
    n, rows, columns, width = x.shape
    x = x.view(n, rows // 2, 2, columns // 2, 2, width).transpose(2, 3)
    x = x.reshape(n, rows // 2, columns // 2, 4 * width)
    return functional.linear(x, conv.weight.permute(0, 2, 3, 1).flatten(1), conv.bias)


def _double(conv: Any, x: Tensor) -> Tensor:
    """Run a transposed convolution of 2 x 2, stride 2, as a matrix product."""
    n, rows, columns, _ = x.shape
    weight = conv.weight.permute(2, 3, 1, 0).flatten(0, 2)
    y = functional.linear(x, weight, conv.bias.repeat(4))
    y = y.view(n, rows, columns, 2, 2, -1).transpose(2, 3)
    return y.reshape(n, 2 * rows, 2 * columns, -1)
