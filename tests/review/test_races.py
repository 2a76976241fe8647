import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 30
PEOPLE = 8


def run_race(database_url: str, folder: Path) -> dict[str, Any]:
    environ = os.environ | {
        "DATABASE_URL": database_url,
        "BRANDGEN_DATA_DIR": str(folder),
        "STORAGE_URL": f"file://{folder / 'blobs'}",
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.review.race", str(ROUNDS)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Make a database on the server that TEST_POSTGRES_URL or libpq's defaults name."""
    server = os.environ.get("TEST_POSTGRES_URL", "postgresql:///postgres")
    name = f"brandgen_race_{uuid.uuid4().hex[:8]}"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers: {error}")
    admin.execute(f"CREATE DATABASE {name}")
    base, _, _ = server.rpartition("/")
    try:
        yield f"{base}/{name}"
    finally:
        with contextlib.suppress(psycopg.Error):
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()


class TestEightReviewersAtOnce:
    def check(self, result: dict[str, Any]) -> None:
        assert result["wrong"] == 0
        assert result["outcomes"] == {
            "decided": ROUNDS,
            "stale": ROUNDS * (PEOPLE - 1),
        }

    def test_leave_one_decision_on_sqlite(self, tmp_path: Path) -> None:
        self.check(run_race(f"sqlite:///{tmp_path / 'race.sqlite3'}", tmp_path))

    @pytest.mark.services
    def test_leave_one_decision_on_postgresql(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        self.check(run_race(postgres_url, tmp_path))
