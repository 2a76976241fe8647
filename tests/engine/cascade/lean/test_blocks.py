from typing import Any

import pytest
import torch
from diffusers.models.unets.unet_stable_cascade import (
    SDCascadeAttnBlock,
    SDCascadeResBlock,
)
from torch import nn

from brandgen.engine.cascade.lean import blocks
from brandgen.engine.cascade.lean.blocks import (
    find_condition,
    find_residual_bias,
    run_attention,
    run_residual,
    to_channels_first,
    to_channels_last,
)
from tests.engine.cascade.lean.conftest import relative


def make_residual(width: int, skip: int = 0, kernel: int = 3) -> Any:
    torch.manual_seed(0)
    block = SDCascadeResBlock(width, c_skip=skip, kernel_size=kernel)
    # As trained: at the start both are zero and the response norm does nothing.
    nn.init.normal_(block.channelwise[2].gamma)
    nn.init.normal_(block.channelwise[2].beta)
    return block.eval()


@pytest.mark.parametrize("is_piecewise", [True, False])
class TestRunResidual:
    @pytest.fixture(autouse=True)
    def way(self, is_piecewise: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(blocks, "FLOATS_IN_CACHE", 5_000)  # several pieces
        monkeypatch.setattr(blocks, "is_piecewise", lambda x: is_piecewise)

    @pytest.mark.parametrize(
        ("width", "skip", "kernel", "side"),
        [(16, 0, 3, 12), (64, 0, 7, 4), (32, 32, 3, 9), (64, 64, 3, 3)],
    )
    @torch.inference_mode()
    def test_equals_the_stock_block(
        self, width: int, skip: int, kernel: int, side: int
    ) -> None:
        block = make_residual(width, skip, kernel)
        x = torch.randn(3, width, side, side + 1)
        joined = torch.randn(3, skip, side, side + 1) if skip else None

        ours = run_residual(
            block,
            to_channels_last(x),
            None if joined is None else to_channels_last(joined),
            find_residual_bias(block),
        )

        stock = block(x, joined)
        assert relative(to_channels_first(ours), stock) < 1e-5


class TestRunAttention:
    @pytest.mark.parametrize("is_self", [True, False])
    @torch.inference_mode()
    def test_equals_the_stock_block(self, is_self: bool) -> None:
        torch.manual_seed(0)
        block = SDCascadeAttnBlock(32, 24, nhead=4, self_attn=is_self).eval()
        x, condition = torch.randn(2, 32, 5, 7), torch.randn(2, 9, 24)

        ours = run_attention(
            block, to_channels_last(x), *find_condition(block, condition)
        )

        assert relative(to_channels_first(ours), block(x, condition)) < 1e-5
