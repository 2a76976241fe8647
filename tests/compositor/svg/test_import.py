"""Drawings become templates that look alike; hostile ones get only the named error."""

import base64
import io
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.compositor import Encoding, ImageSource, render_creative
from brandgen.compositor.document import TextSlot
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.svg.importing import Imported, SvgError, import_svg
from brandgen.compositor.typesetting.fonts import FONTS
from tests.compositor.pictures import make_photo

DRAWINGS = sorted(Path(__file__).parent.glob("*.svg"))
FIGMA = Path(__file__).parent / "figma.svg"
TINY = "data:image/png;base64,iVBORw0KGgo="
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
BROKEN = b"""
1e999 -1 0 NaN url(#x) url(#clip0_1_2) % rotate(1e9) scale(0) none " <g> </g> #row
matrix(1e5,0,0,1e5,0,0) inherit M0,0 1e-9 \xff &#0; {{a}} 1e308 0.0001 em 1e6
""".split()
PAGE = """<!doctype html><style>* { margin: 0 } svg { display: block }
text { text-rendering: geometricPrecision }</style><div></div>"""
SHOW = """async ([drawing, width, height, font]) => {
    for (const name of ["Inter", "Inter-ExtraBold"]) {
        const face = new FontFace(name, `url(data:font/ttf;base64,${font})`,
            {weight: "100 900"});
        document.fonts.add(await face.load());
    }
    document.querySelector("div").innerHTML = drawing;
    const svg = document.querySelector("svg");
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    const load = one => one.decode ? one.decode().catch(() => 0) : 0;
    await Promise.all([...svg.querySelectorAll("image")].map(load));
}"""


def read(source: str) -> Imported:
    return import_svg(source.encode(), brand=northwind_style())


def drawn(inside: str) -> Imported:
    return read(f"{HEAD}{inside}</svg>")


