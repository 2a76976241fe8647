import copy
import json
from typing import Any

import pytest
from django.urls import reverse

from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.creatives.models import TemplateVersion
from tests.creatives.editor_pages import address, enter
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
