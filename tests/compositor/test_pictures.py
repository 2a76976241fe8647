"""Pictures on their way in: upright, in sRGB, bounded, cropped around what matters."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from brandgen.compositor.pictures import (
    KEPT_BYTES,
    ImageSource,
    ImageSourceError,
    Placed,
    _placed,
    contain_box,
    cover_crop,
    decode,
    forget_pictures,
    place_picture,
    resize_part,
)
from tests.compositor.pictures import make_photo


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def gray_gamma_profile() -> bytes:
    """Write a gray ICC profile of linear light: one curve with gamma 1 (ICC.1:2022)."""
    white = struct.pack(">4sI3i", b"XYZ ", 0, 63190, 65536, 54061)
    curve = struct.pack(">4sII", b"curv", 0, 0)
    text = b"desc" + struct.pack(">II", 0, 5) + b"gray\0" + bytes(79)
    bodies = {b"desc": text, b"wtpt": white, b"kTRC": curve}
    place, table, rest = 132 + 12 * len(bodies), b"", b""
    for tag, body in bodies.items():
        table += struct.pack(">4sII", tag, place + len(rest), len(body))
        rest += body + bytes(-len(body) % 4)
    size = place + len(rest)
    header = struct.pack(
        ">I4sI4s4s4s", size, b"", 0x02100000, b"mntr", b"GRAY", b"XYZ "
    )
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return header + struct.pack(">I", len(bodies)) + table + rest


class TestDecode:
    def test_turns_a_picture_upright(self) -> None:
        picture = Image.new("RGB", (40, 20), "red")
        exif = Image.Exif()
        exif[0x0112] = 6

        pixels = decode(saved(picture, "JPEG", exif=exif), name="hero").pixels

        assert pixels.shape == (40, 20, 4)

    def test_brings_another_color_space_to_srgb(self) -> None:
        profile = gray_gamma_profile()
        tagged = saved(Image.new("L", (8, 8), 128), "PNG", icc_profile=profile)

        found = int(decode(tagged, name="hero").pixels[0, 0, 0])

        # Linear light 128/255 is 188 in sRGB (IEC 61966-2-1).
        assert found == pytest.approx(188, abs=1)

    def test_passes_over_a_profile_that_does_not_fit(self) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        picture = Image.new("RGB", (8, 8), (200, 80, 40))

        tagged = decode(saved(picture, "PNG", icc_profile=profile), name="hero")

        assert tagged.pixels[0, 0].tolist() == [200, 80, 40, 255]

    @pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "RGB"])
    def test_reads_every_common_mode(self, mode: str) -> None:
        data = saved(Image.new("RGBA", (5, 4), "white").convert(mode), "PNG")

        pixels = decode(data, name="hero").pixels

        assert pixels.shape == (4, 5, 4)
        assert pixels.min() == 255

    def test_reads_a_large_jpeg_smaller_and_says_so(self) -> None:
        found = decode(
            make_photo(1600, 1200), name="hero", for_width=300, for_height=300
        )

        assert found.pixels.shape[:2] == (300, 400)
        assert found.reduced == 4

    @pytest.mark.parametrize(
        "data",
        [make_photo(700, 500), saved(Image.new("RGB", (9, 9)), "PNG")],
        ids=["jpeg", "png"],
    )
    def test_decodes_once_for_boxes_of_about_one_size(self, data: bytes) -> None:
        first = decode(data, name="hero", for_width=600, for_height=400)
        second = decode(data, name="other", for_width=650, for_height=500)

        assert second is first
        assert not first.pixels.flags.writeable

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"GIF89a\1\0\1\0",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            make_photo(64, 64)[:300],
            saved(Image.new("RGB", (90, 90)), "PNG")[:80],
        ],
        ids=["empty", "gif", "svg", "cut-jpeg", "cut-png"],
    )
    def test_refuses_what_is_no_picture(self, data: bytes) -> None:
        with pytest.raises(ImageSourceError, match="'hero' can't be read"):
            decode(data, name="hero")

    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_refuses_more_pixels_than_its_budget(self, kind: str) -> None:
        data = saved(Image.new("L", (9000, 8000)), kind)

        with pytest.raises(ImageSourceError, match="64 megapixels are allowed"):
            decode(data, name="hero")


class TestCoverCrop:
    def test_keeps_the_focal_point_as_near_to_the_middle_as_it_can(self) -> None:
        assert cover_crop(1000, 1000, into=(200, 100), focal=(0.5, 0.5)) == (
            0,
            250,
            1000,
            500,
        )
        assert cover_crop(1000, 1000, into=(200, 100), focal=(0, 1))[1] == 500
        assert cover_crop(1000, 1000, into=(100, 200), focal=(0, 1))[0] == 0

    def test_takes_the_middle_without_one(self) -> None:
        assert cover_crop(400, 100, into=(10, 10), focal=None) == (150, 0, 100, 100)


class TestResizePart:
    def test_finds_at_least_one_pixel_at_the_edge(self) -> None:
        pixels = np.full((30, 40, 4), 7, np.uint8)

        assert resize_part(pixels, (39.8, 29.9, 0.1, 0.1), (5, 5)).min() == 7

    def test_gives_the_size_that_was_asked_for(self) -> None:
        pixels = np.zeros((30, 40, 4), np.uint8)

        for size in ((1, 1), (40, 30), (17, 90)):
            assert resize_part(pixels, (0, 0, 40, 30), size).shape[:2] == size[::-1]


class TestContainBox:
    @pytest.mark.parametrize(
        ("share", "x"), [(0.0, 0), (0.5, 150), (1.0, 300), (None, 200)]
    )
    def test_sits_where_it_is_told(self, share: float | None, x: float) -> None:
        found = contain_box(
            100, 200, into=(400, 200), focal=(0.0, 0.5), align=(share, 0.5)
        )

        assert found == (x, 0, 100, 200)

    @pytest.mark.parametrize(
        ("share", "y"), [(0.0, 0), (0.5, 150), (1.0, 300), (None, 200)]
    )
    def test_does_so_along_the_other_axis(self, share: float | None, y: float) -> None:
        found = contain_box(
            200, 100, into=(200, 400), focal=(0.5, 0.0), align=(0.5, share)
        )

        assert found == (0, y, 200, 100)

    def test_stays_inside_for_the_sake_of_its_focal_point(self) -> None:
        left = contain_box(200, 200, into=(220, 200), focal=(1, 0), align=(None, None))

        assert left == (0, 0, 200, 200)


class TestPlacePicture:
    def place(self, data: bytes, **fields: Any) -> Placed:
        options: dict[str, Any] = {
            "name": "photo",
            "box": (300.0, 200.0),
            "fit": "cover",
            "focal": None,
            "scale": 1.0,
            **fields,
        }
        return place_picture(ImageSource(data), **options)

    def test_keeps_what_it_placed_twice(self) -> None:
        data = make_photo(700, 500)

        first, second, third = (self.place(data) for _ in range(3))

        assert third is second
        assert not second.pixels.flags.writeable
        assert second is not first
        assert first.pixels.flags.writeable

    @pytest.mark.parametrize(
        "fields", [{"focal": (0.2, 0.9)}, {"scale": 2.0}, {"box": (200.0, 200.0)}]
    )
    def test_places_anew_what_differs(self, fields: Any) -> None:
        data = make_photo(700, 500)

        first, second = self.place(data), self.place(data, **fields)

        assert first.pixels.tobytes() != second.pixels.tobytes()

    def test_gives_the_same_pixels_when_placed_anew(self) -> None:
        data = make_photo(700, 500)
        first = self.place(data)
        forget_pictures()

        second = self.place(data)

        assert second is not first
        assert (second.pixels == first.pixels).all()

    def test_keeps_no_more_than_its_share_of_memory(self) -> None:
        forget_pictures()
        data = make_photo(700, 500)

        for width in range(1000, 1040):
            for _ in range(2):
                self.place(data, box=(float(width), 1000.0))

        assert 0 < _placed._bytes <= KEPT_BYTES
        assert _placed._bytes == sum(p.pixels.nbytes for p in _placed._found.values())

    def test_lies_in_the_middle_where_it_is_contained(self) -> None:
        placed = self.place(make_photo(400, 400), fit="contain")

        assert (placed.x, placed.y, placed.width, placed.height) == (50, 0, 200, 200)
        assert placed.pixels.shape == (200, 200, 4)
        assert placed.enlarged == 0.5
