"""Say what is wrong with an installation before anyone asks."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004
from django.db import connection
from kombu.exceptions import OperationalError

from brandgen.jobs.models import Worker
from brandgen.lib.storage import StorageError, get_store

SOUND_SQLITE = (3, 51, 3)
"""Older ones in WAL mode can damage the file (https://sqlite.org/wal.html)."""
LOW_DISK_BYTES = 5 * 2**30
FULL_DISK_BYTES = 2**30


@dataclass(frozen=True)
class Finding:
    """One part of the installation and how it is: ok, warn or bad."""

    name: str
    state: str
    text: str


def find_health(*, at: datetime) -> list[Finding]:
    """Look at everything that work needs."""
    return [
        _workers(at),
        _broker(),
        _database(),
        _storage(),
        _disk(settings.DATA_DIR),
    ]


def check_sqlite(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """Warn of an SQLite that can damage its file; a system check."""
    if problem := sqlite_problem():
        yield Warning(
            problem, hint="Install pysqlite3 or use PostgreSQL.", id="jobs.W001"
        )


def sqlite_problem(version: tuple[int, ...] | None = None) -> str:
    """Return what is wrong with the SQLite in use; empty if nothing is."""
    if connection.vendor != "sqlite":
        return ""
    # The settings put pysqlite3 in this module's place where it is installed.
    version = version or sqlite3.sqlite_version_info
    if version >= SOUND_SQLITE:
        return ""
    return (
        f"SQLite {'.'.join(map(str, version))} can, rarely, damage a file that several "
        f"processes write; {'.'.join(map(str, SOUND_SQLITE))} does not."
    )


def _workers(at: datetime) -> Finding:
    served = {
        queue for worker in Worker.objects.alive(at=at) for queue in worker.queues
    }
    missing = [queue for queue in settings.JOB_QUEUES if queue not in served]
    if not missing:
        return Finding("Workers", "ok", "Every queue has one.")
    return Finding(
        "Workers",
        "bad",
        f"Nobody works on {', '.join(missing)}. Start `manage.py work` or look at the "
        "worker's log.",
    )


def _broker() -> Finding:
    kind = settings.CELERY_BROKER_URL.partition(":")[0]
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError) as error:
        return Finding(
            "Broker",
            "warn",
            f"{kind} does not answer ({error}). Work goes on, a little later.",
        )
    if kind == "filesystem":
        return Finding("Broker", "ok", "A local folder; no server is needed.")
    return Finding("Broker", "ok", f"{kind} answers.")


def _database() -> Finding:
    if problem := sqlite_problem():
        return Finding("Database", "warn", problem)
    if connection.vendor == "sqlite":
        return Finding("Database", "ok", f"SQLite {sqlite3.sqlite_version}.")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    return Finding("Database", "ok", f"PostgreSQL {version}.")


def _storage() -> Finding:
    where = settings.STORAGE_URL.partition(":")[0]
    try:
        get_store().check()
    except StorageError as error:
        return Finding("Storage", "bad", str(error))
    return Finding("Storage", "ok", "S3 answers." if where == "s3" else "Local folder.")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder if folder.exists() else "/").free
    text = f"{free / 2**30:.1f} GB free at {folder}."
    if free < FULL_DISK_BYTES:
        return Finding("Disk", "bad", f"{text} Free some before pictures fail.")
    return Finding("Disk", "warn" if free < LOW_DISK_BYTES else "ok", text)
