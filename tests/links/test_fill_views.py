import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.library.models import Asset
from brandgen.links import filling
from brandgen.links.models import FormPicture, PublicForm
from brandgen.links.publishing import Files, revoke_form
from brandgen.provenance import read_xmp
from tests.factories import (
    NOW,
    make_collection,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_public_form,
    make_template_version,
)
from tests.links.stranger import FILLED, Stranger, words

pytestmark = pytest.mark.django_db

LOCALES = {"en": {"label": "English"}, "de": {"label": "Deutsch"}}


class TestPage:
    def test_shows_the_open_fields_and_nothing_of_the_dashboard(self) -> None:
        stranger = Stranger()

        text = words(stranger.open())

        assert "Say where you are." in text
        assert 'name="t-headline"' in text
        assert 'name="t-kicker"' not in text
        assert 'src="data:image/jpeg;base64,' in text
        assert "/b/northwind" not in text
        assert "/account/" not in text

    def test_shows_the_preview_again_without_a_script(self) -> None:
        stranger = Stranger()
        before = re.findall(r"base64,([^\"]+)", words(stranger.open()))

        answer = stranger.client.post(stranger.form.path, {"t-headline": "Other"})

        after = re.findall(r"base64,([^\"]+)", words(answer))
        assert answer.status_code == 200
        assert before
        assert before != after
        assert "is needed" not in words(answer)

    def test_knows_no_token_but_its_own(self) -> None:
        stranger = Stranger()
        unknown = stranger.client.get("/forms/nobody-knows/")
        other = stranger.client.get(f"{stranger.form.path[:-2]}/")

        assert unknown.status_code == other.status_code == 404
        assert words(unknown) == words(other)
        for path in ("look", "picture", "enter"):
            answer = stranger.client.post(f"/forms/nobody-knows/{path}")
            assert words(answer) == words(unknown)

    @pytest.mark.parametrize(
        ("end", "said"),
        [
            (lambda f: revoke_form(form=f, by=make_manager(), at=NOW), "was closed"),
            (lambda f: PublicForm.objects.update(expires_at=NOW), "has ended"),
            (
                lambda f: PublicForm.objects.update(picture_count=100),
                "as many pictures",
            ),
        ],
    )
    def test_says_that_it_has_ended(self, end: Any, said: str) -> None:
        stranger = Stranger()
        end(stranger.form)

        opened, taken = stranger.open(), stranger.take()

        assert (opened.status_code, taken.status_code) == (410, 410)
        assert said in words(opened)
        assert said in words(taken)
        assert stranger.look().status_code == 410

    def test_says_when_somebody_comes_too_often(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filling, "LOOKS_A_MINUTE", 1)
        stranger = Stranger()

        answers = [stranger.open() for _ in range(3)]

        # A minute may begin between.
        assert answers[-1].status_code == 429
        assert "Try again in" in words(answers[-1])
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 61

    def test_ends_when_its_picture_is_withdrawn(self) -> None:
        stranger = Stranger()
        Asset.objects.update(state=Asset.State.DRAFT, approved_at=None)

        assert stranger.open().status_code == 410
        assert stranger.take().status_code == 410
        assert stranger.count() == 0

    def test_asks_few_questions_of_the_database(
        self, django_assert_max_num_queries: Any
    ) -> None:
        stranger = Stranger(make_images=lambda: [make_marked_asset() for _ in "12345"])

        with django_assert_max_num_queries(40):
            stranger.open()


class TestLook:
    def test_draws_what_is_filled_in(self) -> None:
        stranger = Stranger()

        one, other = stranger.look(), stranger.look(**{"t-headline": "Other"})

        assert one.json()["picture"].startswith("data:image/jpeg;base64,")
        assert one.json()["picture"] != other.json()["picture"]
        assert stranger.count() == 0

    def test_says_at_its_field_what_does_not_fit(self) -> None:
        told = Stranger().look(**{"t-headline": "x" * 71})

        assert told.status_code == 422
        assert told.json()["field"] == "t-headline"
        assert "70 are allowed" in told.json()["problem"]

    def test_says_what_the_checks_found(self) -> None:
        make_layout_kit()
        tiny = make_marked_asset(width_px=64, height_px=64)
        stranger = Stranger(images={"hero": [tiny]})

        told = stranger.look().json()

        assert "Look at this" in told["findings"]

    def test_takes_no_copy_for_a_closed_slot(self) -> None:
        stranger = Stranger()

        one, other = stranger.look(), stranger.look(**{"t-kicker": "Mine"})

        assert one.json() == other.json()

    def test_shows_no_picture_that_is_not_offered(self) -> None:
        stranger = Stranger(make_images=lambda: [make_marked_asset() for _ in "12"])
        secret = make_marked_asset()

        none, wrong = stranger.look(), stranger.look(**{"i-hero": str(secret.id)})

        assert none.json() == wrong.json()


