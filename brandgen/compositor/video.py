"""Encode frames as MP4 (H.264) or WebM (VP9); equal input, equal bytes.

FFmpeg comes with the package `av`, which is an extra: see THIRD_PARTY.md.
"""

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from brandgen.compositor.encode import RenderOptionError
from brandgen.compositor.file_size import FileSizeError, Fitted
from brandgen.compositor.pictures import Pixels
from brandgen.lib.fresh_memory import fresh_memory
from brandgen.lib.mp4 import put_mp4_poster, put_mp4_xmp

LIBRARY = "av"
"""The package that brings FFmpeg."""
MAX_PIXELS = 4_200_000
"""Of a frame: what H.264 at level 5.1 and small players take."""
_CODECS = {"mp4": "libx264", "webm": "libvpx-vp9"}
# Two threads, whatever the machine has: what x264 writes depends on their number.
_THREADS = 2
# A cap is met by a bitrate; headers and the unevenness of a short file take a part.
_ROOM = 0.94
_LEAST_BITRATE = 8_000

Draw = Callable[[], Iterator[Pixels]]


class VideoSupportError(RenderOptionError):
    """This installation can't write videos."""


@dataclass(frozen=True)
class Video:
    """How frames are written: `quality` 1 to 100; with `most_bytes` it may go down.

    An MP4 carries the `poster`, a JPEG, and its bytes count.
    """

    kind: Literal["mp4", "webm"]
    fps: int
    duration_s: float
    quality: int = 88
    least_quality: int = 30
    effort: Literal["fast", "small"] = "fast"
    most_bytes: int | None = None
    xmp: bytes | None = None
    poster: bytes | None = None


def load_av() -> Any:
    """Load the bindings of FFmpeg.

    Raises:
        VideoSupportError: they are not installed.
    """
    try:
        import av
    except ImportError:
        raise VideoSupportError(
            "Videos need the package av, which is not installed. Install it by: "
            "pip install 'brandgen[video]'."
        ) from None
    return av


def can_write_videos() -> bool:
    """Say whether the bindings of FFmpeg are installed."""
    return importlib.util.find_spec(LIBRARY) is not None


def write_video(draw: Draw, video: Video) -> Fitted:
    """Write opaque RGBA frames of one size, in at most the video's bytes.

    `draw` gives the frames, from the first on, each time it is called; equal ones in a
    row may be one array. A side of an odd length gets one more row or column.

    Raises:
        VideoSupportError: this installation has no encoder.
        RenderOptionError: the frames are too large.
        FileSizeError: two tries with less data a second are too large.
    """
    data = _finish(_encode(draw, video, None), video)
    most = video.most_bytes or 2**62
    if len(data) <= most:
        return Fitted(data, f"quality {video.quality}")
    reached, setting = len(data), f"quality {video.quality}"
    # The rate that the cap allows, then less by what the first try had too much.
    beside = len(video.poster or b"") + len(video.xmp or b"")
    bitrate = int((most - beside) * 8 * _ROOM / video.duration_s)
    for _ in range(2):
        bitrate = max(bitrate, _LEAST_BITRATE)
        data = _finish(_encode(draw, video, bitrate), video)
        setting = f"{bitrate // 1000:,} kbit/s"
        if len(data) <= most:
            return Fitted(data, setting)
        reached = min(reached, len(data))
        bitrate = int(bitrate * most / len(data) * _ROOM)
    raise FileSizeError(reached, most, setting)


def _finish(data: bytes, video: Video) -> bytes:
    if video.kind == "mp4" and video.poster:
        data = put_mp4_poster(data, video.poster)
    if video.kind == "mp4" and video.xmp:
        data = put_mp4_xmp(data, video.xmp)
    return data


def _encode(draw: Draw, video: Video, bitrate: int | None) -> bytes:
    """Write all frames once, at a quality or at so many bits a second."""
    av = load_av()
    # Through a file: the index is moved to the front once all is written.
    with (
        tempfile.TemporaryDirectory(prefix="brandgen-video-") as folder,
        fresh_memory(),
    ):
        path = Path(folder) / f"out.{video.kind}"
        options = {"fflags": "+bitexact"}
        if video.kind == "mp4":
            options["movflags"] = "+faststart"
        with av.open(str(path), "w", options=options) as container:
            stream: Any = None
            for frame in _each_frame(av, draw):
                if stream is None:
                    stream = _open(av, container, video, frame, bitrate)
                frame.time_base = Fraction(1, video.fps)
                for packet in stream.encode(frame):
                    container.mux(packet)
            for packet in stream.encode(None) if stream else ():
                container.mux(packet)
        return path.read_bytes()


