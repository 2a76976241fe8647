"""Run one job: hold it, call its runner, and record every way that it can end."""

import functools
import gc
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from brandgen.jobs.clock import db_now
from brandgen.jobs.lease import (
    JobCancelledError,
    JobFailedError,
    Lease,
    LostLeaseError,
    RetryLaterError,
    WorkerStoppingError,
)
from brandgen.jobs.models import Job
from brandgen.jobs.wake import wake

log = logging.getLogger(__name__)

TICK_S = 1.0
BACK_OFF_S = 5
LONGEST_BACK_OFF_S = 300
UNEXPECTED = (
    "Something went wrong that brandgen did not expect ({kind}), {attempts} times. "
    "Ask an admin to look at job {id}."
)

stopping = threading.Event()
"""Set once this process is to go down."""


def run_next(*, queue: str, worker: str) -> Job | None:
    """Claim the best job of a queue and run it; return it as it was claimed."""
    if stopping.is_set():
        return None
    job = Job.objects.claim_next(queue=queue, worker=worker, at=db_now())
    if job is not None:
        run_job(job)
        _settle()
    return job


@functools.cache
def _settle() -> None:
    """Leave what the first job loaded out of the garbage collector's later rounds.

    Django and the libraries of a runner are half a million objects; looking at all of
    them takes 0.15 s, every few hundred creatives.
    """
    gc.collect()
    gc.freeze()


def run_job(job: Job) -> None:
    """Run a claimed job to its end, whatever that is."""
    started = time.monotonic()
    lease = Lease(job_id=job.id, attempt=job.attempt, subject_id=job.subject_id)
    try:
        with beating(lease):
            import_string(job.work)(lease)
        ending = "done"
        _record(lambda: job.finish(at=db_now()))
    except LostLeaseError as error:
        ending = f"lost: {error}"
    except JobCancelledError:
        ending = "cancelled"
        _record(lambda: job.mark_cancelled(at=db_now()))
    except WorkerStoppingError:
        ending = "handed back"
        _hand_back(job)
    except RetryLaterError as error:
        ending = f"put off: {error}"
        _put_back(job, not_before=error.not_before, message=str(error))
    except JobFailedError as error:
        ending = f"failed: {error}"
        _fail(job, error=str(error))
    except Exception as error:
        log.exception("Job %s (%s) broke", job.id, job.work)
        ending = "broken"
        _try_again_or_fail(job, error)
    took_s = time.monotonic() - started
    log.info(
        "Job %s %s (attempt %s) %s in %.1f s",
        job.id,
        job.work,
        job.attempt,
        ending,
        took_s,
    )


@contextmanager
def beating(lease: Lease) -> Iterator[None]:
    """Keep a lease alive while the runner is busy between its steps, loading a model.

    What the heartbeat learns (cancelled, lost, going down) interrupts the next step.
    """
    over = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(lease, over), name=f"job-{lease.job_id}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=30)


def _beat(lease: Lease, over: threading.Event) -> None:
    every_s = settings.JOB_LEASE_S / 4
    while not over.wait(min(TICK_S, every_s)):
        if stopping.is_set():
            lease.interrupt(WorkerStoppingError("This worker is going down."))
        try:
            lease.beat(every_s=every_s)
        except JobCancelledError as reason:
            lease.interrupt(reason)
        except LostLeaseError as reason:
            lease.interrupt(reason)
            return
        except (OperationalError, InterfaceError) as error:
            log.warning("No heartbeat for job %s: %s", lease.job_id, error)
        finally:
            connection.close()


def _hand_back(job: Job) -> None:
    _put_back(job, not_before=None, message="Its worker stopped; another one goes on.")
    wake(job.queue)


def _fail(job: Job, *, error: str) -> None:
    details = traceback.format_exc()
    _record(lambda: job.fail(error=error, details=details, at=db_now()))


def _try_again_or_fail(job: Job, error: Exception) -> None:
    kind = type(error).__name__
    if job.attempt >= job.max_attempt:
        reason = UNEXPECTED.format(kind=kind, attempts=job.attempt, id=job.id)
        _fail(job, error=reason)
        return
    after_s = min(LONGEST_BACK_OFF_S, BACK_OFF_S * 2 ** (job.attempt - 1))
    _put_back(
        job,
        not_before=timezone.now() + timedelta(seconds=after_s),
        message=f"It did not work ({kind}). Next try in {after_s} s.",
        details=traceback.format_exc(),
        is_free=False,
    )


def _put_back(
    job: Job,
    *,
    not_before: datetime | None,
    message: str,
    details: str = "",
    is_free: bool = True,
) -> None:
    def write() -> bool:
        at = db_now()
        return job.put_back(
            at=at,
            not_before=not_before or at,
            message=message,
            details=details,
            is_free=is_free,
        )

    _record(write)


def _record(write: Callable[[], bool]) -> None:
    """Write an ending, also across a database that is restarted just now.

    If it stays away, the lease runs out and the job is tried again.
    """
    for delay_s in (0.5, 1, 2, 4, None):
        try:
            if not write():
                log.warning("The job was taken by another worker; nothing was written.")
            return
        except (OperationalError, InterfaceError) as error:
            if delay_s is None or connection.in_atomic_block:
                raise
            log.warning("The ending is not written yet: %s", error)
            connection.close()
            time.sleep(delay_s)
