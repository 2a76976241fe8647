import io

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from brandgen.brands.logos import LogoError, clean_logo
from tests.factories import make_picture


def make_logo(width: int = 400, height: int = 120, *, fmt: str = "PNG") -> bytes:
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, width - 10, height - 10), fill="#0f4c5c")
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret")
    file = io.BytesIO()
    image.save(file, fmt, **({"pnginfo": info} if fmt == "PNG" else {}))
    return file.getvalue()


class TestCleanLogo:
    def test_keeps_the_pixels_and_nothing_else(self) -> None:
        dirty = make_logo() + b"<script>alert(1)</script>"

        picture = clean_logo(dirty)

        assert (picture.width_px, picture.height_px) == (400, 120)
        assert b"script" not in picture.data
        assert b"secret" not in picture.data
        with Image.open(io.BytesIO(picture.data)) as image:
            assert image.mode == "RGBA"
            assert image.getpixel((200, 60)) == (15, 76, 92, 255)
            assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (make_picture(), "no transparent pixels"),
            (make_logo(40, 40), "40 × 40 px"),
            (make_logo(fmt="WEBP"), "WEBP"),
            (b"<svg onload='alert(1)'/>", "SVG"),
            (b"", "empty"),
            (make_logo()[:300], "damaged or cut off"),
        ],
    )
    def test_refuses_what_is_no_logo(self, data: bytes, message: str) -> None:
        with pytest.raises(LogoError, match=message):
            clean_logo(data)

    def test_refuses_a_bomb_without_unpacking_it(self) -> None:
        file = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(file, "PNG")

        with pytest.raises(LogoError, match="144 megapixels"):
            clean_logo(file.getvalue())

    def test_refuses_a_logo_that_nobody_sees(self) -> None:
        file = io.BytesIO()
        Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(file, "PNG")

        with pytest.raises(LogoError, match="transparent everywhere"):
            clean_logo(file.getvalue())