def _open(
    av: Any, container: Any, video: Video, frame: Any, bitrate: int | None
) -> Any:
    """Add the stream of pictures, tagged as what they are: BT.709, limited range."""
    try:
        stream = container.add_stream(_CODECS[video.kind], rate=video.fps)
    except (ValueError, av.error.FFmpegError):
        raise VideoSupportError(
            f"FFmpeg of the package av has no {_CODECS[video.kind]}. Install the wheel "
            "of PyPI, or write a webp."
        ) from None
    stream.width, stream.height = frame.width, frame.height
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, video.fps)
    context = stream.codec_context
    context.thread_count = _THREADS
    context.colorspace = 1  # BT.709, as ITU-T H.273 counts them
    context.color_primaries = 1
    context.color_trc = 1
    context.color_range = 1
    context.gop_size = 2 * video.fps
    make = _x264 if video.kind == "mp4" else _vp9
    stream.options = make(video, bitrate)
    if bitrate:
        stream.bit_rate = bitrate
    return stream


def _x264(video: Video, bitrate: int | None) -> dict[str, str]:
    options = {
        "preset": "slow" if video.effort == "small" else "veryfast",
        "profile": "high",
        "flags": "+bitexact",
    }
    if bitrate is None:
        return {**options, "crf": f"{_crf(video.quality, 51):.1f}"}
    # No buffer to keep to: only the whole counts, and threads would race about it.
    return {**options, "qmax": str(round(_crf(video.least_quality, 51) + 6))}


def _vp9(video: Video, bitrate: int | None) -> dict[str, str]:
    options = {
        "cpu-used": "2" if video.effort == "small" else "5",
        "deadline": "good",
        "row-mt": "0",
        "flags": "+bitexact",
    }
    if bitrate is None:
        return {**options, "crf": f"{_crf(video.quality, 63):.0f}", "b": "0"}
    return {**options, "maxrate": str(bitrate), "bufsize": str(2 * bitrate)}


def _crf(quality: int, worst: int) -> float:
    """Give the rate factor of a quality: 90 is 18.6 of x264, 30 is 40."""
    return worst * (1 - 0.706 * quality / 100)


def _each_frame(av: Any, draw: Draw) -> Iterator[Any]:
    """Give frames in Y'CbCr of BT.709; one that is equal to the last is kept."""
    last: Pixels | None = None
    converted: Any = None
    for number, pixels in enumerate(draw()):
        if pixels is not last:
            last = pixels
            even = make_even(pixels)
            if even.shape[0] * even.shape[1] > MAX_PIXELS:
                raise RenderOptionError(
                    f"A video of {even.shape[1]} x {even.shape[0]} pixels is too "
                    f"large; {MAX_PIXELS / 1e6:.1f} megapixels are allowed. Use a "
                    "smaller scale.",
                    option="scale",
                )
            picture = av.VideoFrame.from_ndarray(even, format="rgba")
            converted = picture.reformat(
                format="yuv420p",
                src_colorspace="ITU709",
                dst_colorspace="ITU709",
                src_color_range="JPEG",
                dst_color_range="MPEG",
            )
            planes = [bytes(plane) for plane in converted.planes]
        frame = converted if number == 0 else _copy(av, converted, planes)
        frame.pts = number
        yield frame


def _copy(av: Any, frame: Any, planes: list[bytes]) -> Any:
    """Give another frame of the same picture: an encoder keeps what it is given."""
    other = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for plane, data in zip(other.planes, planes, strict=True):
        plane.update(data)
    other.colorspace, other.color_range = frame.colorspace, frame.color_range
    return other


def make_even(pixels: Pixels) -> Pixels:
    """Give a picture of even sides: an odd one repeats its last row or column."""
    height, width = pixels.shape[:2]
    if height % 2 == width % 2 == 0:
        return np.ascontiguousarray(pixels)
    grown: Pixels = cv2.copyMakeBorder(
        pixels, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE
    )
    return grown
