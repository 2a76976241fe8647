import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from brandgen.engine.errors import EngineError
from brandgen.engine.fake import FakeEngine
from brandgen.generation.engines import get_engine


class TestGetEngine:
    def test_opens_the_engine_of_the_settings_once(self) -> None:
        engine = get_engine()

        assert isinstance(engine, FakeEngine)
        assert get_engine() is engine

    def test_says_which_engine_is_missing(self, settings: Any) -> None:
        settings.ENGINE = "brandgen.engine.nothing.Engine"

        with pytest.raises(EngineError, match=r"no engine 'brandgen.engine.nothing"):
            get_engine()


class TestTheWebProcess:
    def test_never_imports_torch(self, tmp_path: Path) -> None:
        code = (
            "import sys, django; django.setup();"
            "from django.urls import get_resolver;"
            "list(get_resolver().url_patterns);"
            "from brandgen.presets.tokens import count_prompt_tokens;"
            "assert count_prompt_tokens('teal waves');"
            "heavy = {'torch', 'diffusers', 'transformers'} & set(sys.modules);"
            "sys.exit(f'imported: {heavy}' if heavy else 0)"
        )

        done = subprocess.run(
            [sys.executable, "-c", code],
            env={
                "DJANGO_SETTINGS_MODULE": "brandgen.config.settings",
                "BRANDGEN_DATA_DIR": str(tmp_path),
            },
            capture_output=True,
            check=False,
            text=True,
        )

        assert done.returncode == 0, done.stderr
