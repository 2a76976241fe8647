from pathlib import Path

import pytest

from tests.race import run_race

TURNS = 50
THREADS = 8


class TestEightWritersAtOnce:
    def check(self, url: str, folder: Path) -> None:
        report = run_race("tests.audit.race", TURNS, url=url, folder=folder)

        kept = THREADS * TURNS * 4 // 5
        assert report["outcomes"] == {
            "recorded": kept,
            "rolled back": THREADS * TURNS // 5,
        }
        assert report["is_whole"]
        assert report["entries"] == report["checked"] == kept

    def test_leave_one_chain_without_gaps_on_sqlite(
        self, sqlite_url: str, tmp_path: Path
    ) -> None:
        self.check(sqlite_url, tmp_path)

    @pytest.mark.services
    def test_leave_one_chain_without_gaps_on_postgresql(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        self.check(postgres_url, tmp_path)
