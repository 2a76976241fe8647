"""Pages become frames that last as long as asked, in few enough bytes, or one PDF."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import (
    Encoding,
    ImageSource,
    RenderOptionError,
    render_creative,
)
from brandgen.compositor.animation import Animation, join_pdfs, write_animation
from brandgen.compositor.examples.northwind import load_spring, northwind_style
from brandgen.compositor.file_size import FileSizeError
from brandgen.compositor.pictures import decode
from tests.compositor.pictures import COPY, make_photo

HEADLINES = ("Made for brighter mornings", "Six new colors", "Until Sunday")


def render(headline: str, kind: Any) -> bytes:
    return render_creative(
        load_spring(),
        format="landscape",
        modifications={**COPY, "headline": headline},
        images={"hero": ImageSource(make_photo())},
        brand=northwind_style(),
        encoding=Encoding(kind),
        scale=0.25,
    ).data


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    return [decode(render(text, "png"), name="page").pixels for text in HEADLINES]


def read(data: bytes) -> list[tuple[int, np.ndarray]]:
    picture = Image.open(io.BytesIO(data))
    found = []
    for number in range(picture.n_frames):
        picture.seek(number)
        shown = np.asarray(picture.convert("RGB"), int)
        found.append((picture.info["duration"], shown))
    return found


class TestWriteAnimation:
    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_shows_each_frame_as_long_as_asked(
        self, frames: list[np.ndarray], kind: Any
    ) -> None:
        data = write_animation(frames, Animation(kind, (1.5, 0.5, 2.0), loops=3)).data

        shown = read(data)

        assert [duration for duration, _ in shown] == [1500, 500, 2000]
        assert Image.open(io.BytesIO(data)).info["loop"] == 3
        for (_, seen), frame in zip(shown, frames, strict=True):
            assert np.abs(seen - frame[..., :3]).mean() < 3

    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_gives_equal_bytes_for_equal_frames(
        self, frames: list[np.ndarray], kind: Any
    ) -> None:
        first, second = (write_animation(frames, Animation(kind)) for _ in range(2))

        assert first == second

    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_meets_a_largest_size(self, frames: list[np.ndarray], kind: Any) -> None:
        whole = len(write_animation(frames, Animation(kind)).data)

        fitted = write_animation(frames, Animation(kind, most_bytes=whole * 3 // 4))

        assert len(fitted.data) <= whole * 3 // 4
        assert len(read(fitted.data)) == 3

    def test_says_what_it_reached(self, frames: list[np.ndarray]) -> None:
        with pytest.raises(FileSizeError, match="with 32 colors"):
            write_animation(frames, Animation("gif", most_bytes=500))

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda f: (f, Animation("gif", (1.0, 2.0))), "2 times for 3 frames"),
            (lambda f: ([], Animation()), "0 frames"),
            (lambda f: (f * 21, Animation()), "63 frames"),
            (lambda f: ([f[0], f[1][:50]], Animation()), "same size"),
        ],
    )
    def test_refuses_what_does_not_fit_together(
        self, frames: list[np.ndarray], make: Any, words: str
    ) -> None:
        with pytest.raises(RenderOptionError, match=words):
            write_animation(*make(frames))

    @pytest.mark.parametrize(
        "fields", [{"kind": "png"}, {"seconds": (0.001,)}, {"loops": -1}]
    )
    def test_refuses_an_animation_it_does_not_have(self, fields: Any) -> None:
        with pytest.raises(RenderOptionError):
            Animation(**fields)


class TestJoinPdfs:
    def test_keeps_the_pages_in_order(self) -> None:
        files = [render(text, "pdf") for text in HEADLINES]

        data = join_pdfs(files)

        reader = PdfReader(io.BytesIO(data))
        texts = [" ".join(page.extract_text().split()) for page in reader.pages]
        assert [h in t for h, t in zip(HEADLINES, texts, strict=True)] == [True] * 3
        assert "/OutputIntents" in reader.trailer["/Root"]
        assert data == join_pdfs(files)
