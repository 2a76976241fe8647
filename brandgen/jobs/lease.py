"""What a runner holds while it works on one job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from brandgen.jobs.models import Job

RENEW_EVERY_S = 1.0
"""Progress is written at most this often: each write is a commit with a disk flush."""


class JobCancelledError(Exception):
    """A person cancelled the job; the runner must stop, keeping what is whole."""


class LostLeaseError(Exception):
    """Another worker holds the job now; nothing more may be written for it."""


class JobFailedError(Exception):
    """The work can't succeed however often it is tried. The message is fit to show."""


class RetryLaterError(Exception):
    """The work can't go on now, but may later: it waits until then. Fit to show.

    It is no failed attempt: the runner itself counts how often it broke off.
    """

    def __init__(self, message: str, *, not_before: datetime) -> None:
        super().__init__(message)
        self.not_before = not_before


@dataclass
class Lease:
    """One attempt at one job. Everything that a runner writes goes through it."""

    job_id: int
    attempt: int
    subject_id: str
    _renewed_at: float = 0.0

    def report_step(
        self, *, stage: str, step: int, steps: int, message: str = ""
    ) -> None:
        """Tell how far the work is, and renew the lease.

        Raises:
            JobCancelledError: a person asked for it.
            LostLeaseError: the lease ran out and somebody else took the job.
        """
        is_last = step >= steps
        if not is_last and monotonic() - self._renewed_at < RENEW_EVERY_S:
            return
        self.renew(stage=stage, step=step, steps=steps, message=message)

    def renew(self, **progress: object) -> None:
        """Hold the job for another lease; keyword arguments are columns to write.

        Raises:
            JobCancelledError: a person asked for it.
            LostLeaseError: the lease ran out and somebody else took the job.
        """
        at = timezone.now()
        held = self._mine().update(
            lease_until=at + timedelta(seconds=settings.JOB_LEASE_S),
            changed_at=at,
            **progress,
        )
        if not held:
            raise LostLeaseError(f"Job {self.job_id} has been taken by another worker.")
        self._renewed_at = monotonic()
        if self._mine().filter(is_cancel_requested=True).exists():
            raise JobCancelledError(f"Job {self.job_id} was cancelled.")

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Write results in one transaction that only the lease's holder can commit.

        Raises:
            LostLeaseError: another worker holds the job; nothing is written.
        """
        with transaction.atomic():
            at = timezone.now()
            lease_until = at + timedelta(seconds=settings.JOB_LEASE_S)
            if not self._mine().update(lease_until=lease_until, changed_at=at):
                raise LostLeaseError(
                    f"Job {self.job_id} has been taken by another worker."
                )
            yield

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(
            id=self.job_id, attempt=self.attempt, state=Job.State.RUNNING
        )
