from pathlib import Path

import pytest

from tests.race import run_race


class TestEightVisitorsAtOnce:
    def check(self, url: str, folder: Path) -> None:
        said = run_race("tests.links.race", url=url, folder=folder)

        assert said["told"]["few"] == {"200": 3, "410": 5}
        assert said["told"]["same"] == {"200": 8}
        # A minute may begin between two of them.
        assert set(said["told"]["slow"]) == {"200", "429"}
        assert said["told"]["slow"]["429"] >= 2
        assert said["counts"] == {"few": 3, "same": 1, "slow": 1}
        assert (said["kept"], said["used_up"]) == (5, 1)

    def test_are_counted_on_sqlite(self, sqlite_url: str, tmp_path: Path) -> None:
        self.check(sqlite_url, tmp_path)

    @pytest.mark.services
    def test_are_counted_on_postgresql(self, postgres_url: str, tmp_path: Path) -> None:
        self.check(postgres_url, tmp_path)


class TestEightVisitorsOfOneForm:
    def check(self, url: str, folder: Path) -> None:
        said = run_race("tests.links.form_race", url=url, folder=folder)

        assert said["told"]["few"] == {"200": 3, "410": 5}
        assert said["told"]["slow"] == {"200": 3, "429": 5}
        assert said["told"]["same"] == {"200": 8}
        assert said["counts"] == {"few": 3, "slow": 3, "same": 1}
        assert (said["kept"], said["filled"]) == (7, 7)

    def test_are_counted_on_sqlite(self, sqlite_url: str, tmp_path: Path) -> None:
        self.check(sqlite_url, tmp_path)

    @pytest.mark.services
    def test_are_counted_on_postgresql(self, postgres_url: str, tmp_path: Path) -> None:
        self.check(postgres_url, tmp_path)
