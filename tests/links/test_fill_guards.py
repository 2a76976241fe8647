"""What of a public form is shown to whom: behind a pass phrase, in its brand's look."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brandgen.library.models import Asset
from brandgen.links import filling
from brandgen.links.models import PublicForm
from tests.factories import (
    make_marked_asset,
    make_public_form,
)
from tests.links.stranger import Stranger, words

pytestmark = pytest.mark.django_db


class TestPhrase:
    @pytest.fixture
    def stranger(self) -> Stranger:
        return Stranger(pass_phrase="blue sea mug")

    def enter(self, stranger: Stranger, phrase: str) -> Any:
        return stranger.client.post(f"{stranger.form.path}enter", {"phrase": phrase})

    def test_stands_before_everything(self, stranger: Stranger) -> None:
        photo = Asset.objects.get()

        page, file = stranger.open(), stranger.take()

        assert "Pass phrase" in words(page)
        assert "t-headline" not in words(page)
        assert not file.streaming
        assert "t-headline" not in words(file)
        assert stranger.look().status_code == 403
        thumb = stranger.open(f"pictures/{photo.id}")
        assert thumb.headers["Content-Type"].startswith("text/html")
        assert stranger.count() == 0

    def test_opens_the_form(self, stranger: Stranger) -> None:
        assert self.enter(stranger, "blue sea mug").url == stranger.form.path

        assert 'name="t-headline"' in words(stranger.open())
        assert stranger.take().status_code == 200

    def test_is_refused_where_it_is_wrong(self, stranger: Stranger) -> None:
        answer = self.enter(stranger, "red sea mug")

        assert answer.status_code == 422
        assert "This is not the pass phrase" in words(answer)
        assert "t-headline" not in words(stranger.open())

    def test_opens_no_other_form(self, stranger: Stranger) -> None:
        other = make_public_form(
            pass_phrase="blue sea mug", version=stranger.form.template_version
        )
        self.enter(stranger, "blue sea mug")
        stranger.client.cookies["form"]["path"] = "/"

        assert "t-headline" not in words(stranger.client.get(other.path))

    def test_is_asked_again_once_it_is_another(self, stranger: Stranger) -> None:
        self.enter(stranger, "blue sea mug")
        PublicForm.objects.update(pass_phrase="pbkdf2$other")

        assert "t-headline" not in words(stranger.open())

    def test_is_not_to_be_guessed(
        self, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filling, "PHRASES_AN_HOUR", 2)

        answers = [self.enter(stranger, f"wrong {n}") for n in range(4)]

        assert answers[-1].status_code == 429
        assert self.enter(stranger, "blue sea mug").status_code == 429
        assert "minute" in words(answers[-1]) or " s." in words(answers[-1])


class TestThumb:
    def test_shows_offered_pictures_only(self) -> None:
        stranger = Stranger(make_images=lambda: [make_marked_asset() for _ in "12"])
        offered = stranger.form.images.first()
        secret = make_marked_asset()
        assert offered is not None

        shown = stranger.open(f"pictures/{offered.asset_id}")
        hidden = stranger.open(f"pictures/{secret.id}")

        assert shown.headers["Content-Type"] == "image/webp"
        assert "noindex" in shown.headers["X-Robots-Tag"]
        assert hidden.status_code == 404

    def test_ends_with_the_approval(self) -> None:
        stranger = Stranger(make_images=lambda: [make_marked_asset() for _ in "12"])
        offered = stranger.form.images.first()
        assert offered is not None
        Asset.objects.filter(id=offered.asset_id).update(
            state=Asset.State.DRAFT, approved_at=None
        )

        assert stranger.open(f"pictures/{offered.asset_id}").status_code == 404


class TestBrand:
    def test_shows_logo_and_colors(self) -> None:
        stranger = Stranger()

        logo, sheet = stranger.open("logo/primary"), stranger.open("colors.css")

        assert logo.headers["Content-Type"] == "image/png"
        assert stranger.open("logo/nothing").status_code == 404
        assert sheet.headers["Content-Type"].startswith("text/css")
        assert "--accent: light-dark(#0b3c49, " in sheet.content.decode()

    def test_lasts_for_pages_of_forms_that_ended(self) -> None:
        stranger = Stranger()
        PublicForm.objects.update(expires_at=timezone.now() - timedelta(days=1))

        assert stranger.open("colors.css").status_code == 200
