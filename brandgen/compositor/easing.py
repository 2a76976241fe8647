"""How a movement gains and loses speed: shares of time to shares of the way."""

from collections.abc import Callable, Mapping

# Robert Penner's "back": beyond the goal by a tenth of the way, then back to it.
_BACK = 1.70158


def _ease_in(share: float) -> float:
    return share**3


def _ease_out(share: float) -> float:
    return 1 - (1 - share) ** 3


def _ease_in_out(share: float) -> float:
    return 4 * share**3 if share < 0.5 else 1 - (2 - 2 * share) ** 3 / 2


def _overshoot(share: float) -> float:
    left = share - 1
    return 1 + (_BACK + 1) * left**3 + _BACK * left**2


EASINGS: Mapping[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "ease-in": _ease_in,
    "ease-out": _ease_out,
    "ease-in-out": _ease_in_out,
    "overshoot": _overshoot,
}
"""Of a share of the time, 0 to 1, the share of the way; it may go beyond 1."""


def come(share: float, easing: str | None) -> float:
    """Say how much of a layer has come after a share of the time."""
    return EASINGS[easing or "ease-out"](min(max(share, 0.0), 1.0))


def go(share: float, easing: str | None) -> float:
    """Say how much of a layer is left after a share of the time in which it goes."""
    share = min(max(share, 0.0), 1.0)
    if easing == "overshoot":  # leans back before it goes
        return _overshoot(1 - share)
    return 1 - EASINGS[easing or "ease-in"](share)


def swing(share: float, easing: str) -> float:
    """Say how far a round has gone from its rest: 0 at both ends, 1 in the middle."""
    half = 2 * share if share < 0.5 else 2 - 2 * share
    return EASINGS[easing](half)
