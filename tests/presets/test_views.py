import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brandgen.engine.registry import CASCADE
from brandgen.model_registry import abilities
from brandgen.model_registry.models import AddedModel
from brandgen.presets.models import Preset, PresetVersion
from tests.factories import (
    current_kit,
    make_adapter,
    make_brand,
    make_kit,
    make_manager,
    make_preset_version,
    make_user,
)

pytestmark = pytest.mark.django_db

FIELDS: dict[str, Any] = {
    "name": "Hero",
    "description": "",
    "prompt_template": "{{ subject }} {{ scene }} on {{ ground }}",
    "negative_prompt_template": "text",
    "size": "256x256",
    "prior_steps": "20",
    "prior_guidance_scale": "3",
    "decoder_steps": "10",
    "decoder_guidance_scale": "0",
    "rows": "4",
    "row0-label": "Subject",
    "row0-name": "subject",
    "row0-type": "text",
    "row0-max_length": "40",
    "row0-is_required": "on",
    "row1-label": "Scene",
    "row1-name": "scene",
    "row1-type": "choice",
    "row1-choices": "On a podium: on a round podium\nFloating\nNone:",
    "row2-label": "Ground",
    "row2-name": "ground",
    "row2-type": "color",
    "row3-type": "text",
}


@pytest.fixture
def bea(client: Client) -> Client:
    make_kit()
    client.force_login(make_manager())
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"presets:{name}", args=["northwind", *args])


