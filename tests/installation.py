"""One installation of its own: a data folder, settings, commands and workers."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Installation:
    """One installation of its own: data folder, settings, commands.

    It has a copy of a migrated SQLite file, unless its settings name a database.
    """

    def __init__(
        self, data_dir: Path, migrated_file: Path | None = None, **environment: str
    ) -> None:
        self.data_dir = data_dir
        if migrated_file is not None:
            shutil.copy(migrated_file, data_dir / "db.sqlite3")
        self.environment = {
            **os.environ,
            "BRANDGEN_DATA_DIR": str(data_dir),
            "JOB_SWEEP_S": "1",
            **environment,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command, as a person would in a shell."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    def tell_story(self) -> dict[str, Any]:
        """Run the demo and return its JSON."""
        done = self.run("demo", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        story: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return story

    def count(self, sql: str) -> int:
        """Ask the SQLite file for one number, past all of brandgen."""
        path = self.data_dir / "db.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            return int(connection.execute(sql).fetchone()[0])

    @contextlib.contextmanager
    def worker(self) -> Iterator[None]:
        """Run a worker; its process group is killed, without a word, at the end."""
        with (self.data_dir / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "work", "--concurrency", "1"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