class TestTake:
    def test_gives_the_file_with_its_mark(self) -> None:
        stranger = Stranger()

        answer = stranger.take()

        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'attachment; filename="your-town-square-' in str(
            answer.headers["Content-Disposition"]
        )
        assert Image.open(io.BytesIO(answer.body)).size == (1080, 1080)
        mark = read_xmp(answer.body)
        assert mark is not None
        assert mark.source_type == "compositeWithTrainedAlgorithmicMedia"
        assert "Made for mornings" in mark.alt_text

    def test_gives_the_format_and_file_type_that_were_chosen(self) -> None:
        answer = Stranger().take(format="landscape", file_type="png")

        picture = Image.open(io.BytesIO(answer.body))
        assert (picture.format, picture.size) == ("PNG", (1200, 628))

    def test_gives_a_pdf_where_it_is_offered(self) -> None:
        stranger = Stranger(files=Files(["square"], [], ["pdf"]))

        answer = stranger.take()

        assert answer.body.startswith(b"%PDF")
        assert answer.headers["Content-Disposition"].endswith('.pdf"')

    def test_counts_and_writes_it_down_once(self) -> None:
        stranger = Stranger()

        first, again = stranger.take(), stranger.take()

        assert first.body == again.body
        assert stranger.count() == 1
        row = FormPicture.objects.get()
        assert row.texts == {"headline": "Made for mornings", "cta": "See it"}
        entry = Entry.objects.get(action="form.filled")
        assert entry.data["sha256"] == row.sha256
        assert entry.actor is None

    def test_gives_again_what_it_gave_when_used_up(self) -> None:
        stranger = Stranger(most_pictures=1)
        first = stranger.take()

        assert stranger.take().body == first.body
        assert stranger.take(**{"t-headline": "Other"}).status_code == 410
        assert stranger.count() == 1

    def test_limits_pictures_for_one_visitor(self) -> None:
        stranger = Stranger(most_visits=1)
        stranger.take()

        answer = stranger.take(**{"t-headline": "Other"})

        assert answer.status_code == 429
        assert "1 pictures an hour" in words(answer)
        assert 'value="Other"' in words(answer)
        assert stranger.count() == 1

    def test_limits_tries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(filling, "TRIES_A_MINUTE", 1)
        stranger = Stranger()

        statuses = [stranger.take().status_code for _ in range(3)]

        assert statuses[-1] == 429

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"t-headline": ""}, "Headline is needed"),
            ({"t-headline": "x" * 71}, "at most 70 characters"),
            ({"t-headline": "So cheap"}, "does not allow cheap"),
            ({"t-headline": "\U00012345 \ue000"}, "glyph|letter|character"),
            ({"format": "story"}, "Select a valid choice"),
            ({"file_type": "gif"}, "Select a valid choice"),
        ],
    )
    def test_refuses_what_does_not_fit(self, values: dict[str, str], said: str) -> None:
        make_layout_kit().banned_terms.create(term="cheap")
        form = make_public_form()
        client = Client()

        answer = client.post(form.path + "picture", FILLED | values)

        assert answer.status_code == 422
        assert re.search(f'class="errorlist.*?({said})', words(answer), re.DOTALL)
        assert PublicForm.objects.get().picture_count == 0

    def test_puts_a_failed_check_to_its_field(self) -> None:
        document = json.loads(SPRING.read_bytes())
        document["slots"]["headline"]["change_required"] = True
        example = document["slots"]["headline"]["example"]
        stranger = Stranger(version=make_template_version(document=document))

        answer = stranger.take(**{"t-headline": example})

        assert answer.status_code == 422
        field = answer.context["fields"]["t-headline"]
        assert "Write your own" in str(field.errors)

    def test_refuses_a_picture_that_is_not_offered(self) -> None:
        stranger = Stranger(make_images=lambda: [make_marked_asset() for _ in "12"])

        answer = stranger.take(**{"i-hero": str(make_marked_asset().id)})

        assert answer.status_code == 422
        assert "Choose another" in words(answer)

    def test_takes_approved_pictures_of_a_collection(self) -> None:
        make_layout_kit()
        good = make_marked_asset()
        draft = make_marked_asset(state=Asset.State.DRAFT)
        row = make_collection(assets=[good, draft])
        stranger = Stranger(images={}, collections={"hero": row})

        text = words(stranger.open())

        assert str(good.id) in text
        assert str(draft.id) not in text
        assert stranger.take(**{"i-hero": str(good.id)}).status_code == 200
        assert stranger.take(**{"i-hero": str(draft.id)}).status_code == 422

    def test_writes_each_language_with_its_own_fixed_copy(self) -> None:
        document = json.loads(SPRING.read_bytes()) | {"locales": LOCALES}
        stranger = Stranger(
            version=make_template_version(document=document),
            files=Files(["square"], ["en", "de"]),
            texts={"": {"kicker": "Spring"}, "de": {"kicker": "Frühling"}},
        )

        english, german = stranger.take(locale="en"), stranger.take(locale="de")

        said = [read_xmp(one.body) for one in (english, german)]
        alts = [mark.alt_text if mark else "" for mark in said]
        assert "Spring" in alts[0]
        assert "Frühling" in alts[1]

    def test_asks_for_data_that_is_open(self) -> None:
        document = json.loads(SPRING.read_bytes())
        document["data"] = {"product": {"price": "9 €"}}
        button = document["layers"][-1]["children"][-1]
        del button["slot"]
        button["text"] = "{{ product.price }}"
        stranger = Stranger(
            version=make_template_version(document=document),
            open_texts=["headline", "product.price"],
        )

        without, cheap, dear = (
            stranger.take(**{"t-product.price": price}) for price in ("", "9 €", "90 €")
        )

        assert without.status_code == 422
        assert "Product price is needed" in words(without)
        assert cheap.body != dear.body

    def test_needs_the_token_of_its_page(self) -> None:
        form = Stranger().form
        client = Client(enforce_csrf_checks=True)

        answer = client.post(form.path + "picture", FILLED)

        assert answer.status_code == 403
        assert "lay open for too long" in answer.content.decode()
        assert "Go to Home" not in answer.content.decode()
