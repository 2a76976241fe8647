"""Finds engines and weights by name, so that no caller imports torch to do so."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from brandgen.engine import host_memory
from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import EngineError
from brandgen.engine.protocol import Engine

CASCADE = "brandgen.engine.cascade.engine.CascadeEngine"
FAKE = "brandgen.engine.fake.FakeEngine"


def default_bundle() -> Bundle:
    """Open the miniature that ships with brandgen."""
    return Bundle(Path(__file__).parent / "miniature" / "weights")


def find_free_bytes(device: str) -> int | None:
    """Find how much memory is free on a device; None where nothing says.

    Only a GPU is asked through torch.

    Raises:
        DeviceError: the device is not there.
    """
    if device == "cpu":
        return host_memory.find_free_bytes()
    devices = import_module("brandgen.engine.cascade.devices")
    return cast("int", devices.find_free_bytes(devices.find_device(device)))


def open_engine(
    dotted_path: str = CASCADE, options: Mapping[str, object] | None = None
) -> Engine:
    """Make the engine whose class is named, with the options as keyword arguments.

    Raises:
        EngineError: there is no such class, or it does not take these options.
    """
    module_name, _, class_name = dotted_path.rpartition(".")
    try:
        engine_class = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise EngineError(
            f"There is no engine {dotted_path!r}: {error}. Use {CASCADE!r}, {FAKE!r} "
            "or the dotted path of your own class."
        ) from error
    try:
        return cast("Engine", engine_class(**(options or {})))
    except TypeError as error:
        raise EngineError(
            f"The engine {dotted_path!r} refuses its options: {error}."
        ) from error
