"""Filters as an installation might write them."""

import numpy as np

from brandgen.engine.requests import Pixels
from brandgen.safety.filters import Verdict

HERE = "tests.safety.filters"


def refuse_weapons(prompt: str) -> Verdict:
    """Refuse one word."""
    if "dagger" in prompt:
        return Verdict(False, "It asks for a weapon")
    return Verdict(True)


def refuse_dark(pixels: Pixels) -> Verdict:
    """Refuse pictures that are mostly dark."""
    if np.mean(pixels) < 100:
        return Verdict(False, "It is too dark to be ours.")
    return Verdict(True)


def refuse_all(pixels: Pixels) -> Verdict:
    """Refuse every picture."""
    return Verdict(False, "Pictures are not made on Sundays.")


def paint_over(pixels: Pixels) -> Verdict:
    """Try to change what it was only shown."""
    pixels[:] = 0
    return Verdict(True)


def crash(thing: object) -> Verdict:
    """Break."""
    raise ConnectionError("the classifier does not answer")


def say_nothing(thing: object) -> None:
    """Give no verdict."""


NOT_CALLABLE = 7
