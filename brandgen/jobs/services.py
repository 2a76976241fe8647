"""Queue work, and change one's mind about it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from brandgen.accounts.models import Brand, User
from brandgen.jobs.models import Job
from brandgen.jobs.wake import wake


class TooManyJobsError(Exception):
    """A brand has so much work waiting that more would only grow old. Fit to show."""


@transaction.atomic
def enqueue(
    *,
    queue: str,
    work: str,
    subject_id: object,
    title: str,
    brand: Brand | None,
    requested_by: User | None,
    at: datetime,
    priority: int = 0,
    not_before: datetime | None = None,
) -> Job:
    """Insert a job with the caller's rows and wake a worker once they are committed.

    The same work on the same subject is queued once: while a job for it is waiting or
    running, that one is returned.

    Raises:
        TooManyJobsError: the brand's queue is full.
    """
    is_full = (
        Job.objects.filter(brand=brand, state=Job.State.WAITING).count()
        >= settings.JOB_MAX_WAITING_PER_BRAND
    )
    if is_full:
        raise TooManyJobsError(
            f"{settings.JOB_MAX_WAITING_PER_BRAND} jobs of {brand} are waiting already. "
            "Try again when some are done, or ask an admin to raise "
            "JOB_MAX_WAITING_PER_BRAND."
        )
    job, _ = Job.objects.get_or_create(
        work=work,
        subject_id=str(subject_id),
        state__in=[Job.State.WAITING, Job.State.RUNNING],
        defaults={
            "state": Job.State.WAITING,
            "queue": queue,
            "title": title[:120],
            "brand": brand,
            "requested_by": requested_by,
            "priority": priority,
            "created_at": at,
            "changed_at": at,
            "not_before": not_before or at,
        },
    )
    transaction.on_commit(lambda: wake(queue), robust=True)
    return job


@transaction.atomic
def request_cancel(*, job: Job, at: datetime) -> bool:
    """Cancel a waiting job at once, a running one within a step; False if too late."""
    if Job.objects.filter(id=job.id, state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, finished_at=at, changed_at=at
    ):
        return True
    return bool(
        Job.objects.filter(id=job.id, state=Job.State.RUNNING).update(
            is_cancel_requested=True, changed_at=at
        )
    )


@transaction.atomic
def retry(*, job: Job, at: datetime) -> bool:
    """Queue a failed or cancelled job again, with all its attempts; False if it runs."""
    changed = Job.objects.filter(
        id=job.id, state__in=[Job.State.FAILED, Job.State.CANCELLED]
    ).update(
        state=Job.State.WAITING,
        attempt=0,
        is_cancel_requested=False,
        not_before=at,
        changed_at=at,
        finished_at=None,
        error="",
        details="",
    )
    if changed:
        transaction.on_commit(lambda: wake(job.queue), robust=True)
    return bool(changed)
