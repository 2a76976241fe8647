import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brandgen.links.models import SignedAddress
from brandgen.links.services import revoke_address
from brandgen.links.signing import is_signed
from tests.factories import (
    NOW,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_signed_address,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def enter(user: Any = None) -> Client:
    client = Client()
    client.force_login(user or make_manager())
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"links:{name}", args=["northwind", *args])


def filled(**changes: object) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "id": str(uuid.uuid4()),
        "name": "Newsletter",
        "format": "square",
        "file_type": "png",
        "expires_on": today + timedelta(days=30),
        "most_pictures": 50,
        "most_visits": "",
        "i-hero": "",
        **changes,
    }


class TestAddresses:
    def test_says_what_an_address_is_for_before_the_first(self) -> None:
        make_manager()

        text = enter().get(address("addresses")).content.decode()

        assert "No signed address yet" in text

    def test_lists_those_that_answer_first(self) -> None:
        make_signed_address(name="Shop window")
        closed, _ = make_signed_address(name="Old mail")
        revoke_address(address=closed, by=make_manager(), at=NOW)

        text = enter().get(address("addresses")).content.decode()

        assert text.index("Shop window") < text.index("Old mail")
        assert "Revoked" in text
        assert re.search(r'0 <span class="mut">of 100</span>', text)

    def test_is_for_managers(self) -> None:
        make_signed_address()

        assert enter(make_user()).get(address("addresses")).status_code == 403

    def test_asks_as_few_questions_for_many_as_for_one(
        self, django_assert_max_num_queries: Any
    ) -> None:
        version = make_template_version()
        for _ in range(12):
            make_signed_address(version=version)
        client = enter()

        with django_assert_max_num_queries(20):
            client.get(address("addresses"))


class TestChoose:
    def test_goes_on_with_the_only_template(self) -> None:
        version = make_template_version()

        answer = enter().get(address("choose"))

        assert answer.url == address("create", version.template_id)

    def test_lists_what_is_published(self) -> None:
        make_template_version(name="Spring"), make_template_version(name="Autumn")
        make_template_version(name="Draft", published_at=None)

        text = enter().get(address("choose")).content.decode()

        assert "Spring" in text
        assert "Autumn" in text
        assert "Draft" not in text


class TestCreate:
    @pytest.fixture
    def url(self) -> str:
        make_layout_kit()
        return address("create", make_template_version().template_id)

    def test_shows_the_key_once(self, url: str) -> None:
        client = enter()

        made = client.post(url, filled())

        row = SignedAddress.objects.get()
        assert row.read_key() in made.content.decode()
        assert "no-store" in made.headers["Cache-Control"]
        for name in ("address", "addresses"):
            args = [row.id] if name == "address" else []
            page = client.get(address(name, *args))
            assert row.read_key() not in page.content.decode()

    def test_keeps_the_terms(self, url: str) -> None:
        photo = make_marked_asset()

        enter().post(url, filled(**{"most_visits": 7, "i-hero": str(photo.id)}))

        row = SignedAddress.objects.get()
        assert (row.file_type, row.most_pictures, row.most_visits) == ("png", 50, 7)
        assert row.expires_at - timezone.now() > timedelta(days=30)
        assert row.images.get().asset == photo

    def test_makes_one_of_a_form_that_is_sent_twice(self, url: str) -> None:
        client, form = enter(), filled()
        client.post(url, form)

        again = client.post(url, form)

        row = SignedAddress.objects.get()
        assert again.url == address("address", row.id)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"expires_on": "2020-01-01"}, "That day has passed"),
            ({"expires_on": "9999-12-31"}, "two years at most"),
            ({"most_pictures": "0"}, "greater than or equal to 1"),
            ({"format": "poster"}, "Select a valid choice"),
            ({"i-hero": str(uuid.uuid4())}, "This picture is not approved"),
            ({"name": ""}, "This field is required"),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, url: str, changes: dict[str, object], words: str
    ) -> None:
        answer = enter().post(url, filled(**changes))

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not SignedAddress.objects.exists()

    def test_has_nothing_for_a_template_without_a_published_version(self) -> None:
        draft = make_template_version(published_at=None)

        answer = enter().get(address("create", draft.template_id))

        assert answer.status_code == 302


class TestAddress:
    def test_signs_by_hand(self) -> None:
        row, key = make_signed_address()

        page = enter().get(
            address("address", row.id),
            {"sign": "1", "t-headline": "Made for mornings", "t-cta": ""},
        )

        url = page.context["signed"]
        signature = url.rpartition("_signature=")[2]
        pairs = [("headline", "Made for mornings"), ("_signature", signature)]
        assert is_signed(key, row.path, pairs)
        assert url.startswith(row.url)
        assert Client().get(page.context["signed_here"]).status_code == 200

    def test_signs_a_test_that_costs_nothing(self) -> None:
        row, _ = make_signed_address()

        page = enter().get(
            address("address", row.id),
            {"sign": "1", "t-headline": "Made for mornings", "_test": "on"},
        )

        answer = Client().get(page.context["signed_here"])
        row.refresh_from_db()
        assert "_test=1" in page.context["signed"]
        assert (answer.status_code, row.picture_count) == (200, 0)

    def test_says_what_is_missing(self) -> None:
        row, _ = make_signed_address(images={})

        page = enter().get(address("address", row.id), {"sign": "1"})

        assert page.status_code == 422
        assert "Headline is needed" in page.content.decode()
        assert "signed" not in page.context

    def test_says_what_became_of_it(self) -> None:
        row, _ = make_signed_address()
        revoke_address(address=row, by=make_manager(), at=NOW)

        text = enter().get(address("address", row.id)).content.decode()

        assert "by Bea" in text
        assert "Revoke this address" not in text


class TestRevoke:
    def test_closes_it(self) -> None:
        row, _ = make_signed_address()

        answer = enter().post(address("revoke", row.id))

        row.refresh_from_db()
        assert answer.url == address("addresses")
        assert row.revoked_at is not None

    def test_needs_a_form(self) -> None:
        row, _ = make_signed_address()

        assert enter().get(address("revoke", row.id)).status_code == 405
