"""The installation's own say about a prompt or a picture: callables that it names.

Off unless configured. A filter says yes, or no with a reason; it can't change what it
is shown. One that breaks lets nothing pass.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from brandgen.engine.requests import Pixels

log = logging.getLogger(__name__)


class SafetyFilterError(Exception):
    """A filter can't be loaded, broke or gave no verdict. Fit to show."""


@dataclass(frozen=True)
class Verdict:
    """What a filter says: yes, or no and why."""

    is_allowed: bool
    reason: str = ""
    """For people; a whole sentence. Needed where it is a no."""


class PromptFilter(Protocol):
    """Reads a finished prompt in the web process: no model may be loaded there."""

    def __call__(self, prompt: str) -> Verdict:
        """Judge the text that the model would read."""
        ...


class ImageFilter(Protocol):
    """Looks at a finished picture in the worker, before it is kept."""

    def __call__(self, pixels: Pixels) -> Verdict:
        """Judge pixels: sRGB, shape (height, width, 3), read-only."""
        ...


def check_prompt(prompt: str) -> Verdict | None:
    """Ask the prompt filter; None where none is configured.

    Raises:
        SafetyFilterError: it can't be asked, so nothing may pass.
    """
    path = settings.SAFETY_PROMPT_FILTER
    if not path:
        return None
    judge = cast("PromptFilter", _load("SAFETY_PROMPT_FILTER", path))
    return _ask(path, lambda: judge(prompt))


def check_image(pixels: Pixels) -> Verdict | None:
    """Ask the image filter; None where none is configured.

    Raises:
        SafetyFilterError: it can't be asked, so nothing may pass.
    """
    path = settings.SAFETY_IMAGE_FILTER
    if not path:
        return None
    judge = cast("ImageFilter", _load("SAFETY_IMAGE_FILTER", path))
    shown = pixels.view()
    shown.flags.writeable = False
    return _ask(path, lambda: judge(shown))


def is_any_configured() -> bool:
    """Say whether this installation has a filter at all."""
    return bool(settings.SAFETY_PROMPT_FILTER or settings.SAFETY_IMAGE_FILTER)


def check_settings(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """Refuse to start with a prompt filter that can't be loaded; a system check.

    The image filter may load a model, so only workers load it, when it is first asked.
    """
    path = settings.SAFETY_PROMPT_FILTER
    if path:
        try:
            _load("SAFETY_PROMPT_FILTER", path)
        except SafetyFilterError as error:
            yield Error(str(error), id="safety.E001")
    if (path := settings.SAFETY_IMAGE_FILTER) and "." not in path:
        yield Error(
            f"SAFETY_IMAGE_FILTER is {path!r}. Write the dotted path of a callable.",
            id="safety.E002",
        )


@cache
def _load(setting: str, path: str) -> Callable[..., Any]:
    try:
        found = import_string(path)
    except Exception as error:
        raise SafetyFilterError(
            f"{setting} names {path!r}, which can't be loaded: {error}. Nothing was "
            "made. Ask an admin to correct it."
        ) from error
    if not callable(found):
        raise SafetyFilterError(
            f"{setting} names {path!r}, which is no callable. Nothing was made. Ask an "
            "admin to correct it."
        )
    return cast("Callable[..., Any]", found)


def _ask(path: str, ask: Callable[[], object]) -> Verdict:
    try:
        verdict = ask()
    except Exception as error:
        log.exception("The safety filter %s broke", path)
        raise SafetyFilterError(
            f"The safety filter {path} broke: {type(error).__name__}: {error}. What it "
            "can't judge is not made. Ask an admin to look at it."
        ) from error
    if not isinstance(verdict, Verdict):
        raise SafetyFilterError(
            f"The safety filter {path} answered {type(verdict).__name__}, not a "
            "Verdict. Nothing was made. Ask an admin to correct it."
        )
    return verdict
