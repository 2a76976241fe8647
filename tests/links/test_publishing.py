from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.library.collections import CollectionInUseError, delete_collection
from brandgen.library.models import Asset
from brandgen.links.models import PublicForm
from brandgen.links.publishing import Files, change_form, revoke_form
from brandgen.links.terms import HandoutError, Terms
from tests.factories import (
    NOW,
    make_brand,
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_public_form,
    make_researched_asset,
    make_reviewer,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def terms(days: int = 30, pictures: int = 10, visits: int | None = None) -> Terms:
    return Terms(NOW + timedelta(days=days), pictures, visits)


class TestCreateForm:
    def test_gives_each_form_an_address_that_nobody_guesses(self) -> None:
        one, other = make_public_form(), make_public_form()

        assert one.token != other.token
        assert len(one.token) >= 32

    def test_keeps_the_pass_phrase_hashed(self) -> None:
        form = make_public_form(pass_phrase="blue sea mug")

        assert "blue" not in str(PublicForm.objects.values().get())
        assert form.is_phrase("blue sea mug")
        assert not form.is_phrase("blue sea")

    def test_writes_the_terms_into_the_trail_but_no_token(self) -> None:
        photo = make_marked_asset()
        form = make_public_form(images={"hero": [photo]}, terms=terms())

        entry = Entry.objects.about(form).get()

        assert entry.action == "form.created"
        assert entry.data["images"] == {"hero": [photo.sha256]}
        assert entry.data["open"] == ["headline", "cta"]
        assert form.token not in str(entry.data)

    def test_opens_an_image_slot_that_has_a_choice(self) -> None:
        fixed = make_public_form(images={"hero": [make_marked_asset()]})
        several = make_public_form(
            images={"hero": [make_marked_asset(), make_marked_asset()]}
        )

        assert "hero" not in fixed.open_slots
        assert "hero" in several.open_slots

    @pytest.mark.parametrize("make_person", [make_user, make_reviewer])
    def test_is_for_managers(self, make_person: Any) -> None:
        with pytest.raises(PermissionDenied):
            make_public_form(by=make_person())

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"terms": terms(days=0)}, "expires_on", "has passed"),
            ({"terms": terms(days=740)}, "expires_on", "two years"),
            ({"terms": terms(pictures=0)}, "most_pictures", "between 1 and"),
            ({"files": Files(["poster"])}, "formats", "no format 'poster'"),
            ({"files": Files([])}, "formats", "No format"),
            ({"files": Files(["square"], ["xx"])}, "locales", "no language 'xx'"),
            ({"files": Files(["square"], [], ["avif"])}, "file_types", "JPEG, PNG"),
            ({"pass_phrase": "short"}, "pass_phrase", "8 are the least"),
            ({"open_texts": ["nothing"]}, "nothing", "no text"),
            ({"open_texts": []}, "", "Nothing is open"),
            ({"open_texts": ["cta"]}, "headline", "Headline is needed"),
            ({"texts": {"": {"kicker": "k" * 41}}}, "kicker", "41 characters"),
            ({"images": {}}, "hero", "Picture is needed"),
        ],
    )
    def test_refuses_what_can_not_be(
        self, fields: dict[str, Any], field: str, words: str
    ) -> None:
        with pytest.raises(HandoutError, match=words) as refused:
            make_public_form(**fields)

        assert refused.value.field == field
        assert not PublicForm.objects.exists()

    def test_refuses_banned_copy(self) -> None:
        make_layout_kit().banned_terms.create(term="cheap")

        with pytest.raises(HandoutError, match="does not allow cheap"):
            make_public_form(texts={"": {"kicker": "So cheap"}})

    def test_refuses_a_draft(self) -> None:
        make_layout_kit()
        draft = make_template_version(published_at=None)

        with pytest.raises(HandoutError, match="is a draft"):
            make_public_form(version=draft)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: make_marked_asset(state=Asset.State.DRAFT),
            lambda: make_marked_asset(brand=make_brand(name="Contoso")),
            make_researched_asset,
        ],
    )
    def test_refuses_a_picture_that_the_public_may_not_see(self, make: Any) -> None:
        with pytest.raises(HandoutError) as refused:
            make_public_form(images={"hero": [make_marked_asset(), make()]})

        assert refused.value.field == "hero"

    def test_refuses_another_collection_than_the_slots(self) -> None:
        make_collection(key="summer", name="Summer 26")
        other = make_collection(key="winter")
        version = make_template_version(collection="summer")

        with pytest.raises(HandoutError, match="“Summer 26” only"):
            make_public_form(version=version, images={}, collections={"hero": other})

    def test_refuses_a_collection_of_another_brand(self) -> None:
        other = make_collection(brand=make_brand(name="Contoso"))

        with pytest.raises(HandoutError, match="no such collection"):
            make_public_form(images={}, collections={"hero": other})

    def test_keeps_the_approval_of_its_pictures(self) -> None:
        photo = make_marked_asset()

        make_public_form(images={"hero": [photo]})

        assert photo.is_used()


