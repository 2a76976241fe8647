import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from brandgen.model_registry.catalog import read_catalogs
from brandgen.model_registry.checking import Checked, check
from brandgen.model_registry.entries import Entry, Kind
from tests.model_registry.weights import (
    hub_entry,
    write_adapter,
    write_hub_repositories,
    write_weights,
)

PRIOR = "prior/diffusion_pytorch_model.safetensors"


def look(entry: Entry, known: dict[str, str] | None = None) -> Checked:
    return check(entry, known=known or {}, on_progress=lambda *_: None)


@pytest.fixture
def miniature(tmp_path: Path) -> Entry:
    """Copy the miniature, to be damaged."""
    entry = read_catalogs()["stable-cascade-miniature"]
    folder = tmp_path / "miniature"
    shutil.copytree(entry.folder, folder)
    return replace(entry, folder=folder)


@pytest.fixture
def published(tmp_path: Path) -> Entry:
    """Lay the published model out as `git clone` of both repositories would."""
    write_hub_repositories(tmp_path / "hub")
    return hub_entry(tmp_path / "hub" / "stabilityai")


class TestCheck:
    def test_finds_the_shipped_miniature_whole(self) -> None:
        checked = look(read_catalogs()["stable-cascade-miniature"])

        assert checked.problem == ""
        assert PRIOR in checked.files
        assert sum(file.size_bytes for file in checked.files.values()) > 10**7

    def test_tells_how_far_it_is(self, miniature: Entry) -> None:
        told: list[tuple[int, int, str]] = []

        check(miniature, known={}, on_progress=lambda *args: told.append(args))

        assert [one[0] for one in told] == sorted(one[0] for one in told)
        assert told[-1][0] == told[-1][1]

    def test_names_a_file_whose_bytes_changed(self, miniature: Entry) -> None:
        path = miniature.folder / PRIOR
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)

        assert f"{PRIOR} is damaged or was changed" in look(miniature).problem

    def test_names_a_file_that_is_missing(self, miniature: Entry) -> None:
        (miniature.folder / PRIOR).unlink()

        assert f"lacks {PRIOR}. Fetch it again" in look(miniature).problem

    def test_names_a_part_that_is_missing(self, miniature: Entry) -> None:
        shutil.rmtree(miniature.folder / "vqgan")

        assert "vqgan is missing" in look(miniature).problem

    def test_names_weights_that_nobody_recorded(self, miniature: Entry) -> None:
        write_weights(miniature.folder / "prior" / "other.safetensors")

        assert "holds prior/other.safetensors, which nobody" in look(miniature).problem

    def test_says_that_a_model_is_not_here(self, tmp_path: Path) -> None:
        problem = look(hub_entry(tmp_path / "nowhere")).problem

        assert f"There is no folder {tmp_path}/nowhere on this machine" in problem

    def test_takes_what_it_finds_first_as_the_measure(self, published: Entry) -> None:
        first = look(published)
        known = {name: found.sha256 for name, found in first.files.items()}
        name = next(name for name in known if name.endswith("bf16.safetensors"))

        write_weights(published.folder / name, seed=99)

        assert first.problem == ""
        assert look(published, known).problem.startswith(f"{name} is damaged")

    def test_knows_a_changed_adapter(self, tmp_path: Path) -> None:
        path = tmp_path / "glass.safetensors"
        write_adapter(path)
        entry = hub_entry(path, kind=Kind.ADAPTER, sources=())

        first = look(entry)
        write_adapter(path, seed=1)

        known = {name: found.sha256 for name, found in first.files.items()}
        assert list(known) == ["glass.safetensors"]
        assert "is damaged or was changed" in look(entry, known).problem

    def test_knows_an_adapter_that_the_model_in_use_can_not_use(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "glass.safetensors"
        layer = "down_blocks.9.9.attention.to_q"
        halves = {"A": np.zeros((2, 8), "f4"), "B": np.zeros((8, 2), "f4")}
        safetensors.numpy.save_file(
            {f"{layer}.lora_{half}.weight": each for half, each in halves.items()}, path
        )
        own = hub_entry(path, kind=Kind.ADAPTER, family="stable-cascade-miniature")

        assert "which this model does not have" in look(own).problem
        assert look(hub_entry(path, kind=Kind.ADAPTER)).problem == ""

    def test_reads_headers_before_it_calls_weights_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "glass.safetensors"
        data = write_adapter(path)
        path.write_bytes(data + b"more than the header says")

        problem = look(hub_entry(path, kind=Kind.ADAPTER, sources=())).problem

        assert problem.startswith("glass.safetensors can't be used: ")
