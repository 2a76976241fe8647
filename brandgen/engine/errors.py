"""What can go wrong in an engine. Every message is fit to show."""


class EngineError(Exception):
    """An engine can't do what it was asked."""


class InvalidRequestError(EngineError):
    """A request is refused before any work is done."""


class WeightsError(EngineError):
    """Weights are missing, damaged or not those that their manifest names."""


class PickledWeightsError(WeightsError):
    """Weights are a pickle, which can run any code when it is read."""


class PrecisionError(EngineError):
    """Numbers of this precision can't be used here."""


class NonFiniteError(EngineError):
    """Values became infinite or no numbers, so there is no picture, and none is kept.

    The same request ends so again: only another seed, setting or precision helps.
    """

    def __init__(self, stage: str, dtype: str) -> None:
        super().__init__(
            f"{stage} ended in values that are infinite or no numbers, computed in "
            f"{dtype}, so there is no picture and nothing was kept. Try another seed "
            "or a lower guidance scale. If every seed ends so, compute in float32 "
            "(ENGINE_DTYPE, ENGINE_DECODER_DTYPE) and have the model's files checked."
        )


class DeviceError(EngineError):
    """The device is not there."""


class DeviceMemoryError(EngineError):
    """The model or the picture does not fit the device's memory."""


class UnsupportedError(InvalidRequestError):
    """This engine, or the model in it, can't do that at all."""


class AdapterError(InvalidRequestError):
    """An adapter can't be used, or not with this model."""
