"""Jobs, and a worker that runs them here."""

from datetime import timedelta
from typing import Any

from brandgen.jobs.lease import Lease
from brandgen.jobs.models import Job
from brandgen.jobs.worker import run_next
from tests.factories.base import NOW, numbers


def make_job(**fields: Any) -> Job:
    """Make a waiting job."""
    defaults: dict[str, Any] = {
        "queue": "default",
        "work": "brandgen.jobs.runner.do_nothing",
        "subject_id": str(next(numbers)),
        "title": "A piece of work",
        "not_before": NOW - timedelta(days=365),
        "created_at": NOW,
        "changed_at": NOW,
    }
    return Job.objects.create(**(defaults | fields))


def make_lease(subject: Any, **fields: Any) -> Lease:
    """Make a running job for a subject and the lease that holds it."""
    job = make_job(
        subject_id=str(subject.pk),
        state=Job.State.RUNNING,
        attempt=1,
        worker="tester",
        lease_until=NOW + timedelta(days=3650),
        **fields,
    )
    return Lease(job_id=job.id, attempt=1, subject_id=str(subject.pk))


def run_jobs() -> list[Job]:
    """Run what waits, as a worker would, until nothing does; return it as it ended.

    Back-off and start times are not waited for: NOW may lie in the future.
    """
    ran: list[int] = []
    while True:
        waiting = Job.objects.filter(state=Job.State.WAITING).exclude(id__in=ran)
        waiting.update(not_before=NOW - timedelta(days=365))
        queues = list(waiting.order_by("id").values_list("queue", flat=True)[:1])
        if not queues or (job := run_next(queue=queues[0], worker="tester")) is None:
            return list(Job.objects.filter(id__in=ran).order_by("id"))
        ran.append(job.id)
