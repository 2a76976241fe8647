"""Where a layer is at a moment, how large and how opaque: pure functions of time."""

from dataclasses import dataclass

from brandgen.compositor.boxes import Length
from brandgen.compositor.display import Clip, DrawText, MoveStart, Rect
from brandgen.compositor.easing import EASINGS, come, go, swing
from brandgen.compositor.motion import (
    Effect,
    FadeEffect,
    KenBurnsLoop,
    Loop,
    Motion,
    PulseLoop,
    ScaleEffect,
    Side,
    SlideEffect,
    SwayLoop,
    TypewriterEffect,
    WipeEffect,
)

_LEFT_TO_RIGHT = {"start": "left", "end": "right"}
_RIGHT_TO_LEFT = {"start": "right", "end": "left"}
_NEAR_S = 1e-6


@dataclass(frozen=True)
class Moving:
    """A layer that moves: what it takes at rest, and what its lengths refer to.

    `rect` is all that it paints; `texts` what it says, for a typewriter.
    """

    layer: str
    motion: Motion
    rect: Rect
    page: Rect
    short_side_px: int
    duration_s: float
    is_mirrored: bool = False
    texts: tuple[DrawText, ...] = ()

    @property
    def comes_s(self) -> float:
        """When it begins to come."""
        return self.motion.enter.delay_s if self.motion.enter else 0.0

    @property
    def is_there_s(self) -> float:
        """When it has come."""
        enter = self.motion.enter
        return enter.delay_s + enter.duration_s if enter else 0.0

    @property
    def goes_s(self) -> float:
        """When it begins to go."""
        leave = self.motion.exit
        gone = leave.delay_s + leave.duration_s if leave else 0.0
        return self.duration_s - gone

    @property
    def is_gone_s(self) -> float:
        """When it is gone."""
        leave = self.motion.exit
        return self.duration_s - (leave.delay_s if leave else 0.0)

    def side(self, side: Side) -> str:
        """Give a side as left, right, top or bottom."""
        sides = _RIGHT_TO_LEFT if self.is_mirrored else _LEFT_TO_RIGHT
        return sides.get(side, side)

    def px(self, length: Length) -> float:
        """Give a length in pixels of the format."""
        return length.pixels(self.short_side_px)


def pose_at(moving: Moving, at_s: float) -> MoveStart | None:
    """Say how a layer stands at a moment; None while it is not there."""
    motion, pose = moving.motion, at_rest(moving)
    has_come = at_s >= moving.is_there_s - _NEAR_S
    is_staying = at_s < moving.goes_s - _NEAR_S
    if motion.enter and not has_come:
        share = (at_s - moving.comes_s) / motion.enter.duration_s
        if share <= _NEAR_S:
            return None
        pose = _apply(moving, motion.enter, come(share, _easing(motion.enter)))
    elif motion.exit and not is_staying:
        share = (at_s - moving.goes_s) / motion.exit.duration_s
        if share >= 1 - _NEAR_S:
            return None
        pose = _apply(moving, motion.exit, go(share, _easing(motion.exit)))
    return _swing(moving, pose, at_s) if has_come else pose


def _easing(effect: Effect) -> str | None:
    """Give the easing that was chosen; letters are typed at an even pace."""
    return effect.easing or ("linear" if isinstance(effect, TypewriterEffect) else None)


def at_rest(moving: Moving) -> MoveStart:
    """Give how a layer stands when it has come."""
    rect = moving.rect
    center = rect.x + rect.width / 2, rect.y + rect.height / 2
    return MoveStart(moving.layer, rect, center=center)


def is_at_rest(pose: MoveStart) -> bool:
    """Say whether a layer stands as in a still picture."""
    is_in_place = pose.x == pose.y == 0 and pose.scale == 1
    return is_in_place and pose.opacity == 1 and pose.clip is None


def zoom_at(
    loop: KenBurnsLoop, at_s: float, *, begins_s: float, ends_s: float
) -> float:
    """Say how far a picture is zoomed in."""
    begins_s += loop.delay_s
    length_s = max(loop.duration_s or ends_s - begins_s, 0.1)
    share = min(max((at_s - begins_s) / length_s, 0.0), 1.0)
    way = EASINGS[loop.easing](share)
    return max(1.0, 1 + (loop.zoom - 1) * (way if loop.direction == "in" else 1 - way))


