from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.library.models import Asset
from brandgen.links.models import SignedAddress
from brandgen.links.services import Drawn, revoke_address
from brandgen.links.terms import HandoutError, Terms
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_researched_asset,
    make_reviewer,
    make_signed_address,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def terms(days: int = 30, pictures: int = 10) -> Terms:
    return Terms(NOW + timedelta(days=days), pictures, None)


class TestCreateAddress:
    def test_keeps_the_key_sealed(self) -> None:
        address, key = make_signed_address()

        row = SignedAddress.objects.values().get()
        assert key not in str(row)
        assert address.read_key() == key

    def test_gives_each_address_a_key_of_its_own(self) -> None:
        _, key = make_signed_address()
        _, other = make_signed_address()

        assert key != other

    def test_writes_the_terms_into_the_trail_but_no_key(self) -> None:
        photo = make_marked_asset()
        address, key = make_signed_address(images={"hero": photo}, terms=terms())

        entry = Entry.objects.about(address).get()

        assert entry.action == "address.created"
        assert entry.data["most_pictures"] == 10
        assert entry.data["images"] == {"hero": photo.sha256}
        assert key not in str(entry.data)

    @pytest.mark.parametrize("make_person", [make_user, make_reviewer])
    def test_is_for_managers(self, make_person: Any) -> None:
        with pytest.raises(PermissionDenied, match="hand out signed addresses"):
            make_signed_address(by=make_person())

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"terms": terms(days=0)}, "expires_on", "has passed"),
            ({"terms": terms(days=740)}, "expires_on", "two years"),
            ({"terms": terms(pictures=0)}, "most_pictures", "between 1 and"),
            ({"terms": terms(pictures=10**7)}, "most_pictures", "between 1 and"),
            ({"drawn": Drawn("poster")}, "format", "no format 'poster'"),
            ({"drawn": Drawn("square", "xx")}, "locale", "no locale 'xx'"),
        ],
    )
    def test_refuses_terms_that_can_not_be(
        self, fields: dict[str, Any], field: str, words: str
    ) -> None:
        with pytest.raises(HandoutError, match=words) as refused:
            make_signed_address(**fields)

        assert refused.value.field == field
        assert not SignedAddress.objects.exists()

    def test_refuses_a_draft(self) -> None:
        make_layout_kit()
        draft = make_template_version(published_at=None)

        with pytest.raises(HandoutError, match="is a draft"):
            make_signed_address(version=draft)

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda: make_marked_asset(state=Asset.State.DRAFT), "is draft"),
            (lambda: make_marked_asset(brand=make_brand(name="Contoso")), "belong"),
            (lambda: make_asset(state=Asset.State.APPROVED), "how it was made"),
            (make_researched_asset, "non-commercial research"),
        ],
    )
    def test_refuses_a_picture_that_the_public_may_not_see(
        self, make: Any, words: str
    ) -> None:
        with pytest.raises(HandoutError, match=words) as refused:
            make_signed_address(images={"hero": make()})

        assert refused.value.field == "hero"

    def test_refuses_a_picture_outside_of_the_collection(self) -> None:
        make_collection(key="summer", name="Summer 26")
        version = make_template_version(collection="summer")

        with pytest.raises(HandoutError, match="not in the collection “Summer 26”"):
            make_signed_address(version=version)

    @pytest.mark.parametrize("slot", ["headline", "nothing"])
    def test_refuses_a_picture_where_none_belongs(self, slot: str) -> None:
        with pytest.raises(HandoutError, match="takes no picture"):
            make_signed_address(images={slot: make_marked_asset()})

    def test_keeps_the_approval_of_its_picture(self) -> None:
        photo = make_marked_asset()

        make_signed_address(images={"hero": photo})

        assert photo.is_used()


class TestRevokeAddress:
    def test_says_who_did_it_first(self) -> None:
        address, _ = make_signed_address()
        bea, ben = make_manager(), make_manager("Ben")

        assert revoke_address(address=address, by=bea, at=NOW)
        assert not revoke_address(address=address, by=ben, at=NOW)

        assert address.revoked_by == bea
        entries = Entry.objects.about(address)
        assert [e.action for e in entries] == ["address.created", "address.revoked"]

    def test_is_for_managers(self) -> None:
        address, _ = make_signed_address()

        with pytest.raises(PermissionDenied):
            revoke_address(address=address, by=make_user(), at=NOW)


class TestResealAddresses:
    def test_lets_the_old_key_go(self, settings: Settings) -> None:
        address, key = make_signed_address()
        old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
        settings.ENCRYPTION_KEYS = [new, old]

        call_command("reseal_secrets")

        settings.ENCRYPTION_KEYS = [new]
        address.refresh_from_db()
        assert address.read_key() == key

    def test_changes_nothing_where_a_key_is_missing(self, settings: Settings) -> None:
        address, _ = make_signed_address()
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("reseal_secrets")

        sealed = address.encrypted_secrets
        address.refresh_from_db()
        assert address.encrypted_secrets == sealed
