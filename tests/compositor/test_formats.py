"""Formats: the library's figures, paper in pixels, and kinds of shape."""

from typing import Any

import pytest

from brandgen.compositor import TemplateDocumentError, dump_document, load_document
from brandgen.compositor.formats import Format, format_library
from brandgen.compositor.sides import Sides
from tests.compositor.pictures import plain_document, text_layer


def load_format(**fields: Any) -> Format:
    formats = {"one": fields}
    return load_document(plain_document(text_layer(), formats=formats)).formats["one"]


class TestLibrary:
    @pytest.mark.parametrize("name", list(format_library()))
    def test_can_be_used(self, name: str) -> None:
        shape = load_format(use=name)

        assert shape.label
        zone = shape.safe_zone
        assert 0 < zone.left < shape.width_px / 3
        assert 0 < zone.top + zone.bottom < shape.height_px / 2

    def test_lets_the_margin_differ_but_not_the_size(self) -> None:
        assert load_format(use="iab-leaderboard", safe_zone={}).safe_zone.top == 0

        with pytest.raises(TemplateDocumentError) as caught:
            load_format(use="iab-leaderboard", width_px=700)

        assert caught.value.pointer == "/formats/one/width_px"

    def test_suggests_the_nearest_name(self) -> None:
        with pytest.raises(TemplateDocumentError, match="'instagram-story'") as caught:
            load_format(use="instagram-storey")

        assert caught.value.pointer == "/formats/one/use"


class TestPaper:
    def test_is_as_many_pixels_as_its_dots(self) -> None:
        shape = load_format(width_mm=210, height_mm=297)

        assert (shape.width_px, shape.height_px) == (2480, 3508)
        assert (shape.dpi, shape.bleed_mm, shape.safe_zone.left) == (
            300,
            Sides.of(3),
            47,
        )

    def test_has_bleed_of_its_own_on_each_side(self) -> None:
        sides = {"top": 3, "right": 3, "bottom": 5, "left": 0}

        document = load_document(
            plain_document(
                text_layer(),
                formats={
                    "odd": {"width_mm": 100, "height_mm": 100, "bleed_mm": sides},
                    "even": {"width_mm": 100, "height_mm": 100, "bleed_mm": 4},
                },
            )
        )

        assert document.formats["odd"].bleed_mm == Sides(3, 3, 5, 0)
        written = dump_document(document)
        assert written["formats"]["odd"]["bleed_mm"] == {
            "top": 3, "right": 3, "bottom": 5
        }  # fmt: skip
        assert written["formats"]["even"]["bleed_mm"] == 4
        assert load_document(written).formats == document.formats

    @pytest.mark.parametrize(
        ("bleed", "pointer"),
        [
            (21, ""),
            (-1, ""),
            (True, ""),
            ("3", ""),
            ({"top": 21}, "/top"),
            ({"up": 3}, "/up"),
        ],
    )
    def test_refuses_bleed_that_no_printer_asks_for(
        self, bleed: object, pointer: str
    ) -> None:
        with pytest.raises(TemplateDocumentError) as caught:
            load_format(width_mm=100, height_mm=100, bleed_mm=bleed)

        assert caught.value.pointer == f"/formats/one/bleed_mm{pointer}"

    def test_is_refused_beyond_what_can_be_drawn(self) -> None:
        with pytest.raises(TemplateDocumentError) as caught:
            load_format(width_mm=1000, height_mm=1000, dpi=600)

        assert caught.value.pointer == "/formats/one"


class TestSizeClass:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("instagram-square", "square"),
            ("instagram-portrait", "square"),
            ("iab-medium-rectangle", "square"),
            ("instagram-story", "portrait"),
            ("iab-half-page", "portrait"),
            ("open-graph", "landscape"),
            ("iab-leaderboard", "leaderboard"),
            ("iab-billboard", "leaderboard"),
            ("iab-skyscraper", "skyscraper"),
        ],
    )
    def test_follows_the_shape(self, name: str, kind: str) -> None:
        assert load_format(use=name).size_class == kind
