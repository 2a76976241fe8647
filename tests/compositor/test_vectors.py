"""Layers that show a whole drawing: where it sits, in which colors, in which files."""

import io
import json
from typing import Any

import pypdfium2
import pytest

from brandgen.compositor import (
    Encoding,
    Rendered,
    TemplateDocumentError,
    load_document,
    render_creative,
)
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.pictures import decode
from brandgen.compositor.profiles import GENERIC, load_profile
from brandgen.lib.findings import Verdict
from tests.compositor.press import find_foreign_colors

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">'
    '<rect width="10" height="10" fill="#f4803c"/>'
    '<rect x="10" width="10" height="10" fill="#00ff00"/></svg>'
)
GLOW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><radialGradient '
    'id="g"><stop stop-color="#f4803c"/><stop offset="1" stop-color="#f4803c" '
    'stop-opacity="0"/></radialGradient><circle cx="5" cy="5" r="5" '
    'fill="url(#g)"/></svg>'
)
BOX = {
    "x": {"anchor": "start", "offset": 100, "size": 200},
    "y": {"anchor": "start", "offset": 100, "size": 200},
}


def document(**layer: Any) -> dict[str, Any]:
    icon = {"type": "svg", "id": "icon", "svg": ICON, "box": BOX, **layer}
    return {
        "schema": 2,
        "name": "Icon",
        "formats": {"card": {"width_px": 400, "height_px": 400}},
        "tokens": {"colors": {"deep": "primary", "shell": "background"}},
        "slots": {},
        "layers": [icon],
    }


PNG = Encoding("png")


def drawn(data: dict[str, Any], encoding: Encoding = PNG) -> Rendered:
    return render_creative(
        load_document(json.dumps(data)),
        format="card",
        modifications={},
        images={},
        brand=northwind_style(),
        encoding=encoding,
    )


def color_at(rendered: Rendered, x: int, y: int) -> str:
    red, green, blue = decode(rendered.data, name="it").pixels[y, x, :3].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


class TestPlaceSvg:
    def test_fits_it_into_its_box(self) -> None:
        found = drawn(document())

        box = found.boxes["icon"]
        assert (box.x, box.y, box.width, box.height) == (100, 150, 200, 100)
        assert color_at(found, 150, 200) == "#f4803c"
        assert color_at(found, 150, 140) == "#ffffff"

    def test_sits_where_it_is_aligned(self) -> None:
        assert drawn(document(valign="end")).boxes["icon"].y == 200

    def test_maps_colors_to_the_brand(self) -> None:
        found = drawn(document(colors={"#00ff00": "deep"}))

        assert color_at(found, 250, 200) == "#0b3c49"
        assert not [one for one in found.findings if one.rule == "svg-color"]

    def test_paints_all_in_one_color(self) -> None:
        found = drawn(document(color="deep"))

        assert color_at(found, 150, 200) == color_at(found, 250, 200) == "#0b3c49"

    def test_fails_on_a_color_of_nobody(self) -> None:
        [finding] = [f for f in drawn(document()).findings if f.rule == "svg-color"]

        assert finding.verdict == Verdict.FAIL
        assert (finding.place, finding.measured) == ("icon", "#00ff00")
        assert "nearest: " in finding.message

    def test_fades_as_one(self) -> None:
        found = drawn(document(opacity=0.5, color="deep"))

        assert color_at(found, 150, 200) == "#859ea4"

    @pytest.mark.parametrize("svg", [ICON, GLOW])
    def test_is_drawn_as_vectors_in_a_pdf(self, svg: str) -> None:
        data = document(svg=svg, opacity=0.9)

        pdf = drawn(data, Encoding("pdf")).data

        assert b"/Subtype /Image" not in pdf
        page = pypdfium2.PdfDocument(io.BytesIO(pdf))[0]
        seen = page.render(scale=96 / 72).to_numpy()[200, 200, :3]
        shown = decode(drawn(data).data, name="it").pixels[200, 200, 2::-1]
        assert seen.tolist() == pytest.approx(shown.tolist(), abs=4)

    def test_is_printed_in_inks(self) -> None:
        profile = load_profile(GENERIC)

        found = drawn(document(svg=GLOW), Encoding("pdf", profile=profile))

        assert find_foreign_colors(found.data) == []


class TestLoadDocument:
    @pytest.mark.parametrize(
        ("layer", "pointer", "words"),
        [
            ({"svg": "<svg/>"}, "/layers/0/svg", "width and height"),
            (
                {"svg": ICON.replace("<rect", "<script/><rect", 1)},
                "/layers/0/svg",
                "script",
            ),
            ({"colors": {"#00ff0f": "deep"}}, "/layers/0/colors/#00ff0f", "#00ff00"),
            ({"colors": {"#00ff00": "sea"}}, "/layers/0/colors/#00ff00", "sea"),
            ({"color": "sea"}, "/layers/0/color", "sea"),
            (
                {"overrides": {"formats": {"card": {"svg": "no"}}}},
                "/layers/0/svg",
                "not XML",
            ),
        ],
    )
    def test_points_at_what_is_wrong(
        self, layer: dict[str, Any], pointer: str, words: str
    ) -> None:
        with pytest.raises(TemplateDocumentError, match=words) as caught:
            load_document(document(**layer))

        assert caught.value.pointer == pointer
