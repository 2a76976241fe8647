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


def get_engine(*, threads: int | None = None) -> Engine:
    """Return this process's engine; it loads weights when they are first needed.

    `threads` stand for those of the settings, where the engine counts any.

    Raises:
        EngineError: the settings name no engine, or one that can't be opened.
    """
    options = engine_options()
    if threads is not None:
        options["threads"] = threads
    return _open(settings.ENGINE, tuple(options.items()))


def engine_options() -> dict[str, str | int | None]:
    """Return what the settings say to an engine, by the names of its options."""
    return {
        "bundle_dir": str(settings.ENGINE_BUNDLE),
        "device": settings.ENGINE_DEVICE,
        "dtype": settings.ENGINE_DTYPE,
        "decoder_dtype": settings.ENGINE_DECODER_DTYPE or None,
        "memory": settings.ENGINE_MEMORY,
        "prior_size": settings.ENGINE_PRIOR or None,
        "decoder_size": settings.ENGINE_DECODER or None,
        "lean": settings.ENGINE_LEAN,
        "compile": settings.ENGINE_COMPILE,
        "threads": settings.ENGINE_THREADS,
    }


@cache
def _open(
    dotted_path: str, options: tuple[tuple[str, str | int | None], ...]
) -> Engine:
    return open_engine(dotted_path, _accepted(dotted_path, dict(options)))


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
