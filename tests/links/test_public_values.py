import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from brandgen.library.models import Asset, Collection
from brandgen.links.signing import signed_address
from tests.factories import (
    make_admin,
    make_asset,
    make_brand,
    make_collection,
    make_commercial_license,
    make_layout_kit,
    make_marked_asset,
    make_researched_asset,
    make_template_version,
)
from tests.links.signer import Signer, refusal

pytestmark = pytest.mark.django_db


class TestValues:
    @pytest.mark.parametrize(
        ("values", "code", "slot"),
        [
            ({"hedline": "x"}, "unknown_slot", "hedline"),
            ({"_format": "poster"}, "unknown_format", "_format"),
            ({"_locale": "xx"}, "unknown_locale", "_locale"),
            ({"headline": " "}, "unfit", "headline"),
            ({"headline": "x" * 71}, "unfit", "headline"),
            ({"headline": "x" * 9000}, "unfit", "headline"),
            ({"headline": "So cheap"}, "banned_copy", "headline"),
            ({"headline": "\U00012345 \ue000"}, "failed_check", "headline"),
            ({"hero": "00000000-0000-4000-8000-000000000000"}, "unknown_slot", "hero"),
        ],
    )
    def test_that_do_not_fit_are_refused(
        self, values: dict[str, str], code: str, slot: str
    ) -> None:
        make_layout_kit().banned_terms.create(term="cheap")
        signer = Signer()

        answer = signer.ask(**values)

        assert refusal(answer) == (422, code)
        assert json.loads(answer.content)["slot"] == slot
        assert signer.count() == 0

    def test_that_fail_a_check_hear_what_it_is_called(self) -> None:
        make_layout_kit()

        said = json.loads(Signer().ask(headline="\U00012345").content)

        assert "fails a check (Missing letters): No font" in said["message"]

    def test_that_are_named_twice_are_refused(self) -> None:
        signer = Signer()
        path = signer.address.path
        pairs = [("headline", "One"), ("headline", "Two")]

        answer = signer.client.get(signed_address(signer.key, path, path, pairs))

        assert refusal(answer) == (422, "twice")

    def test_suggest_the_name_that_was_meant(self) -> None:
        said = json.loads(Signer().ask(hedline="x").content)

        assert "Did you mean 'headline'?" in said["message"]


class TestPictures:
    @pytest.fixture
    def signer(self) -> Signer:
        return Signer(images={})

    @pytest.fixture(
        params=["draft", "archived", "other brand", "unmarked", "unknown", "no id"]
    )
    def unusable(self, request: pytest.FixtureRequest) -> Iterator[str]:
        secret = {"title": "Secret plan"}
        made: dict[str, Any] = {
            "draft": lambda: make_marked_asset(state=Asset.State.DRAFT, **secret),
            "archived": lambda: make_marked_asset(
                state=Asset.State.ARCHIVED, archived_from="approved", **secret
            ),
            "other brand": lambda: make_marked_asset(
                brand=make_brand(name="Contoso"), **secret
            ),
            "unmarked": lambda: make_asset(state=Asset.State.APPROVED, **secret),
        }
        if request.param in made:
            yield str(made[request.param]().id)
        elif request.param == "unknown":
            yield "00000000-0000-4000-8000-000000000000"
        else:
            yield "../../etc/passwd"

    def test_that_may_not_be_shown_are_refused(
        self, signer: Signer, unusable: str
    ) -> None:
        answer = signer.ask(hero=unusable)

        assert refusal(answer) == (422, "unusable_picture")
        assert b"Secret" not in answer.content
        assert b"Contoso" not in answer.content

    def test_need_a_license_for_the_public(self, signer: Signer) -> None:
        photo = make_researched_asset()
        before = signer.ask(hero=str(photo.id))

        license_ = make_commercial_license()

        assert refusal(before) == (422, "unusable_picture")
        assert signer.ask(hero=str(photo.id)).status_code == 200
        license_.withdraw(by=make_admin(), because="ended", at=timezone.now())
        assert refusal(signer.ask(hero=str(photo.id))) == (422, "unusable_picture")

    def test_that_are_missing_are_asked_for(self, signer: Signer) -> None:
        assert refusal(signer.ask()) == (422, "unfit")


class TestCollections:
    """A template whose picture is of one collection only."""

    def sign(self, *, is_fixed: bool = False) -> tuple[Signer, Asset, Collection]:
        make_layout_kit()
        photo = make_marked_asset(title="Mug")
        collection = make_collection(key="summer", assets=[photo])
        version = make_template_version(collection="summer")
        images = {"hero": photo} if is_fixed else {}
        return Signer(version=version, images=images), photo, collection

    def test_let_their_pictures_in_and_no_others(self) -> None:
        signer, photo, _ = self.sign()
        secret = make_marked_asset(title="Secret plan")

        refused = signer.ask(hero=str(secret.id))

        assert signer.ask(hero=str(photo.id)).status_code == 200
        assert refusal(refused) == (422, "unusable_picture")
        assert b"Secret" not in refused.content
        assert b"summer" not in refused.content

    def test_leave_what_was_asked_for_before_as_it_was(self) -> None:
        signer, photo, collection = self.sign()
        before = signer.ask(hero=str(photo.id))

        collection.items.all().delete()
        again = signer.ask(hero=str(photo.id))
        make_layout_kit(version=2)
        redrawn = signer.ask(hero=str(photo.id))

        assert again.body == before.body
        assert redrawn.status_code == 200
        assert signer.count() == 2
        other = signer.ask(hero=str(photo.id), headline="Made for evenings")
        assert refusal(other) == (422, "unusable_picture")

    def test_leave_a_picture_that_is_fixed(self) -> None:
        signer, _, collection = self.sign(is_fixed=True)

        collection.items.all().delete()

        assert signer.ask().status_code == 200
