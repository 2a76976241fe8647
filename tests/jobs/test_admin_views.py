from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from brandgen.audit.models import Entry
from brandgen.jobs.models import Job, Worker
from tests.factories import make_admin, make_brand, make_job, make_user, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make_admin())
    return client


def make_worker(name: str = "host:1:1", **fields) -> Worker:
    now = timezone.now()
    defaults = {
        "host": "host",
        "pid": 1,
        "queues": ["default"],
        "started_at": now,
        "seen_at": now,
    }
    return Worker.objects.create(name=name, **(defaults | fields))


class TestOverview:
    def test_shows_queues_workers_and_jobs(self, admin) -> None:
        make_worker()
        make_worker("host:2:2", pid=4711, seen_at=timezone.now() - timedelta(hours=1))
        make_job(state="running", worker="host:1:1", title="Sketch a mug", attempt=1)
        make_job(state="failed", title="Send to DAM", error="The bucket is gone.")
        make_job(queue="prior")

        page = admin.get("/admin/").content.decode()

        assert "Sketch a mug" in page
        assert "The bucket is gone." in page
        assert "Gone" in page
        assert "Nobody works on prior, decoder, render, export." in page

    def test_counts_each_queue(self, admin) -> None:
        make_job(queue="prior")
        make_job(queue="prior", not_before=timezone.now() + timedelta(days=1))
        make_job(queue="prior", state="running")
        make_job(queue="prior", state="done")

        queues = admin.get("/admin/").context["queues"]

        prior = next(line for line in queues if line.name == "prior")
        assert (prior.waiting, prior.running) == (2, 1)

    def test_asks_as_often_for_a_hundred_jobs_as_for_one(
        self, admin, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(40):
            make_job(state="running", brand=make_brand(), requested_by=make_user())

        with django_assert_max_num_queries(14):
            admin.get("/admin/")

    def test_is_for_admins_only(self, client) -> None:
        client.force_login(make_user())

        assert client.get("/admin/").status_code == 403
        assert client.get("/admin/jobs/").status_code == 403


class TestJobList:
    def test_shows_one_state(self, admin) -> None:
        make_job(title="Broken thing", state="failed")
        make_job(title="Waiting thing")

        page = admin.get("/admin/jobs/?state=failed").content.decode()

        assert "Broken thing" in page
        assert "Waiting thing" not in page

    def test_goes_on_where_the_page_before_ended(self, admin) -> None:
        jobs = [make_job() for _ in range(55)]
        first = admin.get("/admin/jobs/")

        second = admin.get(f"/admin/jobs/?before={first.context['next']}")

        shown = [job.id for job in (*first.context["jobs"], *second.context["jobs"])]
        assert shown == [job.id for job in reversed(jobs)]
        assert second.context["next"] is None

    @pytest.mark.parametrize("query", ["state=x", "before=x", "before=" + "9" * 40])
    def test_ignores_nonsense(self, admin, query: str) -> None:
        assert admin.get(f"/admin/jobs/?{query}").status_code == 200


class TestJobPage:
    def test_shows_the_traceback(self, admin) -> None:
        job = make_job(state="failed", details="Traceback: <boom>")

        page = admin.get(f"/admin/jobs/{job.id}/").content.decode()

        assert "Traceback: &lt;boom&gt;" in page
        assert "Try again" in page


class TestRetryJob:
    def test_queues_it_again_and_says_so(self, admin) -> None:
        job = make_job(state="failed", attempt=3, max_attempt=3)

        page = admin.post(f"/admin/jobs/{job.id}/retry/", follow=True).content.decode()

        job.refresh_from_db()
        assert job.state == "waiting"
        assert "Queued again" in page
        assert Entry.objects.get().action == "job.retried"


class TestCancelJob:
    def test_cancels_what_waits(self, admin) -> None:
        job = make_job()

        admin.post(f"/admin/jobs/{job.id}/cancel/")

        job.refresh_from_db()
        assert job.state == "cancelled"


class TestSendTestJob:
    def test_queues_a_job_that_a_worker_answers(self, admin) -> None:
        admin.post("/admin/test-job/", {"queue": "decoder"})

        (job,) = run_jobs()
        assert (job.queue, job.state) == ("decoder", "done")

    def test_refuses_a_queue_that_does_not_exist(self, admin) -> None:
        page = admin.post("/admin/test-job/", {"queue": "gpu"}, follow=True)

        assert "There is no queue" in page.content.decode()
        assert not Job.objects.exists()
