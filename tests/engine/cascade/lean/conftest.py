"""What the tests of the lean networks share."""

from torch import Tensor


def relative(found: Tensor, reference: Tensor) -> float:
    """Say how far off the worst value is, as a share of the largest one."""
    assert found.shape == reference.shape
    return float((found - reference).abs().max() / reference.abs().max())
