"""The command about adapters, and the option that samples with them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from brandgen.engine.__main__ import main
from brandgen.engine.adapters.facts import read_facts
from brandgen.engine.embeddings import read_embeddings
from tests.engine.adapters.test_facts import official_file

__all__ = ["official_file"]  # a fixture

PRIOR = (
    *("prior", "--prompt", "plain teal background", "--seed", "7", "--steps", "2"),
    *("--width", "256", "--height", "256"),
)


def sketch(out: Path, *adapters: str) -> np.ndarray:
    """Run the prior with these adapters and return its image embeddings."""
    named = [each for adapter in adapters for each in ("--adapter", adapter)]
    assert main([*PRIOR, "--embeddings-out", str(out), *named]) == 0
    return read_embeddings(out.read_bytes(), family="stable-cascade-miniature").image


class TestAdapter:
    def test_says_what_it_is(
        self, own_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["adapter", str(own_file)]) == 0

        said = capsys.readouterr().out
        assert "format   brandgen (peft names with metadata)" in said
        assert "layers   16" in said
        assert "rank     4" in said
        assert "words    none" in said
        assert "fits     yes (Stable Cascade miniature)" in said

    def test_says_the_same_as_json(
        self, own_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["adapter", str(own_file), "--json"]) == 0

        said = json.loads(capsys.readouterr().out)
        assert (said["format"], said["fits"], said["ranks"]) == ("brandgen", True, [4])
        assert len(said["sha256"]) == 64

    def test_says_what_it_is_and_why_it_does_not_fit(
        self,
        own_file: Path,
        tiny_hub_folder: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        code = main(["adapter", str(own_file), "--bundle", str(tiny_hub_folder)])

        said = capsys.readouterr()
        assert code == 2
        assert "fits     no (Stable Cascade)" in said.out
        assert "this model is 'stable-cascade'" in said.err

    def test_refuses_a_file_that_is_not_there(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["adapter", str(tmp_path / "none.safetensors")]) == 2
        assert "No such file" in capsys.readouterr().err

    def test_writes_it_anew_with_the_names_of_its_words_and_its_license(
        self,
        official_file: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        out = tmp_path / "ours.safetensors"
        words = ["--word", "glass", "--word", "wave"]
        says = ["--name", "Glass", "--license", "CC0-1.0", "--commercial-use", "yes"]

        code = main(["adapter", str(official_file), "--to", str(out), *words, *says])

        assert code == 0
        assert "2 by number alone" in capsys.readouterr().out
        found = read_facts(out)
        assert (found.format, found.words) == ("brandgen", ("glass", "wave"))
        assert (found.card.name, found.card.family) == (
            "Glass", "stable-cascade-miniature",
        )  # fmt: skip
        assert found.card.license is not None
        assert found.card.license.is_commercial_use_allowed


class TestAdapterOption:
    def test_samples_with_an_adapter_at_a_scale(
        self, own_file: Path, tmp_path: Path
    ) -> None:
        without = sketch(tmp_path / "0")
        little = np.abs(sketch(tmp_path / "1", f"{own_file}:0.1") - without).mean()
        full = np.abs(sketch(tmp_path / "2", str(own_file)) - without).mean()

        assert 0 < little < full
        assert np.array_equal(sketch(tmp_path / "3", f"{own_file}:0"), without)

    def test_takes_several(
        self, own_file: Path, onetrainer_file: Path, tmp_path: Path
    ) -> None:
        one = sketch(tmp_path / "1", f"{own_file}:0.2")
        both = sketch(tmp_path / "2", f"{own_file}:0.2", f"{onetrainer_file}:0.2")

        assert not np.array_equal(one, both)

    @pytest.mark.parametrize(
        ("adapter", "message"),
        [("none.safetensors", "can't be read"), ("x:3", "adapter scale is 3")],
    )
    def test_says_in_one_line_what_is_wrong(
        self, adapter: str, message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        kept = ["--embeddings-out", "/tmp/never.safetensors"]  # noqa: S108

        assert main([*PRIOR, *kept, "--adapter", adapter]) == 2

        said = capsys.readouterr().err
        assert message in said
        assert len(said.splitlines()) == 1

    def test_draws_with_it(self, own_file: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.png"
        asked = ["generate", *PRIOR[1:], "--decoder-steps", "2", "--out", str(out)]

        assert main([*asked, "--adapter", f"{own_file}:0.5"]) == 0

        assert Image.open(out).size == (256, 256)
