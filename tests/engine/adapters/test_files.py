import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

from brandgen.engine.adapters.files import (
    AdapterCard,
    Pair,
    read_adapter,
    save_adapter,
)
from brandgen.engine.adapters.names import Layers
from brandgen.engine.errors import AdapterError, EngineError, PickledWeightsError
from brandgen.engine.protocol import ModelLicense
from tests.engine.tensor_files import join, split
from tests.engine.test_fuzz import fuzz

APACHE = ModelLicense("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0", True)


class TestSaveAdapter:
    def test_is_read_back_with_all_that_it_says(
        self, tmp_path: Path, layers: Layers, pairs: dict[str, Pair]
    ) -> None:
        card = AdapterCard("Northwind look", layers.family, APACHE, "96 pictures")
        word = np.arange(256, dtype=np.float32).reshape(2, 128)
        path = tmp_path / "x.safetensors"

        sha256 = save_adapter(path, card, {"prior": pairs}, {"northwind": word})
        found = read_adapter(path, layers, sha256=sha256)

        assert found.card == card
        assert (found.format, found.sha256) == ("brandgen", sha256)
        assert (found.ranks, found.size_bytes) == ([4], path.stat().st_size)
        assert np.array_equal(found.tokens["northwind"], word)
        for layer, pair in pairs.items():
            other = found.changes["prior"][layer]
            assert np.array_equal(other.down, pair.down)
            assert np.array_equal(other.scale * other.up, pair.scale * pair.up)

    def test_gives_equal_bytes_for_equal_content(
        self, tmp_path: Path, layers: Layers, pairs: dict[str, Pair]
    ) -> None:
        card = AdapterCard("Northwind look", layers.family)
        backwards = dict(reversed(pairs.items()))

        first = save_adapter(tmp_path / "a", card, {"prior": pairs})
        second = save_adapter(tmp_path / "b", card, {"prior": backwards})

        assert first == second

    @pytest.mark.parametrize("name", ["", "Big", "[x]", "é", "x" * 41, " x"])
    def test_refuses_a_word_that_no_prompt_can_write(
        self, tmp_path: Path, layers: Layers, name: str
    ) -> None:
        with pytest.raises(AdapterError, match="small letters"):
            save_adapter(
                tmp_path / "x", AdapterCard("x"), {}, {name: np.zeros(128, np.float32)}
            )


class TestReadAdapter:
    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
    def test_reads_other_precisions(
        self, own_file: Path, layers: Layers, dtype: torch.dtype
    ) -> None:
        whole = read_adapter(own_file, layers).changes["prior"]
        tensors = safetensors.torch.load_file(own_file)
        safetensors.torch.save_file(
            {key: value.to(dtype) for key, value in tensors.items()}, own_file
        )

        found = read_adapter(own_file, layers).changes["prior"]

        for layer, pair in whole.items():
            rounded = torch.tensor(pair.down).to(dtype).float().numpy()
            assert np.array_equal(found[layer].down, rounded)

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda path: path.unlink(), "can't be used: it can't be read: No such"),
            (lambda path: path.write_bytes(b""), "it is 0 bytes"),
            (lambda path: path.write_bytes(path.read_bytes()[:-1]), "the file holds"),
            (lambda path: spoil_values(path, np.nan), "that are no numbers"),
            (lambda path: spoil_values(path, np.inf), "that are no numbers"),
            (lambda path: spoil_values(path, 1, np.int32), "as I32. Save it as"),
        ],
    )
    def test_refuses_what_cannot_be_used(
        self,
        own_file: Path,
        layers: Layers,
        spoil: Callable[[Path], object],
        reason: str,
    ) -> None:
        spoil(own_file)

        with pytest.raises(AdapterError, match=reason):
            read_adapter(own_file, layers)

    def test_refuses_a_pickle_whatever_its_name(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        for name in ("lora.pt", "lora.safetensors"):
            (tmp_path / name).write_bytes(pickle.dumps({"a": 1}))

            with pytest.raises(PickledWeightsError, match="can run any code"):
                read_adapter(tmp_path / name, layers)

    def test_refuses_another_file_than_the_one_asked_for(
        self, own_file: Path, layers: Layers
    ) -> None:
        with pytest.raises(AdapterError, match="another file than the one asked for"):
            read_adapter(own_file, layers, sha256="0" * 64)

    def test_refuses_an_adapter_of_another_family(
        self, own_file: Path, layers: Layers
    ) -> None:
        other = Layers("stable-cascade", layers.prior, layers.text_encoder)

        with pytest.raises(AdapterError, match="'stable-cascade-miniature'; this"):
            read_adapter(own_file, other)

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "brandgen.adapter/9"},
            {"license": {"name": "x"}},
            {"license": "x"},
            {"license": {"name": "CC0", "url": "", "is_commercial_use_allowed": "yes"}},
            {"license": {"name": [], "url": "", "is_commercial_use_allowed": True}},
            {"license": {"name": "CC0"}},
            {"name": 7},
            {"training": "x" * 2001},
            {"more": 1},
        ],
    )
    def test_refuses_a_card_that_it_cannot_understand(
        self, own_file: Path, layers: Layers, change: dict[str, Any]
    ) -> None:
        header, values = split(own_file.read_bytes())
        card = json.loads(header["__metadata__"]["brandgen"])
        header["__metadata__"]["brandgen"] = json.dumps(card | change)
        own_file.write_bytes(join(header, values))

        with pytest.raises(AdapterError, match="can't be understood"):
            read_adapter(own_file, layers)

    @pytest.mark.parametrize("shape", [(127,), (1, 2, 128), (17, 128), (0, 128)])
    def test_refuses_a_word_of_another_width(
        self, tmp_path: Path, layers: Layers, shape: tuple[int, ...]
    ) -> None:
        path = tmp_path / "x.safetensors"
        word = {"northwind": np.zeros(shape, np.float32)}
        save_adapter(path, AdapterCard("x"), {}, word)

        with pytest.raises(AdapterError, match=r"teaches \[northwind\] by values of"):
            read_adapter(path, layers)

    def test_reads_or_refuses_any_of_3000_damaged_files(
        self, tmp_path: Path, own_file: Path, onetrainer_file: Path, layers: Layers
    ) -> None:
        path = tmp_path / "damaged.safetensors"

        def read(damaged: bytes) -> None:
            path.write_bytes(damaged)
            found = read_adapter(path, layers)
            assert all(p.rank > 0 for p in found.changes["prior"].values())

        for source in (own_file, onetrainer_file):
            refused = fuzz(source.read_bytes(), read, EngineError, 1500)
            assert refused > 1000


def spoil_values(path: Path, value: float, dtype: Any = np.float32) -> None:
    tensors = safetensors.numpy.load_file(path)
    key = random.Random(0).choice(sorted(tensors))  # noqa: S311
    tensors[key] = np.full(tensors[key].shape, value, dtype)
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
    safetensors.numpy.save_file(tensors, path, metadata)
