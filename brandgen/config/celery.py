"""Celery carries wake-ups between processes; the job table holds the truth.

Figures behind these settings: docs/adr/0003-the-job-table-is-the-queue.md.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brandgen.config.settings")

app = Celery("brandgen")
app.config_from_object("django.conf:settings", namespace="CELERY")


def transport_options(url: str, *, folder: Path) -> dict[str, Any]:
    """Return the options that one kind of broker needs and the others refuse.

    Args:
        url: the broker's address; ``filesystem://`` needs no server.
        folder: where that one keeps its messages; made here, for its owner only.
    """
    # A page that queues work must not wait for a broker that is down: one more try,
    # then the sweep finds the work. Without these a wake-up blocks for six seconds.
    give_up_soon = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
    if url.startswith("filesystem://"):
        control = folder / "control"
        control.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(control),
            "polling_interval": 0.1,
        }
    if url.startswith("redis"):
        return {
            "visibility_timeout": 6 * 3600,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 30,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            **give_up_soon,
        }
    return give_up_soon
