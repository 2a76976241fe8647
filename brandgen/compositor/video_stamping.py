"""Put the watermark on every frame of a video that is finished."""

import io
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import skia

from brandgen.compositor.display import Rect
from brandgen.compositor.encode import Encoding, encode
from brandgen.compositor.pictures import ImageSourceError, Pixels, decode
from brandgen.compositor.text import load_text_engine
from brandgen.compositor.video import Video, load_av, write_video
from brandgen.compositor.watermark import draw_watermark
from brandgen.lib.container_error import ContainerError
from brandgen.lib.mp4 import find_mp4_poster

LONGEST_PX = 720
QUALITY = 75
LONGEST_S = 61.0


def stamp_video(data: bytes, *, name: str, text: str, xmp: bytes | None) -> bytes:
    """Return a copy of an MP4 of ours, smaller, with a text all over every frame.

    Raises:
        ImageSourceError: it is no video that can be read, or a long one.
        VideoSupportError: this installation can't write videos.
    """
    av = load_av()
    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.video[0]
            fps, seconds = round(stream.average_rate), container.duration / 1e6
        poster = find_mp4_poster(data)
    except (av.error.FFmpegError, ContainerError, IndexError, TypeError) as error:
        raise ImageSourceError(f"The video {name!r} can't be read: {error}") from error
    if seconds > LONGEST_S:
        raise ImageSourceError(
            f"The video {name!r} has {seconds:.0f} s; {LONGEST_S:.0f} are allowed."
        )

    def draw() -> Iterator[Pixels]:
        with av.open(io.BytesIO(data)) as container:
            for frame in container.decode(video=0):
                yield _mark(_shrink(frame.to_ndarray(format="rgba")), text)

    if poster:
        picture = _mark(decode(poster, name=name).pixels.copy(), text)
        poster = encode(picture, Encoding("jpeg", quality=80, effort="small"))
    video = Video("mp4", fps, max(seconds, 0.1), QUALITY, xmp=xmp, poster=poster)
    try:
        return write_video(draw, video).data
    except av.error.FFmpegError as error:
        raise ImageSourceError(f"The video {name!r} can't be read: {error}") from error


def _shrink(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_PX / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small)


def _mark(pixels: Pixels, text: str) -> Pixels:
    height, width = pixels.shape[:2]
    surface: Any = skia.Surface(
        pixels, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kPremul_AlphaType
    )
    whole = Rect(0, 0, width, height)
    draw_watermark(surface.getCanvas(), whole, text, load_text_engine(()))
    return pixels
