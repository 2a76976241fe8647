"""Have a worker for as long as the story needs one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from brandgen.jobs.models import Job, Worker

POLL_S = 0.1
FRESH = timedelta(seconds=15)


class StoryError(Exception):
    """The story can't go on: a job failed or took too long."""


@contextmanager
def some_worker() -> Iterator[None]:
    """Use the worker that runs already; start one of our own where none does."""
    if Worker.objects.filter(seen_at__gte=timezone.now() - FRESH).exists():
        yield
        return
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work", "--concurrency", "1"],
        cwd=settings.ROOT,
        env={**os.environ, "LOG_LEVEL": "WARNING"},
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def wait_for(subject_ids: Sequence[object], *, timeout_s: float = 300) -> list[Job]:
    """Wait until no job of these subjects is open; return their jobs.

    Raises:
        StoryError: one failed or was cancelled, or the time is over.
    """
    jobs = Job.objects.filter(subject_id__in=[str(id_) for id_ in subject_ids])
    give_up_at = time.monotonic() + timeout_s
    while jobs.unfinished().exists():
        if time.monotonic() > give_up_at:
            titles = ", ".join(job.title for job in jobs.unfinished())
            raise StoryError(f"{titles}: not done after {timeout_s:.0f} s.")
        time.sleep(POLL_S)
    if broken := jobs.exclude(state=Job.State.DONE).first():
        raise StoryError(f"{broken.title}: {broken.error or broken.state}")
    return list(jobs)
