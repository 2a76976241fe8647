from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from brandgen.jobs import worker
from brandgen.jobs.lease import (
    JobFailedError,
    Lease,
    LostLeaseError,
    RetryLaterError,
    WorkerStoppingError,
)
from brandgen.jobs.models import Job
from brandgen.jobs.services import request_cancel, retry
from tests.factories import make_job, make_user

pytestmark = pytest.mark.django_db

IN_AN_HOUR = timezone.now() + timedelta(hours=1)
HERE = "tests.jobs.test_worker."


def report_twice(lease: Lease) -> None:
    lease.report_step(stage="prior", step=1, steps=2, message="Sketching")
    lease.report_step(stage="prior", step=2, steps=2)


def fail_for_good(lease: Lease) -> None:
    raise JobFailedError("The CSV has no rows. Add one.")


def ask_for_patience(lease: Lease) -> None:
    raise RetryLaterError("The server is busy.", not_before=IN_AN_HOUR)


def break_down(lease: Lease) -> None:
    raise ZeroDivisionError("boom")


def be_cancelled(lease: Lease) -> None:
    request_cancel(job=Job.objects.get(id=lease.job_id), at=timezone.now())
    lease.report_step(stage="prior", step=2, steps=2)
    raise AssertionError("went on after a cancel")


def be_overtaken(lease: Lease) -> None:
    """Stall until the lease is gone, then try to keep a result."""
    past = timezone.now() - timedelta(hours=1)
    Job.objects.filter(id=lease.job_id).update(lease_until=past)
    other = Job.objects.claim_next(queue="default", worker="other", at=timezone.now())
    assert other is not None
    with lease.keeping():
        make_user("Written by the one who lost")


def be_stopped(lease: Lease) -> None:
    lease.interrupt(WorkerStoppingError("down"))
    lease.report_step(stage="prior", step=1, steps=2)


def be_unlucky(lease: Lease) -> None:
    raise OperationalError("server closed the connection")


def run(function: object, **fields: object) -> Job:
    """Queue one job and run it here."""
    name = getattr(function, "__name__")  # noqa: B009
    job = make_job(work=f"{HERE}{name}", **fields)
    assert worker.run_next(queue=job.queue, worker="tester") == job
    job.refresh_from_db()
    return job


class TestRunNext:
    def test_says_when_there_is_nothing(self) -> None:
        assert worker.run_next(queue="default", worker="tester") is None

    def test_records_that_the_work_is_done(self) -> None:
        job = run(report_twice)

        assert (job.state, job.stage, job.step, job.error) == ("done", "prior", 2, "")
        assert job.finished_at is not None

    def test_fails_at_once_when_trying_again_is_useless(self) -> None:
        job = run(fail_for_good)

        assert (job.state, job.attempt) == ("failed", 1)
        assert job.error == "The CSV has no rows. Add one."
        assert "fail_for_good" in job.details

    def test_waits_as_long_as_the_runner_asks_and_uses_up_no_attempt(self) -> None:
        job = run(ask_for_patience)

        assert (job.state, job.message) == ("waiting", "The server is busy.")
        assert job.not_before == IN_AN_HOUR
        assert job.max_attempt - job.attempt == 3

    def test_tries_what_broke_again_after_a_while(self) -> None:
        job = run(break_down)

        assert job.state == "waiting"
        assert job.not_before > timezone.now()
        assert "boom" in job.details
        assert "boom" not in job.message

    def test_gives_up_what_broke_too_often_in_words_for_everyone(self) -> None:
        job = run(break_down, attempt=2)

        assert (job.state, job.attempt) == ("failed", 3)
        assert "3 times" in job.error
        assert f"job {job.id}" in job.error
        assert "Traceback" not in job.error
        assert "Traceback" in job.details

    def test_tries_again_when_its_runner_does_not_exist_here(self) -> None:
        job = make_job(work="brandgen.jobs.runner.from_a_newer_release")

        worker.run_next(queue="default", worker="tester")

        job.refresh_from_db()
        assert job.state == "waiting"

    def test_stops_within_a_step_of_a_cancel(self) -> None:
        other = make_job(not_before=timezone.now() + timedelta(days=1))

        job = run(be_cancelled)

        other.refresh_from_db()
        assert (job.state, other.state) == ("cancelled", "waiting")

    def test_writes_nothing_after_losing_the_lease(self) -> None:
        job = run(be_overtaken)

        assert (job.state, job.worker, job.attempt) == ("running", "other", 2)
        names = type(make_user()).objects.values_list("name", flat=True)
        assert "Written by the one who lost" not in names

    def test_hands_the_job_back_when_the_worker_stops(self) -> None:
        job = run(be_stopped)

        assert job.state == "waiting"
        assert job.max_attempt - job.attempt == 3
        assert job.not_before <= timezone.now()

    def test_takes_no_more_jobs_once_it_is_going_down(self, monkeypatch) -> None:
        job = make_job()
        monkeypatch.setattr(worker, "stopping", worker.threading.Event())
        worker.stopping.set()

        assert worker.run_next(queue="default", worker="tester") is None

        job.refresh_from_db()
        assert job.state == "waiting"

    def test_tries_again_after_the_database_went_away(self) -> None:
        assert run(be_unlucky).state == "waiting"


class TestKeeping:
    def test_lets_an_old_attempt_write_nothing_after_a_retry(self) -> None:
        job = run(fail_for_good)
        stalled = Lease(job_id=job.id, attempt=job.attempt, subject_id=job.subject_id)
        retry(job=job, at=timezone.now())
        again = Job.objects.claim_next(
            queue="default", worker="other", at=timezone.now()
        )
        assert again is not None

        with pytest.raises(LostLeaseError), stalled.keeping():
            make_user("Ghost")

        assert not type(make_user()).objects.filter(name="Ghost").exists()


class TestReportStep:
    def test_leaves_what_came_too_soon_to_the_heartbeat(self) -> None:
        make_job()
        job = Job.objects.claim_next(
            queue="default", worker="tester", at=timezone.now()
        )
        assert job is not None
        lease = Lease(job_id=job.id, attempt=1, subject_id=job.subject_id)
        lease.report_step(stage="prior", step=1, steps=9)
        lease.report_step(stage="prior", step=2, steps=9, message="Loading")
        job.refresh_from_db()
        assert job.step == 1

        lease.beat(every_s=60)

        job.refresh_from_db()
        assert (job.step, job.message) == (2, "Loading")
