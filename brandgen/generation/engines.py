"""Opens the engine that the settings name, once per process.

Only workers and commands call this: the web process must never import torch.
"""

from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any

from django.conf import settings

from brandgen.engine.protocol import Engine
from brandgen.engine.registry import open_engine


def get_engine() -> Engine:
    """Return this process's engine; it loads weights when they are first needed.

    Raises:
        EngineError: the settings name no engine, or one that can't be opened.
    """
    return _open(
        settings.ENGINE,
        str(settings.ENGINE_BUNDLE),
        settings.ENGINE_DEVICE,
        settings.ENGINE_DTYPE,
        settings.ENGINE_THREADS,
    )


@cache
def _open(
    dotted_path: str, bundle: str, device: str, dtype: str, threads: int
) -> Engine:
    options = {
        "bundle_dir": bundle,
        "device": device,
        "dtype": dtype,
        "threads": threads,
    }
    return open_engine(dotted_path, _accepted(dotted_path, options))


def _accepted(dotted_path: str, options: dict[str, Any]) -> dict[str, Any]:
    """Keep the options that an engine takes; what is wrong is left to `open_engine`."""
    module_name, _, class_name = dotted_path.rpartition(".")
    try:
        parameters = signature(
            getattr(import_module(module_name), class_name)
        ).parameters
    except (ImportError, AttributeError, ValueError):
        return options
    return {name: value for name, value in options.items() if name in parameters}
