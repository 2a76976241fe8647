"""Workers are killed with -9, ten times over sixty jobs, on each set of engines.

Nothing may be lost, done twice, or stuck.
"""

import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.chaos import Installation, wait_until

JOBS, KILLS = 60, 10
LATEST_S = 0.6
"""A worker is killed up to so long after a job's start, each time a little later: a job
works for 0.35 s, so some are killed at their steps and some as they end."""


@pytest.fixture
def queue() -> str:
    return f"chaos-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def embedded(tmp_path: Path, queue: str, migrated_file: Path) -> Iterator[Installation]:
    """SQLite and folders: what two commands start."""
    installation = Installation(
        tmp_path / "data", "filesystem://", queue, migrated_file=migrated_file
    )
    yield installation
    installation.close()


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
    installation.queue_jobs(JOBS)
    for kill in range(KILLS):
        worker = installation.start_worker()
        starts = installation.count("SELECT count(*) FROM chaos_start")
        wait_until(
            lambda: installation.count("SELECT count(*) FROM chaos_start") > starts,  # noqa: B023
            timeout_s=30,
            what="a job starts",
        )
        time.sleep(LATEST_S * (kill + 0.5) / KILLS)
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


class TestPoisonedJob:
    def test_fails_after_its_attempts_and_lets_the_queue_go_on(
        self, embedded: Installation
    ) -> None:
        embedded.environ["JOB_MAX_ATTEMPTS"] = "1"
        embedded.queue_jobs(1, "kill_own_process")
        embedded.queue_jobs(3)
        embedded.start_worker(concurrency=1)

        wait_until(
            lambda: embedded.states() == {"done": 3, "failed": 1},
            timeout_s=40,
            what="the poisoned job fails, the others are done",
            every_s=0.3,
        )

        [(error,)] = embedded.query("SELECT error FROM jobs_job WHERE state = 'failed'")
        assert error.startswith("Given up after try 1")


class TestStoppedWorker:
    def test_hands_back_what_it_is_doing_at_the_next_step(
        self, embedded: Installation
    ) -> None:
        embedded.environ["JOB_LEASE_S"] = "600"
        embedded.queue_jobs(1, "take_long")
        worker = embedded.start_worker(concurrency=1)
        wait_until(
            lambda: embedded.states() == {"running": 1},
            timeout_s=20,
            what="the job starts",
        )

        # As systemd does: to every process of the group.
        os.killpg(worker.pid, signal.SIGTERM)

        assert worker.wait(timeout=15) == 0
        assert embedded.states() == {"waiting": 1}
        [(attempt, most)] = embedded.query("SELECT attempt, max_attempt FROM jobs_job")
        assert most - attempt == 15
        assert embedded.count("SELECT count(*) FROM jobs_worker") == 0

    def test_hands_it_back_when_only_its_parent_is_killed(
        self, embedded: Installation
    ) -> None:
        embedded.environ["JOB_LEASE_S"] = "600"
        embedded.queue_jobs(1, "take_long")
        worker = embedded.start_worker(concurrency=1)
        wait_until(
            lambda: embedded.states() == {"running": 1},
            timeout_s=20,
            what="the job starts",
        )

        worker.kill()

        wait_until(
            lambda: embedded.states() == {"waiting": 1},
            timeout_s=10,
            what="the orphan hands its job back",
        )


class TestStalledWorker:
    def test_keeps_nothing_once_another_one_has_taken_its_job(
        self, embedded: Installation
    ) -> None:
        embedded.queue_jobs(1)
        stalled = embedded.start_worker(concurrency=1)
        wait_until(
            lambda: embedded.count("SELECT count(*) FROM chaos_start") == 1,
            timeout_s=20,
            what="the job starts",
        )
        os.killpg(stalled.pid, signal.SIGSTOP)
        embedded.start_worker(concurrency=1)
        wait_until(
            lambda: embedded.states() == {"done": 1},
            timeout_s=30,
            what="another worker does it",
        )

        os.killpg(stalled.pid, signal.SIGCONT)
        wait_until(
            lambda: "lost:" in embedded.log(), timeout_s=10, what="it sees the loss"
        )

        assert embedded.query("SELECT attempt FROM chaos_artifact") == [(2,)]


class TestDeadBroker:
    def test_delays_work_by_no_more_than_sweeps(
        self, tmp_path: Path, queue: str, migrated_file: Path
    ) -> None:
        installation = Installation(
            tmp_path / "data",
            "redis://127.0.0.1:1/0",
            queue,
            migrated_file=migrated_file,
        )
        try:
            installation.queue_jobs(3)
            installation.start_worker(concurrency=1)

            wait_until(
                lambda: installation.states() == {"done": 3},
                timeout_s=30,
                what="all is done without a broker",
            )
        finally:
            installation.close()


class TestWorkerParent:
    @pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
    def test_never_loads_torch(self, embedded: Installation) -> None:
        embedded.queue_jobs(1, "load_torch")
        parent = embedded.start_worker(concurrency=1)
        wait_until(
            lambda: embedded.states() == {"done": 1},
            timeout_s=60,
            what="a pool process loads torch",
        )

        assert "libtorch" not in Path(f"/proc/{parent.pid}/maps").read_text()
