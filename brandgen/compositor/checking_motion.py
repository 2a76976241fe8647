"""Check how a template document moves: times that fit, effects that layers can have."""

from collections.abc import Sequence

from brandgen.compositor.document import Document
from brandgen.compositor.layers import ImageLayer, Layer, TextLayer, each_layer
from brandgen.compositor.motion import (
    KenBurnsLoop,
    Motion,
    Timeline,
    TypewriterEffect,
)
from brandgen.compositor.strict import DataError

MOST_MOVING = 24
"""Layers of one format that move: each is a picture in memory."""


def check_timeline(document: Document) -> None:
    """Check when the still picture is taken.

    Raises:
        DataError: points at what can't be.
    """
    timeline = document.motion
    if timeline and timeline.poster_s and timeline.poster_s > timeline.duration_s:
        raise DataError(
            "/motion/poster_s", f"it is after the end, at {timeline.duration_s:g} s."
        )


def check_motions(document: Document, layers: Sequence[Layer]) -> None:
    """Check how one layout's layers move.

    Raises:
        DataError: points at what can't be.
    """
    count = 0
    for pointer, layer, _ in each_layer(layers):
        if layer.motion is None:
            continue
        place = f"{pointer}/motion"
        count += 1
        if count > MOST_MOVING:
            raise DataError(place, f"more than {MOST_MOVING} layers move.")
        if document.motion is None:
            raise DataError(
                place,
                "the document has no 'motion', which says how long it takes: "
                '{"duration_s": 6}.',
            )
        _check_motion(layer, layer.motion, document.motion, place)


def _check_motion(layer: Layer, motion: Motion, timeline: Timeline, place: str) -> None:
    if motion.enter is None and motion.exit is None and motion.loop is None:
        raise DataError(place, "'enter', 'exit' or 'loop' is needed.")
    for name in ("enter", "exit"):
        effect = getattr(motion, name)
        if isinstance(effect, TypewriterEffect) and not isinstance(layer, TextLayer):
            raise DataError(f"{place}/{name}/type", "only a text is typed.")
    come = motion.enter.delay_s + motion.enter.duration_s if motion.enter else 0.0
    gone = motion.exit.delay_s + motion.exit.duration_s if motion.exit else 0.0
    if come + gone > timeline.duration_s + 1e-6:
        name = "exit" if motion.exit else "enter"
        raise DataError(
            f"{place}/{name}",
            f"to come and go takes {come + gone:g} s; the video has "
            f"{timeline.duration_s:g} s.",
        )
    if isinstance(motion.loop, KenBurnsLoop):
        if not isinstance(layer, ImageLayer):
            raise DataError(f"{place}/loop/type", "only a picture zooms in its box.")
        if motion.loop.focal is not None and len(motion.loop.focal) != 2:
            raise DataError(f"{place}/loop/focal", "two numbers are needed: x and y.")
