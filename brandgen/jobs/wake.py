"""Tell a worker that a queue has work.

The row is the outbox, so a lost wake-up costs one sweep, never a job.
"""

import logging
from time import monotonic

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

RUN_NEXT = "brandgen.jobs.run_next"
QUIET_S = 5.0
"""After a failure the broker is left alone for so long: a page that queues a hundred
jobs must not wait a hundred times."""

_quiet_until = 0.0


def wake(queue: str) -> bool:
    """Send an empty message to a queue; a broker that is down is logged, no more."""
    global _quiet_until
    if monotonic() < _quiet_until:
        return False
    try:
        current_app.send_task(RUN_NEXT, args=[queue], queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        _quiet_until = monotonic() + QUIET_S
        log.warning("No wake-up for queue %s, the sweep will do: %s", queue, error)
        return False
    return True
