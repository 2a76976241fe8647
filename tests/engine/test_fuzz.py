"""Ten thousand damaged headers, and damaged JSON beside them.

Each is read or refused by name, at once, in little memory. All of it is drawn from
seeds: what fails here fails again.
"""

import json
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import safetensors.numpy
import torch

from brandgen.engine.adapters.files import (
    FORMAT,
    AdapterCard,
    LoadedAdapter,
    read_adapter,
)
from brandgen.engine.adapters.formats import METADATA_KEY, Format
from brandgen.engine.adapters.names import TOKEN_TABLE, Layers
from brandgen.engine.bundle import MANIFEST_NAME, Bundle
from brandgen.engine.cascade.weights import load_model
from brandgen.engine.embeddings import (
    EncodedPrompts,
    read_embeddings,
    read_prompts,
    write_prompts,
)
from brandgen.engine.errors import (
    AdapterError,
    EngineError,
    InvalidRequestError,
    PickledWeightsError,
    WeightsError,
)
from brandgen.engine.layout import Component
from brandgen.engine.needs import Picture
from brandgen.engine.registry import default_bundle
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tensor_header import HeaderError, parse_header, read_header
from brandgen.engine.weight_files import check_config, check_weight_files
from tests.engine.json_files import mutate_json
from tests.engine.tensor_files import mutate, rewriting
from tests.engine.test_embeddings import make_embeddings, write_embeddings

LONGEST_S = 1.0
LITTLE_MEMORY_BYTES = 256 * 2**20
PARTS: tuple[Component, ...] = ("prior", "decoder", "vqgan", "text_encoder")

Mutate = Callable[[bytes, random.Random], bytes]
Refusal = type[EngineError] | tuple[type[EngineError], ...]


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Let this process grow by no more than some of the damaged files claim."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    most = pages * resource.getpagesize() + LITTLE_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def fuzz(
    data: bytes,
    read: Callable[[bytes], object],
    refusal: Refusal,
    count: int,
    *,
    damage: Mutate = mutate,
) -> int:
    """Read `count` damaged copies; return how many were refused.

    Any other exception than the named ones ends the test.
    """
    refused = 0
    for seed in range(count):
        damaged = damage(data, random.Random(seed))  # noqa: S311
        started = time.perf_counter()
        try:
            read(damaged)
        except refusal:
            refused += 1
        assert time.perf_counter() - started < LONGEST_S, seed
    return refused


class TestHeaders:
    @pytest.mark.parametrize("part", PARTS)
    def test_refuses_500_of_weights(self, part: str, tmp_path: Path) -> None:
        (source,) = (default_bundle().folder / part).glob("*.safetensors")
        size = source.stat().st_size
        head = source.read_bytes()[:20_000]
        path = tmp_path / "weights.safetensors"
        with rewriting(path) as rewrite:

            def read(damaged: bytes) -> None:
                # The file keeps the size that it had, or loses what was cut.
                rewrite(damaged, len(damaged) if len(damaged) < len(head) else size)
                read_header(path)

            refused = fuzz(head, read, HeaderError, 500)

        assert refused > 350

    def test_refuses_2000_of_a_small_file_in_memory(self) -> None:
        data = (
            default_bundle().folder / "previewer/color_map.safetensors"
        ).read_bytes()

        assert fuzz(data, parse_header, HeaderError, 2000) > 1400

    def test_refuses_3000_of_image_embeddings(self) -> None:
        def read(damaged: bytes) -> None:
            found = read_embeddings(damaged, family="some-family")
            assert np.isfinite(found.image).all()

        data = write_embeddings(make_embeddings())

        assert fuzz(data, read, InvalidRequestError, 3000) > 2000

    def test_refuses_1000_of_prompt_embeddings(self) -> None:
        tokens, pooled = np.zeros((1, 77, 8), "f4"), np.zeros((1, 1, 8), "f4")
        data = write_prompts(EncodedPrompts(tokens, pooled, tokens, pooled, "family"))

        def read(damaged: bytes) -> None:
            read_prompts(damaged, family="family")

        assert fuzz(data, read, InvalidRequestError, 1000) > 600

    @pytest.mark.parametrize("kind", get_args(Format))
    def test_refuses_500_of_adapters(self, kind: Format, tmp_path: Path) -> None:
        path = tmp_path / "adapter.safetensors"
        tensors, metadata = describe_adapter(kind)
        data = safetensors.numpy.save(tensors, metadata)
        with rewriting(path) as rewrite:

            def read(damaged: bytes) -> LoadedAdapter:
                rewrite(damaged)
                return read_adapter(path, LAYERS)

            assert read(data).format == kind
            refused = fuzz(data, read, (AdapterError, PickledWeightsError), 500)

        assert refused > 300


