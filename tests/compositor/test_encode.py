"""Files: the right format, tagged sRGB, lossless where they promise it."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from brandgen.compositor.encode import Encoding, encode, srgb_profile
from brandgen.provenance import Provenance, build_packet, read_xmp


def pixels(height: int = 37, width: int = 53) -> np.ndarray:
    found = np.random.default_rng(5).integers(0, 255, (height, width, 4), np.uint8)
    found[..., 3] = 255
    return found


class TestEncode:
    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
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

    @pytest.mark.parametrize("kind", ["jpeg", "webp"])
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

    def test_gives_more_bytes_for_more_quality(self) -> None:
        sizes = [len(encode(pixels(), Encoding("jpeg", q))) for q in (40, 80, 95)]

        assert sizes == sorted(sizes)

    @pytest.mark.parametrize("fields", [{"kind": "gif"}, {"quality": 0}])
    def test_refuses_an_encoding_it_does_not_have(self, fields: Any) -> None:
        with pytest.raises(ValueError, match=r"Use|between"):
            Encoding(**fields)


class TestSrgbProfile:
    def test_carries_a_fixed_date(self) -> None:
        assert struct.unpack(">6H", srgb_profile()[24:36]) == (2026, 1, 1, 0, 0, 0)
