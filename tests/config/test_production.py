import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from brandgen.config.production_check import production_environment

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a fresh process; None takes a variable away."""
    environ = {"PATH": os.environ["PATH"], **production_environment(str(folder))}
    environ |= {name: value for name, value in changes.items() if value is not None}
    for name, value in changes.items():
        if value is None:
            environ.pop(name, None)
    return subprocess.run(
        [sys.executable, "-c", "import brandgen.config.settings"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestProductionProfile:
    def test_starts_with_the_smallest_environment(self, tmp_path: Path) -> None:
        done = start(tmp_path)

        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"SECRET_KEY": None}, "SECRET_KEY has 0 characters"),
            ({"SECRET_KEY": "short"}, "SECRET_KEY has 5 characters"),
            ({"ALLOWED_HOSTS": "*"}, "Name the hosts"),
            ({"ALLOWED_HOSTS": "brandgen.example,*"}, "Name the hosts"),
            ({"PUBLIC_URL": "http://brandgen.example"}, "serve over https"),
            ({"PUBLIC_URL": None}, "serve over https"),
            ({"ENCRYPTION_KEYS": None}, "ENCRYPTION_KEYS is not set"),
            ({"DEBUG": "maybe"}, "DEBUG is 'maybe'"),
            ({"MAX_UPLOAD_MB": "0"}, "MAX_UPLOAD_MB is 0"),
            ({"DATABASE_URL": "mysql://x/y"}, "starts with 'mysql'"),
        ],
    )
    def test_refuses_an_unsafe_value_and_names_it(
        self, tmp_path: Path, changes: dict[str, str | None], says: str
    ) -> None:
        done = start(tmp_path, **changes)

        assert done.returncode != 0
        assert "SettingError" in done.stderr
        assert says in done.stderr

    def test_passes_the_deployment_checks(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "brandgen.config.production_check"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "BRANDGEN_DATA_DIR": folder},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

        assert done.returncode == 0, done.stderr

    def test_never_loads_torch_in_the_web_process(self, tmp_path: Path) -> None:
        code = (
            "import django, sys; django.setup(); "
            "from django.urls import get_resolver; get_resolver().url_patterns; "
            "sys.exit('torch' in sys.modules)"
        )

        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **production_environment(str(tmp_path))},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode == 0, done.stderr