BLOCK = "down_blocks.0.2.attention"
LAYERS = Layers(
    "some-family",
    {f"{BLOCK}.{part}": (8, 8) for part in ("to_q", "to_k", "to_v", "to_out.0")},
    {TOKEN_TABLE: (50, 8)},
)


def describe_adapter(kind: Format) -> tuple[dict[str, Floats], dict[str, str]]:
    """Return the tensors and the metadata of a small adapter of a format."""
    down, up = np.ones((2, 8), "f4"), np.ones((8, 2), "f4")
    if kind == "official":
        tensors = {f"weights.{n}.lora_down": down for n in (0, 1)}
        tensors |= {
            "weights.0.lora_up": up,
            "weights.1.lora_up": np.ones((24, 2), "f4"),
        }
        return tensors, {}
    if kind == "onetrainer":
        key = f"lora_prior_unet_{BLOCK}.to_q".replace(".", "_")
        alpha = np.ones((), "f4")
        tensors = {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up}
        return tensors | {f"{key}.alpha": alpha, "bundle_emb.[glass].clip_g": down}, {}
    key = f"base_model.model.{BLOCK}.to_q.lora_"
    tensors = {f"{key}A.weight": down, f"{key}B.weight": up}
    if kind == "peft":
        return tensors, {}
    card = {"format": FORMAT, **asdict(AdapterCard("Small", LAYERS.family))}
    return tensors | {"tokens.glass": down}, {METADATA_KEY: json.dumps(card)}


class TestJson:
    @pytest.mark.parametrize("part", PARTS)
    def test_refuses_500_configurations_of_networks(
        self, part: str, tmp_path: Path
    ) -> None:
        source = default_bundle().folder / part
        path = link_all_but(source, tmp_path, "config.json")
        headers = check_weight_files(tmp_path)

        data = (source / path.name).read_bytes()
        with rewriting(path) as rewrite:

            def read(damaged: bytes) -> None:
                rewrite(damaged)
                check_config(tmp_path, headers)

            refused = fuzz(data, read, WeightsError, 500, damage=mutate_json)

        assert refused > 200

    @pytest.mark.parametrize("part", PARTS)
    def test_loads_or_refuses_25_networks(
        self, part: Component, tmp_path: Path
    ) -> None:
        """What the loaders of others make of a configuration that we let through."""
        source = default_bundle().folder
        folder = tmp_path / part
        folder.mkdir()
        link_all_but(source, tmp_path, MANIFEST_NAME, part)
        path = link_all_but(source / part, folder, "config.json")
        data = (source / part / path.name).read_bytes()

        def read(damaged: bytes) -> None:
            path.write_bytes(damaged)
            bundle = Bundle(tmp_path)
            load_model(bundle, part, device=torch.device("cpu"), dtype=torch.float32)

        assert fuzz(data, read, WeightsError, 25, damage=mutate_json) > 10

    def test_refuses_1000_manifests(self, tmp_path: Path) -> None:
        source = default_bundle().folder
        path = link_all_but(source, tmp_path, MANIFEST_NAME)

        data = (source / MANIFEST_NAME).read_bytes()
        with rewriting(path) as rewrite:

            def read(damaged: bytes) -> None:
                rewrite(damaged)
                bundle = Bundle(tmp_path)
                manifest = bundle.manifest
                assert len(manifest.name + manifest.revision) <= 1000
                assert bundle.files_of("prior").keys() <= manifest.files.keys()
                side_px = bundle.profile.native_side_px
                assert Picture(side_px, side_px).cells >= 0

            refused = fuzz(data, read, WeightsError, 1000, damage=mutate_json)

        assert refused > 600

    def test_needs_nothing_that_a_hub_index_says(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        """`model_index.json` names classes and libraries to import: it is not read."""
        for pipeline in ("prior", "decoder"):
            (tmp_path / pipeline).mkdir()
            path = link_all_but(
                tiny_hub_folder / pipeline, tmp_path / pipeline, "model_index.json"
            )
        data = (tiny_hub_folder / "decoder" / path.name).read_bytes()

        def read(damaged: bytes) -> None:
            for pipeline in ("prior", "decoder"):
                (tmp_path / pipeline / path.name).write_bytes(damaged)
            assert Bundle(tmp_path).get_part("vqgan").parent == path.parent

        assert fuzz(data, read, WeightsError, 100, damage=mutate_json) == 0


def link_all_but(source: Path, folder: Path, *names: str) -> Path:
    """Link all in a folder into another but some files; return where the first goes."""
    for path in source.iterdir():
        if path.name not in names:
            (folder / path.name).symlink_to(path)
    return folder / names[0]
