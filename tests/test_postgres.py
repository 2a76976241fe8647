"""What keeps and reads the most kinds of data, on PostgreSQL as on SQLite."""

import os
import subprocess
import sys
from pathlib import Path

from tests.services import POSTGRES_URL

ROOT = Path(__file__).resolve().parents[1]
ALIKE = (
    "tests/test_bad_input.py",
    "tests/creatives/test_feeds.py",
    "tests/creatives/test_fill_views.py",
    "tests/creatives/test_runner.py",
    "tests/exports/test_runner.py",
    "tests/lib/test_ordered_json.py",
)


class TestPostgres:
    def test_answers_as_sqlite_does(self, migrated_postgres: str) -> None:
        """PostgreSQL refuses NUL, sorts the keys of JSON and shares no connection."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ALIKE],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": f"{POSTGRES_URL}/{migrated_postgres}"},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-4000:]
