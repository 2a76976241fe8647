"""Each script as it is drawn: golden images, regional forms, emoji in color."""

import io
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import skia
from PIL import Image

from brandgen.compositor.text import SetText, load_text_engine
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.typesetting.fonts import Look
from tests.compositor.typesetting.samples import EMOJI, FURTHER, SAMPLES

GOLDEN = Path(__file__).parents[1] / "golden"
ENGINE = load_text_engine((), FURTHER)


def set_sample(text: str, size: float = 22, **fields: object) -> SetText:
    known = {"max_lines": 6, "line_height": 1.5}
    style = TextStyle(Look("Inter", 500), size, size, **{**known, **fields})  # type: ignore[arg-type]
    return ENGINE.fit(text, style, 380, 230)


def paint(found: SetText, size: tuple[int, int] = (400, 200)) -> np.ndarray:
    pixels = np.full((size[1], size[0], 4), 255, np.uint8)
    canvas = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType).getCanvas()
    ENGINE.paint(canvas, found, x=10, y=6, color="#000000")
    return pixels[..., :3]


class TestPaint:
    @pytest.mark.parametrize("name", SAMPLES)
    def test_looks_as_it_did(self, name: str) -> None:
        sample = SAMPLES[name]
        found = set_sample(sample.text, language=sample.language)
        seen = paint(found, (400, round(found.height_px) + 12))[..., 0]
        file = GOLDEN / f"{name}.png"
        if os.environ.get("BRANDGEN_WRITE_GOLDEN"):
            Image.fromarray(seen).save(file, optimize=True)

        golden = np.asarray(Image.open(io.BytesIO(file.read_bytes())))

        assert found.missing == ""
        difference = np.abs(golden.astype(int) - seen)
        assert difference.mean() < 0.5
        assert cv2.blur(difference.astype(np.float32), (5, 5)).max() < 40

    def test_draws_ideographs_as_their_language_does(self) -> None:
        japanese, chinese, korean = (
            paint(set_sample("骨", 120, language=language))
            for language in ("ja", "zh-CN", "ko")
        )

        assert np.abs(japanese.astype(int) - chinese).mean() > 1
        assert np.array_equal(japanese, korean)


class TestEmoji:
    def test_are_drawn_in_their_own_colors(self) -> None:
        found = set_sample(EMOJI, 48)

        hues = cv2.cvtColor(paint(found), cv2.COLOR_RGB2HSV)
        vivid = hues[hues[..., 1] > 120][:, 0]
        assert found.missing == ""
        assert len(vivid) > 1000
        assert len(np.unique(vivid // 20)) >= 5

    def test_that_are_joined_are_one_glyph(self) -> None:
        found = set_sample(EMOJI, 48)

        (piece,) = found.pieces
        assert len([glyph for glyph in piece.run.glyphs if glyph.advance]) == 4

    def test_are_as_large_as_the_letters_around_them(self) -> None:
        rows = np.flatnonzero((paint(set_sample("🎉", 48)) < 250).any(axis=(1, 2)))

        assert 44 < np.ptp(rows) < 64

    def test_fade_with_their_text(self) -> None:
        found = set_sample("🎉", 48)
        pixels = np.full((90, 90, 4), 255, np.uint8)
        canvas = skia.Surface(pixels, skia.ColorType.kRGBA_8888_ColorType).getCanvas()

        ENGINE.paint(canvas, found, x=10, y=6, color="#000000", opacity=0.3)

        assert pixels[..., :3].min() > 140
        assert pixels[..., :3].min() < 230
