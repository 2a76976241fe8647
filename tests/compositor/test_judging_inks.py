"""Too much ink, and brand colors that a print has not, are named with their place."""

from dataclasses import replace
from typing import Any

import numpy as np
import simplejpeg

from brandgen.compositor import BrandStyle, Encoding, ImageSource, load_document
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.profiles import GENERIC, load_profile
from brandgen.compositor.render import render_creative
from brandgen.lib.findings import Finding, Verdict
from tests.compositor.pictures import plain_document, text_layer

PRINT = Encoding("pdf", profile=load_profile(GENERIC))
BRAND = northwind_style()
HALF = {
    "x": {"anchor": "start", "offset": 0, "size": 200},
    "y": {"anchor": "both"},
}


def shape(color: str) -> dict[str, Any]:
    fill = {"type": "solid", "color": color}
    return {"type": "shape", "id": "plate", "fill": fill, "box": HALF}


def judge(
    *layers: dict[str, Any],
    encoding: Encoding = PRINT,
    brand: BrandStyle = BRAND,
    level: int = 200,
) -> dict[str, list[Finding]]:
    """Render for print; give what was found about inks by rule."""
    pixels = np.full((200, 400, 3), level, np.uint8)
    rendered = render_creative(
        load_document(
            plain_document(
                *layers,
                tokens={
                    "colors": {"accent": "accent", "ink": "ink", "paper": "white"},
                    "fonts": {"copy": {"weight": 500}},
                },
                slots={"photo": {"type": "image"}},
            )
        ),
        format="banner",
        modifications={},
        images={"photo": ImageSource(simplejpeg.encode_jpeg(pixels, quality=95))},
        brand=brand,
        encoding=encoding,
    )
    found: dict[str, list[Finding]] = {"ink-coverage": [], "print-color": []}
    for finding in rendered.findings:
        if finding.rule in found:
            found[finding.rule].append(finding)
    return found


def photo(**fields: Any) -> dict[str, Any]:
    return {"type": "image", "id": "photo", "slot": "photo", "box": HALF} | fields


class TestInkCoverage:
    def test_is_said_where_all_is_well(self) -> None:
        (finding,) = judge(shape("ink"))["ink-coverage"]

        assert finding.verdict == Verdict.PASS
        assert finding.allowed == "300 %"

    def test_of_a_dark_picture_is_named_by_its_layer(self) -> None:
        encoding = replace(PRINT, most_ink_percent=240)

        (finding,) = judge(photo(), encoding=encoding, level=5)["ink-coverage"]

        assert finding.verdict == Verdict.WARN
        assert finding.place == "photo"
        assert 270 < int(finding.measured.split()[0]) <= 301
        assert finding.allowed == "240 %"

    def test_is_that_of_the_picture_as_it_is_filtered(self) -> None:
        encoding = replace(PRINT, most_ink_percent=240)
        light = photo(filters={"brightness": 3})

        (finding,) = judge(light, encoding=encoding, level=100)["ink-coverage"]

        assert finding.verdict == Verdict.PASS

    def test_of_the_brands_own_inks_is_named_by_its_layer(self) -> None:
        brand = replace(BRAND, inks={BRAND.palette["ink"]: (100, 90, 80, 70)})

        (finding,) = judge(shape("ink"), brand=brand)["ink-coverage"]

        assert finding.verdict == Verdict.WARN
        assert (finding.place, finding.measured) == ("plate", "340 % of ink")

    def test_of_single_pixels_does_not_count(self) -> None:
        brand = replace(BRAND, inks={})
        encoding = replace(PRINT, most_ink_percent=240)

        (finding,) = judge(photo(), encoding=encoding, brand=brand, level=128)[
            "ink-coverage"
        ]

        assert finding.verdict == Verdict.PASS

    def test_is_no_matter_on_a_screen(self) -> None:
        found = judge(shape("accent"), encoding=Encoding("pdf"))

        assert found == {"ink-coverage": [], "print-color": []}


class TestPrintColor:
    brand = replace(BRAND, palette={**BRAND.palette, "accent": "#2200ff"})

    def test_names_a_brand_color_that_the_print_has_not(self) -> None:
        (finding,) = judge(shape("accent"), brand=self.brand)["print-color"]

        assert finding.verdict == Verdict.WARN
        assert finding.place == "plate"
        assert "accent color #2200ff" in finding.message
        assert "like #" in finding.message

    def test_is_silent_where_the_brand_decided_on_inks(self) -> None:
        brand = replace(self.brand, inks={"#2200FF": (95, 80, 0, 0)})

        assert judge(shape("accent"), brand=brand)["print-color"] == []

    def test_is_silent_about_colors_that_nothing_uses(self) -> None:
        assert judge(shape("ink"), brand=self.brand)["print-color"] == []

    def test_is_silent_about_colors_that_are_printed_as_they_are(self) -> None:
        assert judge(shape("accent"))["print-color"] == []

    def test_is_silent_about_black_words(self) -> None:
        brand = replace(BRAND, palette={**BRAND.palette, "ink": "#000000"})
        layer = text_layer(slot=None, text="Terms apply")

        assert judge(layer, brand=brand)["print-color"] == []
