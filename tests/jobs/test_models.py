import threading
from datetime import timedelta

import pytest
from django.db import connection

from brandgen.jobs.models import Job
from tests.factories import NOW, make_brand, make_job

LATER = NOW + timedelta(minutes=5)

pytestmark = pytest.mark.django_db


def claim(queue: str = "default", worker: str = "w1", at=NOW) -> Job | None:
    return Job.objects.claim_next(queue=queue, worker=worker, at=at)


class TestWaiting:
    def test_keeps_what_is_due(self) -> None:
        due = make_job()
        make_job(not_before=LATER)

        assert list(Job.objects.waiting(at=NOW)) == [due]

    def test_keeps_what_a_dead_worker_held(self) -> None:
        job = make_job()
        claim()

        assert not Job.objects.waiting(at=NOW).exists()
        assert list(Job.objects.waiting(at=LATER)) == [job]

    def test_leaves_out_what_was_tried_too_often(self) -> None:
        make_job(attempt=3, max_attempt=3)

        assert not Job.objects.waiting(at=NOW).exists()


class TestClaimNext:
    def test_returns_none_when_nothing_waits(self) -> None:
        make_job(queue="prior")

        assert claim("decoder") is None

    def test_gives_a_lease_and_a_new_attempt(self, settings) -> None:
        settings.JOB_LEASE_S = 60
        make_job(message="old", step=3, steps=4)

        job = claim(worker="w7")

        assert job is not None
        assert (job.state, job.attempt, job.worker) == ("running", 1, "w7")
        assert job.lease_until == NOW + timedelta(seconds=60)
        assert (job.message, job.percent) == ("", 0)

    def test_takes_the_highest_priority_first(self) -> None:
        make_job()
        urgent = make_job(priority=5)

        assert claim() == urgent

    def test_takes_the_oldest_of_a_brand_first(self) -> None:
        first, second = make_job(brand=make_brand()), make_job(brand=make_brand())

        assert [claim(), claim()] == [first, second]

    def test_serves_the_brand_that_waited_longest(self) -> None:
        northwind, fabrikam = make_brand(), make_brand(name="Fabrikam")
        for _ in range(4):
            make_job(brand=northwind)
        make_job(brand=fabrikam)
        make_job(brand=fabrikam)

        brands = [
            claimed.brand.name
            for second in range(6)
            if (claimed := claim(at=NOW + timedelta(seconds=second)))
        ]

        assert brands == [
            "Northwind",
            "Fabrikam",
            "Northwind",
            "Fabrikam",
            "Northwind",
            "Northwind",
        ]

    def test_leaves_a_cancelled_job_alone(self) -> None:
        make_job()
        claim()
        Job.objects.update(is_cancel_requested=True)

        assert claim(at=LATER) is None

    @pytest.mark.django_db(transaction=True)
    def test_gives_each_job_to_exactly_one_of_many_threads(self) -> None:
        ids = sorted(make_job().id for _ in range(20))
        taken: list[int] = []
        errors: list[Exception] = []

        def take_all(name: str) -> None:
            try:
                while job := claim(worker=name):
                    taken.append(job.id)
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=take_all, args=(f"w{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert sorted(taken) == ids
        assert set(Job.objects.values_list("attempt", flat=True)) == {1}


class TestGiveUpWornOut:
    def test_fails_a_job_that_took_its_workers_down(self) -> None:
        job = make_job(max_attempt=2)
        claim()
        claim(at=LATER)

        ended = Job.objects.give_up_worn_out(at=LATER + timedelta(minutes=5))

        job.refresh_from_db()
        assert ended == 1
        assert job.state == "failed"
        assert "Given up after try 2" in job.error
        assert "smaller size" in job.error

    def test_cancels_what_its_worker_never_saw_cancelled(self) -> None:
        job = make_job()
        claim()
        Job.objects.update(is_cancel_requested=True)

        Job.objects.give_up_worn_out(at=LATER)

        job.refresh_from_db()
        assert job.state == "cancelled"

    def test_leaves_a_held_job_alone(self) -> None:
        make_job(max_attempt=1)
        claim()

        assert Job.objects.give_up_worn_out(at=NOW) == 0


class TestReturnExpired:
    def test_puts_a_dead_workers_job_back(self) -> None:
        job = make_job()
        claim()

        assert Job.objects.return_expired(at=NOW) == 0
        assert Job.objects.return_expired(at=LATER) == 1

        job.refresh_from_db()
        assert (job.state, job.attempt) == ("waiting", 1)


class TestFinish:
    def test_records_the_end(self) -> None:
        make_job()
        job = claim()
        assert job is not None

        assert job.finish(at=LATER)

        job.refresh_from_db()
        assert (job.state, job.percent, job.finished_at) == ("done", 100, LATER)

    def test_changes_nothing_once_another_worker_holds_it(self) -> None:
        make_job()
        stalled = claim(worker="stalled")
        holder = claim(worker="holder", at=LATER)
        assert stalled is not None
        assert holder is not None

        assert not stalled.finish(at=LATER)
        assert not stalled.fail(error="no", details="", at=LATER)

        holder.refresh_from_db()
        assert (holder.state, holder.worker) == ("running", "holder")
