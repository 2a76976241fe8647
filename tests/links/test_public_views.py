import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.lib.storage import MissingBlobError, get_store
from brandgen.links import drawing
from brandgen.links.models import SignedAddress, Visits
from brandgen.links.services import revoke_address
from brandgen.provenance import read_xmp
from tests.factories import (
    NOW,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_priced_version,
    make_template_version,
)
from tests.links.signer import Signer, picture, refusal

pytestmark = pytest.mark.django_db


class TestSignedPicture:
    def test_is_drawn_by_the_real_renderer(self) -> None:
        signer = Signer()

        answer = signer.ask()

        assert picture(answer).size == (1080, 1080)
        assert answer.headers["Content-Type"] == "image/jpeg"
        mark = read_xmp(answer.body)
        assert mark is not None
        assert mark.source_type == "compositeWithTrainedAlgorithmicMedia"
        assert "Made for mornings" in mark.alt_text

    def test_shows_what_the_query_says(self) -> None:
        signer = Signer()

        first, other = signer.ask(), signer.ask(headline="Made for evenings")

        assert first.body != other.body
        assert signer.count() == 2

    def test_takes_another_format_of_the_template(self) -> None:
        assert picture(Signer().ask(_format="landscape")).size == (1200, 628)

    def test_takes_an_approved_picture_by_its_id(self) -> None:
        signer = Signer(images={})
        photo = make_marked_asset()

        assert picture(signer.ask(hero=str(photo.id))).size == (1080, 1080)

    def test_takes_data_of_the_template(self) -> None:
        document = json.loads(SPRING.read_bytes())
        document["data"] = {"product": {"price": "9 €"}}
        button = document["layers"][-1]["children"][-1]
        del button["slot"]
        button["text"] = "{{ product.price }}"
        version = make_template_version(document=document)
        signer = Signer(version=version)

        cheap, dear = (
            signer.ask(**{"product.price": price}) for price in ("9 €", "900 €")
        )

        assert picture(cheap).size == picture(dear).size
        assert cheap.body != dear.body

    @pytest.mark.parametrize("values", [{}, {"product.price": " "}])
    def test_never_shows_the_example_of_data(self, values: dict[str, str]) -> None:
        signer = Signer(version=make_priced_version())

        answer = signer.ask(**values)

        assert refusal(answer) == (422, "unfit")
        assert json.loads(answer.content)["slot"] == "product.price"
        assert signer.count() == 0

    def test_draws_without_data_that_the_template_asks_for_first(self) -> None:
        version = make_priced_version(visible_if="product.price")
        signer = Signer(version=version)

        without, like_example = signer.ask(), signer.ask(**{"product.price": "$49"})

        assert without.status_code == like_example.status_code == 200
        assert without.body != like_example.body

    def test_stays_on_its_version(self) -> None:
        signer = Signer()
        before = signer.ask().body
        document = json.loads(SPRING.read_bytes())
        document["formats"]["square"]["width_px"] = 500
        signer.address.template_version.template.versions.create(
            version=2, document=document, published_at=NOW
        )

        assert signer.ask().body == before

    def test_needs_no_cookie_and_sets_none(self) -> None:
        answer = Signer().ask()

        assert answer.cookies == {}
        assert "Cookie" not in answer.headers.get("Vary", "")

    def test_may_be_shown_on_other_sites(self) -> None:
        answer = Signer().ask()

        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_answers_only_questions(self) -> None:
        signer = Signer()

        assert signer.client.post(signer.url()).status_code == 405
        assert signer.count() == 0


class TestCache:
    def test_draws_the_same_content_once(self) -> None:
        signer = Signer()

        first, again = signer.ask(), signer.ask()

        assert first.body == again.body
        assert first.headers["ETag"] == again.headers["ETag"]
        assert signer.count() == 1

    def test_answers_304_to_who_has_it(self) -> None:
        signer = Signer()
        etag = signer.ask().headers["ETag"]

        again = signer.ask(headers={"If-None-Match": etag})

        assert again.status_code == 304
        assert again.headers["Cache-Control"] == "public, max-age=300"

    def test_ends_with_the_address(self) -> None:
        signer = Signer()
        SignedAddress.objects.update(expires_at=timezone.now() + timedelta(seconds=30))

        age = signer.ask().headers["Cache-Control"].rpartition("=")[2]

        assert 0 < int(age) <= 30

    def test_is_let_go_when_the_brand_kit_changes(self) -> None:
        signer = Signer()
        before = signer.ask().body
        kit = make_layout_kit()
        kit.colors.filter(role="background").update(hex="#ff00ff")

        assert signer.ask().body != before
        assert signer.count() == 2


