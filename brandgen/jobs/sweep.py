"""The thread beside every worker process, so that no beat is needed.

It says that the process lives, puts back what dead ones held, and looks for work whose
wake-up was lost. While the broker is down it starts the work itself.
"""

import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from brandgen.jobs import worker
from brandgen.jobs.clock import db_now
from brandgen.jobs.models import BEAT_EVERY_S, Job, Worker
from brandgen.jobs.wake import wake

log = logging.getLogger(__name__)

FORGET_WORKERS_AFTER = timedelta(hours=1)
REST_S = 0.3
"""How long a process must have been idle before it asks for work itself."""
GRACE_S = 30
"""How long a running job has for its next step once the worker is to go down."""
MOST_PATIENCE = 16
"""A wake-up that nothing came of is repeated ever more rarely, up to this many sweeps:
a broker that takes messages and delivers none must not fill up with them."""


@dataclass
class Slot:
    """This process's place for one job at a time."""

    queues: Sequence[str]
    started_at: datetime = field(default_factory=db_now)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    idle_since: float = field(default_factory=time.monotonic)
    runs: int = 0
    _is_taken: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """What tells it from every other process, now or before."""
        return f"{self.host[:90]}:{self.pid}:{self.started_at:%H%M%S%f}"

    def run_next(self, queue: str) -> None:
        """Run the best job of a queue here, if there is one and nothing else runs."""
        if not self._is_taken.acquire(blocking=False):
            return
        try:
            worker.run_next(queue=queue, worker=self.name)
        finally:
            self.runs += 1
            self.idle_since = time.monotonic()
            self._is_taken.release()

    def run_apart(self, queue: str) -> None:
        """Run a job in a thread of this process: no broker is needed for that."""
        threading.Thread(target=self._run_apart, args=(queue,), daemon=True).start()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs here, and no message is just about to be run."""
        is_rested = time.monotonic() - self.idle_since >= REST_S
        return is_rested and not self._is_taken.locked()

    def _run_apart(self, queue: str) -> None:
        try:
            self.run_next(queue)
        finally:
            connection.close()


def start_sweeping(slot: Slot, *, parent_fd: int | None) -> threading.Thread:
    """Start the thread; it ends when the file behind ``parent_fd`` does."""
    sweeper = Sweeper(slot, parent_fd=parent_fd)
    sweeper.start()
    return sweeper


class Sweeper(threading.Thread):
    """Sweeps every ``JOB_SWEEP_S`` seconds, and shortly after each job."""

    def __init__(self, slot: Slot, *, parent_fd: int | None) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.slot = slot
        self.parent_fd = parent_fd
        self.beat_every_s = min(BEAT_EVERY_S, settings.JOB_LEASE_S / 4)
        self.beaten_at = float("-inf")
        self.swept_at = float("-inf")
        self.runs_seen = 0
        self.patience = 1
        self.sweeps_to_skip = 0

    def run(self) -> None:
        """Sweep until the parent is gone, then let the running job be handed back."""
        while self._rest():
            try:
                self._beat()
                self._sweep()
            except (DatabaseError, InterfaceError) as error:
                log.warning("Could not sweep: %s", error)
            finally:
                connection.close()
        worker.stopping.set()
        self._sign_off()
        time.sleep(GRACE_S)
        log.error("Stopped in the middle of a job that takes no step.")
        os._exit(1)

    def _rest(self) -> bool:
        """Wait a little; False once the parent, or this process, is to go down."""
        watched = [] if self.parent_fd is None else [self.parent_fd]
        readable, _, _ = select.select(watched, [], [], REST_S)
        return not readable and signal.SIGTERM not in signal.sigpending()

    def _beat(self) -> None:
        if time.monotonic() - self.beaten_at < self.beat_every_s:
            return
        at = db_now()
        slot = self.slot
        Worker.objects.update_or_create(
            name=slot.name,
            defaults={"queues": list(slot.queues), "seen_at": at},
            create_defaults={
                "host": slot.host[:120],
                "pid": slot.pid,
                "queues": list(slot.queues),
                "started_at": slot.started_at,
                "seen_at": at,
            },
        )
        Worker.objects.filter(seen_at__lt=at - FORGET_WORKERS_AFTER).delete()
        self.beaten_at = time.monotonic()

    def _sweep(self) -> None:
        is_fresh = self.slot.runs != self.runs_seen and self.slot.is_idle
        is_due = time.monotonic() - self.swept_at >= settings.JOB_SWEEP_S
        if not (is_fresh or is_due):
            return
        if is_fresh:
            self.runs_seen = self.slot.runs
            self.patience, self.sweeps_to_skip = 1, 0
        self.swept_at = time.monotonic()
        at = db_now()
        Job.objects.give_up_worn_out(at=at)
        Job.objects.return_expired(at=at)
        self._look_for_work(at)

    def _look_for_work(self, at: datetime) -> None:
        """Send at most one wake-up: this slot can take no more than one job."""
        if not self.slot.is_idle:
            return
        due = Job.objects.waiting(at=at).filter(queue__in=self.slot.queues)
        queue = due.by_fairness().values_list("queue", flat=True).first()
        if queue is None:
            self.patience, self.sweeps_to_skip = 1, 0
        elif self.sweeps_to_skip > 0:
            self.sweeps_to_skip -= 1
        else:
            self.sweeps_to_skip = self.patience - 1
            self.patience = min(MOST_PATIENCE, self.patience * 2)
            if not wake(queue):
                self.slot.run_apart(queue)

    def _sign_off(self) -> None:
        try:
            Worker.objects.filter(name=self.slot.name).delete()
        except (DatabaseError, InterfaceError) as error:
            log.warning("Could not sign off: %s", error)
        finally:
            connection.close()
