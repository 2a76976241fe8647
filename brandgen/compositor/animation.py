"""Join rendered pages: an animated GIF or WebP, or one PDF."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image
from pypdf import PdfReader, PdfWriter

from brandgen.compositor.encode import RenderOptionError, srgb_profile
from brandgen.compositor.file_size import FileSizeError, Fitted, choose_palette
from brandgen.compositor.pictures import Pixels

MAX_FRAMES = 60
MAX_PIXELS = 120_000_000
_COLORS = (256, 128, 64, 32)
_QUALITY_STEP = 8


@dataclass(frozen=True)
class Animation:
    """How frames follow each other.

    `seconds` is one number for all frames or one for each; `loops` 0 is forever.
    `quality` is for WebP. With `most_bytes`, quality or colors may go down.
    """

    kind: Literal["gif", "webp"] = "gif"
    seconds: tuple[float, ...] = (1.0,)
    loops: int = 0
    quality: int = 82
    most_bytes: int | None = None
    least_quality: int = 30

    def __post_init__(self) -> None:
        if self.kind not in ("gif", "webp"):
            raise RenderOptionError(
                f"{self.kind!r} can't be animated. Use gif or webp."
            )
        if not all(0.02 <= second <= 60 for second in self.seconds):
            raise RenderOptionError(
                "A frame is seen for 0.02 to 60 seconds.", option="seconds"
            )
        if not 0 <= self.loops <= 1000:
            raise RenderOptionError(
                f"{self.loops} is not 0 to 1000 loops.", option="loops"
            )


def write_animation(frames: Sequence[Pixels], animation: Animation) -> Fitted:
    """Write opaque RGBA frames of one size, in at most the animation's bytes.

    Raises:
        RenderOptionError: no frames, too many, of different sizes, or times that are
            not one for each.
        FileSizeError: not even the least quality is small enough.
    """
    _check(frames, animation)
    most = animation.most_bytes or 2**62
    steps = _gif_steps if animation.kind == "gif" else _webp_steps
    reached, setting = 2**62, ""
    for setting, write in steps(frames, animation):
        data = write()
        if len(data) <= most:
            return Fitted(data, setting)
        reached = min(reached, len(data))
    raise FileSizeError(reached, most, setting)


def _check(frames: Sequence[Pixels], animation: Animation) -> None:
    if not 1 <= len(frames) <= MAX_FRAMES:
        raise RenderOptionError(
            f"{len(frames)} frames; 1 to {MAX_FRAMES} can be animated."
        )
    if len({frame.shape for frame in frames}) > 1:
        raise RenderOptionError("All frames must have the same size.")
    if len(frames) * frames[0].shape[0] * frames[0].shape[1] > MAX_PIXELS:
        raise RenderOptionError(
            f"The frames have more than {MAX_PIXELS // 1_000_000} megapixels together. "
            "Use a smaller scale or fewer frames."
        )
    if len(animation.seconds) not in (1, len(frames)):
        raise RenderOptionError(
            f"{len(animation.seconds)} times for {len(frames)} frames. Give one for "
            "all, or one for each."
        )


def _gif_steps(
    frames: Sequence[Pixels], animation: Animation
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Give fewer and fewer colors; all frames share one palette."""
    # Every third row and column of each frame say which colors there are.
    samples = np.concatenate([frame[::3, ::3].reshape(-1, 1, 4) for frame in frames])
    pictures = [_opaque(frame) for frame in frames]
    for colors in _COLORS:
        palette = choose_palette(samples, colors)
        for is_dithered in (True, False) if colors == _COLORS[0] else (False,):
            dither = Image.Dither.FLOYDSTEINBERG if is_dithered else Image.Dither.NONE

            def write(palette: Any = palette, dither: Any = dither) -> bytes:
                mapped = [p.quantize(palette=palette, dither=dither) for p in pictures]
                return _save(mapped, animation, "GIF", optimize=True)

            yield f"{colors} colors{', dithered' if is_dithered else ''}", write


def _webp_steps(
    frames: Sequence[Pixels], animation: Animation
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    pictures = [_opaque(frame) for frame in frames]
    lowest = min(animation.least_quality, animation.quality)
    for quality in sorted(
        {*range(animation.quality, lowest, -_QUALITY_STEP), lowest}, reverse=True
    ):

        def write(quality: int = quality) -> bytes:
            profile = srgb_profile()
            options = {"quality": quality, "method": 2, "icc_profile": profile}
            return _save(pictures, animation, "WEBP", **options)

        yield f"quality {quality}", write


def _save(
    pictures: Sequence[Image.Image], animation: Animation, kind: str, **options: Any
) -> bytes:
    buffer = io.BytesIO()
    count = len(pictures)
    seconds = animation.seconds * (count if len(animation.seconds) == 1 else 1)
    pictures[0].save(
        buffer,
        kind,
        save_all=True,
        append_images=pictures[1:],
        duration=[round(second * 1000) for second in seconds],
        loop=animation.loops,
        **options,
    )
    return buffer.getvalue()


def _opaque(frame: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(frame[..., :3]))


def join_pdfs(files: Sequence[bytes]) -> bytes:
    """Put PDFs one behind the other; what the first says of the whole stays."""
    first = PdfReader(io.BytesIO(files[0]))
    writer = PdfWriter(clone_from=first)
    writer.pdf_header = first.pdf_header
    for file in files[1:]:
        for page in PdfReader(io.BytesIO(file)).pages:
            writer.add_page(page)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
