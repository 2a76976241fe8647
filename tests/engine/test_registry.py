import subprocess
import sys
from pathlib import Path

import pytest

from brandgen.engine.errors import EngineError
from brandgen.engine.fake import FakeEngine
from brandgen.engine.registry import CASCADE, FAKE, open_engine


class TestOpenEngine:
    def test_opens_the_engine_that_is_named(self) -> None:
        engine = open_engine(FAKE, {"delay_s": 0.5})

        assert isinstance(engine, FakeEngine)
        assert engine.delay_s == 0.5

    def test_opens_stable_cascade_on_the_miniature(self) -> None:
        identity = open_engine(CASCADE, {"threads": 1}).identity()

        assert identity.family == "stable-cascade-miniature"

    @pytest.mark.parametrize(
        "path", ["", "nowhere", "brandgen.engine.fake.Nobody", "no.such.module.Engine"]
    )
    def test_refuses_a_class_that_is_not_there(self, path: str) -> None:
        with pytest.raises(EngineError, match="There is no engine"):
            open_engine(path)

    def test_refuses_options_that_the_engine_does_not_take(self) -> None:
        with pytest.raises(EngineError, match=r"refuses its options.*color"):
            open_engine(FAKE, {"color": "teal"})


class TestImports:
    def test_need_no_torch(self) -> None:
        """The web process imports these; torch costs it seconds and 400 MB."""
        code = (
            "import sys\n"
            "from brandgen.engine import bundle, embeddings, fake, previews, protocol\n"
            "from brandgen.engine import registry, tokens\n"
            "tokens.count_tokens('teal', registry.default_bundle().tokenizer_file)\n"
            "heavy = {'torch', 'transformers', 'diffusers', 'django'}\n"
            "heavy &= set(sys.modules)\n"
            "sys.exit(str(heavy) if heavy else 0)"
        )

        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
