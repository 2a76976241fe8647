"""What every test needs: a storage folder of its own, and hints that go nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from brandgen.config import celery_app
from brandgen.lib.storage import get_store


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Keep files and exports of each test in its own folder."""
    settings.STORAGE_URL = f"file://{tmp_path / 'blobs'}"
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.ENGINE = "brandgen.engine.fake.FakeEngine"
    get_store.cache_clear()
    yield
    get_store.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def no_broker() -> None:
    """Send wake-ups to a broker in memory: tests run jobs themselves."""
    celery_app.conf.update(broker_url="memory://", broker_transport_options={})
