"""The focal point: on the one thing that stands out, wherever that is."""

import cv2
import numpy as np
import pytest
import simplejpeg

from brandgen.compositor import ImageSourceError, suggest_focal


def scene(x: float, y: float, *, stripes: bool = False) -> bytes:
    pixels = np.full((512, 768, 3), (230, 180, 120), np.uint8)
    if stripes:
        pixels[::64] = pixels[1::64] = (200, 160, 110)
    center = (round(x * 768), round(y * 512))
    cv2.circle(pixels, center, 40, (30, 90, 160), -1, cv2.LINE_AA)
    cv2.circle(pixels, center, 16, (240, 240, 250), -1, cv2.LINE_AA)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=90)
    return data


class TestSuggestFocal:
    @pytest.mark.parametrize("place", [(0.2, 0.25), (0.8, 0.3), (0.5, 0.75)])
    @pytest.mark.parametrize("stripes", [False, True])
    def test_finds_what_stands_out(
        self, place: tuple[float, float], stripes: bool
    ) -> None:
        found = suggest_focal(scene(*place, stripes=stripes))

        assert found == pytest.approx(place, abs=0.09)

    def test_takes_the_middle_of_an_empty_picture(self) -> None:
        plain = np.full((300, 300, 3), 90, np.uint8)

        assert suggest_focal(simplejpeg.encode_jpeg(plain)) == pytest.approx(
            (0.5, 0.5), abs=0.02
        )

    def test_refuses_what_is_no_picture(self) -> None:
        with pytest.raises(ImageSourceError):
            suggest_focal(b"text")