class TestImportSvg:
    @pytest.mark.browser
    def test_looks_as_chromium_draws_it(self, chromium: Any) -> None:
        photo = make_photo(1000, 1000)
        uri = f"data:image/jpeg;base64,{base64.b64encode(photo).decode()}"
        font = base64.b64encode((FONTS / "InterVariable.ttf").read_bytes()).decode()
        page = chromium.new_page()
        apart = {}
        for file in DRAWINGS:
            source = file.read_text().replace("PHOTO", uri)
            document = read(source).document
            slots = document.slots.items()
            name, shape = next(iter(document.formats.items()))
            rendered = render_creative(
                document,
                format=name,
                modifications={n: s.example for n, s in slots if s.type == "text"},
                images=dict.fromkeys(document.image_slots, ImageSource(photo)),
                brand=northwind_style(),
                encoding=Encoding("png"),
            )
            size = {"width": shape.width_px, "height": shape.height_px}
            page.set_viewport_size(size)
            page.set_content(PAGE)
            svg = source[source.index("<svg") :]
            page.evaluate(SHOW, [svg, *size.values(), font])
            shown = (page.screenshot(), rendered.data)
            pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in shown]
            theirs, ours = (np.asarray(one, np.float64) for one in pictures)
            apart[file.stem] = float(np.abs(theirs - ours).mean() / 255)
        page.close()

        assert len(apart) == 4
        assert max(apart.values()) < 0.003, apart

    def test_names_groups_slots_and_colors(self) -> None:
        found = read(FIGMA.read_text().replace("PHOTO", TINY))

        assert found.document.name == "Spring post"
        assert list(found.document.formats) == ["instagram-square"]
        assert found.document.background == "background"
        kinds = {layer.id: layer.type for layer in found.document.layers}
        assert kinds["hero-photo"] == "image"
        assert kinds["button"] == kinds["badge"] == "group"
        slot = found.document.slots["made-for-brighter-mornings"]
        assert isinstance(slot, TextSlot)
        assert slot.example == "Made for brighter mornings"

    def test_emphasizes_what_differs_in_a_text(self) -> None:
        found = read((Path(__file__).parent / "illustrator.svg").read_text())

        examples = [slot.get("example") for slot in found.data["slots"].values()]
        assert "Half price, full *taste*" in examples

    def test_centers_lines_that_a_program_placed_one_by_one(self) -> None:
        found = drawn(
            '<rect x="100" y="40" width="200" height="120" fill="#0b3c49"/>'
            '<text fill="#fff" font-size="24"><tspan x="192" y="90">It</tspan>'
            '<tspan x="160" y="120">is ours</tspan></text>'
        )

        text = found.data["layers"][1]
        assert text["align"] == "center"
        assert text["box"]["x"]["anchor"] == "along"

    @pytest.mark.parametrize(
        ("inside", "words"),
        [
            ('<rect width="9" height="9" filter="url(#f)"/>', "filter"),
            ('<rect width="9" height="9" fill="#ff00aa"/>', "not in the brand kit"),
            ('<text y="20" font-family="Papyrus">Hi</text>', "Papyrus"),
            (
                '<text y="20"><textPath href="#p">Hi</textPath>you</text>',
                "textPath in a text is left out",
            ),
            (
                '<rect width="9" height="9"/><foreignObject id="Card"/>',
                "a foreignObject element is not known",
            ),
            ('<rect width="9" height="9"/><path id="Bad" d="M0"/>', "It is left out"),
            (
                '<style>g > rect { fill: red }</style><rect width="9" height="9"/>',
                "kind that is not read",
            ),
            ('<text y="40" transform="translate(60) rotate(5)">Hi</text>', "upright"),
        ],
    )
    def test_says_what_it_leaves_out(self, inside: str, words: str) -> None:
        assert any(words in str(note) for note in drawn(inside).notes)

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("", "not XML"),
            ("<html/>", "no SVG"),
            (f"{HEAD}<script>1</script></svg>", "script"),
            (f'{HEAD}<rect onclick="x()"/></svg>', "onclick"),
            (f'{HEAD}<image href="http://x/y.png"/></svg>', "outside of itself"),
            (f"{HEAD}<style>@import 'x'</style></svg>", "outside of itself"),
            (f'{HEAD}<rect fill="url(http://x#y)"/></svg>', "outside of itself"),
            (f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}&a;</svg>', "document type"),
            (f"{HEAD}{'<g>' * 60}{'</g>' * 60}</svg>", "nested deeper"),
            (f"{HEAD}</svg>", "Nothing of the drawing"),
            ('<svg xmlns="http://www.w3.org/2000/svg"/>', "viewBox"),
        ],
    )
    def test_refuses(self, source: str, words: str) -> None:
        with pytest.raises(SvgError, match=words):
            read(source)

    @pytest.mark.parametrize(
        ("inside", "place"),
        [
            ("<g>\n<script/></g>", "script element in line 3"),
            ('\n<g id="Hero">\n<rect onload="x()"/></g>', "rect element in line 4"),
            (
                '<image id="Hero photo" href="http://x/y"/>',
                r"image element in line 2 \(Hero photo\)",
            ),
            ("\n\n<style>@import 'x'</style>", "style element in line 4"),
            ('<rect fill="url(http://x#y)"/>', "fill of the rect element in line 2"),
            ("<g>\n<rect></g>", "line 3"),
        ],
    )
    def test_says_where_it_is_that_it_refuses(self, inside: str, place: str) -> None:
        with pytest.raises(SvgError, match=place):
            read(f"{HEAD}\n{inside}</svg>")

    def test_bounds_what_is_used_again_and_again(self) -> None:
        levels = "".join(
            f'<g id="l{n}">{f"""<use href="#l{n - 1}"/>""" * 10}</g>'
            for n in range(1, 7)
        )
        bomb = f'<defs><rect id="l0" width="9" height="9"/>{levels}</defs>'

        with pytest.raises(SvgError, match="uses several times"):
            drawn(f'{bomb}<use href="#l6"/>')

    def test_gives_only_named_errors_for_broken_drawings(self) -> None:
        dice = random.Random(7)  # noqa: S311 - no secret
        sources = [
            file.read_bytes().replace(b"PHOTO", TINY.encode()) for file in DRAWINGS
        ]
        brand, refused = northwind_style(), 0

        for _ in range(500):
            source = break_up(dice.choice(sources), dice)
            try:
                import_svg(source, brand=brand)
            except SvgError:
                refused += 1

        assert 0 < refused < 500


def break_up(source: bytes, dice: random.Random) -> bytes:
    """Replace values, drop parts or double them, a few times."""
    for _ in range(dice.choice([1, 1, 2, 4])):
        values = list(re.finditer(rb'(?<=")[^"]*(?=")|[0-9.]+', source))
        one = dice.choice(values).span()
        start = dice.randrange(len(source))
        cut = slice(start, start + dice.randrange(1, 200))
        kind = dice.random()
        if kind < 0.75:
            source = source[: one[0]] + dice.choice(BROKEN) + source[one[1] :]
        elif kind < 0.9:
            source = source[: cut.start] + source[cut.stop :]
        else:
            source = source[: cut.stop] + source[cut.start :]
    return source
