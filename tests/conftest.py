"""What every test needs: a storage folder of its own, and hints that go nowhere."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pytest_django import Settings

from brandgen.config import celery_app
from brandgen.lib.storage import get_store
from tests.chromium import CHROMIUM, running_chromium
from tests.databases import migrate, migrate_sqlite, own_postgres_database
from tests.s3_server import S3Server, missing_programs, running_s3
from tests.services import POSTGRES_URL, find_missing_postgres, own_redis_database

# Two test processes with two threads each wait for each other most of the time, and
# parity in every bit needs the same number of threads everywhere. Torch reads it once.
os.environ["OMP_NUM_THREADS"] = "1"

LONGEST = "test_chaos.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: one that comes last keeps one process busy alone."""
    stories = Path(__file__).parent
    items.sort(
        key=lambda item: item.path.parent != stories and item.path.name != LONGEST
    )


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Keep files and exports of each test in its own folder."""
    settings.STORAGE_URL = f"file://{tmp_path / 'blobs'}"
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ENGINE = "brandgen.engine.fake.FakeEngine"
    get_store.cache_clear()
    yield
    get_store.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def no_broker() -> None:
    """Send wake-ups to a broker in memory: tests run jobs themselves."""
    celery_app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start one browser for the session."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Run a real S3 for the session, over http and https."""
    if missing := missing_programs():
        pytest.skip(f"no S3 server here: {', '.join(missing)} not installed")
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """Make an empty bucket of the test's own."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    boto3.client(
        "s3",
        endpoint_url=s3_server.http_url,
        region_name="us-east-1",
        aws_access_key_id=s3_server.access_key_id,
        aws_secret_access_key=s3_server.secret_access_key,
    ).create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file for the session: to be copied, never written to."""
    return migrate_sqlite(tmp_path_factory.mktemp("migrated"))


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """Copy the migrated SQLite file for the test."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'own.sqlite3')}"


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Migrate one PostgreSQL database for the session; return its name."""
    if missing := find_missing_postgres():
        pytest.skip(missing)
    with own_postgres_database() as name:
        folder = tmp_path_factory.mktemp("migrated")
        migrate(folder, DATABASE_URL=f"{POSTGRES_URL}/{name}")
        yield name


@pytest.fixture
def postgres_url(migrated_postgres: str) -> Iterator[str]:
    """Copy the migrated PostgreSQL database for the test, and drop it afterwards."""
    with own_postgres_database(template=migrated_postgres) as name:
        yield f"{POSTGRES_URL}/{name}"


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Take an empty Redis database, and empty it again."""
    with own_redis_database() as url:
        if url is None:
            pytest.skip("Redis does not answer, or has no empty database")
        yield url
