import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from brandgen.config import supervisor
from brandgen.config.supervisor import Program, Supervisor
supervisor.STOP_GRACE_S = 1.0
programs = [
    Program(f"p{number}", [sys.executable, "-c", code], {})
    for number, code in enumerate(sys.argv[1:], 1)
]
sys.exit(Supervisor(programs).run())
"""
SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP
DYING = "print('dying', flush=True); raise SystemExit(3)"


class Run:
    """A supervisor in a process of its own, and its log."""

    def __init__(self, log: Path, *programs: str) -> None:
        self.log_path = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, *programs],
                cwd=ROOT,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def log(self) -> str:
        return self.log_path.read_text()

    def wait_for_log(self, is_so: Callable[[str], bool]) -> None:
        until = time.monotonic() + 20
        while not is_so(self.log()):
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start_one(*programs: str) -> Run:
        runs.append(Run(tmp_path / f"log{len(runs)}", *programs))
        return runs[-1]

    yield start_one
    for run in runs:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
class TestRun:
    def test_stops_everything_on_ctrl_c_with_one_log(self, start) -> None:
        run = start(SLEEP, SLEEP)
        run.wait_for_log(lambda log: log.count("| up") == 2)

        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(timeout=5) == 0
        assert "p1     | up" in run.log()
        assert "p2     | up" in run.log()
        assert run.log().rstrip().endswith("up     | Stopped.")

    def test_kills_what_does_not_stop(self, start) -> None:
        run = start(DEAF.replace("'up'", "__import__('os').getpid()"))
        run.wait_for_log(lambda log: "p1     | " in log)
        pid = int(run.log().partition("| ")[2].split()[0])

        run.process.send_signal(signal.SIGTERM)

        assert run.process.wait(timeout=8) == 0
        assert "took too long" in run.log()
        assert not is_alive(pid)

    def test_starts_again_what_ended_ever_later_then_gives_up(self, start) -> None:
        run = start(DYING, SLEEP)

        code = run.process.wait(timeout=30)

        assert code == 1
        assert run.log().count("| dying") == 5
        assert "starts again in 0.5 s" in run.log()
        assert "starts again in 4 s" in run.log()
        assert "p1 does not start; giving up" in run.log()

    @pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
    def test_takes_its_programs_along_when_it_is_killed(self, start) -> None:
        run = start(SLEEP.replace("'up'", "__import__('os').getpid()"))
        run.wait_for_log(lambda log: "p1     | " in log)
        pid = int(run.log().partition("| ")[2].split()[0])

        run.process.kill()
        run.process.wait()

        until = time.monotonic() + 5
        while is_alive(pid):
            assert time.monotonic() < until
            time.sleep(0.05)
