from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from brandgen.accounts.models import Membership
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    make_admin,
    make_asset,
    make_brand,
    make_job,
    make_review,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db
HOME = "/b/northwind/"


class TestHome:
    def test_leads_to_the_brand_that_was_open_last(self, client: Client) -> None:
        mara = make_user()
        Membership.objects.create(
            user=mara, brand=make_brand(name="Contoso"), role="viewer"
        )
        client.force_login(mara)
        assert client.get("/")["Location"] == "/b/contoso/"

        client.get(HOME)

        assert client.get("/")["Location"] == HOME

    def test_says_so_where_there_is_no_brand(self, client: Client) -> None:
        client.force_login(make_user("Nils", role=None))

        page = client.get("/").content.decode()

        assert "You are in no brand yet" in page


class TestBrandHome:
    def test_shows_reviewers_what_they_may_decide(self, client: Client) -> None:
        review = make_review(asset=make_asset(state=Asset.State.IN_REVIEW))
        ravi = make_reviewer()
        own = make_review(
            asset=make_asset(created_by=ravi, state=Asset.State.IN_REVIEW),
            submitted_by=ravi,
        )
        client.force_login(ravi)

        page = client.get(HOME)

        assert page.context["home"].reviews == [review]
        assert own not in page.context["home"].reviews
        assert page.context["shell"].review_count == (1, "waiting for your decision")

    def test_shows_marketers_what_came_back_to_them(self, client: Client) -> None:
        mara = make_user()
        mine = make_asset(created_by=mara, state=Asset.State.CHANGES_REQUESTED)
        make_asset(created_by=make_user("Max"), state=Asset.State.CHANGES_REQUESTED)
        client.force_login(mara)

        page = client.get(HOME)

        assert page.context["home"].returned == [mine]
        assert page.context["shell"].review_count == (1, "of yours need changes")

    def test_shows_what_runs_and_what_failed_of_mine(self, client: Client) -> None:
        mara, brand = make_user(), make_brand()
        now = timezone.now()
        running = make_job(brand=brand, state=Job.State.RUNNING, step=5, steps=10)
        failed = make_job(
            brand=brand, state=Job.State.FAILED, requested_by=mara, finished_at=now
        )
        make_job(brand=brand, state=Job.State.FAILED, finished_at=now)
        make_job(
            brand=brand,
            state=Job.State.FAILED,
            requested_by=mara,
            finished_at=now - timedelta(days=2),
        )
        make_job(brand=make_brand(name="Contoso"), state=Job.State.RUNNING)
        client.force_login(mara)

        page = client.get(HOME)

        assert page.context["home"].jobs == [running]
        assert page.context["home"].failed_jobs == [failed]
        assert page.context["shell"].running.words == "1 running"
        assert page.context["shell"].running.percent == 50

    def test_names_the_next_of_the_first_steps(self, client: Client) -> None:
        client.force_login(make_user())
        first = client.get(HOME).context["home"]

        make_asset(state=Asset.State.APPROVED, approved_at=NOW)
        then = client.get(HOME).context["home"]

        assert first.next_step.title == "Publish the brand kit"
        assert then.next_step.title == "Publish a preset"
        assert (first.done_count, then.done_count) == (0, 2)

    def test_spares_reviewers_the_first_steps(self, client: Client) -> None:
        client.force_login(make_reviewer())

        assert client.get(HOME).context["home"].steps == []

    def test_asks_the_database_as_often_for_many_as_for_one(
        self, client: Client, django_assert_max_num_queries: object
    ) -> None:
        admin = make_admin()
        for _ in range(8):
            make_review(asset=make_asset(state=Asset.State.IN_REVIEW))
            make_asset(state=Asset.State.APPROVED, approved_at=NOW)
            make_job(brand=make_brand())
        client.force_login(admin)

        with django_assert_max_num_queries(26):  # type: ignore[operator]
            client.get(HOME)


class TestPreferences:
    def test_keeps_colors_and_shortcuts(self, client: Client) -> None:
        mara = make_user()
        client.force_login(mara)

        client.post("/preferences/", {"theme": "dark", "shortcuts": "off"})

        page = client.get(HOME).content.decode()
        assert 'data-theme="dark"' in page
        assert 'data-shortcuts="off"' in page

    @pytest.mark.parametrize(
        "evil",
        ["//evil.example", "https://evil.example", "/\\evil", "\\\\evil", "https:evil"],
    )
    def test_leads_nowhere_else(self, client: Client, evil: str) -> None:
        client.force_login(make_user())

        answer = client.post("/preferences/", {"theme": "dark", "next": evil})

        assert answer["Location"] == "/"

    def test_ignores_a_theme_that_is_none(self, client: Client) -> None:
        client.force_login(make_user())

        client.post("/preferences/", {"theme": '"><script>'})

        assert "theme" not in client.cookies
