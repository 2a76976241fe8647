import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from brandgen.engine.__main__ import main

GENERATE = ["generate", "--prompt", "plain teal background", "--seed", "7"]


def decode(embeddings: Path, out: Path) -> int:
    kept = ["--embeddings", str(embeddings), "--seed", "7"]
    return main(["decode", *kept, "--out", str(out)])


class TestGenerate:
    def test_writes_a_picture_and_its_embeddings(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out, kept = tmp_path / "x.png", tmp_path / "x.safetensors"

        code = main([*GENERATE, "--embeddings-out", str(kept), "--out", str(out)])

        assert code == 0
        assert "prior" in capsys.readouterr().out
        picture = np.asarray(Image.open(out))
        assert picture.shape == (512, 512, 3)
        again = tmp_path / "y.png"
        assert decode(kept, again) == 0
        assert np.array_equal(picture, np.asarray(Image.open(again)))

    def test_works_without_django_installed(self, tmp_path: Path) -> None:
        code = (
            "import sys; sys.modules['django'] = None\n"
            "from brandgen.engine.__main__ import main\n"
            f"sys.exit(main({[*GENERATE, '--steps', '2', '--out', 'x.png']!r}))"
        )
        root = Path(__file__).parents[2]

        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert (tmp_path / "x.png").is_file()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--width", "500"], "The width is 500 px"),
            (["--steps", "0"], "The prior steps is 0"),
            (["--guidance", "nan"], "The prior guidance scale is nan"),
            (["--decoder-seed", "-1"], "The seed is -1"),
            (["--bundle", "/nowhere"], "There is no folder of weights at /nowhere"),
            (["--prompt", "a <|endoftext|> b"], "a control word"),
            (["--prompt", "teal " * 30 + "podium"], "the end of the prompt, 'podium'"),
            (["--prompt", " "], "The prompt is empty"),
        ],
    )
    def test_says_in_one_line_what_is_wrong(
        self,
        options: list[str],
        message: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        out = tmp_path / "x.png"

        code = main([*GENERATE, "--out", str(out), *options])

        said = capsys.readouterr().err
        assert code == 2
        assert message in said
        assert len(said.splitlines()) == 1
        assert not out.exists()

    @pytest.mark.parametrize("name", ["x.xyz", "nowhere/x.png"])
    def test_refuses_to_start_where_the_picture_cannot_be_kept(
        self, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([*GENERATE, "--out", str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err


class TestDecode:
    def test_refuses_a_file_that_holds_no_embeddings(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bad = tmp_path / "bad.safetensors"
        bad.write_bytes(b"\xff" * 4000)

        assert decode(bad, tmp_path / "y.png") == 2
        assert "The image embeddings can't be used" in capsys.readouterr().err

    def test_refuses_a_file_that_is_not_there(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert decode(tmp_path / "none", tmp_path / "y.png") == 2
        assert "No such file" in capsys.readouterr().err


class TestIdentity:
    def test_prints_the_model_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["identity"]) == 0

        identity = json.loads(capsys.readouterr().out)
        assert identity["family"] == "stable-cascade-miniature"
        assert identity["threads"] == 1
        assert identity["license"]["is_commercial_use_allowed"] is True
        assert len(identity["weights_sha256"]["prior/config.json"]) == 64
