from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from brandgen.lib.finding_rules import explain
from brandgen.lib.findings import Finding, Verdict
from brandgen.library.models import Asset
from brandgen.review.models import Decision, Review
from tests.factories import (
    make_asset,
    make_brand,
    make_manager,
    make_review,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db
REVIEW = "/b/northwind/review/"


@pytest.fixture
def ravi(client: Client) -> Client:
    client.force_login(make_reviewer())
    return client


def answer(
    client: Client, review: Review, verdict: str = "approve", **fields: str
) -> HttpResponse:
    form = {"verdict": verdict, "seen_sha256": review.sha256} | fields
    return client.post(f"{REVIEW}{review.id}/decide", form)


def text_after(client: Client, response: HttpResponse) -> str:
    return client.get(response.url, follow=True).content.decode()


class TestQueue:
    def test_leads_to_the_most_urgent(self, ravi: Client) -> None:
        make_review()
        urgent = make_review(due_at=timezone.now() - timedelta(days=9))

        response = ravi.get(REVIEW)

        assert response.url == f"{REVIEW}{urgent.id}/"
        assert "overdue since" in ravi.get(response.url).content.decode()

    def test_says_that_nothing_waits_and_what_was_decided(self, ravi: Client) -> None:
        assert "Nothing waits for you" in ravi.get(REVIEW).content.decode()
        review = make_review()
        answer(ravi, review)

        html = ravi.get(REVIEW).content.decode()

        assert review.asset.title in html
        assert "Undo the last" in html

    def test_shows_marketers_their_requests(self, client: Client) -> None:
        review = make_review()
        client.force_login(review.submitted_by)

        assert review.asset.title in client.get(REVIEW).content.decode()


class TestOne:
    def test_holds_everything_to_decide(self, ravi: Client) -> None:
        review = make_review(message="Look at the handle")

        html = ravi.get(f"{REVIEW}{review.id}/").content.decode()

        assert "Look at the handle" in html
        for key in ("a", "c", "x", "f", "1"):
            assert f'data-key="{key}"' in html
        assert html.count(review.sha256) >= 3

    def test_says_of_each_check_what_it_asks(self, ravi: Client) -> None:
        found = Finding("text-fit", "cut", "whole", Verdict.WARN, "It was cut.")
        review = make_review(findings=[asdict(found)])

        html = ravi.get(f"{REVIEW}{review.id}/").content.decode()

        assert "<span>Text fits</span>" in html
        assert explain("text-fit") in html

    def test_asks_as_often_for_a_long_queue(
        self, ravi: Client, django_assert_max_num_queries: object
    ) -> None:
        reviews = [make_review() for _ in range(12)]
        for review in reviews[:4]:
            answer(ravi, review)

        with django_assert_max_num_queries(20):
            html = ravi.get(f"{REVIEW}{reviews[5].id}/").content.decode()

        assert " of 12 · " in html

    def test_offers_no_answer_to_those_who_may_not(self, client: Client) -> None:
        review = make_review()
        client.force_login(make_user("Max"))

        html = client.get(f"{REVIEW}{review.id}/").content.decode()

        assert "approve-form" not in html
        assert "A reviewer or brand manager" in html

    def test_offers_no_answer_to_ones_own_work(self, client: Client) -> None:
        bea = make_manager()
        review = make_review(asset=make_asset(created_by=bea, state="in_review"))
        client.force_login(bea)

        html = client.get(f"{REVIEW}{review.id}/").content.decode()

        assert "Another reviewer must decide" in html
        assert "approve-form" not in html

    def test_opens_the_reasons_without_a_script(self, ravi: Client) -> None:
        review = make_review()

        html = ravi.get(f"{REVIEW}{review.id}/?ask=reject").content.decode()

        assert 'id="no-reject" aria-labelledby="no-reject-title" open' in html

    def test_prints_no_keys_for_those_who_switched_them_off(self, ravi: Client) -> None:
        make_reviewer().__class__.objects.update(has_shortcuts=False)

        html = ravi.get(f"{REVIEW}{make_review().id}/").content.decode()

        assert 'data-shortcuts="off"' in html

    def test_is_a_404_in_another_brand(self, ravi: Client) -> None:
        theirs = make_review(
            asset=make_asset(brand=make_brand(name="Southwind"), state="in_review")
        )

        assert ravi.get(f"{REVIEW}{theirs.id}/").status_code == 404
        assert answer(ravi, theirs).status_code == 404
        assert not Decision.objects.exists()


class TestDecide:
    def test_goes_on_to_the_next_and_says_what_happened(self, ravi: Client) -> None:
        first, second = make_review(), make_review()

        response = answer(ravi, first)

        assert response.url == f"{REVIEW}{second.id}/"
        html = text_after(ravi, response)
        assert f"“{first.asset.title}” approved." in html

    def test_ends_at_the_empty_queue(self, ravi: Client) -> None:
        response = answer(ravi, make_review(), "reject", reason="colors")

        assert response.url == REVIEW

    def test_asks_for_the_reason_and_keeps_the_words(self, ravi: Client) -> None:
        review = make_review()

        response = answer(ravi, review, "request_changes", comment="Warmer, and so on")

        html = response.content.decode()
        assert response.status_code == 422
        assert "Choose a reason" in html
        assert "Warmer, and so on" in html
        assert not Decision.objects.exists()

    def test_tells_the_second_tab_who_was_first(self, ravi: Client) -> None:
        review = make_review()
        bea = Client()
        bea.force_login(make_manager())
        answer(bea, review, "request_changes", reason="copy", comment="Typo")

        response = answer(ravi, review)

        html = text_after(ravi, response)
        assert response.url == f"{REVIEW}{review.id}/"
        assert "Bea decided on" in html
        assert "Your answer was not recorded" in html
        assert Decision.objects.count() == 1

    def test_tells_the_same_person_in_two_tabs(self, ravi: Client) -> None:
        review = make_review(approvals_required=2)
        answer(ravi, review)

        html = text_after(ravi, answer(ravi, review, "reject", reason="copy"))

        assert "You have answered this already" in html

    @pytest.mark.parametrize(
        "fields", [{"verdict": "maybe"}, {"seen_sha256": "x"}, {"comment": "x" * 2001}]
    )
    def test_records_nothing_of_a_broken_form(
        self, ravi: Client, fields: dict[str, str]
    ) -> None:
        review = make_review()

        html = text_after(ravi, answer(ravi, review, **fields))

        assert "Nothing was recorded" in html
        assert not Decision.objects.exists()

    def test_is_closed_to_marketers(self, client: Client) -> None:
        client.force_login(make_user("Max"))

        assert answer(client, make_review()).status_code == 403


class TestUndo:
    def test_shows_the_picture_again(self, ravi: Client) -> None:
        review = make_review()
        answer(ravi, review)

        response = ravi.post(f"{REVIEW}undo/{Decision.objects.get().id}")

        assert response.url == f"{REVIEW}{review.id}/"
        assert "is undone" in text_after(ravi, response)
        assert Asset.objects.get().state == "in_review"

    def test_says_why_not(self, ravi: Client) -> None:
        answer(ravi, make_review())
        bea = Client()
        bea.force_login(make_manager())

        response = bea.post(f"{REVIEW}undo/{Decision.objects.get().id}")

        assert "Only Ravi can undo" in text_after(bea, response)


class TestApproveMany:
    def test_approves_what_it_can_and_says_what_it_could_not(
        self, ravi: Client
    ) -> None:
        good, decided, changed = make_review(), make_review(), make_review()
        bea = Client()
        bea.force_login(make_manager())
        answer(bea, decided, "reject", reason="copy")
        choices = [
            f"{good.id}:{good.sha256}",
            f"{decided.id}:{decided.sha256}",
            f"{changed.id}:{'0' * 64}",
            "nonsense",
        ]

        response = ravi.post(f"{REVIEW}approve-many", {"review": choices})

        html = text_after(ravi, response)
        assert "1 picture approved" in html
        assert "Bea decided on" in html
        assert "another file" in html
        assert Asset.objects.filter(state="approved").count() == 1


class TestSubmit:
    def test_asks_first_and_names_what_is_left_out(self, client: Client) -> None:
        draft, done = make_asset(title="Draft"), make_asset(state="approved")
        client.force_login(draft.created_by)

        url = f"{REVIEW}submit?asset={draft.id}&asset={done.id}&asset=x&asset={uuid4()}"
        html = client.get(url).content.decode()

        assert "Send 1 to review" in html
        assert f"“{done.title}” is approved" in html

    def test_sends_what_is_ready(self, client: Client) -> None:
        draft, done = make_asset(), make_asset(state="approved")
        client.force_login(draft.created_by)

        client.post(
            f"{REVIEW}submit", {"asset": [draft.id, done.id], "message": "For May"}
        )

        review = Review.objects.get()
        assert (review.asset, review.message) == (draft, "For May")

    def test_shows_the_page_again_when_nothing_can_go(self, client: Client) -> None:
        client.force_login(make_user())

        response = client.post(f"{REVIEW}submit", {"asset": "x"})

        assert response.status_code == 422
        assert "Nothing here can be sent" in response.content.decode()


class TestWithdraw:
    def test_makes_a_draft_of_it(self, client: Client) -> None:
        review = make_review()
        client.force_login(review.submitted_by)

        client.post(f"{REVIEW}{review.id}/withdraw")

        assert Asset.objects.get().state == "draft"
