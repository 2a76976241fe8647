"""Videos: sizes, tags, equal bytes, a largest file, and what can't be written."""

import io
import sys
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from brandgen.compositor import (
    Encoding,
    FileSizeError,
    ImageSource,
    Rendered,
    RenderOptionError,
    Verdict,
    load_document,
    render_creative,
)
from brandgen.compositor.animate import animate_creative
from brandgen.compositor.animation import Animation
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.moving_render import NoMotionError
from brandgen.compositor.video import Video, VideoSupportError, write_video
from brandgen.lib.mp4 import each_box, find_mp4_xmp
from tests.compositor.moving_documents import line, moving_document, panel, photo
from tests.compositor.pictures import make_photo, plain_document

FADE = {"type": "fade", "duration_s": 0.5}
DATA = moving_document(
    photo({"loop": {"type": "ken_burns"}}),
    panel({"enter": {"type": "slide"}}),
    line({"enter": FADE, "exit": FADE}, color="paper"),
)
IMAGES = {"photo": ImageSource(make_photo(400, 200))}


def render(data: Any = DATA, *, scale: float = 1.0, **encoding: Any) -> Rendered:
    return render_creative(
        load_document(data),
        format="banner",
        modifications={"line": "Two words"},
        images=IMAGES,
        brand=northwind_style(),
        encoding=Encoding(**{"kind": "mp4", **encoding}),
        scale=scale,
    )


def frames_of(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        return [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]


class TestRenderCreative:
    def test_writes_h264_that_players_take_and_colors_are_told_of(self) -> None:
        made = render()

        with av.open(io.BytesIO(made.data)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            tags = (
                context.colorspace,
                context.color_primaries,
                context.color_trc,
                context.color_range,
            )
            assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
            assert tags == (1, 1, 1, 1)
            assert (context.width, context.height) == (400, 200)
            assert (stream.average_rate, stream.frames) == (10, 20)
        kinds = [kind for kind, _, _ in each_box(made.data)]
        assert kinds.index(b"moov") < kinds.index(b"mdat")
        assert made.mime == "video/mp4"
        assert (made.width_px, made.height_px) == (400, 200)

    def test_shows_the_colors_of_the_still_picture(self) -> None:
        data = moving_document(panel({"enter": FADE}), poster_s=1.5)
        still = render(data, kind="png")
        still_frame = np.asarray(_open_png(still.data))

        last = frames_of(render(data, quality=95).data)[-1]

        assert np.abs(last.astype(int) - still_frame).mean() < 2

    @pytest.mark.parametrize("kind", ["mp4", "webm"])
    def test_gives_equal_bytes_for_equal_input(self, kind: str) -> None:
        assert len({render(kind=kind).data for _ in range(8)}) == 1

    def test_gives_equal_bytes_within_a_largest_file(self) -> None:
        most = len(render().data) * 2 // 3

        assert len({render(most_bytes=most).data for _ in range(8)}) == 1

    def test_gives_sides_that_are_even(self) -> None:
        made = render(scale=0.5025)

        assert (made.width_px, made.height_px) == (202, 100)
        assert frames_of(made.data)[0].shape == (100, 202, 3)

    def test_meets_a_largest_file(self) -> None:
        most = len(render().data) * 2 // 3

        made = render(most_bytes=most)

        assert len(made.data) <= most
        assert any(f.rule == "file-size" for f in made.findings)

    def test_says_when_no_file_is_so_small(self) -> None:
        with pytest.raises(FileSizeError, match="can't be made as small as 900"):
            render(most_bytes=900)

    def test_carries_where_it_comes_from(self) -> None:
        assert find_mp4_xmp(render(xmp=b"<x/>").data) == b"<x/>"

    def test_marks_every_frame(self) -> None:
        plain, marked = (
            frames_of(render().data),
            frames_of(render(watermark="DRAFT").data),
        )

        for number in (0, 10, 19):
            off = np.abs(plain[number].astype(int) - marked[number])
            assert (off > 40).mean() > 0.01

    def test_needs_something_that_moves(self) -> None:
        with pytest.raises(NoMotionError, match="does not move here"):
            render(plain_document(panel()))

    @pytest.mark.parametrize("option", [{"dpi": 300}, {"transparent": True}])
    def test_refuses_options_of_stills(self, option: dict[str, Any]) -> None:
        with pytest.raises(RenderOptionError, match="mp4"):
            render(**option)

    def test_is_made_of_a_format_for_print_too(self) -> None:
        shape = {"width_px": 400, "height_px": 200, "dpi": 300}

        made = render({**DATA, "formats": {"banner": shape}})

        assert made.mime == "video/mp4"

    def test_judges_texts_as_they_come(self) -> None:
        # The ground of the text leaves before the text does.
        wide = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
        ground = panel({"exit": {**FADE, "delay_s": 1}}, box=wide)
        data = moving_document(
            ground, line({"enter": {**FADE, "delay_s": 0.1}}, color="paper")
        )

        (found,) = (f for f in render(data).findings if f.rule == "text-contrast")

        assert found.verdict == Verdict.FAIL
        assert found.message.startswith("At 2.0 s: ")

    def test_stays_as_it_was_where_nothing_moves(self) -> None:
        still = plain_document(panel(), line())
        moving = moving_document(panel({"enter": FADE}), line())

        assert render(still, kind="png").data == render(moving, kind="png").data

    def test_shows_a_still_at_the_posters_time(self) -> None:
        data = moving_document(panel({"enter": {**FADE, "delay_s": 1}}), poster_s=0.5)

        picture = np.asarray(_open_png(render(data, kind="png").data))

        assert (picture == 255).all()
        assert render(data, kind="pdf").data.startswith(b"%PDF")


class TestAnimateCreative:
    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_shows_each_state_as_long_as_it_lasts(self, kind: Any) -> None:
        document = load_document(
            moving_document(panel({"enter": {**FADE, "delay_s": 1}}), fps=10)
        )

        made = animate_creative(
            document,
            format="banner",
            modifications={},
            images=IMAGES,
            brand=northwind_style(),
            animation=Animation(kind),
        )

        picture = _open_png(made.data, convert=False)
        seconds = []
        for number in range(picture.n_frames):
            picture.seek(number)
            picture.load()
            seconds.append(picture.info["duration"] / 1000)
        assert sum(seconds) == pytest.approx(2.0, abs=0.1)
        assert max(seconds) == pytest.approx(1.1, abs=0.05)


class TestWriteVideo:
    def test_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "av", None)

        with pytest.raises(VideoSupportError, match=r"pip install 'brandgen\[video\]'"):
            write_video(lambda: iter(()), Video("mp4", 10, 1.0))

    def test_refuses_frames_that_are_too_large(self) -> None:
        def draw() -> Iterator[np.ndarray]:
            yield np.zeros((2200, 2200, 4), np.uint8)

        with pytest.raises(RenderOptionError, match="2200 x 2200"):
            write_video(draw, Video("mp4", 10, 1.0))


def _open_png(data: bytes, *, convert: bool = True) -> Any:
    picture = Image.open(io.BytesIO(data))
    return picture.convert("RGB") if convert else picture
