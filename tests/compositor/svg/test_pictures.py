"""Drawings that are shown whole: what is drawn, what is refused, how large they are."""

import time

import numpy as np
import pytest
import skia

from brandgen.compositor.display import DrawPath, GroupStart
from brandgen.compositor.painting import blend_group, draw_path
from brandgen.compositor.svg.notes import SvgError
from brandgen.compositor.svg.pictures import MOST_CHARS, read_picture

ROOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" {more}>'
)


def drawing(inside: str, more: str = "") -> str:
    return f"{ROOT.format(more=more)}{inside}</svg>"


def pixels_of(source: str) -> np.ndarray:
    """Draw a picture of 100 x 100 on white, its groups one by one."""
    page = np.full((100, 100, 4), 255, np.uint8)
    sheets = [page]
    canvases = [skia.Surface(page, skia.ColorType.kRGBA_8888_ColorType).getCanvas()]
    groups: list[GroupStart] = []
    for part in read_picture(source).parts:
        if isinstance(part, DrawPath):
            draw_path(canvases[-1], part)
        elif isinstance(part, GroupStart):
            groups.append(part)
            sheets.append(np.zeros_like(page))
            surface = skia.Surface(sheets[-1], skia.ColorType.kRGBA_8888_ColorType)
            canvases.append(surface.getCanvas())
        else:
            canvases.pop()
            blend_group(canvases[-1], sheets.pop(), groups.pop())
    return page[..., :3].astype(int)


def oracle(source: str) -> np.ndarray:
    """Draw it by skia's own reader of SVG."""
    page = np.full((100, 100, 4), 255, np.uint8)
    canvas = skia.Surface(page, skia.ColorType.kRGBA_8888_ColorType).getCanvas()
    found = skia.SVGDOM.MakeFromStream(skia.MemoryStream(source.encode()))
    found.setContainerSize(skia.Size(100, 100))
    found.render(canvas)
    return page[..., :3].astype(int)


GRADIENTS = """<defs>
<linearGradient id="a" x1="0" y1="0" x2="1" y2="1">
<stop offset=".2" stop-color="#d00"/><stop offset="1" stop-color="#00d"/>
</linearGradient>
<linearGradient id="b" xlink:href="#a" gradientUnits="userSpaceOnUse" x1="10" y1="20"
x2="90" y2="30" gradientTransform="rotate(20 50 50)"/>
<radialGradient id="c" cx=".5" cy=".5" r=".5" fx=".3" fy=".3">
<stop offset="0" stop-color="#fff"/>
<stop offset="1" stop-color="#060" stop-opacity=".5"/></radialGradient></defs>"""