class TestSignature:
    @pytest.mark.parametrize(
        "change",
        [
            lambda url: url.replace("mornings", "evenings"),
            lambda url: url + "&cta=Now",
            lambda url: url.partition("&_signature")[0],
            lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
            lambda url: url.partition("?")[0],
            lambda url: url + "0",
        ],
    )
    def test_is_needed_for_every_word(self, change: Any) -> None:
        signer = Signer()

        answer = signer.client.get(change(signer.url()))

        assert refusal(answer) == (403, "wrong_signature")
        assert signer.count() == 0

    def test_opens_no_other_address(self) -> None:
        signer, other = Signer(), Signer(name="Shop")

        url = signer.url().replace(str(signer.address.id), str(other.address.id))

        assert refusal(signer.client.get(url)) == (403, "wrong_signature")

    def test_says_nothing_of_an_address_without_one(self) -> None:
        signer = Signer()
        none = Client().get("/signed/00000000-0000-4000-8000-000000000000?a=1")
        revoke_address(address=signer.address, by=make_manager(), at=NOW)

        revoked = signer.client.get(signer.address.path)

        assert revoked.content == none.content
        assert revoked.status_code == none.status_code == 403

    def test_does_not_depend_on_how_the_query_is_written(self) -> None:
        signer = Signer()
        path, _, query = signer.url(cta="See it").partition("?")
        parts = query.replace("%20", "+").split("&")

        answer = signer.client.get(f"{path}?{'&'.join(reversed(parts))}")

        assert answer.status_code == 200

    def test_fails_where_the_key_can_not_be_read(self, settings: Settings) -> None:
        signer = Signer()
        settings.ENCRYPTION_KEYS = ["6Jt2b7y0GmZ0a8cGqUe4a2yq3m2l5y5cV0w0d8w0d8w="]

        assert refusal(signer.ask()) == (403, "wrong_signature")

    def test_is_not_to_be_guessed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brandgen.links.answering.MOST_WRONG", 2)
        signer = Signer()
        wrong = [f"{signer.address.path}?_signature={n}" for n in range(4)]
        wrong.append("/signed/00000000-0000-4000-8000-000000000000?a=1")

        answers = [signer.client.get(url) for url in wrong]

        assert refusal(answers[0]) == (403, "wrong_signature")
        # A minute may have begun between.
        assert (429, "too_many_visits") in [refusal(one) for one in answers[2:]]
        assert signer.ask().status_code == 200


class TestEnd:
    def test_comes_with_the_day(self) -> None:
        signer = Signer()
        SignedAddress.objects.update(expires_at=timezone.now())

        assert refusal(signer.ask()) == (410, "expired")

    def test_comes_when_somebody_revokes_it(self) -> None:
        signer = Signer()
        signer.ask()

        revoke_address(address=signer.address, by=make_manager(), at=NOW)

        assert refusal(signer.ask()) == (410, "revoked")

    def test_comes_with_the_last_picture(self) -> None:
        signer = Signer(most_pictures=1)
        signer.ask()

        assert refusal(signer.ask(headline="Another")) == (410, "used_up")
        assert signer.ask().status_code == 200
        entry = Entry.objects.get(action="address.used_up")
        assert (entry.actor_name, entry.data) == ("brandgen", {"pictures": 1})

    def test_comes_when_its_own_picture_is_withdrawn(self) -> None:
        photo = make_marked_asset()
        signer = Signer(images={"hero": photo})
        signer.ask()

        photo.put_away()

        assert refusal(signer.ask()) == (410, "withdrawn")


