"""The watermark on a finished file: as if it had been rendered with it."""

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from brandgen.compositor import Encoding, ImageSourceError, RenderOptionError
from brandgen.compositor.profiles import GENERIC, load_profile
from brandgen.compositor.stamping import stamp
from brandgen.lib.containers import find_xmp
from tests.compositor.press import find_foreign_colors
from tests.compositor.test_pdf_inks import draw, solid
from tests.compositor.test_watermark import MARK, pixels_of, render


def open_pixels(data: bytes, mode: str = "RGB") -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert(mode), np.int16)


def write(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


class TestStamp:
    @pytest.mark.parametrize("ground", ["white", "black"])
    def test_is_what_rendering_with_the_mark_gives(self, ground: str) -> None:
        clean = render("png", None, ground)

        stamped = stamp(clean.data, name="banner")

        rendered = pixels_of(render("png", MARK, ground))
        seen = open_pixels(stamped, "L")
        assert np.abs(seen - pixels_of(clean)).max() > 100
        assert np.abs(seen - rendered).max() <= 1

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
    def test_keeps_kind_size_and_what_lies_between(self, kind: str) -> None:
        clean = render(kind, None, "white").data

        stamped = stamp(clean, name="banner")

        picture = Image.open(io.BytesIO(stamped))
        change = np.abs(open_pixels(stamped) - open_pixels(clean)).max(axis=2)
        assert picture.format == kind.upper()
        assert picture.size == (400, 200)
        assert (change < 24).mean() > 0.5
        assert (change > 60).mean() > 0.05
        assert stamp(clean, name="banner") == stamped

    def test_is_on_every_page_of_a_pdf_whose_words_stay(self) -> None:
        clean = render("pdf", None, "white").data

        stamped = stamp(clean, name="banner", xmp=b"<x/>")

        before, after = (pypdfium2.PdfDocument(data)[0] for data in (clean, stamped))
        assert after.get_size() == before.get_size()
        assert after.get_trimbox() == before.get_trimbox()
        words = [page.get_textpage().get_text_range() for page in (before, after)]
        assert words[0] == words[1]
        seen = [
            np.asarray(page.render().to_pil(), np.int16) for page in (before, after)
        ]
        change = np.abs(seen[1] - seen[0]).max(axis=2)
        assert (change > 60).mean() > 0.05
        assert find_xmp(stamped) == b"<x/>"
        assert stamp(clean, name="banner", xmp=b"<x/>") == stamped

    def test_leaves_the_inks_of_a_print_alone(self) -> None:
        encoding = Encoding("pdf", profile=load_profile(GENERIC))
        clean = draw([solid("a", "accent")], encoding).data

        stamped = stamp(clean, name="banner")

        assert len(stamped) > len(clean)
        assert find_foreign_colors(stamped) == []

    def test_is_seen_on_a_clear_ground_that_stays_clear(self) -> None:
        clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))

        stamped = open_pixels(stamp(write(clear, "PNG"), name="sticker"), "RGBA")

        assert (stamped[..., 3] == 0).mean() > 0.4
        assert (stamped[..., 3] > 100).mean() > 0.05

    def test_leaves_the_file_as_it_was(self) -> None:
        clean = render("png", None, "white").data
        before = bytes(clean)

        stamp(clean, name="banner")
        again = stamp(clean, name="banner")

        assert clean == before
        assert again == stamp(before, name="banner")

    def test_of_what_is_no_picture_is_refused(self) -> None:
        with pytest.raises(ImageSourceError, match="'banner' can't be read"):
            stamp(b"GIF89a", name="banner")

    def test_of_a_broken_pdf_is_refused(self) -> None:
        with pytest.raises(ImageSourceError, match="'banner' can't be read"):
            stamp(b"%PDF-1.7", name="banner")

    def test_of_a_broken_picture_is_refused(self) -> None:
        with pytest.raises(ImageSourceError, match="'banner' can't be read"):
            stamp(b"\xff\xd8\xff\xe0 nothing", name="banner")

    def test_with_an_empty_text_is_refused(self) -> None:
        with pytest.raises(RenderOptionError, match="is not a watermark"):
            stamp(write(Image.new("RGB", (9, 9)), "PNG"), name="banner", text=" ")
