from pathlib import Path

import pytest

from tests.race import run_race

ROUNDS = 30
PEOPLE = 8


class TestEightReviewersAtOnce:
    def check(self, url: str, folder: Path) -> None:
        result = run_race("tests.review.race", ROUNDS, url=url, folder=folder)

        assert result["wrong"] == 0
        assert result["outcomes"] == {
            "decided": ROUNDS,
            "stale": ROUNDS * (PEOPLE - 1),
        }

    def test_leave_one_decision_on_sqlite(
        self, sqlite_url: str, tmp_path: Path
    ) -> None:
        self.check(sqlite_url, tmp_path)

    @pytest.mark.services
    def test_leave_one_decision_on_postgresql(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        self.check(postgres_url, tmp_path)
