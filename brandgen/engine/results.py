"""Checks what an engine gives back, whoever wrote it, before anybody keeps it."""

from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from brandgen.engine.errors import EngineError, NonFiniteError
from brandgen.engine.protocol import ModelIdentity, PriorResult

STAGE_C = "The prior (Stage C)"
STAGE_B = "The decoder (Stage B)"
STAGE_A = "The autoencoder (Stage A)"
SEMANTIC = "The semantic encoder"


class ResultError(EngineError):
    """An engine gave back what is no result of its kind."""


def check_prior_result(result: PriorResult, identity: ModelIdentity) -> None:
    """Refuse image embeddings that can't become a picture.

    Raises:
        NonFiniteError: a value is infinite or no number.
        ResultError: they are no safetensors file, or the preview is no picture.
    """
    try:
        tensors = safetensors.numpy.load(result.embeddings)
    except (safetensors.SafetensorError, TypeError, ValueError, KeyError) as error:
        raise ResultError(
            f"{identity.name} gave back image embeddings that are no safetensors file: "
            f"{error}. Report this to whoever wrote the engine."
        ) from error
    for values in tensors.values():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise NonFiniteError(STAGE_C, identity.dtype)
    _check_picture(result.preview, identity, STAGE_C)


def check_pixels(pixels: Any, identity: ModelIdentity) -> None:
    """Refuse what is no picture of 8 bits a channel, shape (height, width, 3).

    Raises:
        NonFiniteError: a value is infinite or no number.
        ResultError: other values, or another shape.
    """
    _check_picture(pixels, identity, STAGE_A)


def _check_picture(pixels: Any, identity: ModelIdentity, stage: str) -> None:
    pixels = np.asarray(pixels)
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        is_prior = stage == STAGE_C
        dtype = identity.dtype if is_prior else identity.decoder_dtype or identity.dtype
        raise NonFiniteError(stage, dtype)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ResultError(
            f"{identity.name} gave back a picture of {pixels.dtype} and shape "
            f"{pixels.shape}, not uint8 and (height, width, 3). Report this to whoever "
            "wrote the engine."
        )