class TestReadPicture:
    @pytest.mark.parametrize(
        "inside",
        [
            '<path d="M10 10h60v20a20 20 0 0 1-40 20z" fill="#a30"/>',
            '<g transform="rotate(30 50 50) skewX(10)"><rect x="20" y="30" width="50" '
            'height="30" rx="8" fill="navy" stroke="#fa0" stroke-width="6"/></g>',
            '<path d="M10 80L50 20 90 80" fill="none" stroke="#222" stroke-width="12" '
            'stroke-linejoin="round" stroke-linecap="round"/>',
            '<path d="M10 80L50 20 90 80" fill="none" stroke="#222" stroke-width="12" '
            'stroke-linejoin="bevel" stroke-dasharray="9 4" stroke-dashoffset="3"/>',
            '<path d="M10 10H90V90H10zM30 30H70V70H30z" fill-rule="evenodd"/>',
            GRADIENTS + '<rect x="5" y="10" width="90" height="50" fill="url(#a)"/>',
            GRADIENTS + '<circle cx="50" cy="50" r="40" fill="url(#b)"/>',
            GRADIENTS + '<path d="M10 50h80" stroke="url(#b)" stroke-width="20"/>',
            '<clipPath id="k"><circle cx="40" cy="50" r="30"/></clipPath>'
            '<g clip-path="url(#k)"><rect width="100" height="60" fill="#07c"/></g>',
            '<g opacity=".5"><circle cx="40" cy="50" r="30"/>'
            '<circle cx="60" cy="50" r="30" fill="#f00"/></g>',
            '<rect x="10" y="10" width="80" height="80" fill="#0a7" opacity=".6" '
            'stroke="#111" stroke-width="10"/>',
            '<g id="s" fill="#a50"><circle cx="5" cy="5" r="5"/></g>'
            '<use xlink:href="#s" x="20" y="20" transform="scale(3)"/>',
            '<circle cx="95" cy="50" r="40" fill="#456"/>',
        ],
    )
    def test_draws_as_another_reader_does(self, inside: str) -> None:
        source = drawing(inside)

        ours, theirs = pixels_of(source), oracle(source)

        assert (ours < 250).any()
        assert np.abs(ours - theirs).mean() < 0.7

    def test_cuts_to_several_shapes_and_to_masks_of_shapes(self) -> None:
        cut = (
            '<clipPath id="k"><rect width="40" height="40"/><rect x="20" y="20" '
            'width="40" height="40"/></clipPath><mask id="m" style="mask-type:alpha">'
            '<rect width="50" height="100" fill="#d9d9d9"/></mask>'
            '<g mask="url(#m)"><rect clip-path="url(#k)" width="100" height="100" '
            'fill="#e00"/></g>'
        )

        seen = pixels_of(drawing(cut))

        assert seen[30, 30].tolist() == [238, 0, 0]
        assert seen[50, 45].tolist() == [238, 0, 0]
        assert seen[50, 55].tolist() == [255, 255, 255]
        assert seen[10, 45].tolist() == [255, 255, 255]

    def test_draws_radial_gradients_from_their_focus(self) -> None:
        ball = '<ellipse cx="50" cy="50" rx="40" ry="20" fill="url(#c)"/>'

        seen = pixels_of(drawing(GRADIENTS + ball))

        at_focus, across = seen[42, 34], seen[58, 66]
        assert at_focus.min() > 245
        assert across[1] > across[0] + 20
        assert seen[50, 89].tolist() == pytest.approx([128, 179, 128], abs=9)

    def test_blends(self) -> None:
        page = (
            '<rect width="100" height="100" fill="#ff0"/>'
            '<rect style="mix-blend-mode:multiply" width="50" height="100" '
            'fill="#0ff"/>'
        )

        assert pixels_of(drawing(page))[50, 20].tolist() == [0, 255, 0]

    def test_names_its_colors(self) -> None:
        found = read_picture(
            drawing(
                GRADIENTS + '<rect width="9" height="9" fill="url(#a)"/>'
                '<path d="M0 0h9" stroke="currentColor"/>',
                more='color="#123456"',
            )
        )

        assert found.colors == ("#dd0000", "#0000dd", "#123456")

    def test_leaves_out_what_is_not_seen(self) -> None:
        found = read_picture(
            drawing(
                '<g display="none"><text>Guide</text></g>'
                '<rect visibility="hidden" width="9" height="9"/>'
                '<rect width="9" height="9" fill="none"/><circle r="9" fill="#0a0"/>'
            )
        )

        assert len(found.parts) == 1

    @pytest.mark.parametrize(
        ("inside", "words"),
        [
            ("<script>1</script>", "script"),
            ('<rect width="9" height="9" onclick="x()"/>', "onclick"),
            ('<image href="https://example.com/a.png"/>', "outside"),
            ('<image href="data:image/png;base64,AA"/>', "pixels"),
            ('<text id="Title">Hi</text>', "'Title'.*letters"),
            ('<rect width="9" height="9" filter="url(#f)"/>', "filter"),
            (
                '<pattern id="p"/><rect width="9" height="9" fill="url(#p)"/>',
                "painted with a pattern",
            ),
            ('<rect width="9" height="9" fill="url(#gone)"/>', "'gone'"),
            ('<rect width="9" height="9" mask="url(#gone)"/>', "mask.*not there"),
            (
                '<mask id="m"><rect width="9" height="9" fill="#888"/></mask>'
                '<rect width="9" height="9" mask="url(#m)"/>',
                "mask fades",
            ),
            ("<foreignObject/>", "foreignObject"),
            ('<animate attributeName="x"/>', "animation"),
            ('<path d="M0 0h9" stroke="#000" marker-end="url(#m)"/>', "marks"),
            ('<use href="#u"/><g id="u"><use href="#u"/></g>', "uses"),
            ('<rect width="9" height="9" transform="turn(3)"/>', "transform"),
            ('<rect width="9" height="9" fill="chartreusse"/>', "chartreusse"),
            ("<style>a > b {fill: red}</style><circle r='9'/>", "CSS"),
            ("<desc>nothing</desc>", "Nothing is seen"),
            (
                '<path stroke="#000" stroke-dasharray=".001" d="M0 0H100"/>',
                "dashes",
            ),
        ],
    )
    def test_refuses_what_it_can_not_draw(self, inside: str, words: str) -> None:
        with pytest.raises(SvgError, match=words):
            read_picture(drawing(inside))

    def test_refuses_entities(self) -> None:
        with pytest.raises(SvgError, match="document type"):
            read_picture(
                '<!DOCTYPE svg [<!ENTITY a "b">]>' + drawing('<circle r="9"/>')
            )

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (drawing("<g/>" * (MOST_CHARS // 4)), "characters"),
            (
                drawing(
                    f'<path id="a" d="M0 0{"h1" * 4000}"/>' + '<use href="#a"/>' * 9
                ),
                "20,000 steps",
            ),
            (
                drawing('<g opacity=".5"><circle r="9"/><circle r="5"/></g>' * 30),
                "24 groups",
            ),
            ('<svg xmlns="http://www.w3.org/2000/svg"/>', "width and height"),
            (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99999 1"/>',
                "too thin",
            ),
            ("<html/>", "no SVG"),
            ("Hello", "not XML"),
        ],
    )
    def test_keeps_to_its_bounds(self, source: str, words: str) -> None:
        with pytest.raises(SvgError, match=words):
            read_picture(source)

    def test_ends_soon_on_what_uses_itself_many_times(self) -> None:
        uses = "".join(
            f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 8 + "</g>" for n in range(7)
        )
        start = time.monotonic()

        with pytest.raises(SvgError, match="4,000 elements"):
            read_picture(drawing(f'{uses}<g id="g7"><circle r="9"/></g>'))

        assert time.monotonic() - start < 5
