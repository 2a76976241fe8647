"""Render a creative that moves: its frames, its file, and what was found on the way."""

import functools
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from brandgen.compositor.animation import MAX_FRAMES, Animation, write_animation
from brandgen.compositor.brand import BrandStyle
from brandgen.compositor.display import Layout
from brandgen.compositor.document import Document
from brandgen.compositor.draw import draw
from brandgen.compositor.encode import Encoding, RenderOptionError, encode
from brandgen.compositor.file_size import Fitted
from brandgen.compositor.flashes import FlashCounter
from brandgen.compositor.frames import Frames
from brandgen.compositor.motion import Timeline
from brandgen.compositor.moving import (
    Mover,
    Node,
    at_moment,
    each_mover,
    moves_in,
    tell_apart,
)
from brandgen.compositor.pictures import ImageSource, Pixels
from brandgen.compositor.poses import is_at_rest, pose_at
from brandgen.compositor.text import TextEngine
from brandgen.compositor.video import Video, write_video
from brandgen.lib.findings import Finding, Verdict

ANIMATED_FPS = 12
"""Of a GIF or an animated WebP, whose players are slower than those of videos."""
MOST_MOMENTS = 12
"""How many moments at which texts come and go are looked at."""
_JUDGED_SCALE = 0.5
POSTER_PX = 960
SMALL_POSTER_PX = 240
"""Longest side of the still that a video carries; the smaller where bytes are few."""
_FEW_BYTES = 1_000_000


class NoMotionError(RenderOptionError):
    """The template does not move in this format, so that no video can be made of it."""


class MovingPicture:
    """One layout that moves, drawn as far as it stands still."""

    def __init__(
        self,
        document: Document,
        layout: Layout,
        *,
        format: str,  # noqa: A002 - the product's word
        locale: str,
        images: Mapping[str, ImageSource],
        brand: BrandStyle,
        engine: TextEngine,
        scale: float = 1.0,
        watermark: str | None = None,
    ) -> None:
        """Draw what stands still, and judge what the still picture shows.

        Raises:
            NoMotionError: nothing moves in this format.
            ImageSourceError: a picture is missing or can't be decoded.
        """
        timeline = document.motion
        if timeline is None or not moves_in(document, format, locale):
            raise NoMotionError(
                "The template does not move here. Give it 'motion' with a duration, "
                "and a layer that comes, goes or loops; or write a still picture.",
                option="kind",
            )
        self.timeline: Timeline = timeline
        self._watermark = watermark
        self._draw = functools.partial(draw, images=images, brand=brand, engine=engine)
        # Draws once at rest: the checks, and which logos stand out.
        _, self.findings, self.layout = self._draw(
            layout, scale=min(_JUDGED_SCALE, scale)
        )
        self.nodes = tell_apart(document, self.layout, format, locale)
        self.findings = _with_worse(self.findings, self._judge_texts(scale))
        self.frames = Frames(
            self.layout,
            self.nodes,
            scale=scale,
            watermark=watermark,
            images=images,
            brand=brand,
            engine=engine,
        )

    def draw_frames(self, fps: int) -> Iterator[Pixels]:
        """Draw all frames; equal ones in a row are one array."""
        count = max(1, round(self.timeline.duration_s * fps))
        return self.frames.draw_all([number / fps for number in range(count)])

    def draw_poster(self, longest_px: int) -> bytes:
        """Draw the still picture, at most as long as this, as a JPEG."""
        timeline, layout = self.timeline, self.layout
        if timeline.poster_s is not None:
            layout = at_moment(layout, self.nodes, timeline.poster_s)
        longest = max(layout.width_px, layout.height_px)
        pixels, _, _ = self._draw(
            layout, scale=min(1.0, longest_px / longest), watermark=self._watermark
        )
        return encode(pixels, Encoding("jpeg", quality=80, effort="small"))

    def _judge_texts(self, scale: float) -> list[Finding]:
        """Judge texts as they are when they have come, and before they go.

        What lies behind them then may not be what does on the still picture.
        """
        found = []
        for at_s in list(_moments(self.nodes))[:MOST_MOMENTS]:
            there = _texts_there(self.nodes, at_s)
            moment = at_moment(self.layout, self.nodes, at_s)
            _, findings, _ = self._draw(moment, scale=min(_JUDGED_SCALE, scale))
            found += [
                replace(finding, message=f"At {at_s:.1f} s: {finding.message}")
                for finding in findings
                if finding.rule == "text-contrast" and finding.place in there
            ]
        return found


