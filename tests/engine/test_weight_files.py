import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import PickledWeightsError, WeightsError
from brandgen.engine.registry import default_bundle
from brandgen.engine.weight_files import check_config, check_weight_files

INDEX = "model.safetensors.index.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Weights in two files, with the index that says so."""
    for number in (1, 2):
        safetensors.numpy.save_file(
            {f"layer.{number}": np.zeros(3, np.float32)},
            tmp_path / f"model-{number}.safetensors",
        )
    write_index(tmp_path, {"layer.1": "model-1.safetensors"})
    return tmp_path


def write_index(folder: Path, places: Any) -> None:
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))


class TestCheckWeightFiles:
    def test_takes_every_network_that_ships(self) -> None:
        bundle = default_bundle()

        for part in ("prior", "decoder", "vqgan", "text_encoder"):
            part_folder = bundle.get_part(part)  # type: ignore[arg-type]

            check_config(part_folder, check_weight_files(part_folder))

    def test_takes_weights_in_several_files(self, folder: Path) -> None:
        headers = check_weight_files(folder)

        assert sorted(headers) == ["model-1.safetensors", "model-2.safetensors"]

    @pytest.mark.parametrize(
        ("places", "reason"),
        [
            ({}, "maps no tensors"),
            ([], "maps no tensors"),
            ({"layer.1": "../model-1.safetensors"}, "no file beside it"),
            ({"layer.1": "/etc/passwd"}, "no file beside it"),
            ({"layer.1": 7}, "no file beside it"),
            ({"layer.1": "model-3.safetensors"}, "which is missing"),
            ({"layer.1": "model-2.safetensors"}, "it does not"),
        ],
    )
    def test_refuses_an_index_of_what_is_not_there(
        self, folder: Path, places: Any, reason: str
    ) -> None:
        write_index(folder, places)

        with pytest.raises(WeightsError, match=reason):
            check_weight_files(folder)

    @pytest.mark.parametrize("text", ["", "[]", "{", "\x00", "9" * 9999])
    def test_refuses_an_index_that_is_none(self, folder: Path, text: str) -> None:
        (folder / INDEX).write_text(text)

        with pytest.raises(WeightsError, match=r"index .* can't be loaded"):
            check_weight_files(folder)

    def test_refuses_a_pickle_whatever_its_name(self, tmp_path: Path) -> None:
        (tmp_path / "model.bin").write_bytes(b"\x80\x04K\x01.")
        with pytest.raises(PickledWeightsError, match=r"model\.bin can't be used"):
            check_weight_files(tmp_path)

        (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04" + bytes(range(99)))
        with pytest.raises(PickledWeightsError, match="can run any code"):
            check_weight_files(tmp_path)

    def test_refuses_a_folder_without_weights(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match="holds no weights"):
            check_weight_files(tmp_path)

    def test_is_what_a_bundle_asks_first(self, tmp_path: Path) -> None:
        copied = Path(shutil.copytree(default_bundle().folder, tmp_path / "bundle"))
        (copied / "bundle.json").unlink()  # whose hashes would find it too
        path = copied / "vqgan" / "diffusion_pytorch_model.safetensors"
        path.write_bytes(path.read_bytes()[:-1])

        with pytest.raises(WeightsError, match="need 506644 bytes and the file holds"):
            Bundle(copied).get_part("vqgan")


class TestCheckConfig:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"num_layers": 10**9}, "beyond 1000000"),
            ({"down_num_layers_per_block": [500, 600]}, "asks for 1100 layers"),
            ({"a": {"b": [[2**70]]}}, "for 'b', beyond"),
            ({"widths": [1] * 65}, "lists 65 values for 'widths'"),
            ({"a": [[[[[[[[[1]]]]]]]]]}, "nested deeper"),
            ({"auto_map": {"x": "y"}}, "other code by 'auto_map'"),
            ({"quantization_config": {}}, "other code by 'quantization_config'"),
        ],
    )
    def test_refuses_what_would_outgrow_its_weights(
        self, folder: Path, change: dict[str, Any], reason: str
    ) -> None:
        (folder / "config.json").write_text(json.dumps(change))

        with pytest.raises(WeightsError, match=reason):
            check_config(folder, check_weight_files(folder))

    @pytest.mark.parametrize("text", [None, "", "[]", "{", "[" * 100_000, "\xff"])
    def test_refuses_what_is_no_configuration(
        self, folder: Path, text: str | None
    ) -> None:
        if text is not None:
            (folder / "config.json").write_text(text, encoding="latin-1")

        with pytest.raises(WeightsError, match=r"configuration .* can't be loaded"):
            check_config(folder, check_weight_files(folder))