class TestVisits:
    def test_are_limited_a_minute(self) -> None:
        signer = Signer(most_visits=3)
        statuses = [signer.ask().status_code for _ in range(7)]

        # A minute may have begun between.
        assert statuses[:3] == [200, 200, 200]
        assert statuses.count(429) >= 1

    def test_that_are_too_many_are_told_when_to_come_again(self) -> None:
        signer = Signer(most_visits=1)
        answers = [signer.ask() for _ in range(3)]

        late = answers[-1]
        assert refusal(late) == (429, "too_many_visits")
        assert 1 <= int(late.headers["Retry-After"]) <= 60

    def test_of_others_are_counted_apart(self, settings: Settings) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        signer = Signer(most_visits=1)
        [signer.ask({"X-Forwarded-For": "192.0.2.1"}) for _ in range(3)]

        other = signer.ask({"X-Forwarded-For": "192.0.2.1, 198.51.100.7"})

        assert other.status_code == 200
        assert "192.0.2.1" not in str(list(Visits.objects.values()))

    def test_can_not_be_hidden_behind_a_forged_header(self) -> None:
        signer = Signer(most_visits=1)
        answers = [
            signer.ask({"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(3)
        ]

        assert answers[-1].status_code == 429

    def test_of_one_household_are_counted_together(self, settings: Settings) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        signer = Signer(most_visits=1)
        answers = [
            signer.ask({"X-Forwarded-For": f"2001:db8:1:2::{number}"})
            for number in range(3)
        ]

        assert answers[-1].status_code == 429


class TestTrouble:
    def test_of_a_busy_server_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        signer = Signer()
        monkeypatch.setattr(drawing, "LONGEST_WAIT_S", 0.01)
        for _ in range(drawing.MOST_AT_A_TIME):
            drawing._rooms.acquire()

        answer = signer.ask()
        drawing._rooms.release(drawing.MOST_AT_A_TIME)

        assert refusal(answer) == (503, "busy")
        assert signer.ask().status_code == 200

    def test_with_storage_says_nothing_of_it(self) -> None:
        photo = make_marked_asset()
        signer = Signer(images={"hero": photo})
        Path(get_store().locate(photo.sha256)).unlink()

        answer = signer.ask()

        assert refusal(answer) == (503, "busy")
        assert photo.sha256 not in answer.content.decode()


class TestTest:
    def test_is_the_same_picture_with_a_mark_all_over_it(self) -> None:
        signer = Signer()

        clean, marked = signer.ask(), signer.ask(_test="1")

        before, after = (
            np.asarray(picture(one).convert("L"), np.int16) for one in (clean, marked)
        )
        change = np.abs(after - before) > 40
        assert before.shape == after.shape
        assert change.mean() > 0.05
        for part in np.array_split(change, 4):
            assert part.mean() > 0.02

    def test_costs_nothing_and_is_kept_nowhere(self) -> None:
        signer = Signer()

        answers = [signer.ask(_test="1") for _ in range(2)]

        assert signer.count() == 0
        assert not signer.address.pictures.exists()
        assert answers[0].body == answers[1].body
        assert answers[0].headers["Cache-Control"] == "no-store"
        sha256 = hashlib.sha256(answers[0].body).hexdigest()
        with pytest.raises(MissingBlobError):
            get_store().read(sha256)

    def test_never_stands_in_for_the_real_one(self) -> None:
        signer = Signer()
        marked = signer.ask(_test="1")

        clean, again = signer.ask(), signer.ask(_test="0")

        assert clean.body != marked.body
        assert again.body == clean.body
        assert signer.ask(_test="1").body == marked.body
        assert signer.count() == 1

    def test_comes_though_the_pictures_are_used_up(self) -> None:
        signer = Signer()
        SignedAddress.objects.update(most_pictures=1)
        signer.ask()

        assert refusal(signer.ask(headline="Another")) == (410, "used_up")
        assert picture(signer.ask(headline="Another", _test="1")).size == (1080, 1080)

    def test_ends_with_the_address(self) -> None:
        signer = Signer()
        revoke_address(address=signer.address, by=make_manager(), at=NOW)

        assert refusal(signer.ask(_test="1")) == (410, "revoked")

    def test_obeys_the_rules_of_the_real_one(self) -> None:
        assert refusal(Signer().ask(headline="x" * 500, _test="1")) == (422, "unfit")

    def test_is_asked_for_by_1_alone(self) -> None:
        assert refusal(Signer().ask(_test="yes")) == (422, "unfit")

    def test_cant_be_taken_off_or_put_on_by_strangers(self) -> None:
        signer = Signer()

        for url in (
            signer.url() + "&_test=1",
            signer.url(_test="1").replace("_test=1&", ""),
        ):
            answer = signer.client.get(url)
            assert refusal(answer) == (403, "wrong_signature")
