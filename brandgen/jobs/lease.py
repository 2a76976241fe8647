"""What a runner holds while it works on one job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from brandgen.jobs.clock import db_now
from brandgen.jobs.models import Job

RENEW_EVERY_S = 1.0
"""Progress is written at most this often: each write is a commit with a disk flush."""


SILENCE_S = 900
"""The heartbeat holds a job for a runner that takes no step for so long, no longer."""


class JobCancelledError(Exception):
    """A person cancelled the job; the runner must stop, keeping what is whole."""


class LostLeaseError(Exception):
    """Another worker holds the job now; nothing more may be written for it."""


class WorkerStoppingError(Exception):
    """The worker is going down; the runner must stop, and the job is handed back."""


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
    _heard_at: float = field(default_factory=monotonic)
    _unsaid: dict[str, Any] = field(default_factory=dict)
    _interruption: Exception | None = None

    def report_step(
        self, *, stage: str, step: int, steps: int, message: str = ""
    ) -> None:
        """Tell how far the work is, and renew the lease.

        Raises:
            JobCancelledError: a person asked for it.
            LostLeaseError: the lease ran out and somebody else took the job.
            WorkerStoppingError: this worker is going down.
        """
        if self._interruption is not None:
            raise self._interruption
        self._heard_at = monotonic()
        progress = {
            "stage": stage[:20],
            "step": step,
            "steps": steps,
            "message": message[:200],
        }
        is_last = step >= steps
        if not is_last and monotonic() - self._renewed_at < RENEW_EVERY_S:
            self._unsaid = progress
            return
        self._unsaid = {}
        self.renew(**progress)

    def renew(self, **progress: Any) -> None:
        """Hold the job for another lease; keyword arguments are columns to write.

        Raises:
            JobCancelledError: a person asked for it.
            LostLeaseError: the lease ran out and somebody else took the job.
        """
        self._extend(**progress)
        self._renewed_at = monotonic()
        if self._mine().filter(is_cancel_requested=True).exists():
            raise JobCancelledError(f"Job {self.job_id} was cancelled.")

    def beat(self, *, every_s: float) -> None:
        """Do what the runner's steps did not: write late progress, renew in time.

        Called beside the runner, from another thread.

        Raises:
            JobCancelledError: a person asked for it.
            LostLeaseError: the lease ran out and somebody else took the job.
        """
        if monotonic() - self._heard_at > SILENCE_S:
            raise LostLeaseError(f"Job {self.job_id} took no step for {SILENCE_S} s.")
        unsaid, self._unsaid = self._unsaid, {}
        if unsaid or monotonic() - self._renewed_at >= every_s:
            self.renew(**unsaid)

    def interrupt(self, reason: Exception) -> None:
        """Make the next step raise this; the first reason counts."""
        if self._interruption is None:
            self._interruption = reason

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Write results in one transaction that only the lease's holder can commit.

        Raises:
            LostLeaseError: another worker holds the job; nothing is written.
        """
        with transaction.atomic():
            self._extend()
            yield

    def _extend(self, **columns: Any) -> None:
        at = db_now()
        lease_until = at + timedelta(seconds=settings.JOB_LEASE_S)
        if not self._mine().update(lease_until=lease_until, changed_at=at, **columns):
            raise LostLeaseError(
                f"Job {self.job_id} is no longer held by attempt {self.attempt}; what "
                "this worker made of it is thrown away."
            )

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(
            id=self.job_id, attempt=self.attempt, state=Job.State.RUNNING
        )
