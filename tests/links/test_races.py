import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_race(database_url: str, folder: Path) -> dict[str, Any]:
    environ = os.environ | {
        "DATABASE_URL": database_url,
        "BRANDGEN_DATA_DIR": str(folder),
        "STORAGE_URL": f"file://{folder / 'blobs'}",
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.links.race"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


class TestEightVisitorsAtOnce:
    def check(self, said: dict[str, Any]) -> None:
        assert said["told"]["few"] == {"200": 3, "410": 5}
        assert said["told"]["same"] == {"200": 8}
        # A minute may begin between two of them.
        assert set(said["told"]["slow"]) == {"200", "429"}
        assert said["told"]["slow"]["429"] >= 2
        assert said["counts"] == {"few": 3, "same": 1, "slow": 1}
        assert (said["kept"], said["used_up"]) == (5, 1)

    def test_are_counted_on_sqlite(self, tmp_path: Path) -> None:
        self.check(run_race(f"sqlite:///{tmp_path / 'race.sqlite3'}", tmp_path))

    @pytest.mark.services
    def test_are_counted_on_postgresql(self, postgres_url: str, tmp_path: Path) -> None:
        self.check(run_race(postgres_url, tmp_path))
