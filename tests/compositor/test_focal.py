"""The focal point: on people, then faces, then the one thing that stands out."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg

from brandgen.compositor import ImageSourceError, suggest_focal
from brandgen.compositor.focal import Suggestion
from brandgen.engine.miniature.scenes import draw_scene, sample_scene

PHOTOS = Path(__file__).parent / "photos"


def scene(x: float, y: float, *, stripes: bool = False) -> bytes:
    pixels = np.full((512, 768, 3), (230, 180, 120), np.uint8)
    if stripes:
        pixels[::64] = pixels[1::64] = (200, 160, 110)
    center = (round(x * 768), round(y * 512))
    cv2.circle(pixels, center, 40, (30, 90, 160), -1, cv2.LINE_AA)
    cv2.circle(pixels, center, 16, (240, 240, 250), -1, cv2.LINE_AA)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=90)
    return data


def encode_png(pixels: np.ndarray) -> bytes:
    _, encoded = cv2.imencode(".png", pixels.astype(np.uint8))
    return encoded.tobytes()


class TestSuggestFocal:
    @pytest.mark.parametrize("place", [(0.2, 0.25), (0.8, 0.3), (0.5, 0.75)])
    @pytest.mark.parametrize("stripes", [False, True])
    def test_finds_what_stands_out(
        self, place: tuple[float, float], stripes: bool
    ) -> None:
        found = suggest_focal(scene(*place, stripes=stripes))

        assert found.source == "saliency"
        assert found.point == pytest.approx(place, abs=0.09)

    def test_takes_the_middle_of_an_empty_picture(self) -> None:
        plain = np.full((300, 300, 3), 90, np.uint8)

        assert suggest_focal(simplejpeg.encode_jpeg(plain)) == Suggestion(
            (0.5, 0.5), "center"
        )

    def test_takes_the_middle_where_all_is_alike(self) -> None:
        board = np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((48, 48))) * 255

        found = suggest_focal(encode_png(np.dstack([board] * 3)))

        assert found == Suggestion((0.5, 0.5), "center")

    def test_finds_a_face(self) -> None:
        found = suggest_focal((PHOTOS / "astronaut.jpg").read_bytes())

        assert found.source == "face"
        assert found.point == pytest.approx((0.44, 0.22), abs=0.04)

    def test_finds_a_face_wherever_it_is(self) -> None:
        photo = cv2.imread(str(PHOTOS / "astronaut.jpg"))
        wide = cv2.copyMakeBorder(
            photo, 60, 40, 300, 40, cv2.BORDER_CONSTANT, value=(190, 150, 90)
        )

        found = suggest_focal(encode_png(wide))

        at = (0.44 * 256 + 300) / 596, (0.22 * 256 + 60) / 356
        assert found.source == "face"
        assert found.point == pytest.approx(at, abs=0.04)

    def test_finds_a_person_and_keeps_the_head_end(self) -> None:
        found = suggest_focal((PHOTOS / "basketball.jpg").read_bytes())

        assert found.source == "person"
        assert found.point == pytest.approx((0.15, 0.32), abs=0.05)

    @pytest.mark.parametrize("size", [(512, 512), (640, 384), (384, 640)])
    def test_sees_nobody_in_drawn_scenes(self, size: tuple[int, int]) -> None:
        for seed in range(12):
            rng = np.random.default_rng(seed)
            scene = draw_scene(sample_scene(rng), rng, *size)

            assert suggest_focal(encode_png(scene[..., ::-1])).source in (
                "saliency",
                "center",
            )

    @pytest.mark.parametrize("size", [(1, 1), (400, 20), (20, 400), (63, 127)])
    def test_looks_at_pictures_smaller_than_a_body(self, size: tuple[int, int]) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3))

        x, y = suggest_focal(encode_png(noise)).point

        assert 0 <= x <= 1
        assert 0 <= y <= 1

    def test_sees_through_what_is_transparent(self) -> None:
        pixels = np.zeros((300, 300, 4), np.uint8)
        pixels[40:80, 200:240] = (40, 60, 200, 255)

        found = suggest_focal(encode_png(pixels))

        assert found.point == pytest.approx((0.73, 0.2), abs=0.09)

    def test_gives_the_same_answer_every_time(self) -> None:
        data = (PHOTOS / "astronaut.jpg").read_bytes()

        assert suggest_focal(data) == suggest_focal(data)

    def test_refuses_what_is_no_picture(self) -> None:
        with pytest.raises(ImageSourceError):
            suggest_focal(b"text")
