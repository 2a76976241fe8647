"""What Celery calls: to run a job, and when its processes start and stop."""

import ctypes
import os
import signal
import sys
from typing import Any

from celery import current_app, shared_task, signals
from django.db import connections

from brandgen.jobs import worker
from brandgen.jobs.sweep import Slot, start_sweeping
from brandgen.jobs.wake import RUN_NEXT

PR_SET_PDEATHSIG = 1

_slot: Slot | None = None
_alive: tuple[int, int] | None = None
"""A pipe that nothing is written to: its reading end, kept by every process of the
pool, ends when the parent closes the other one, be it on purpose or by dying.
"""


@shared_task(name=RUN_NEXT)
def run_next(queue: str) -> None:
    """Run one job of a queue, if there is one."""
    if _slot is None:
        worker.run_next(queue=queue, worker="celery")
    else:
        _slot.run_next(queue)


@signals.worker_init.connect
def _open_pipe(**_: Any) -> None:
    global _alive
    _alive = os.pipe()
    # A process must not be forked with an open connection: SQLite forbids it.
    connections.close_all()


@signals.worker_shutting_down.connect
def _close_pipe(**_: Any) -> None:
    global _alive
    if _alive is not None:
        os.close(_alive[1])
        _alive = (_alive[0], -1)


@signals.worker_process_init.connect
def _start_slot(**_: Any) -> None:
    global _slot
    if _alive is not None and _alive[1] >= 0:
        os.close(_alive[1])
    # Some managers of services send SIGTERM to every process, not to the parent only.
    # A pool process that dies of it while idle takes the pool's lock along, and the
    # parent waits for ever: so the sweeper looks at the signal instead.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    # Celery has it killed at once when its parent dies; the job is to be handed back.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _slot = Slot(queues=sorted(current_app.amqp.queues.consume_from))
    start_sweeping(_slot, parent_fd=_alive[0] if _alive else None)