def render_video(
    moving: MovingPicture, encoding: Encoding
) -> tuple[bytes, list[Finding]]:
    """Write a video, and judge its size and whether it flashes.

    Raises:
        FileSizeError: no bitrate makes the file as small as the encoding asks.
        RenderOptionError: the frames are too large, or nothing here writes videos.
    """
    fps = moving.timeline.fps
    counter = FlashCounter(fps)
    is_first = True

    def look() -> Iterator[Pixels]:
        nonlocal is_first
        for frame in moving.draw_frames(fps):
            if is_first:
                counter.look(frame)
            yield frame
        is_first = False

    is_tight = (encoding.most_bytes or 2**62) < _FEW_BYTES
    video = Video(
        encoding.kind,  # type: ignore[arg-type]
        fps=fps,
        duration_s=moving.timeline.duration_s,
        quality=encoding.quality,
        least_quality=encoding.least_quality,
        effort=encoding.effort,
        most_bytes=encoding.most_bytes,
        xmp=encoding.xmp,
        poster=moving.draw_poster(SMALL_POSTER_PX if is_tight else POSTER_PX),
    )
    fitted = write_video(look, video)
    findings = [counter.judge()]
    if encoding.most_bytes:
        findings.append(
            Finding(
                rule="file-size",
                measured=f"{len(fitted.data):,} bytes, {fitted.setting}",
                allowed=f"{encoding.most_bytes:,} bytes",
                verdict=Verdict.PASS,
                message="The file is small enough.",
                place="",
            )
        )
    return fitted.data, findings


def render_animation(moving: MovingPicture, animation: Animation) -> Fitted:
    """Write an animated GIF or WebP of at most 60 frames, those that are equal as one.

    Raises:
        FileSizeError: not even the least quality is small enough.
        RenderOptionError: the frames have too many pixels together.
    """
    duration_s = moving.timeline.duration_s
    fps = float(min(ANIMATED_FPS, moving.timeline.fps))
    while True:
        count = max(1, math.floor(duration_s * fps))
        times = [number / fps for number in range(count)]
        if _count_states(moving, times) <= MAX_FRAMES:
            break
        fps *= 0.9
    pictures: list[Pixels] = []
    seconds: list[float] = []
    for frame in moving.frames.draw_all(times):
        if pictures and np.array_equal(pictures[-1], frame):
            seconds[-1] += 1 / fps
        else:
            pictures.append(frame)
            seconds.append(1 / fps)
    return write_animation(pictures, replace(animation, seconds=tuple(seconds)))


def _count_states(moving: MovingPicture, times: list[float]) -> int:
    states = [moving.frames.state_at(at_s) for at_s in times]
    return 1 + sum(one != other for one, other in itertools.pairwise(states))


def _moments(nodes: tuple[Node, ...]) -> list[float]:
    """Give when texts have come, and when they begin to go."""
    found = set()
    for mover, outer in each_mover(nodes):
        if mover.moving.texts:
            chain = (mover, *outer)
            found.add(max(one.moving.is_there_s for one in chain))
            found.add(min(one.moving.goes_s for one in chain) - 0.001)
    return sorted(round(at_s, 4) for at_s in found)


def _texts_there(nodes: tuple[Node, ...], at_s: float) -> set[str]:
    """Name the texts that move and are wholly there at a moment."""
    found: set[str] = set()
    gone: set[str] = set()
    for mover, outer in each_mover(nodes):
        names = {text.layer for text in mover.moving.texts}
        is_there = all(_is_there(one, at_s) for one in (mover, *outer))
        (found if is_there else gone).update(names)
    return found - gone


def _is_there(mover: Mover, at_s: float) -> bool:
    pose = pose_at(mover.moving, at_s)
    return pose is not None and (is_at_rest(pose) or pose.opacity == 1)


def _with_worse(findings: list[Finding], later: list[Finding]) -> list[Finding]:
    """Put what is judged worse at another moment in the place of what was found."""
    worse = {
        (finding.rule, finding.place): finding
        for finding in later
        if finding.verdict != Verdict.PASS
    }
    return [
        worse.get((finding.rule, finding.place), finding)
        if finding.verdict == Verdict.PASS
        else finding
        for finding in findings
    ]
