import time

import pytest
from django.utils import timezone

from brandgen.audit.models import Entry
from brandgen.config.celery import transport_options
from brandgen.jobs import services, wake
from brandgen.jobs.models import Job
from tests.factories import make_brand, make_job, make_reviewer, make_user

pytestmark = pytest.mark.django_db


def enqueue(**fields: object) -> Job:
    defaults = {
        "queue": "default",
        "work": "brandgen.jobs.runner.do_nothing",
        "subject_id": 1,
        "title": "A test",
        "brand": make_brand(),
        "requested_by": None,
        "at": timezone.now(),
    }
    return services.enqueue(**(defaults | fields))


class TestEnqueue:
    def test_queues_the_same_work_once(self) -> None:
        assert enqueue() == enqueue()
        assert enqueue(subject_id=2) != enqueue()

    def test_queues_it_again_once_it_is_done(self) -> None:
        first = enqueue()
        Job.objects.update(state=Job.State.DONE)

        assert enqueue() != first

    def test_refuses_more_than_a_brand_may_queue(self, settings) -> None:
        settings.JOB_MAX_WAITING_PER_BRAND = 1
        enqueue()

        with pytest.raises(services.TooManyJobsError, match="1 jobs of Northwind"):
            enqueue(subject_id=2)

        assert enqueue(subject_id=2, brand=make_brand(name="Fabrikam"))

    def test_succeeds_while_the_broker_is_down(
        self, monkeypatch, tmp_path, django_capture_on_commit_callbacks
    ) -> None:
        monkeypatch.setattr(wake, "_quiet_until", 0.0)
        app = wake.current_app._get_current_object()
        url = "redis://127.0.0.1:1/0"
        options = transport_options(url, folder=tmp_path)
        started = time.monotonic()
        with app.connection_for_write(url, transport_options=options) as dead:
            monkeypatch.setattr(
                app,
                "send_task",
                lambda name, **options: type(app).send_task(
                    app, name, connection=dead, **options
                ),
            )
            with django_capture_on_commit_callbacks(execute=True):
                job = enqueue()

        job.refresh_from_db()
        assert job.state == "waiting"
        assert wake._quiet_until > 0
        assert time.monotonic() - started < 2


class TestRequestCancel:
    def test_cancels_a_waiting_job_at_once_and_no_other(self) -> None:
        job, other = make_job(), make_job()
        mara = make_user()

        assert services.request_cancel(job=job, at=timezone.now(), by=mara)

        job.refresh_from_db()
        other.refresh_from_db()
        assert (job.state, other.state) == ("cancelled", "waiting")
        entry = Entry.objects.get()
        assert (entry.action, entry.actor) == ("job.cancelled", mara)

    def test_leaves_the_running_job_alone_when_a_waiting_one_is_cancelled(self) -> None:
        running = make_job(state="running", attempt=1, worker="w1")
        waiting = make_job()

        services.request_cancel(job=waiting, at=timezone.now())

        running.refresh_from_db()
        assert (running.state, running.is_cancel_requested) == ("running", False)

    def test_asks_a_running_job_to_stop(self) -> None:
        job = make_job(state="running", attempt=1)

        assert services.request_cancel(job=job, at=timezone.now())

        job.refresh_from_db()
        assert (job.state, job.is_cancel_requested) == ("running", True)

    def test_is_too_late_for_a_job_that_is_done(self) -> None:
        job = make_job(state="done")

        assert not services.request_cancel(job=job, at=timezone.now(), by=make_user())
        assert not Entry.objects.exists()


class TestRetry:
    def test_gives_all_attempts_again_and_never_an_old_number(self, settings) -> None:
        settings.JOB_MAX_ATTEMPTS = 3
        job = make_job(state="failed", attempt=3, max_attempt=3, error="No.")

        assert services.retry(job=job, at=timezone.now(), by=make_user())

        job.refresh_from_db()
        assert (job.state, job.attempt, job.max_attempt) == ("waiting", 3, 6)
        assert job.error == ""
        assert Entry.objects.get().action == "job.retried"

    def test_does_nothing_while_the_same_work_is_queued_again(self) -> None:
        job = make_job(state="failed", subject_id="7")
        make_job(subject_id="7")

        assert not services.retry(job=job, at=timezone.now())

    def test_does_nothing_to_a_running_job(self) -> None:
        job = make_job(state="running", attempt=1)

        assert not services.retry(job=job, at=timezone.now())


class TestCancelPage:
    def test_stops_the_job_and_goes_back(self, client) -> None:
        client.force_login(make_user())
        job = make_job(brand=make_brand())

        response = client.post(
            f"/b/northwind/jobs/{job.id}/cancel/", {"next": "/b/northwind/create/"}
        )

        job.refresh_from_db()
        assert job.state == "cancelled"
        assert response.headers["Location"] == "/b/northwind/create/"
        assert Entry.objects.get().action == "job.cancelled"

    def test_leads_nowhere_outside(self, client) -> None:
        client.force_login(make_user())
        job = make_job(brand=make_brand())

        response = client.post(
            f"/b/northwind/jobs/{job.id}/cancel/", {"next": "//evil.example/"}
        )

        assert response.headers["Location"] == "/b/northwind/"

    def test_is_refused_to_a_reviewer(self, client) -> None:
        job = make_job(brand=make_brand())
        client.force_login(make_reviewer())

        assert client.post(f"/b/northwind/jobs/{job.id}/cancel/").status_code == 403

    def test_does_not_know_the_jobs_of_another_brand(self, client) -> None:
        client.force_login(make_user())
        job = make_job(brand=make_brand(name="Fabrikam"))

        assert client.post(f"/b/northwind/jobs/{job.id}/cancel/").status_code == 404

    def test_answers_scripts_in_json(self, client) -> None:
        client.force_login(make_user())
        job = make_job(brand=make_brand(), state="done")

        response = client.post(
            f"/b/northwind/jobs/{job.id}/cancel/",
            headers={"Accept": "application/json"},
        )

        assert response.json() == {"is_cancelled": False}
