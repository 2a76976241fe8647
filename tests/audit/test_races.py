import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.review.test_races import postgres_url  # noqa: F401  (a fixture)

ROOT = Path(__file__).resolve().parents[2]
TURNS = 50
THREADS = 8


def run_race(database_url: str, folder: Path) -> dict[str, Any]:
    environ = os.environ | {
        "DATABASE_URL": database_url,
        "BRANDGEN_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.audit.race", str(TURNS)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


class TestEightWritersAtOnce:
    def check(self, report: dict[str, Any]) -> None:
        kept = THREADS * TURNS * 4 // 5
        assert report["outcomes"] == {
            "recorded": kept,
            "rolled back": THREADS * TURNS // 5,
        }
        assert report["is_whole"]
        assert report["entries"] == report["checked"] == kept

    def test_leave_one_chain_without_gaps_on_sqlite(self, tmp_path: Path) -> None:
        self.check(run_race(f"sqlite:///{tmp_path / 'race.sqlite3'}", tmp_path))

    @pytest.mark.services
    def test_leave_one_chain_without_gaps_on_postgresql(
        self,
        postgres_url: str,  # noqa: F811
        tmp_path: Path,
    ) -> None:
        self.check(run_race(postgres_url, tmp_path))
