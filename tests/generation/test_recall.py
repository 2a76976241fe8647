import pytest
from django.test import Client

from brandgen.generation.forms import GenerationForm
from brandgen.generation.models import Candidate
from brandgen.generation.recall import Offer, find_lost, find_offers, take
from brandgen.presets.services import get_kit
from tests.factories import (
    make_brand,
    make_candidate,
    make_generation,
    make_preset_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def make_form() -> GenerationForm:
    version = make_preset_version()
    return GenerationForm(version, get_kit(version.brand), None)


def make_picture(**fields: object) -> Candidate:
    return make_candidate(generation=make_generation(seeds=[41], **fields))


class TestFindOffers:
    def test_offers_words_format_and_seed(self) -> None:
        offers = find_offers(make_picture(width_px=384), make_form())

        assert Offer("v_subject", "Subject", "teal waves", "teal waves") in offers
        assert Offer("size", "Format", "384x256", "384 × 256") in offers
        assert Offer("seed", "First seed", "41", "41") in offers


class TestFindLost:
    def test_names_what_the_form_has_no_place_for(self) -> None:
        picture = make_picture(values={"subject": "waves", "mood": "calm", "hint": ""})

        assert find_lost(picture, make_form()) == ["mood: calm"]


class TestTake:
    def test_leaves_the_other_fields_alone(self) -> None:
        form = make_form()
        form.initial["v_ground"] = "Ink"

        take(form, find_offers(make_picture(), form), ["v_subject", "nonsense"])

        assert form.initial["v_subject"] == "teal waves"
        assert form.initial["v_ground"] == "Ink"
        assert "seed" not in form.initial


class TestPages:
    def test_offer_beside_the_form(self, client: Client) -> None:
        picture = make_picture()
        client.force_login(make_user())
        preset_id = make_preset_version().preset_id
        place = f"{picture.generation_id}.0"

        whole = client.get(
            f"/b/northwind/create/preset/{preset_id}/?recall={place}&take=seed"
        ).content.decode()
        part = client.get(
            f"/b/northwind/create/preset/{preset_id}/recall/{picture.generation_id}/0"
        ).content.decode()

        assert 'name="seed" value="41"' in whole
        assert "<html" in whole
        assert "<html" not in part
        assert all("From seed 41" in html for html in (whole, part))

    @pytest.mark.parametrize("place", ["", "x", "x.1", "{id}", "{id}.x", "{id}.7"])
    def test_ignore_what_names_no_picture(self, client: Client, place: str) -> None:
        picture = make_picture()
        client.force_login(make_user())
        preset_id = make_preset_version().preset_id

        answer = client.get(
            f"/b/northwind/create/preset/{preset_id}/",
            {"recall": place.format(id=picture.generation_id)},
        )

        assert answer.status_code == 200
        assert "recall-title" not in answer.content.decode()

    def test_show_nothing_of_another_brand(self, client: Client) -> None:
        other = make_candidate(generation=make_generation(brand=make_brand(name="Z")))
        client.force_login(make_user())
        preset_id = make_preset_version().preset_id

        answer = client.get(
            f"/b/northwind/create/preset/{preset_id}/recall/{other.generation_id}/0"
        )

        assert answer.status_code == 404
