"""Files: the right format, tagged sRGB, lossless where they promise it."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from brandgen.compositor.encode import (
    Encoding,
    RenderOptionError,
    encode,
    srgb_profile,
)
from brandgen.provenance import Provenance, build_packet, read_xmp


def pixels(height: int = 37, width: int = 53) -> np.ndarray:
    found = np.random.default_rng(5).integers(0, 255, (height, width, 4), np.uint8)
    found[..., 3] = 255
    return found


def smooth() -> np.ndarray:
    y, x = np.mgrid[0:150, 0:200]
    found = np.stack([x, y, 255 - x, x * 0 + 255], axis=-1).astype(np.uint8)
    found[40:90, 60:120, :3] = found[40:90, 60:120, :3] // 3
    return found


class TestEncode:
    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_writes_what_it_says(self, kind: Any) -> None:
        data = encode(pixels(), Encoding(kind))

        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert picture.format == kind.upper()
            assert picture.size == (53, 37)
            assert Encoding(kind).mime == picture.get_format_mimetype()

    @pytest.mark.parametrize("size", [(1, 1), (2, 3), (300, 7)])
    def test_keeps_every_pixel_in_a_png(self, size: tuple[int, int]) -> None:
        source = pixels(*size)

        read = np.asarray(Image.open(io.BytesIO(encode(source, Encoding("png")))))

        assert (read == source[..., :3]).all()

    @pytest.mark.parametrize("kind", ["jpeg", "webp", "avif"])
    def test_tags_srgb_by_profile(self, kind: Any) -> None:
        with Image.open(io.BytesIO(encode(pixels(), Encoding(kind)))) as picture:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))

        assert "sRGB" in ImageCms.getProfileDescription(profile)

    def test_tags_srgb_in_a_png(self) -> None:
        with Image.open(io.BytesIO(encode(pixels(), Encoding("png")))) as picture:
            picture.load()
            assert picture.info["srgb"] == 0

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
    def test_carries_its_metadata(self, kind: Any) -> None:
        provenance = Provenance(title="Spring", credit="Northwind")

        data = encode(pixels(), Encoding(kind, xmp=build_packet(provenance)))

        assert read_xmp(data) == provenance

    def test_carries_its_metadata_in_an_avif(self) -> None:
        data = encode(pixels(), Encoding("avif", xmp=b"<x:xmpmeta/>"))

        assert Image.open(io.BytesIO(data)).info["xmp"] == b"<x:xmpmeta/>"

    @pytest.mark.parametrize("effort", ["fast", "small"])
    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_gives_equal_bytes_for_equal_pixels(self, kind: Any, effort: Any) -> None:
        encoding = Encoding(kind, effort=effort, dpi=300)

        first, second = (encode(pixels(), encoding) for _ in range(2))

        assert first == second

    @pytest.mark.parametrize("effort", ["fast", "small"])
    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_tags_the_density(self, kind: Any, effort: Any) -> None:
        data = encode(pixels(), Encoding(kind, dpi=300, effort=effort))

        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            found = picture.info.get("dpi") or (picture.getexif()[0x011A],) * 2
        assert [round(float(side), 1) for side in found] == [300.0, 300.0]

    @pytest.mark.parametrize("effort", ["fast", "small"])
    @pytest.mark.parametrize("kind", ["png", "webp", "avif"])
    def test_keeps_what_is_clear(self, kind: Any, effort: Any) -> None:
        source = smooth()
        source[:, :30, 3] = 0
        source[:, 30:40, 3] = 128

        data = encode(source, Encoding(kind, effort=effort, transparent=True))

        read = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        assert np.abs(read[..., 3].astype(int) - source[..., 3]).max() <= 2
        if kind == "png":
            assert (read == source).all()

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
    def test_spends_fewer_bytes_with_effort(self, kind: Any) -> None:
        fast, small = (
            len(encode(smooth(), Encoding(kind, effort=effort)))
            for effort in ("fast", "small")
        )

        assert small < fast

    @pytest.mark.parametrize("alpha", [255, 100])
    def test_makes_a_palette_of_few_colors(self, alpha: int) -> None:
        source = np.zeros((80, 120, 4), np.uint8) + 255
        source[20:60, 30:90] = (200, 30, 60, alpha)
        source[40:50, 30:90, 1] = np.arange(60)

        data = encode(source, Encoding("png", effort="small", transparent=alpha < 255))

        picture = Image.open(io.BytesIO(data))
        assert picture.mode == "P"
        assert (np.asarray(picture.convert("RGBA")) == source).all()

    def test_gives_more_bytes_for_more_quality(self) -> None:
        sizes = [len(encode(pixels(), Encoding("jpeg", q))) for q in (40, 80, 95)]

        assert sizes == sorted(sizes)

    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"kind": "bmp"}, "kind"),
            ({"quality": 0}, "quality"),
            ({"dpi": 5}, "dpi"),
            ({"transparent": True}, "transparent"),
            ({"marks": True}, "marks"),
            ({"bleed_mm": 3}, "bleed_mm"),
            ({"kind": "pdf", "bleed_mm": 99}, "bleed_mm"),
        ],
    )
    def test_refuses_an_encoding_it_does_not_have(
        self, fields: Any, option: str
    ) -> None:
        with pytest.raises(RenderOptionError, match=r"Use|between|bleed") as error:
            Encoding(**fields)

        assert error.value.option == option


class TestSrgbProfile:
    def test_carries_a_fixed_date(self) -> None:
        assert struct.unpack(">6H", srgb_profile()[24:36]) == (2026, 1, 1, 0, 0, 0)
