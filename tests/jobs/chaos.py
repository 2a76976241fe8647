"""A small installation in processes of its own, made to be killed.

``python -m tests.jobs.chaos N`` queues N jobs in it.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STEPS, STEP_S = 5, 0.07
TABLES = (
    "CREATE TABLE chaos_start (subject_id varchar(64), attempt integer)",
    # No unique constraint: work that was done twice must be seen, not prevented.
    "CREATE TABLE chaos_artifact (subject_id varchar(64), attempt integer)",
)


def make_artifact(lease: Any) -> None:
    """Work for a third of a second, and keep one row; what workers run here."""
    from django.db import connection

    row = [lease.subject_id, lease.attempt]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO chaos_start VALUES (%s, %s)", row)
        for step in range(1, STEPS + 1):
            time.sleep(STEP_S)
            lease.report_step(stage="work", step=step, steps=STEPS)
        with lease.keeping():
            cursor.execute(
                "SELECT 1 FROM chaos_artifact WHERE subject_id = %s", row[:1]
            )
            if cursor.fetchone() is None:
                cursor.execute("INSERT INTO chaos_artifact VALUES (%s, %s)", row)


def kill_own_process(lease: Any) -> None:
    """Die as if memory ran out."""
    os.kill(os.getpid(), signal.SIGKILL)


def take_long(lease: Any) -> None:
    """Work for two minutes, a step at a time."""
    for step in range(1, 1201):
        time.sleep(0.1)
        lease.report_step(stage="work", step=step, steps=1200)


def load_torch(lease: Any) -> None:
    """Do what a runner of images does first."""
    import torch

    assert Path(torch.__file__).exists()


@dataclass
class Installation:
    """A data folder, a broker and a database: a URL, or a copy of a migrated file."""

    data_dir: Path
    broker_url: str
    queue: str
    database_url: str = ""
    migrated_file: Path | None = None
    environ: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.environ = {
            **{k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}},
            "BRANDGEN_DATA_DIR": str(self.data_dir),
            "CELERY_BROKER_URL": self.broker_url,
            "CHAOS_QUEUE": self.queue,
            "DJANGO_SETTINGS_MODULE": "tests.jobs.chaos_settings",
            "JOB_LEASE_S": "2",
            "JOB_SWEEP_S": "1",
            "JOB_MAX_ATTEMPTS": "15",
            "PYTHONPATH": str(ROOT),
        }
        if self.database_url:
            self.environ["DATABASE_URL"] = self.database_url
        if self.migrated_file is not None:
            shutil.copy(self.migrated_file, self.data_dir / "db.sqlite3")
        for table in TABLES:
            self.query(table)

    def queue_jobs(self, count: int, work: str = "make_artifact") -> None:
        """Queue jobs through the real service, wake-ups included."""
        self._run("-m", "tests.jobs.chaos", str(count), work)

    def start_worker(self, concurrency: int = 2) -> subprocess.Popen[bytes]:
        """Start a worker in a process group of its own."""
        with (self.data_dir / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "django", "work"),
                    f"--concurrency={concurrency}",
                ],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill the whole group, with no chance to say good-bye."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def close(self) -> None:
        """Leave no process behind."""
        for worker in self.workers:
            self.kill(worker)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database directly, past all of brandgen."""
        with self._connect() as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def count(self, sql: str) -> int:
        """Ask for one number."""
        return int(self.query(sql)[0][0])

    def states(self) -> dict[str, int]:
        """Count the jobs in each state."""
        rows = self.query("SELECT state, count(*) FROM jobs_job GROUP BY state")
        return {str(state): int(count) for state, count in rows}

    def log(self) -> str:
        """Return the workers' log."""
        path = self.data_dir / "worker.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @contextlib.contextmanager
    def _connect(self) -> Iterator[Any]:
        if self.database_url:
            import psycopg

            with psycopg.connect(self.database_url) as connection:
                yield connection
            return
        path = self.data_dir / "db.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            yield connection
            connection.commit()

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environ, check=True
        )


def wait_until(
    is_so: Callable[[], bool], *, timeout_s: float, what: str, every_s: float = 0.05
) -> None:
    """Wait for something to become true."""
    until = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {timeout_s} s")
        time.sleep(every_s)


def main(count: int, work: str) -> None:
    """Queue jobs, each in a transaction of its own."""
    import django

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from brandgen.jobs.services import enqueue

    for number in range(count):
        enqueue(
            queue=settings.JOB_QUEUES[0],
            work=f"tests.jobs.chaos.{work}",
            subject_id=f"{work}-{number}",
            title=f"{work} {number}",
            brand=None,
            requested_by=None,
            at=timezone.now(),
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
