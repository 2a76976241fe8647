import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch

from brandgen.engine.adapters.facts import find_misfit, read_facts
from brandgen.engine.adapters.files import (
    AdapterCard,
    Pair,
    read_adapter,
    save_adapter,
)
from brandgen.engine.adapters.names import Layers
from brandgen.engine.errors import AdapterError, PickledWeightsError
from brandgen.engine.protocol import ModelLicense
from tests.engine.adapters.test_formats import Original

CC_BY = ModelLicense("CC-BY-4.0", "https://creativecommons.org", True)


@pytest.fixture(scope="module")
def official_file(layers: Layers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the official repository writes, with two learned words."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("official") / "official.safetensors"
    tensors = Original(layers).adapt()
    width = layers.token_width or 0
    tensors["embeddings.embeddings"] = np.stack(
        [np.full(width, n, "f4") for n in (1, 2)]
    )
    tensors["embeddings.indices"] = np.array([49408, 49409])
    safetensors.numpy.save_file(tensors, path)
    return path


class TestReadFacts:
    def test_says_all_that_our_own_file_says(
        self, layers: Layers, pairs: dict[str, Pair], tmp_path: Path
    ) -> None:
        path = tmp_path / "look.safetensors"
        card = AdapterCard("A look", layers.family, CC_BY, "Our own drawings")
        word = np.zeros((1, layers.token_width or 0), "f4")
        save_adapter(path, card, {"prior": pairs}, {"glass": word})

        found = read_facts(path)

        assert found.card == card
        assert found.format == "brandgen"
        assert (found.layers, found.ranks) == (len(pairs), (4,))
        assert found.words == ("glass",)
        assert found.size_bytes == path.stat().st_size

    def test_reads_the_names_of_onetrainer(
        self, onetrainer_file: Path, pairs: dict[str, Pair]
    ) -> None:
        found = read_facts(onetrainer_file)

        assert (found.format, found.layers) == ("onetrainer", len(pairs))
        assert found.card == AdapterCard("onetrainer")

    def test_counts_the_matrices_behind_the_official_numbers(
        self, official_file: Path
    ) -> None:
        found = read_facts(official_file)

        assert (found.format, found.layers, found.ranks) == ("official", 16, (2,))
        assert (found.words, found.nameless) == ((), 2)

    def test_refuses_a_pickle(self, tmp_path: Path) -> None:
        path = tmp_path / "look.pt"
        path.write_bytes(b"PK\x03\x04" * 20)

        with pytest.raises(PickledWeightsError, match="is a pickle"):
            read_facts(path)

    def test_refuses_what_is_no_adapter(self, tmp_path: Path) -> None:
        path = tmp_path / "weights.safetensors"
        safetensors.numpy.save_file({"conv.weight": np.zeros((2, 2), "f4")}, path)

        with pytest.raises(AdapterError, match="no adapter that is known"):
            read_facts(path)


class TestFindMisfit:
    def test_finds_nothing_where_it_fits(self, own_file: Path, layers: Layers) -> None:
        assert find_misfit(own_file, layers) == ""

    def test_says_why_it_fits_no_other_model(self, own_file: Path) -> None:
        other = Layers("stable-cascade", {}, {})

        assert "made for the model family" in find_misfit(own_file, other)

    def test_asks_for_the_words_of_the_official_repository(
        self, official_file: Path, layers: Layers
    ) -> None:
        assert "is 2, and 0 are named" in find_misfit(official_file, layers)
        assert "and 1 are named" in find_misfit(official_file, layers, words=["a"])
        assert find_misfit(official_file, layers, words=["glass", "wave"]) == ""

    def test_takes_names_only_where_a_file_has_none(
        self, own_file: Path, layers: Layers
    ) -> None:
        assert "names its words itself" in find_misfit(own_file, layers, words=["a"])


class TestReadAdapter:
    def test_gives_the_official_vectors_the_names_in_their_order(
        self, official_file: Path, layers: Layers
    ) -> None:
        found = read_adapter(official_file, layers, words=["glass", "wave"])

        shape = (1, layers.token_width)
        assert {name: each.shape for name, each in found.tokens.items()} == {
            "glass": shape,
            "wave": shape,
        }
        assert found.tokens["wave"].max() == 2
        assert json.dumps(found.ranks) == "[2]"
