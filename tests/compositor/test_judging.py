"""Pictures judged by their density, texts by the pixels behind each line."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor import (
    Encoding,
    Rendered,
    Verdict,
    load_document,
    render_creative,
)
from brandgen.compositor.display import DrawImage, Rect
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.judging import judge_resolution
from brandgen.lib.findings import Finding
from tests.compositor.pictures import plain_document, text_layer

LINE = "Stoneware that keeps\nwarm"
TOKENS = {
    "colors": {"ink": "ink", "paper": "white", "pale": "background"},
    "fonts": {"copy": {"weight": 500}},
}


def render(*layers: dict[str, Any], line: str) -> Rendered:
    return render_creative(
        load_document(plain_document(*layers, tokens=TOKENS)),
        format="banner",
        modifications={"line": line},
        images={},
        brand=northwind_style(),
        encoding=Encoding("png"),
    )


def contrast_of(rendered: Rendered) -> Finding:
    (found,) = (f for f in rendered.findings if f.rule == "text-contrast")
    return found


def band(top: float, height: float, width: float) -> dict[str, Any]:
    """Lay a patch of the text's own color under a part of the page."""
    box = {
        "x": {"anchor": "start", "size": width},
        "y": {"anchor": "start", "offset": top, "size": height},
    }
    fill = {"type": "solid", "color": "ink"}
    return {"type": "shape", "id": "band", "fill": fill, "box": box}


PHOTO = DrawImage(
    layer="photo",
    image="photo",
    rect=Rect(0, 0, 10, 10),
    fit="cover",
    focal=None,
    radius=0,
    opacity=1,
)


class TestJudgeResolution:
    @pytest.mark.parametrize(
        ("enlarged", "verdict"),
        [(0.5, Verdict.PASS), (1.25, Verdict.PASS), (1.26, Verdict.WARN)],
    )
    def test_warns_of_what_a_screen_shows_too_large(
        self, enlarged: float, verdict: Verdict
    ) -> None:
        seen = judge_resolution(PHOTO, enlarged)

        assert (seen.verdict, seen.allowed) == (verdict, "at most 1.25 times")
        assert seen.measured == f"enlarged {enlarged:.2f} times"

    @pytest.mark.parametrize(
        ("dpi", "density", "verdict"),
        [
            (300, 225, Verdict.PASS),
            (300, 224, Verdict.WARN),
            (300, 150, Verdict.WARN),
            (300, 149, Verdict.FAIL),
            (150, 112, Verdict.PASS),
            (150, 75, Verdict.WARN),
            (150, 74, Verdict.FAIL),
        ],
    )
    def test_asks_of_paper_a_share_of_its_dots(
        self, dpi: int, density: int, verdict: Verdict
    ) -> None:
        seen = judge_resolution(PHOTO, dpi / density, dpi)

        assert seen.verdict == verdict
        assert seen.measured == f"{density} pixels per inch at print size"

    def test_says_how_many_more_pixels_the_print_needs(self) -> None:
        seen = judge_resolution(PHOTO, 3.0, 300)

        assert "2.3 times as many pixels a side" in seen.message
        assert judge_resolution(PHOTO, 3.0 / 2.3, 300).verdict == Verdict.PASS


class TestJudgeContrast:
    def test_names_the_line_that_does_not_stand_out(self) -> None:
        text = text_layer(largest=30, line_height=1.5)
        under_second = band(top=70, height=36, width=110)

        seen = contrast_of(render(under_second, text, line=LINE))

        assert seen.verdict == Verdict.FAIL
        assert seen.measured == "1.0 : 1 in line 2"

    def test_looks_past_what_lies_beside_a_short_line(self) -> None:
        text = text_layer(largest=30, line_height=1.5)
        drawn = render(text, line=LINE)
        ink = np.asarray(Image.open(io.BytesIO(drawn.data)).convert("L")) < 128
        last = np.flatnonzero(ink[70:110].any(axis=0)).max()
        beside = band(top=70, height=36, width=400)
        beside["box"]["x"] = {"anchor": "start", "offset": int(last) + 8, "size": 300}

        seen = contrast_of(render(beside, text, line=LINE))

        assert seen.verdict == Verdict.PASS

    def test_judges_emphasized_words_by_their_own_color(self) -> None:
        text = text_layer(largest=30, emphasis={"color": "pale"})

        plain = contrast_of(render(text, line="Warm all day"))
        marked = contrast_of(render(text, line="Warm *all* day"))

        assert plain.verdict == Verdict.PASS
        assert marked.verdict == Verdict.FAIL

    def test_judges_a_text_of_one_line_without_naming_it(self) -> None:
        seen = contrast_of(render(text_layer(largest=30), line="Warm"))

        assert seen.measured.endswith(": 1")
