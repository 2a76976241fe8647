import io
from typing import Any

import pytest
from PIL import Image

from tests.creatives.editor_pages import draw

pytestmark = pytest.mark.django_db

FADE = {"enter": {"type": "fade", "delay_s": 0.5, "duration_s": 1}}


@pytest.fixture
def moving(spring: dict[str, Any]) -> dict[str, Any]:
    """The spring template, its logo fading in for two seconds."""
    logo = next(layer for layer in spring["layers"] if layer["type"] == "logo")
    logo["motion"] = FADE
    return {**spring, "motion": {"duration_s": 2}}


class TestDraftPlay:
    def test_answers_with_frames_of_the_renderer(self, moving: dict[str, Any]) -> None:
        answer = draw(moving, to="draft-play")

        assert answer["Content-Type"] == "image/webp"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.n_frames > 8
            assert picture.size[0] * picture.size[1] <= 240_000
            assert picture.info["loop"] == 1

    def test_says_that_nothing_moves(self, spring: dict[str, Any]) -> None:
        answer = draw(spring, to="draft-play")

        assert answer.status_code == 422
        assert "does not move" in answer.json()["problem"]

    def test_points_at_what_is_wrong(self, moving: dict[str, Any]) -> None:
        moving["motion"]["duration_s"] = 1

        answer = draw(moving, to="draft-play")

        assert answer.status_code == 422
        assert answer.json()["pointer"].endswith("/motion/enter")
