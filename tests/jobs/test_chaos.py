"""Workers are killed with -9, ten times over sixty jobs, on each set of engines.

Nothing may be lost, done twice, or stuck.
"""

import os
import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.chaos import Installation, wait_until
from tests.services import REDIS_URL, find_missing_postgres, own_postgres_database

JOBS, KILLS = 60, 10


@pytest.fixture
def queue() -> str:
    return f"chaos-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def embedded(tmp_path: Path, queue: str) -> Iterator[Installation]:
    """SQLite and folders: what two commands start."""
    installation = Installation(tmp_path / "data", "filesystem://", queue)
    yield installation
    installation.close()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Make a database of the test's own."""
    if missing := find_missing_postgres():
        pytest.skip(missing)
    with own_postgres_database() as url:
        yield url


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Find an empty Redis database, and empty it again."""
    redis = pytest.importorskip("redis")
    for number in range(15, 0, -1):
        client = redis.Redis.from_url(f"{REDIS_URL}/{number}", socket_connect_timeout=3)
        try:
            if client.dbsize() > 0:
                continue
        except redis.ConnectionError as error:
            pytest.skip(f"Redis does not answer: {error}")
        yield f"{REDIS_URL}/{number}"
        client.flushdb()
        return
    pytest.skip("no empty Redis database")


@pytest.fixture
def rabbitmq_url(queue: str) -> Iterator[str]:
    """Use a queue of the test's own, and delete it."""
    from kombu import Connection

    url = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
    try:
        connection = Connection(url, connect_timeout=3).connect()
    except OSError as error:
        pytest.skip(f"RabbitMQ does not answer: {error}")
    connection.close()
    yield url
    with Connection(url) as client:
        client.channel().queue_delete(queue)
        client.channel().exchange_delete(queue)


def run_and_kill(installation: Installation) -> None:
    """Queue the jobs, kill worker after worker in mid-job, let the last one finish."""
    chance = random.Random(7)  # noqa: S311
    installation.queue_jobs(JOBS)
    for _ in range(KILLS):
        worker = installation.start_worker()
        starts = installation.count("SELECT count(*) FROM chaos_start")
        wait_until(
            lambda: installation.count("SELECT count(*) FROM chaos_start") > starts,  # noqa: B023
            timeout_s=30,
            what="a job starts",
        )
        time.sleep(chance.uniform(0.05, 0.6))
        installation.kill(worker)
    installation.start_worker()
    wait_until(
        lambda: set(installation.states()) == {"done"},
        timeout_s=60,
        what=f"all is done ({installation.states()})",
        every_s=0.3,
    )


def require_each_done_once(installation: Installation) -> None:
    artifacts = installation.query("SELECT subject_id FROM chaos_artifact")
    starts = installation.count("SELECT count(*) FROM chaos_start")

    assert installation.states() == {"done": JOBS}
    assert sorted(artifacts) == sorted((f"make_artifact-{n}",) for n in range(JOBS))
    # The kills did hit jobs in the middle: more were started than there are.
    assert starts > JOBS
    assert "database is locked" not in installation.log()


class TestKilledWorkers:
    def test_lose_nothing_on_sqlite_and_a_folder(self, embedded: Installation) -> None:
        run_and_kill(embedded)

        require_each_done_once(embedded)
        folder = embedded.data_dir / "broker"
        wait_until(
            lambda: not list(folder.glob("*.msg")),
            timeout_s=15,
            what="no wake-up is left over",
        )

    @pytest.mark.services
    def test_lose_nothing_on_postgres_and_redis(
        self, tmp_path: Path, queue: str, postgres_url: str, redis_url: str
    ) -> None:
        installation = Installation(tmp_path / "data", redis_url, queue, postgres_url)
        try:
            run_and_kill(installation)

            require_each_done_once(installation)
        finally:
            installation.close()

    @pytest.mark.services
    def test_lose_nothing_on_postgres_and_rabbitmq(
        self, tmp_path: Path, queue: str, postgres_url: str, rabbitmq_url: str
    ) -> None:
        installation = Installation(
            tmp_path / "data", rabbitmq_url, queue, postgres_url
        )
        try:
            run_and_kill(installation)

            require_each_done_once(installation)
        finally:
            installation.close()
