import base64
import copy
import io
import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.creatives.editing import MOST_PIXELS
from brandgen.creatives.models import TemplateVersion
from tests.factories import (
    NOW,
    add_font,
    make_asset,
    make_brand,
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def enter(person: Any = None) -> Client:
    client = Client()
    client.force_login(person or make_manager())
    return client


def address(name: str, version: TemplateVersion) -> str:
    brand = version.template.brand.slug
    return reverse(f"creatives:{name}", args=[brand, version.template_id])


def draw(
    source: dict[str, Any], format_name: str = "square", **fields: Any
) -> HttpResponse:
    version = TemplateVersion.objects.get()
    data = {"document": json.dumps(source), "format": format_name} | fields
    return enter().post(address("draft-preview", version), data)


@pytest.fixture
def spring() -> dict[str, Any]:
    make_layout_kit()
    return copy.deepcopy(make_template_version().document)


class TestEdit:
    def test_opens_the_draft_else_the_published_version(self) -> None:
        make_layout_kit()
        version = make_template_version()

        page = enter().get(address("edit", version))

        setup = page.context["setup"]
        assert page.status_code == 200
        assert setup["base"] == "1.0"
        assert setup["document"] == version.document
        assert set(setup["brand"]["colors"]) >= {"primary", "ink", "accent"}

    def test_offers_every_color_and_font_of_the_kit_and_no_other(self) -> None:
        kit = make_layout_kit()
        kit.colors.create(name="Rust", hex="#a33b12", role="accent", position=20)
        add_font(kit, "Acme", (FONTS / "InterVariable.ttf").read_bytes())

        page = enter().get(address("edit", make_template_version()))

        offered = page.context["setup"]["brand"]
        assert offered["colors"]["accent-2"] == {"name": "Rust", "hex": "#a33b12"}
        assert len(offered["colors"]) == kit.colors.count()
        assert offered["fonts"] == {"Acme": [400]}

    def test_names_the_collections_with_pictures_to_look_at(
        self, django_assert_max_num_queries: Any
    ) -> None:
        version, mug = make_template_version(), make_marked_asset(title="Mug")
        made = make_asset(kind="creative", state="approved")
        for name in ("Autumn", "Summer", "Winter"):
            assets = [mug, make_asset(), made] if name == "Summer" else []
            make_collection(name=name, key=name.lower(), assets=assets)
        make_collection(brand=make_brand(name="Southwind"))
        client = enter()

        with django_assert_max_num_queries(25):
            page = client.get(address("edit", version))

        assert page.context["setup"]["collections"] == [
            {"key": "autumn", "name": "Autumn", "pictures": []},
            {
                "key": "summer",
                "name": "Summer",
                "pictures": [{"id": str(mug.id), "title": "Mug"}],
            },
            {"key": "winter", "name": "Winter", "pictures": []},
        ]

    def test_brings_an_older_document_to_the_newest_schema(self) -> None:
        document = copy.deepcopy(make_template_version().document)
        for layer in document["layers"]:
            layer.pop("children", None)
            if "overrides" in layer:
                layer["overrides"] = layer["overrides"]["formats"]
        document["layers"].pop()
        version = make_template_version(document={**document, "schema": 1})

        setup = enter().get(address("edit", version)).context["setup"]

        assert setup["document"]["schema"] == 2
        assert "formats" in setup["document"]["layers"][0]["overrides"]

    def test_leads_to_the_page_where_the_document_is_not_understood(self) -> None:
        version = make_template_version(document={"schema": 9})

        answer = enter().get(address("edit", version))

        assert answer.status_code == 302

    def test_is_for_those_who_may_change_templates(self) -> None:
        version = make_template_version()

        assert enter(make_user()).get(address("edit", version)).status_code == 403

    def test_asks_few_questions(self, django_assert_max_num_queries: Any) -> None:
        make_layout_kit()
        version = make_template_version()
        client = enter()
        for _ in range(5):
            make_marked_asset()

        with django_assert_max_num_queries(25):
            client.get(address("edit", version))


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


class TestDraft:
    def test_saves_and_says_what_to_save_on_from(self, spring: dict[str, Any]) -> None:
        version = TemplateVersion.objects.get()
        data = {"document": json.dumps(spring | {"name": "New"}), "base": "1.0"}

        told = enter().post(address("draft", version), data).json()

        assert (told["base"], told["version"], told["isDraft"]) == ("2.1", 2, True)
        assert version.template.find_draft().document["name"] == "New"

    def test_hands_out_what_somebody_else_saved_meanwhile(
        self, spring: dict[str, Any]
    ) -> None:
        version = TemplateVersion.objects.get()
        url = address("draft", version)
        mine = {"document": json.dumps(spring | {"name": "Mine"}), "base": "1.0"}
        theirs = {"document": json.dumps(spring | {"name": "Theirs"}), "base": "1.0"}
        enter(make_manager("Dan")).post(url, theirs)

        answer = enter().post(url, mine)

        told = answer.json()
        assert answer.status_code == 409
        assert told["document"]["name"] == "Theirs"
        assert told["problem"].startswith("Dan changed this template")
        again = enter().post(url, mine | {"base": told["base"]})
        assert again.status_code == 200
        assert version.template.find_draft().document["name"] == "Mine"

    def test_keeps_no_wrong_document(self, spring: dict[str, Any]) -> None:
        version = TemplateVersion.objects.get()
        data = {"document": json.dumps(spring | {"layers": []}), "base": "1.0"}

        answer = enter().post(address("draft", version), data)

        assert answer.status_code == 422
        assert answer.json()["pointer"] == "/layers"
        assert version.template.versions.count() == 1


class TestNew:
    def url(self) -> str:
        return reverse("creatives:new", args=[make_brand().slug])

    def test_opens_a_blank_template_in_the_editor(self) -> None:
        make_layout_kit()
        data = {"name": "Autumn", "begin": "", "formats": ["instagram-story"]}

        answer = enter().post(self.url(), data)

        version = TemplateVersion.objects.get()
        assert answer.url == address("edit", version)
        assert (version.template.name, version.published_at) == ("Autumn", None)

    def test_copies_another_template(self) -> None:
        source = make_template_version()
        data = {"name": "Autumn", "begin": source.template_id}

        enter().post(self.url(), data)

        copied = TemplateVersion.objects.exclude(id=source.id).get()
        assert copied.document["layers"] == source.document["layers"]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"name": ""}, "required"),
            ({"formats": []}, "Choose at least one format"),
            ({"formats": ["poster"]}, "poster is not one of"),
            ({"begin": "nonsense"}, "not a valid UUID"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(
        self, changes: dict[str, Any], said: str
    ) -> None:
        data = {"name": "Autumn", "begin": "", "formats": ["instagram-story"]}

        page = enter().post(self.url(), data | changes)

        assert page.status_code == 422
        assert said in str(page.context["form"].errors)
        assert not TemplateVersion.objects.exists()

    def test_copies_nothing_of_another_brand(self) -> None:
        source = make_template_version(brand=make_brand(name="Contoso"))
        data = {"name": "Autumn", "begin": source.template_id}

        assert enter().post(self.url(), data).status_code == 422


class TestChanges:
    def test_names_what_the_draft_changes(self, spring: dict[str, Any]) -> None:
        version = TemplateVersion.objects.get()
        spring["layers"][4]["children"][1]["largest"] = 96
        data = {"document": json.dumps(spring), "base": "1.0"}
        enter().post(address("draft", version), data)

        page = enter().get(address("changes", version))

        assert list(page.context["places"]) == ["Headline"]
        assert "Publish v2" in page.content.decode()

    def test_warns_of_a_collection_that_the_library_does_not_have(
        self, spring: dict[str, Any]
    ) -> None:
        version = TemplateVersion.objects.get()
        spring["slots"]["hero"]["collection"] = "summer"
        data = {"document": json.dumps(spring), "base": "1.0"}

        saved = enter().post(address("draft", version), data)
        pages = [
            enter().get(address(name, version)).content.decode()
            for name in ("changes", "template")
        ]

        assert saved.status_code == 200
        assert all("which the library does not have. Known: none" in p for p in pages)

    def test_shows_the_first_version_alone(self) -> None:
        make_layout_kit()
        version = make_template_version()

        page = enter().get(address("changes", version), {"version": "nonsense"})

        assert "nothing to compare it with" in page.content.decode()

    def test_publishes_only_what_was_looked_at(self, spring: dict[str, Any]) -> None:
        version = make_template_version(published_at=None)
        seen = version.mark
        version.change(spring | {"name": "Newer"}, by=make_manager(), at=NOW)
        brand = version.template.brand.slug
        url = reverse("creatives:publish", args=[brand, version.id])

        page = enter().post(url, {"mark": seen}, follow=True)

        version.refresh_from_db()
        assert version.published_at is None
        assert "was changed while you looked at it" in page.content.decode()