class TestNew:
    def test_keeps_a_draft_with_its_fields(self, bea: Client) -> None:
        answer = bea.post(url("new"), FIELDS)

        draft = PresetVersion.objects.get()
        assert answer["Location"] == url("preset", draft.preset_id)
        assert draft.published_at is None
        assert [variable["type"] for variable in draft.variables] == [
            "text",
            "choice",
            "color",
        ]
        assert draft.variables[1]["choices"] == [
            {"label": "On a podium", "words": "on a round podium"},
            {"label": "Floating", "words": "floating"},
            {"label": "None", "words": ""},
        ]

    def test_publishes_at_once_where_asked(self, bea: Client) -> None:
        bea.post(url("new"), FIELDS | {"publish": "1"})

        assert PresetVersion.objects.get().published_at is not None

    def test_adds_an_empty_row_without_losing_a_word(self, bea: Client) -> None:
        page = bea.post(url("new"), FIELDS | {"add": "1"}).content.decode()

        assert 'name="rows" value="5"' in page
        assert 'name="row4-name"' in page
        assert "on a round podium" in page
        assert not Preset.objects.exists()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"prompt_template": "{{ subject.__class__ }}"}, "getattr is not allowed"),
            ({"prompt_template": "{{ nothing }}"}, "no variable &#x27;nothing&#x27;"),
            ({"prompt_template": "{{ subject"}, "Line 1"),
            ({"name": ""}, "This field is required"),
            ({"row0-name": "Sub ject"}, "Use small letters"),
            ({"row1-choices": "one"}, "has 1 choices"),
            ({"row3-label": "N", "row3-name": "n", "row3-type": "number"}, "range"),
            ({"size": "10x10"}, "multiple of 128 px"),
            ({"prior_steps": "1000"}, "less than or equal to 100"),
            ({"row1-name": "subject"}, "Two variables"),
            ({"prompt_template": "a c h e a p mug"}, "does not allow “cheap”"),
            ({"rows": "9999999"}, "no variable"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_form(
        self, bea: Client, change: dict[str, str], message: str
    ) -> None:
        current_kit(make_brand()).banned_terms.create(term="cheap")

        page = bea.post(url("new"), FIELDS | change).content.decode()

        assert message in page
        assert not Preset.objects.exists()

    def test_refuses_a_name_that_is_taken(self, bea: Client) -> None:
        bea.post(url("new"), FIELDS)

        page = bea.post(url("new"), FIELDS).content.decode()

        assert "has a preset called" in page

    def test_is_closed_to_marketers(self, client: Client) -> None:
        client.force_login(make_user())

        assert client.post(url("new"), FIELDS).status_code == 403


class TestPreset:
    def test_changes_in_versions(self, bea: Client) -> None:
        version = make_preset_version()

        bea.post(url("change", version.preset_id))
        page = bea.get(url("preset", version.preset_id)).content.decode()
        bea.post(url("preset", version.preset_id), FIELDS | {"publish": "1"})

        published = Preset.objects.get(id=version.preset_id).find_published()
        assert "Draft of version 2" in page
        assert published is not None
        assert (published.version, published.preset.name) == (2, "Hero")
        version.refresh_from_db()
        assert version.prompt_template != published.prompt_template

    def test_shows_marketers_what_is_published(self, client: Client) -> None:
        version = make_preset_version()
        client.force_login(make_user())

        page = client.get(url("preset", version.preset_id)).content.decode()

        assert "{{ subject }} on a {{ ground }} background" in page
        assert "<mark>subject</mark> on a <mark>teal</mark> background" in page

    def test_is_hidden_from_another_brand(self, bea: Client) -> None:
        other = make_preset_version(brand=make_brand(name="Contoso"))

        assert bea.get(url("preset", other.preset_id)).status_code == 404


class TestSample:
    def test_shows_what_the_wording_comes_to(self, bea: Client) -> None:
        page = bea.post(url("sample"), FIELDS).content.decode()

        assert "<mark>subject</mark> <mark>on a round podium</mark>" in page

    def test_shows_the_error_instead(self, bea: Client) -> None:
        page = bea.post(url("sample"), FIELDS | {"prompt_template": "{% for"})

        assert "Line 1" in page.content.decode()


class TestList:
    def test_archives_and_restores(self, bea: Client) -> None:
        version = make_preset_version(name="Old one")

        bea.post(url("archive", version.preset_id))
        page = bea.get(url("list")).content.decode()
        bea.post(url("archive", version.preset_id))

        assert "1 archived" in page
        assert Preset.objects.active().get().name == "Old one"

    def test_has_a_first_step_where_there_is_nothing(self, bea: Client) -> None:
        assert "Make a preset" in bea.get(url("list")).content.decode()


class TestAdapters:
    """What the editor offers is the registry's, and it says why not."""

    def test_are_offered_with_their_words_and_license(self, bea: Client) -> None:
        make_adapter()
        AddedModel.objects.update(learned_tokens=["[glass]"])

        page = bea.get(url("new")).content.decode()

        assert 'name="adapter_glass"' in page
        assert "[glass]" in page
        assert "CC BY-NC 4.0: no commercial use" in page

    def test_are_kept_by_their_key(self, bea: Client) -> None:
        make_adapter()

        bea.post(url("new"), FIELDS | {"adapter_glass": "0.6"})

        version = PresetVersion.objects.get()
        assert version.engine_settings["adapters"] == [{"name": "glass", "scale": 0.6}]

    def test_are_greyed_out_with_the_reason(self, bea: Client, settings: Any) -> None:
        settings.ENGINE = CASCADE
        make_adapter(family="stable-cascade")

        page = bea.get(url("new")).content.decode()
        answer = bea.post(url("new"), FIELDS | {"adapter_glass": "0.6"})

        (field,) = re.findall(r"<input[^>]*adapter_glass[^>]*>", page)
        assert "disabled" in field
        assert "made for models of the family stable-cascade" in page
        assert answer.status_code == 302
        assert PresetVersion.objects.get().engine_settings["adapters"] == []

    def test_are_greyed_out_where_the_model_takes_none(
        self, bea: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(abilities, "find_abilities", frozenset)
        make_adapter()

        page = bea.get(url("new")).content.decode()

        (field,) = re.findall(r"<input[^>]*adapter_glass[^>]*>", page)
        assert "disabled" in field
        assert "can&#x27;t use LoRA adapters" in page

    def test_can_be_taken_out_once_they_are_gone(self, bea: Client) -> None:
        draft = make_preset_version(
            published_at=None,
            engine_settings={"adapters": [{"name": "gone", "scale": 1}]},
        )
        address = url("preset", draft.preset_id)

        page = bea.get(address).content.decode()
        kept = bea.post(address, FIELDS | {"adapter_gone": "1"}).content.decode()
        answer = bea.post(address, FIELDS | {"adapter_gone": ""})

        assert "not in the registry of models any more" in page
        assert "any more. Ask an admin to add it again. Empty its scale." in kept
        assert answer.status_code == 302
        draft.refresh_from_db()
        assert draft.engine_settings["adapters"] == []

    def test_are_missed_where_there_is_none(self, bea: Client) -> None:
        assert "None in the registry of models" in bea.get(url("new")).content.decode()
