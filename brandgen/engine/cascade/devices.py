"""Chooses where and in which numbers to compute, and refuses what can't work."""

from typing import Literal

import torch

from brandgen.engine import host_memory
from brandgen.engine.errors import DeviceError, NonFiniteError, PrecisionError
from brandgen.engine.tensor_file import Floats

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# The first GPUs that compute in bfloat16 are NVIDIA's Ampere, capability 8.0; Stage B
# needs PyTorch 2.2 for it. Source: documentation of Stable Cascade in diffusers.
BFLOAT16_CAPABILITY = (8, 0)
BFLOAT16_TORCH = (2, 2)

# What else says that memory ran out: PyTorch's allocator on a CPU, the operating system
# (error 12) and the C++ library have no exception of their own.
SIGNS = ("can't allocate memory", "Cannot allocate memory", "bad_alloc")


def find_device(name: str) -> torch.device:
    """Find the device to compute on.

    Raises:
        DeviceError: it is not there.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(
            f"The device {name!r} is unknown. Use cpu or cuda."
        ) from error
    if device.type not in {"cpu", "cuda"}:
        raise DeviceError(f"The device {name!r} is not supported. Use cpu or cuda.")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise DeviceError(
            f"The device {name!r} is not there: PyTorch sees {count} NVIDIA GPUs. Use "
            "cpu, or install a driver and a CUDA build of PyTorch."
        )
    return device


def find_capability(device: torch.device) -> tuple[int, int] | None:
    """Say which generation of GPU this is; None on a CPU."""
    return torch.cuda.get_device_capability(device) if device.type == "cuda" else None


def find_free_bytes(device: torch.device) -> int | None:
    """Find how much memory is free; None where the system does not say.

    What PyTorch holds on a GPU without using it counts as free.
    """
    if device.type == "cpu":
        return host_memory.find_free_bytes()
    free, _ = torch.cuda.mem_get_info(device)
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + unused)


def choose_dtype(
    name: str, *, capability: tuple[int, int] | None, version: str = torch.__version__
) -> torch.dtype:
    """Find a precision by its name.

    `auto` is bfloat16 on a GPU that has it, else float32: what every stage can use.

    Raises:
        PrecisionError: no such precision, or not on this GPU or with this PyTorch.
    """
    if name == "auto":
        is_fit = capability is not None and _why_no_bfloat16(capability, version) == ""
        return torch.bfloat16 if is_fit else torch.float32
    if name not in DTYPES:
        raise PrecisionError(
            f"The precision {name!r} is unknown. Use auto, {', '.join(DTYPES)}."
        )
    if name == "bfloat16" and (reason := _why_no_bfloat16(capability, version)):
        raise PrecisionError(f"{reason} Use float32, or auto.")
    return DTYPES[name]


def check_prior_dtype(dtype: torch.dtype) -> None:
    """Refuse what Stage C can't be computed in.

    Raises:
        PrecisionError: it is float16.
    """
    if dtype == torch.float16:
        raise PrecisionError(
            "The prior can't compute in float16: Stage C was trained in bfloat16 and "
            "its values overflow to a black picture. Use bfloat16, or float32 where "
            "there is none; the decoder alone may use float16."
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that there was not enough memory."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError | OSError)
        and any(sign in str(error) for sign in SIGNS)
    )


def name_of(dtype: torch.dtype) -> str:
    """Name a precision as settings do."""
    return str(dtype).removeprefix("torch.")


def _why_no_bfloat16(capability: tuple[int, int] | None, version: str) -> str:
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) < BFLOAT16_TORCH:
        return (
            f"PyTorch {version} can't run the decoder in bfloat16: 2.2 is the first "
            "that can. Update it."
        )
    if capability is not None and capability < BFLOAT16_CAPABILITY:
        return (
            f"This GPU has compute capability {capability[0]}.{capability[1]} and no "
            "bfloat16: 8.0 (Ampere) is the first that has it."
        )
    return ""


def check_finite(values: torch.Tensor, stage: str) -> None:
    """Refuse latents or colors that overflowed, before they become a black picture.

    Raises:
        NonFiniteError: a value is infinite or no number.
    """
    if not values.isfinite().all():
        raise NonFiniteError(stage, name_of(values.dtype))


def to_device(values: Floats, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Copy numbers to a device, by aligned memory: it decides the last bits."""
    return torch.tensor(values).to(device, dtype)


def as_floats(tensor: torch.Tensor) -> Floats:
    """Copy a tensor to numpy as float32."""
    values: Floats = tensor.detach().float().cpu().numpy()
    return values
