"""Names the ways to compile the networks, without importing a compiler."""

from typing import Literal

CompileMode = Literal["off", "default", "reduce-overhead", "max-autotune"]
COMPILE_MODES: tuple[CompileMode, ...] = (
    "off",
    "default",
    "reduce-overhead",
    "max-autotune",
)
"""torch.compile's modes, or none. The last two use CUDA graphs."""
