"""Tell a worker that a queue has work.

The row is the outbox, so a lost wake-up costs one sweep, never a job.
"""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

RUN_NEXT = "brandgen.jobs.run_next"


def wake(queue: str) -> None:
    """Send an empty message to a queue; a broker that is down is logged, no more."""
    try:
        current_app.send_task(RUN_NEXT, args=[queue], queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("No wake-up for queue %s: %s", queue, error)
