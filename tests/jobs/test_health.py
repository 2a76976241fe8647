import pytest
from django.utils import timezone

from brandgen.jobs import health
from brandgen.lib.storage import get_store

pytestmark = pytest.mark.django_db


def find(name: str) -> health.Finding:
    findings = health.find_health(at=timezone.now())
    return next(finding for finding in findings if finding.name == name)


class TestFindHealth:
    def test_names_a_broker_that_does_not_answer(self, monkeypatch) -> None:
        app = health.current_app._get_current_object()
        with app.connection_for_write("redis://127.0.0.1:1/0") as dead:
            monkeypatch.setattr(app, "connection_for_write", lambda **_: dead)

            finding = find("Broker")

        assert finding.state == "warn"
        assert "refused" in finding.text

    def test_names_a_storage_that_can_not_be_written(self, settings, tmp_path) -> None:
        file = tmp_path / "file"
        file.write_text("in the way")
        settings.STORAGE_URL = f"file://{file}"
        get_store.cache_clear()

        assert find("Storage").state == "bad"

    def test_warns_of_a_disk_that_fills_up(self, monkeypatch) -> None:
        monkeypatch.setattr(health, "FULL_DISK_BYTES", 2**60)

        assert find("Disk").state == "bad"


class TestSqliteProblem:
    def test_knows_the_version_that_is_sound(self) -> None:
        assert "3.40.1" in health.sqlite_problem((3, 40, 1))
        assert health.sqlite_problem((3, 51, 3)) == ""

    def test_finds_none_here(self) -> None:
        assert health.sqlite_problem() == ""