class TestChangeForm:
    def test_changes_words_end_and_limits(self) -> None:
        form = make_public_form(pass_phrase="blue sea mug")

        change_form(
            form=form,
            name="Your town, again",
            note="Until the fair",
            terms=terms(days=9, pictures=7, visits=2),
            pass_phrase="",
            by=make_manager(),
            at=NOW,
        )

        form.refresh_from_db()
        assert (form.most_pictures, form.most_visits) == (7, 2)
        assert (form.name, form.note) == ("Your town, again", "Until the fair")
        assert form.is_phrase("blue sea mug")
        entry = Entry.objects.about(form).last()
        assert entry is not None
        assert (entry.action, entry.data["most_pictures"]) == ("form.changed", 7)

    def test_refuses_fewer_pictures_than_were_given(self) -> None:
        form = make_public_form()
        PublicForm.objects.update(picture_count=8)

        with pytest.raises(HandoutError, match="given 8 pictures") as refused:
            change_form(
                form=form,
                name="Mugs",
                note="",
                terms=terms(pictures=7),
                pass_phrase="",
                by=make_manager(),
                at=NOW,
            )

        assert refused.value.field == "most_pictures"

    def test_does_not_open_what_was_revoked(self) -> None:
        form = make_public_form()
        revoke_form(form=form, by=make_manager(), at=NOW)

        with pytest.raises(HandoutError, match="was revoked"):
            change_form(
                form=form,
                name="Mugs",
                note="",
                terms=terms(),
                pass_phrase="",
                by=make_manager(),
                at=NOW,
            )

    def test_is_for_managers(self) -> None:
        form = make_public_form()

        with pytest.raises(PermissionDenied):
            change_form(
                form=form,
                name="Mugs",
                note="",
                terms=terms(),
                pass_phrase="",
                by=make_user(),
                at=NOW,
            )


class TestRevokeForm:
    def test_says_who_did_it_first(self) -> None:
        form, bea = make_public_form(), make_manager()

        assert revoke_form(form=form, by=bea, at=NOW)
        assert not revoke_form(form=form, by=make_manager("Ben"), at=NOW)

        assert form.revoked_by == bea
        actions = [entry.action for entry in Entry.objects.about(form)]
        assert actions == ["form.created", "form.revoked"]

    def test_is_for_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            revoke_form(form=make_public_form(), by=make_user(), at=NOW)


class TestDeleteCollection:
    def test_waits_until_no_form_offers_it(self) -> None:
        row = make_collection(assets=[make_marked_asset()])
        make_layout_kit()
        form = make_public_form(images={}, collections={"hero": row})
        by = make_manager()

        with pytest.raises(CollectionInUseError, match="Your town"):
            delete_collection(collection=row, by=by, at=NOW)
        revoke_form(form=form, by=by, at=NOW)
        delete_collection(collection=row, by=by, at=NOW)

        assert PublicForm.objects.count() == 1
