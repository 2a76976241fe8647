"""One real installation, served by `manage.py up`: web, worker and the miniature."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.installation import ROOT, Installation

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
MAKE_NORTHWIND = (
    "from brandgen.config.demo.northwind import make_northwind; make_northwind()"
)


def install(data_dir: Path, migrated_file: Path) -> Installation:
    """Make the demo brand with its five people, and no picture yet."""
    here = Installation(data_dir, migrated_file)
    made = here.run("shell", "--no-imports", "-c", MAKE_NORTHWIND)
    assert made.returncode == 0, made.stderr
    return here


@contextlib.contextmanager
def served(here: Installation) -> Iterator[str]:
    """Run web and worker until the block ends; yield the address."""
    port = _find_free_port()
    address = f"http://127.0.0.1:{port}"
    log = here.data_dir / "up.log"
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up", f"--port={port}"],
            cwd=ROOT,
            env=here.environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(f"{address}/readyz", up, log)
        yield address
    finally:
        up.terminate()
        up.wait(STOP_TIMEOUT_S)


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(url: str, up: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at and up.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(url, timeout=2) as answer,  # noqa: S310
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer.\n{log.read_text()}")
