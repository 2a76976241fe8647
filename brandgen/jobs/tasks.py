"""What Celery calls: claim the best job of a queue and run it."""

from celery import shared_task

from brandgen.jobs.wake import RUN_NEXT


@shared_task(name=RUN_NEXT)
def run_next(queue: str) -> None:
    """Run one job of a queue."""
