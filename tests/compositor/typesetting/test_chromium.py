"""Widths and line breaks against headless Chromium, in the same fonts."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brandgen.compositor.typesetting.fonts import Library, Look
from brandgen.compositor.typesetting.marked import MarkedText
from brandgen.compositor.typesetting.paragraphs import Paragraph, Setting
from brandgen.compositor.writing import base_direction_is_rtl
from tests.compositor.typesetting.samples import FURTHER, SAMPLES, Sample

SIZE_PX = 20
MEASURES_PX = range(110, 560, 15)
PAGE = """<!doctype html><style>
p { margin: 0; font-size: %dpx; line-height: 2; font-variation-settings: "opsz" 14;
    line-break: strict; overflow-wrap: anywhere; text-spacing-trim: space-all;
    text-autospace: no-autospace; text-rendering: geometricPrecision; }
p:lang(ko) { word-break: keep-all; }
</style><p></p>"""
LOAD = """async ([name, data]) => {
    const face = new FontFace(name, `url(data:font/otf;base64,${data})`);
    document.fonts.add(await face.load());
}"""
MEASURE = """([text, language, fonts, measures]) => {
    const p = document.querySelector("p");
    p.lang = language;
    p.dir = "auto";
    p.style.fontFamily = fonts;
    p.textContent = text;
    const range = document.createRange();
    const rows = () => {
        const found = [];
        let row = null;
        for (let at = 0; at < text.length; at++) {
            range.setStart(p.firstChild, at);
            range.setEnd(p.firstChild, at + 1);
            const box = range.getClientRects()[0];
            const top = box && Math.round(box.top / (2 * %d));
            if (box && box.width && top !== row) { found.push(""); row = top; }
            if (found.length) found[found.length - 1] += text[at];
        }
        return found.map(line => line.trim());
    };
    p.style.width = "max-content";
    const width = p.getBoundingClientRect().width;
    const lines = measures.map(measure => {
        p.style.width = `${measure}px`;
        return rows();
    });
    return {width, lines};
}"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """Open a page with the samples' fonts."""
    page = chromium.new_page()
    page.set_content(PAGE % SIZE_PX)
    for file in {file for sample in SAMPLES.values() for file in sample.fonts}:
        page.evaluate(LOAD, [name_of(file), encoded(file)])
    yield page
    page.close()


def name_of(file: Path) -> str:
    return file.stem.lower()


def encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def ours(sample: Sample) -> Paragraph:
    setting = Setting(
        (Look("Inter"),), base_direction_is_rtl(sample.text), sample.language
    )
    return Paragraph(MarkedText.plain(sample.text), setting, Library((), FURTHER))


def lines_of(paragraph: Paragraph, measure_px: float) -> list[str]:
    lines = paragraph.lines(measure_px / SIZE_PX)
    return [paragraph.text[line.start : line.end].strip() for line in lines]


@pytest.mark.browser
class TestParagraph:
    @pytest.mark.parametrize("name", SAMPLES)
    def test_is_as_wide_and_breaks_where_chromium_does(
        self, page: Any, name: str
    ) -> None:
        sample = SAMPLES[name]
        fonts = ", ".join(name_of(file) for file in sample.fonts)

        theirs = page.evaluate(
            MEASURE % SIZE_PX, [sample.text, sample.language, fonts, list(MEASURES_PX)]
        )

        paragraph = ours(sample)
        assert paragraph.width * SIZE_PX == pytest.approx(theirs["width"], rel=0.001)
        assert [lines_of(paragraph, px) for px in MEASURES_PX] == theirs["lines"]
