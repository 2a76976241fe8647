"""Run a race in a process of its own, on a database that threads really share."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def run_race(module: str, *arguments: int, url: str, folder: Path) -> dict[str, Any]:
    """Run ``python -m module`` on a database and return the JSON that it prints."""
    environ = os.environ | {
        "DATABASE_URL": url,
        "BRANDGEN_DATA_DIR": str(folder),
        "STORAGE_URL": f"file://{folder / 'blobs'}",
        "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report
