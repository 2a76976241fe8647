"""The watermark: seen on any ground and in every part, in pixels and on paper."""

import io
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from brandgen.compositor import (
    Encoding,
    Rendered,
    RenderOptionError,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import northwind_style
from tests.compositor.pictures import plain_document, text_layer

MARK = "NOT APPROVED"


def render(kind: Any, mark: str | None, ground: str, **size: int) -> Rendered:
    shape = {"width_px": 400, "height_px": 200, **size}
    fields = plain_document(
        text_layer(color="ink"),
        formats={"banner": shape},
        background=ground,
    )
    fields["tokens"]["colors"] |= {"white": "white", "black": "black"}
    return render_creative(
        load_document(fields),
        format="banner",
        modifications={"line": "Good morning"},
        images={},
        brand=northwind_style(),
        encoding=Encoding(kind, watermark=mark),
    )


def pixels_of(rendered: Rendered) -> Any:
    if rendered.mime == "application/pdf":
        picture = pypdfium2.PdfDocument(rendered.data)[0].render(scale=4 / 3).to_pil()
    else:
        picture = Image.open(io.BytesIO(rendered.data))
    return np.asarray(picture.convert("L"), np.int16)


def words_of(rendered: Rendered) -> list[str]:
    page = pypdfium2.PdfDocument(rendered.data)[0].get_textpage()
    return str(page.get_text_range()).split()


class TestWatermark:
    @pytest.mark.parametrize("kind", ["png", "pdf"])
    @pytest.mark.parametrize("ground", ["white", "black"])
    @pytest.mark.parametrize(
        "size",
        [{"width_px": 728, "height_px": 90}, {"width_px": 300, "height_px": 600}],
    )
    def test_is_seen_in_every_part_on_light_and_dark(
        self, kind: Any, ground: str, size: dict[str, int]
    ) -> None:
        clean = pixels_of(render(kind, None, ground, **size))

        marked = pixels_of(render(kind, MARK, ground, **size))

        change = np.abs(marked - clean) > 100
        side = min(90, *size.values())
        for y in range(0, size["height_px"] - side + 1, side // 2):
            for x in range(0, size["width_px"] - side + 1, side // 2):
                assert change[y : y + side, x : x + side].mean() > 0.01

    @pytest.mark.parametrize("kind", ["png", "pdf"])
    def test_changes_neither_findings_nor_words_and_repeats(self, kind: Any) -> None:
        clean = render(kind, None, "white")

        marked = render(kind, MARK, "white")

        assert marked.findings == clean.findings
        assert marked.data == render(kind, MARK, "white").data
        if kind == "pdf":
            assert words_of(marked) == words_of(clean) == ["Good", "morning"]

    def test_with_letters_that_no_font_has_is_refused(self) -> None:
        with pytest.raises(RenderOptionError, match="letters that no font has: 𓀀"):
            render("png", "NOT 𓀀", "white")

    @pytest.mark.parametrize("mark", ["", " ", "two\nlines", "x" * 41])
    def test_that_nobody_could_read_is_refused(self, mark: str) -> None:
        with pytest.raises(RenderOptionError, match="is not a watermark"):
            Encoding("png", watermark=mark)
