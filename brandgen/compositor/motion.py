"""How layers come, go and move in between: the part of a document that moves."""

from dataclasses import dataclass
from typing import Annotated, Literal

from brandgen.compositor.boxes import Length
from brandgen.compositor.names import Fraction
from brandgen.compositor.strict import Limit

LONGEST_S = 60.0
SHORTEST_ROUND_S = 0.4
"""WCAG 2.2, 2.3.1: no more than three flashes in a second."""

Easing = Literal["linear", "ease-in", "ease-out", "ease-in-out", "overshoot"]
Side = Literal["start", "end", "top", "bottom"]
Seconds = Annotated[float, Limit(0, LONGEST_S)]
Round = Annotated[float, Limit(SHORTEST_ROUND_S, LONGEST_S)]


@dataclass(frozen=True, kw_only=True)
class EffectBase:
    """When a layer comes or goes: `delay_s` after the start, or before the end.

    Without an `easing` it slows down as it comes, and gains speed as it goes; letters
    are typed at an even pace.
    """

    delay_s: Seconds = 0
    duration_s: Annotated[float, Limit(0.05, LONGEST_S)] = 0.6
    easing: Easing | None = None


@dataclass(frozen=True, kw_only=True)
class FadeEffect(EffectBase):
    """From clear to opaque."""

    type: Literal["fade"]


@dataclass(frozen=True, kw_only=True)
class SlideEffect(EffectBase):
    """From a side; over a distance, or from beyond the edge of the format."""

    type: Literal["slide"]
    side: Side = "bottom"
    distance: Length | None = None
    fade: bool = True


@dataclass(frozen=True, kw_only=True)
class ScaleEffect(EffectBase):
    """From another size, 1 being its own; with the easing "overshoot" it pops."""

    type: Literal["scale"]
    size: Annotated[float, Limit(0, 4)] = 0.6
    fade: bool = True


@dataclass(frozen=True, kw_only=True)
class WipeEffect(EffectBase):
    """Uncovered from a side on."""

    type: Literal["wipe"]
    side: Side = "start"


@dataclass(frozen=True, kw_only=True)
class TypewriterEffect(EffectBase):
    """Letter by letter, line by line; of a text."""

    type: Literal["typewriter"]


@dataclass(frozen=True, kw_only=True)
class LoopBase:
    """A movement that goes on while the layer is seen, `duration_s` for each round.

    It begins `delay_s` after the layer has come.
    """

    delay_s: Seconds = 0
    duration_s: Round = 2
    easing: Easing = "ease-in-out"


@dataclass(frozen=True, kw_only=True)
class PulseLoop(LoopBase):
    """Larger by a share of its size, and back."""

    type: Literal["pulse"]
    amount: Annotated[float, Limit(0, 1)] = 0.05


@dataclass(frozen=True, kw_only=True)
class SwayLoop(LoopBase):
    """A distance to a side, and back."""

    type: Literal["sway"]
    side: Side = "top"
    distance: Length = Length(2, is_percent=True)


@dataclass(frozen=True, kw_only=True)
class FadeLoop(LoopBase):
    """Down to an opacity, and back."""

    type: Literal["fade"]
    opacity: Fraction = 0.4


@dataclass(frozen=True, kw_only=True)
class KenBurnsLoop:
    """A picture zooms slowly within its box, once; to the end without a `duration_s`.

    It begins `delay_s` after the layer began to come.
    """

    type: Literal["ken_burns"]
    delay_s: Seconds = 0
    duration_s: Round | None = None
    easing: Easing = "linear"
    zoom: Annotated[float, Limit(1, 3)] = 1.15
    direction: Literal["in", "out"] = "in"
    focal: tuple[Fraction, ...] | None = None


Effect = FadeEffect | SlideEffect | ScaleEffect | WipeEffect | TypewriterEffect
Loop = PulseLoop | SwayLoop | FadeLoop | KenBurnsLoop


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How a layer comes, goes, and moves while it is seen."""

    enter: (
        FadeEffect | SlideEffect | ScaleEffect | WipeEffect | TypewriterEffect | None
    ) = None
    exit: (
        FadeEffect | SlideEffect | ScaleEffect | WipeEffect | TypewriterEffect | None
    ) = None
    loop: PulseLoop | SwayLoop | FadeLoop | KenBurnsLoop | None = None


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """How long a creative moves, in how many frames a second.

    A still picture shows it at `poster_s`; without, as it is when all layers have come.
    """

    duration_s: Annotated[float, Limit(0.5, LONGEST_S)]
    fps: Annotated[int, Limit(5, 60)] = 25
    poster_s: Seconds | None = None

    @property
    def frame_count(self) -> int:
        """How many frames it has."""
        return max(1, round(self.duration_s * self.fps))
