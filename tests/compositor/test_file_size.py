"""A channel's largest file: met with the least loss, or refused with the least size."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor.encode import Encoding, encode
from brandgen.compositor.file_size import FileSizeError, encode_within

# A page of the product with three photos in it: flat grounds, small text, gradients.
PAGE = Path(__file__).parent / "golden" / "page.png"


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.asarray(Image.open(PAGE).convert("RGBA"))


def psnr(data: bytes, pixels: np.ndarray) -> float:
    read = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)
    return float(10 * np.log10(255**2 / ((read - pixels[..., :3]) ** 2).mean()))


class TestEncodeWithin:
    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_leaves_a_file_as_asked_that_is_small_enough(
        self, pixels: np.ndarray, kind: Any
    ) -> None:
        fitted = encode_within(pixels, Encoding(kind, most_bytes=10**7))

        assert fitted.data == encode(pixels, Encoding(kind))

    @pytest.mark.parametrize("kind", ["jpeg", "webp", "avif"])
    def test_takes_the_highest_quality_that_fits(
        self, pixels: np.ndarray, kind: Any
    ) -> None:
        effort: Any = "small" if kind == "jpeg" else "fast"
        most = len(encode(pixels, Encoding(kind, 60, effort=effort))) + 10

        fitted = encode_within(pixels, Encoding(kind, 88, most_bytes=most))

        quality = int(fitted.setting.split()[1])
        higher = Encoding(kind, quality + 1, effort=effort)
        assert len(fitted.data) <= most < len(encode(pixels, higher))
        assert quality >= 60

    @pytest.mark.parametrize("share", [0.9, 0.5, 0.25])
    def test_gives_up_little_of_a_png(self, pixels: np.ndarray, share: float) -> None:
        most = round(share * len(encode(pixels, Encoding("png", effort="small"))))

        fitted = encode_within(pixels, Encoding("png", most_bytes=most))

        assert len(fitted.data) <= most
        assert psnr(fitted.data, pixels) > {0.9: 50, 0.5: 34, 0.25: 25}[share]

    def test_spends_effort_before_it_gives_anything_up(
        self, pixels: np.ndarray
    ) -> None:
        small = encode(pixels, Encoding("png", effort="small"))

        fitted = encode_within(pixels, Encoding("png", most_bytes=len(small)))

        assert (
            np.asarray(Image.open(io.BytesIO(fitted.data))) == pixels[..., :3]
        ).all()

    def test_keeps_colors_where_that_looks_better(self) -> None:
        y, x = np.mgrid[0:200, 0:300]
        stripes = np.where((x // 3 + y // 3) % 2, 255, 0)
        red = np.stack([stripes, 90 + 0 * x, 255 - stripes, 255 + 0 * x], axis=-1)
        pixels = red.astype(np.uint8)
        most = len(encode(pixels, Encoding("jpeg", 80, subsampling="444")))

        fitted = encode_within(pixels, Encoding("jpeg", 95, most_bytes=most))

        assert "full resolution" in fitted.setting

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_says_what_it_reached_where_nothing_fits(
        self, pixels: np.ndarray, kind: Any
    ) -> None:
        with pytest.raises(FileSizeError, match="Use another format") as caught:
            encode_within(pixels, Encoding(kind, most_bytes=900))

        assert caught.value.reached_bytes > 900
        assert f"{caught.value.reached_bytes:,}" in str(caught.value)

    def test_gives_equal_bytes_for_equal_pixels(self, pixels: np.ndarray) -> None:
        encoding = Encoding("png", most_bytes=30_000)

        first, second = (encode_within(pixels, encoding) for _ in range(2))

        assert first == second

    def test_keeps_what_is_clear_in_a_palette(self, pixels: np.ndarray) -> None:
        source = pixels.copy()
        source[:, :200, 3] = 0
        encoding = Encoding("png", transparent=True, most_bytes=20_000)

        fitted = encode_within(source, encoding)

        alpha = np.asarray(Image.open(io.BytesIO(fitted.data)).convert("RGBA"))[..., 3]
        assert alpha[:, :190].max() == 0
        assert alpha[:, 210:].min() == 255

    def test_counts_the_metadata_too(self, pixels: np.ndarray) -> None:
        most = len(encode(pixels, Encoding("jpeg", 88, effort="small")))

        fitted = encode_within(
            pixels, Encoding("jpeg", 88, xmp=b"x" * 5000, most_bytes=most)
        )

        assert len(fitted.data) <= most
