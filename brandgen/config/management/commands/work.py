"""``manage.py work``: one worker."""

import os
import warnings
from argparse import ArgumentParser
from typing import Any

from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from brandgen.config import celery_app


class Command(BaseCommand):
    """Starts a worker: one parent that never loads a model, and its processes."""

    help = "Run jobs of some queues, or of all, until stopped with Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument(
            "--queues",
            default=",".join(settings.JOB_QUEUES),
            help="Separated by commas; all by default: %(default)s",
        )
        parser.add_argument(
            "--concurrency",
            type=int,
            default=min(2, os.cpu_count() or 1),
            help="Jobs at a time; 1 for each GPU. By default %(default)s",
        )

    def handle(self, *, queues: str, concurrency: int, **options: Any) -> None:
        """Become the worker."""
        chosen = [queue.strip() for queue in queues.split(",") if queue.strip()]
        unknown = sorted(set(chosen) - set(settings.JOB_QUEUES))
        if unknown or not chosen:
            raise CommandError(
                f"--queues has {', '.join(unknown) or 'no queue'}. "
                f"Choose from {', '.join(settings.JOB_QUEUES)}."
            )
        if not 1 <= concurrency <= 256:
            raise CommandError(f"--concurrency is {concurrency}. Use 1 to 256.")
        connections.close_all()
        # Celery fears pickled messages when run by root; ours are JSON only.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        celery_app.worker_main(
            [
                "--quiet",
                "worker",
                f"--queues={','.join(chosen)}",
                f"--concurrency={concurrency}",
                "--pool=prefork",
                "--without-gossip",
                "--without-mingle",
                f"--loglevel={settings.LOG_LEVEL}",
                f"--hostname=brandgen-{os.getpid()}@%h",
            ]
        )
