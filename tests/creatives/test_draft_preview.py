import base64
import io
import time
from typing import Any

import pytest
from PIL import Image

from brandgen.creatives.editing import MOST_PIXELS
from brandgen.creatives.models import TemplateVersion
from brandgen.lib.finding_rules import explain
from tests.creatives.editor_pages import address, draw, enter
from tests.factories import (
    make_collection,
    make_template_version,
)

pytestmark = pytest.mark.django_db


class TestDraftPreview:
    def test_draws_by_the_renderer_and_says_where_layers_lie(
        self, spring: dict[str, Any]
    ) -> None:
        seen = draw(spring, scale="0.5").json()

        kind, _, data = seen["picture"].partition(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert picture.size == (540, 540)
        assert seen["boxes"]["hero"] == [0, 0, 1080, 632]
        assert seen["frames"]["copy"] == [56, 676, 968, 360]
        assert "headline" in seen["boxes"]
        assert "panel" not in seen["boxes"]
        assert seen["formats"]["story"]["size_class"] == "portrait"

    def test_tells_of_a_collection_that_the_library_does_not_have(
        self, spring: dict[str, Any]
    ) -> None:
        make_collection(key="summer")
        spring["slots"]["hero"]["collection"] = "sommer"

        found = draw(spring).json()["findings"]

        (lost,) = [one for one in found if one["rule"] == "collection"]
        assert (lost["layer"], lost["verdict"]) == ("hero", "fail")
        assert "Did you mean 'summer'?" in lost["message"]
        assert lost["label"] == "Collection of pictures"
        assert lost["explanation"] == explain("collection")

    def test_shows_the_room_of_a_text_beside_its_lines(
        self, spring: dict[str, Any]
    ) -> None:
        text = {
            "type": "text",
            "id": "note",
            "text": "Hi",
            "font": "copy",
            "color": "text",
            "largest": 30,
            "box": {
                "x": {"anchor": "start", "size": 400, "offset": 60},
                "y": {"anchor": "start", "size": 200, "offset": 60},
            },
        }
        spring["layers"].append(text)

        seen = draw(spring).json()

        assert seen["frames"]["note"] == [60, 60, 400, 200]
        assert seen["boxes"]["note"][2] < 60

    @pytest.mark.parametrize(
        ("change", "pointer", "said"),
        [
            ({"schema": 3}, "/schema", "3 is unknown"),
            ({"background": "sky"}, "/background", "no color is called"),
            ({"layers": []}, "/layers", "0 entries"),
        ],
    )
    def test_points_at_what_is_wrong(
        self, spring: dict[str, Any], change: dict[str, Any], pointer: str, said: str
    ) -> None:
        answer = draw(spring | change)

        assert answer.status_code == 422
        assert answer.json()["pointer"] == pointer
        assert said in answer.json()["problem"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"format": "poster"},
            {"locale": "xx"},
            {"t-headline": "x" * 500},
            {"document": ""},
            {"document": "x" * 600_000},
            {"document": "[" * 10_000},
        ],
        ids=["format", "locale", "long", "nothing", "large", "deep"],
    )
    def test_refuses_what_can_not_be_drawn(
        self, spring: dict[str, Any], fields: dict[str, str]
    ) -> None:
        answer = draw(spring, **fields)

        assert answer.status_code == 422
        assert answer.json()["problem"]

    @pytest.mark.parametrize("scale", ["", "0", "-1", "nan", "inf", "9", "words"])
    def test_draws_at_half_size_where_the_scale_is_none(
        self, spring: dict[str, Any], scale: str
    ) -> None:
        assert len(draw(spring, scale=scale).json()["picture"]) > 1000

    def test_fills_the_slots_as_the_torture_test_does(
        self, spring: dict[str, Any]
    ) -> None:
        examples = draw(spring, "story").json()
        longest = draw(spring, "story", case="longest").json()
        tried = draw(spring, "story", case="longest", **{"t-headline": "Hi"}).json()

        assert examples["findings"] == []
        assert "fail" in [one["verdict"] for one in longest["findings"]]
        height = 3
        assert tried["boxes"]["headline"][height] < longest["boxes"]["headline"][height]

    def test_leaves_out_the_pictures_that_a_case_leaves_out(
        self, spring: dict[str, Any]
    ) -> None:
        del spring["slots"]["hero"]["required"]

        assert "hero" in draw(spring).json()["boxes"]
        assert "hero" not in draw(spring, case="empty").json()["boxes"]

    def test_lays_a_foreign_case_out_in_its_language(
        self, spring: dict[str, Any]
    ) -> None:
        here, there = draw(spring).json(), draw(spring, case="rtl").json()

        assert (here["direction"], there["direction"]) == ("ltr", "rtl")
        assert there["frames"]["logo"] != here["frames"]["logo"]

    def test_keeps_nothing(self, spring: dict[str, Any]) -> None:
        draw(spring | {"name": "Only looked at"})

        assert TemplateVersion.objects.get().document["name"] == "Northwind Spring"

    def test_bounds_time_and_pixels_of_a_hostile_document(
        self, spring: dict[str, Any]
    ) -> None:
        shape = {
            "type": "shape",
            "fill": {"type": "solid", "color": "signal"},
            "blend": "luminosity",
            "opacity": 0.5,
            "box": {"x": {"anchor": "both"}, "y": {"anchor": "both"}},
        }
        group = {"type": "group", "opacity": 0.5, "box": shape["box"]}
        spring["formats"] = {"huge": {"width_px": 8000, "height_px": 5000}}
        spring["layers"] = [
            {
                **group,
                "id": f"g{n}",
                "children": [{**shape, "id": f"s{n}_{m}"} for m in range(14)],
            }
            for n in range(10)
        ]
        started = time.process_time()

        seen = draw(spring, "huge", scale="1").json()

        data = base64.b64decode(seen["picture"].partition(",")[2])
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.width * picture.height <= MOST_PIXELS * 1.01
        assert time.process_time() - started < 60

    def test_needs_a_brand_kit(self) -> None:
        version = make_template_version()

        answer = enter().post(address("draft-preview", version))

        assert "no published brand kit" in answer.json()["problem"]
