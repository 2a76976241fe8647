import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brandgen.links.models import PublicForm
from brandgen.links.publishing import revoke_form
from tests.factories import (
    NOW,
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_public_form,
    make_template_version,
    make_user,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"forms:{name}", args=["northwind", *args])


def filled(**changes: object) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()),
        "name": "Your town",
        "note": "",
        "open-headline": "on",
        "t-kicker": "Spring",
        "formats": ["square"],
        "file_types": ["jpeg"],
        "expires_on": timezone.localdate() + timedelta(days=30),
        "most_pictures": 50,
        "most_visits": "",
        "pass_phrase": "",
        **changes,
    }


class TestForms:
    def test_says_what_a_form_is_for_before_the_first(self) -> None:
        text = enter(make_manager()).get(address("forms")).content.decode()

        assert "No public form yet" in text

    def test_lists_those_that_are_open_first(self) -> None:
        make_public_form(name="Shop window")
        closed = make_public_form(name="Old fair")
        revoke_form(form=closed, by=make_manager(), at=NOW)

        text = enter(make_manager()).get(address("forms")).content.decode()

        assert text.index("Shop window") < text.index("Old fair")
        assert re.search(r'0 <span class="mut">of 100</span>', text)

    def test_is_for_managers(self) -> None:
        assert enter(make_user()).get(address("forms")).status_code == 403

    def test_asks_as_few_questions_for_many_as_for_one(
        self, django_assert_max_num_queries: Any
    ) -> None:
        version = make_template_version()
        make_layout_kit()
        photo = make_marked_asset()
        for _ in range(12):
            make_public_form(version=version, images={"hero": [photo]})
        client = enter(make_manager())

        with django_assert_max_num_queries(20):
            client.get(address("forms"))


class TestCreate:
    @pytest.fixture
    def url(self) -> str:
        make_layout_kit()
        return address("create", make_template_version().template_id)

    def send(self, url: str, **changes: object) -> Any:
        return enter(make_manager()).post(url, filled(**changes))

    def test_makes_a_form_with_a_fixed_picture(self, url: str) -> None:
        photo = make_marked_asset()

        answer = self.send(url, **{"i-hero": [str(photo.id)]})

        form = PublicForm.objects.get()
        assert answer.url == address("form", form.id)
        assert form.open_slots == ["headline"]
        assert form.texts == {"": {"kicker": "Spring"}}
        assert Client().get(form.path).status_code == 200

    def test_offers_several_pictures_or_a_collection(self, url: str) -> None:
        photos = [make_marked_asset() for _ in "12"]
        row = make_collection(assets=photos)

        self.send(url, **{"i-hero": [str(one.id) for one in photos]})
        self.send(url, **{"c-hero": str(row.id)})

        for form in PublicForm.objects.all():
            assert form.open_slots == ["hero", "headline"]
            assert "/pictures/" in Client().get(form.path).content.decode()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"i-hero": []}, "Picture is needed"),
            ({"t-kicker": "k" * 41}, "at most 40 characters"),
            ({"open-headline": ""}, "Nothing is open"),
            ({"open-headline": "", "open-cta": "on"}, "Headline is needed"),
            ({"formats": []}, "Choose at least one"),
            ({"pass_phrase": "short"}, "8 are the least"),
            ({"expires_on": "2020-01-01"}, "has passed"),
            ({"i-hero": ["nonsense"]}, "not approved any more"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(
        self, url: str, changes: dict[str, object], words: str
    ) -> None:
        photo = make_marked_asset()

        answer = self.send(url, **({"i-hero": [str(photo.id)]} | changes))

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not PublicForm.objects.exists()

    def test_makes_one_form_of_what_is_sent_twice(self, url: str) -> None:
        data = filled(**{"i-hero": [str(make_marked_asset().id)]})
        client = enter(make_manager())

        client.post(url, data)
        again = client.post(url, data)

        assert again.url == address("form", PublicForm.objects.get().id)


class TestForm:
    def test_shows_address_code_and_what_was_taken(self) -> None:
        form = make_public_form()
        words = {"t-headline": "Made for Lund", "t-cta": "See it"}
        Client().post(form.path + "picture", words)

        text = enter(make_manager()).get(address("form", form.id)).content.decode()

        assert form.url in text
        assert "QR code of the address" in text
        assert "Made for Lund · See it" in text
        assert "1 of 100" in text

    def test_changes_words_and_limits(self) -> None:
        form = make_public_form()
        data = {
            "name": "Your town, again",
            "note": "Until the fair",
            "expires_on": timezone.localdate() + timedelta(days=3),
            "most_pictures": 7,
            "most_visits": 2,
            "pass_phrase": "blue sea mug",
        }

        answer = enter(make_manager()).post(address("form", form.id), data)

        form.refresh_from_db()
        assert answer.status_code == 302
        assert (form.most_pictures, form.most_visits) == (7, 2)
        assert form.is_phrase("blue sea mug")
        seen = Client().get(form.path).content.decode()
        assert "Your town, again" in seen

    def test_keeps_a_form_from_being_called_nothing(self) -> None:
        form = make_public_form(name="Your town")
        data = {"name": " ", "expires_on": timezone.localdate(), "most_pictures": 7}

        answer = enter(make_manager()).post(address("form", form.id), data)

        form.refresh_from_db()
        assert (answer.status_code, form.name) == (422, "Your town")

    def test_says_what_can_not_be_changed(self) -> None:
        form = make_public_form()
        PublicForm.objects.update(picture_count=9)
        data = {"name": "Mugs", "expires_on": timezone.localdate(), "most_pictures": 7}

        answer = enter(make_manager()).post(address("form", form.id), data)

        assert answer.status_code == 422
        assert "given 9 pictures" in answer.content.decode()

    def test_gives_the_file_that_a_visitor_took(self) -> None:
        form = make_public_form()
        taken = Client().post(form.path + "picture", {"t-headline": "Lund"})
        row = form.pictures.get()

        answer = enter(make_manager()).get(address("picture", form.id, row.id))

        assert answer.getvalue() == taken.getvalue()


class TestRevoke:
    def test_closes_the_form(self) -> None:
        form = make_public_form()

        answer = enter(make_manager()).post(address("revoke", form.id))

        assert answer.url == address("forms")
        assert Client().get(form.path).status_code == 410