def _apply(moving: Moving, effect: Effect, there: float) -> MoveStart:
    """Give the pose of a layer of which this share is there, 0 to 1 or a bit more."""
    rest = at_rest(moving)
    faded = min(max(there, 0.0), 1.0)
    if isinstance(effect, FadeEffect):
        return _changed(rest, opacity=faded)
    if isinstance(effect, SlideEffect):
        x, y = _way(moving, effect)
        opacity = faded if effect.fade else 1.0
        return _changed(rest, x=x * (1 - there), y=y * (1 - there), opacity=opacity)
    if isinstance(effect, ScaleEffect):
        scale = max(0.001, effect.size + (1 - effect.size) * there)
        return _changed(rest, scale=scale, opacity=faded if effect.fade else 1.0)
    if isinstance(effect, WipeEffect):
        clip = _uncover(moving.rect, moving.side(effect.side), faded)
        return _changed(rest, clip=Clip((clip,)) if faded < 1 else None)
    clips = _typed(moving, faded)
    return _changed(rest, clip=Clip(clips) if faded < 1 else None)


def _changed(
    pose: MoveStart,
    *,
    x: float = 0.0,
    y: float = 0.0,
    scale: float = 1.0,
    opacity: float = 1.0,
    clip: Clip | None = None,
) -> MoveStart:
    return MoveStart(
        pose.layer,
        pose.rect,
        x=pose.x + x,
        y=pose.y + y,
        scale=pose.scale * scale,
        center=pose.center,
        opacity=pose.opacity * opacity,
        clip=clip or pose.clip,
    )


def _way(moving: Moving, effect: SlideEffect) -> tuple[float, float]:
    """Give how far away a layer is that has not begun to come."""
    side, rect, page = moving.side(effect.side), moving.rect, moving.page
    beyond = {
        "left": rect.right - page.x,
        "right": page.right - rect.x,
        "top": rect.bottom - page.y,
        "bottom": page.bottom - rect.y,
    }
    far = moving.px(effect.distance) if effect.distance else max(0.0, beyond[side])
    return {
        "left": (-far, 0.0),
        "right": (far, 0.0),
        "top": (0.0, -far),
        "bottom": (0.0, far),
    }[side]


def _uncover(rect: Rect, side: str, share: float) -> Rect:
    """Give the part of a box that is seen, from a side on."""
    width, height = rect.width * share, rect.height * share
    return {
        "left": Rect(rect.x, rect.y, width, rect.height),
        "right": Rect(rect.right - width, rect.y, width, rect.height),
        "top": Rect(rect.x, rect.y, rect.width, height),
        "bottom": Rect(rect.x, rect.bottom - height, rect.width, height),
    }[side]


def _typed(moving: Moving, share: float) -> tuple[Rect, ...]:
    """Give the boxes of the lines that are typed, the last up to a whole letter."""
    text = next(iter(moving.texts), None)
    if text is None:
        return (_uncover(moving.rect, moving.side("start"), share),)
    whole, lines = moving.rect, text.text.boxes
    steps = [_letters_in(text, number) for number in range(len(lines))]
    left = round(share * sum(len(ends) for ends in steps))
    found: list[Rect] = []
    for number, ends in enumerate(steps):
        if left <= 0:
            break
        line = lines[number]
        # Beyond the first line and the last, and to the sides, what letters hang over.
        top = whole.y if number == 0 else text.rect.y + line.y
        is_last = number == len(lines) - 1
        bottom = whole.bottom if is_last else text.rect.y + line.y + line.height
        if left >= len(ends):
            found.append(Rect(whole.x, top, whole.width, bottom - top))
        else:
            end = text.rect.x + ends[left - 1]
            x = end if text.text.is_rtl else whole.x
            right = whole.right if text.text.is_rtl else end
            found.append(Rect(x, top, max(0.0, right - x), bottom - top))
        left -= len(ends)
    return tuple(found) or (Rect(whole.x, whole.y, 0.0, 0.0),)


def _letters_in(text: DrawText, line: int) -> list[float]:
    """Give where each letter of a line ends, from the side on that it is read from."""
    size, places = text.text.size_px, []
    for piece in text.text.pieces:
        if piece.line == line:
            x = piece.x
            for glyph in piece.run.glyphs:
                start, x = x, x + glyph.advance * size
                if x != start:
                    places.append(start if text.text.is_rtl else x)
    return sorted(places, reverse=text.text.is_rtl)


def _swing(moving: Moving, pose: MoveStart, at_s: float) -> MoveStart:
    """Add what a layer does while it is seen."""
    loop: Loop | None = moving.motion.loop
    if loop is None or isinstance(loop, KenBurnsLoop):
        return pose
    since_s = at_s - moving.is_there_s - loop.delay_s
    if since_s <= 0:
        return pose
    far = swing(since_s / loop.duration_s % 1.0, loop.easing)
    if isinstance(loop, PulseLoop):
        return _changed(pose, scale=1 + loop.amount * far)
    if isinstance(loop, SwayLoop):
        way = moving.px(loop.distance) * far
        x, y = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[
            moving.side(loop.side)
        ]
        return _changed(pose, x=x * way, y=y * way)
    return _changed(pose, opacity=1 - (1 - loop.opacity) * far)
