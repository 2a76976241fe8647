from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from brandgen.engine.adapters.facts import find_misfit, read_facts
from brandgen.engine.adapters.names import read_layers
from brandgen.engine.miniature.__main__ import main
from brandgen.engine.miniature.looks import TARGETS, LookError, read_lookbook
from brandgen.engine.registry import default_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures of bands, each with its caption."""
    folder = tmp_path / "bands"
    folder.mkdir()
    for number in range(4):
        pixels = np.full((80, 96, 3), 230, np.uint8)
        pixels[20 + 10 * number :, :] = (20, 90, 120)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("northwind bands\n")
    return folder


class TestReadLookbook:
    def test_reads_each_picture_with_its_caption(self, folder: Path) -> None:
        found = read_lookbook(folder)

        assert len(found.pictures) == 4
        assert found.pictures[0].shape == (80, 96, 3)
        assert set(found.captions) == {"northwind bands"}

    def test_asks_for_pictures(self, tmp_path: Path) -> None:
        with pytest.raises(LookError, match="There are 0 pictures"):
            read_lookbook(tmp_path)

    @pytest.mark.parametrize("name", ["2.txt", "2.png"])
    def test_names_what_it_can_not_read(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        (folder / "2.png").touch()

        with pytest.raises(LookError, match=r"2\.png or its caption 2\.txt"):
            read_lookbook(folder)


class TestLook:
    def test_writes_an_adapter_that_the_model_reads(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "bands.safetensors"
        asked = ["look", str(folder), "--out", str(out), "--steps", "2", "--rank", "2"]

        assert main([*asked, "--license", "CC0-1.0", "--commercial-use", "yes"]) == 0

        layers = read_layers(default_bundle())
        facts = read_facts(out)
        assert facts.layers == sum(name.endswith(TARGETS) for name in layers.prior)
        assert (facts.ranks, facts.card.family) == ((2,), layers.family)
        assert facts.card.training == "4 pictures of bands"
        assert facts.card.license is not None
        assert find_misfit(out, layers) == ""
        assert "28 layers" in capsys.readouterr().out

    def test_says_in_a_line_why_not(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = str(tmp_path / "x.safetensors")

        assert main(["look", str(tmp_path), "--out", out]) == 1
        assert "There are 0 pictures" in capsys.readouterr().err
