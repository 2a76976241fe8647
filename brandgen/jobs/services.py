"""Queue work, and change one's mind about it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F

from brandgen.accounts.models import Brand, User
from brandgen.audit import models as audit
from brandgen.jobs.models import Job, attempts_allowed
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
            f"{settings.JOB_MAX_WAITING_PER_BRAND} jobs of {brand} wait already. "
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
def request_cancel(*, job: Job, at: datetime, by: User | None = None) -> bool:
    """Cancel a waiting job at once, a running one within a step; False if too late.

    Args:
        job: which one; never another job of the same queue or worker.
        at: when.
        by: who asked, for the audit trail; None where the caller records it.
    """
    is_changed = bool(
        Job.objects.filter(id=job.id, state=Job.State.WAITING).update(
            state=Job.State.CANCELLED, finished_at=at, changed_at=at
        )
        or Job.objects.filter(id=job.id, state=Job.State.RUNNING).update(
            is_cancel_requested=True, changed_at=at
        )
    )
    if is_changed and by is not None:
        audit.record(by, "job.cancelled", job, at=at)
    return is_changed


@transaction.atomic
def retry(*, job: Job, at: datetime, by: User | None = None) -> bool:
    """Queue a failed or cancelled job again, with all its attempts; False if it runs.

    The attempt number goes on growing: a worker that stalled in an old attempt must
    never be taken for the holder of a new one.
    """
    is_changed = bool(
        Job.objects.filter(id=job.id, state__in=[Job.State.FAILED, Job.State.CANCELLED])
        .exclude(_open_twins(job))
        .update(
            state=Job.State.WAITING,
            max_attempt=F("attempt") + attempts_allowed(),
            is_cancel_requested=False,
            not_before=at,
            changed_at=at,
            finished_at=None,
            message="",
            error="",
            details="",
        )
    )
    if is_changed:
        if by is not None:
            audit.record(by, "job.retried", job, at=at)
        transaction.on_commit(lambda: wake(job.queue), robust=True)
    return is_changed


def _open_twins(job: Job) -> Exists:
    """Ask whether the same work on the same subject is queued already."""
    twins = Job.objects.unfinished().filter(work=job.work, subject_id=job.subject_id)
    return Exists(twins)
