import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from brandgen.lib import images
from brandgen.lib.images import ImageError, clean_upload, read_header, shrink
from tests.factories import make_picture

MAX_PIXELS = 40_000_000


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def decode(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def make_png_bomb(side_px: int) -> bytes:
    """A small file that says it is very large, and is."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (side_px + 7) // 8)
    body = zlib.compress(row * side_px, 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


class TestCleanUpload:
    def test_keeps_png_pixels_exactly(self) -> None:
        data = make_picture(120, 80, seed=3)

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert (picture.mime, picture.width_px, picture.height_px) == (
            "image/png",
            120,
            80,
        )
        assert np.array_equal(
            np.asarray(decode(picture.data)), np.asarray(decode(data))
        )

    def test_keeps_webp_pixels_and_transparency_exactly(self) -> None:
        image = Image.new("RGBA", (40, 30), (200, 30, 90, 128))
        data = encode(image, "WEBP", lossless=True)

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert picture.mime == "image/webp"
        assert decode(picture.data).getpixel((5, 5)) == (200, 30, 90, 128)

    def test_turns_a_picture_upright_and_forgets_where_it_was_taken(self) -> None:
        image = Image.new("RGB", (60, 40), "navy")
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010F] = "SecretCam"
        exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
        data = encode(image, "JPEG", exif=exif)
        assert b"SecretCam" in data

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert (picture.width_px, picture.height_px) == (40, 60)
        assert b"SecretCam" not in picture.data
        assert len(decode(picture.data).getexif()) == 0

    def test_drops_text_chunks_and_what_hangs_behind_the_picture(self) -> None:
        data = make_picture(16, 16) + b"<script>alert(1)</script>"

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert b"<script>" not in picture.data

    def test_converts_to_srgb_by_the_profile(self) -> None:
        # A profile whose primaries swap red and green proves that it was read.
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        red, green = srgb.index(b"rXYZ"), srgb.index(b"gXYZ")
        swapped = bytearray(srgb)
        swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
        data = encode(
            Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=bytes(swapped)
        )

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        red_px, green_px, blue_px = decode(picture.data).getpixel((2, 2))
        assert green_px > 250
        assert red_px < 60
        assert blue_px < 60
        assert "icc_profile" not in decode(picture.data).info

    def test_refuses_a_damaged_profile(self) -> None:
        data = encode(Image.new("RGB", (8, 8)), "PNG", icc_profile=b"no profile" * 20)

        with pytest.raises(ImageError, match="color profile is damaged"):
            clean_upload(data, max_pixels=MAX_PIXELS)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
    def test_takes_every_png_mode(self, mode: str) -> None:
        data = encode(Image.new(mode, (8, 8)), "PNG")

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert decode(picture.data).mode in {"RGB", "RGBA"}

    def test_keeps_the_brightness_of_sixteen_bit_gray(self) -> None:
        gray = np.full((8, 8), 0x8000, np.uint16)
        data = encode(Image.fromarray(gray), "PNG")

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert decode(picture.data).getpixel((1, 1)) == (128, 128, 128)

    def test_takes_print_colors(self) -> None:
        data = encode(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")

        picture = clean_upload(data, max_pixels=MAX_PIXELS)

        assert min(decode(picture.data).getpixel((1, 1))) > 250

    def test_refuses_a_bomb_by_its_header(self) -> None:
        data = make_png_bomb(20_000)
        assert len(data) < 100_000

        with pytest.raises(ImageError, match=r"20,000 × 20,000 pixels .* limit is 40"):
            clean_upload(data, max_pixels=MAX_PIXELS)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_refuses_animations(self, kind: str) -> None:
        frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:])

        with pytest.raises(ImageError, match="animation of 2 frames"):
            clean_upload(data, max_pixels=MAX_PIXELS)

    def test_refuses_a_file_that_was_cut_off(self) -> None:
        data = make_picture(64, 64)

        with pytest.raises(ImageError, match="damaged or cut off"):
            clean_upload(data[: len(data) // 2], max_pixels=MAX_PIXELS)

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "empty"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
            (b"\xef\xbb\xbf <?XML version='1.0'?><svg/>", "an XML or SVG file"),
            (b"GIF89a...", "a GIF"),
            (b"<!DOCTYPE html>", "a web page"),
            (b"II*\0....", "a TIFF"),
            (b"hello", "not a picture"),
        ],
    )
    def test_names_what_was_sent_instead(self, data: bytes, says: str) -> None:
        with pytest.raises(ImageError, match=says):
            clean_upload(data, max_pixels=MAX_PIXELS)

    def test_survives_pictures_broken_at_random(self) -> None:
        rng = np.random.default_rng(5)
        whole = [make_picture(32, 32), encode(Image.new("RGB", (32, 32)), "JPEG")]
        for number in range(12):
            data = bytearray(whole[number % 2])
            for place in rng.integers(8, len(data), 12):
                data[place] = rng.integers(256)

            with suppress(ImageError):
                picture = clean_upload(bytes(data), max_pixels=MAX_PIXELS)
                assert read_header(picture.data).width_px > 0

    def test_answers_when_the_decoder_is_stopped(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        child = tmp_path / "decode_child.py"
        child.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
        monkeypatch.setattr(images, "__file__", str(tmp_path / "images.py"))

        with pytest.raises(ImageError, match="too much memory or time"):
            clean_upload(make_picture(8, 8), max_pixels=MAX_PIXELS)

    def test_stops_a_decoder_that_takes_too_long(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        child = tmp_path / "decode_child.py"
        child.write_text("import time\ntime.sleep(60)\n")
        monkeypatch.setattr(images, "__file__", str(tmp_path / "images.py"))

        with pytest.raises(ImageError, match="within 1 s"):
            clean_upload(make_picture(8, 8), max_pixels=MAX_PIXELS, timeout_s=1)


class TestReadHeader:
    def test_reads_type_and_size(self) -> None:
        header = read_header(make_picture(30, 20))

        assert (header.mime, header.width_px, header.height_px) == ("image/png", 30, 20)

    def test_refuses_what_is_no_picture(self) -> None:
        with pytest.raises(ImageError, match="no picture"):
            read_header(b"hello")


class TestShrink:
    def test_makes_the_longest_side_fit(self) -> None:
        small = shrink(make_picture(640, 480), longest_px=320)

        assert (small.mime, small.width_px, small.height_px) == ("image/webp", 320, 240)
        assert decode(small.data).size == (320, 240)

    def test_never_enlarges(self) -> None:
        small = shrink(make_picture(64, 48), longest_px=320)

        assert (small.width_px, small.height_px) == (64, 48)

    def test_keeps_transparency(self) -> None:
        data = encode(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG")

        assert decode(shrink(data, longest_px=32).data).getpixel((3, 3))[3] == 0
