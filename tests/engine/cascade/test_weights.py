import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from brandgen.engine.bundle import Bundle, write_manifest
from brandgen.engine.cascade.weights import (
    ALIGNMENT_BYTES,
    load_bundle_previewer,
    load_model,
    load_scheduler,
    load_tokenizer,
)
from brandgen.engine.errors import PickledWeightsError, WeightsError
from brandgen.engine.previews import published_previewer
from brandgen.engine.registry import default_bundle
from tests.engine.tensor_files import ODD_VALUES

CPU = torch.device("cpu")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_bundle().folder, tmp_path / "bundle"))


def load(folder: Path, part: Any = "vqgan") -> Any:
    return load_model(Bundle(folder), part, device=CPU, dtype=torch.float32)


class TestLoadModel:
    def test_loads_half_precision_files_as_asked(self) -> None:
        for part in ("prior", "decoder", "vqgan", "text_encoder"):
            model = load(default_bundle().folder, part)

            assert {p.dtype for p in model.parameters()} == {torch.float32}
            assert not any(p.requires_grad for p in model.parameters())
            assert not model.training

    def test_aligns_weights_as_memory_is(self, tiny_hub_folder: Path) -> None:
        model = load(tiny_hub_folder, "prior")

        assert {p.data_ptr() % ALIGNMENT_BYTES for p in model.parameters()} == {0}

    def test_loads_a_download_of_bfloat16_files_only(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        folder = Path(shutil.copytree(tiny_hub_folder, tmp_path / "hub"))
        for name in ("prior/prior/diffusion_pytorch_model", "prior/text_encoder/model"):
            path = folder / f"{name}.safetensors"
            path.rename(folder / f"{name}.bf16.safetensors")

        for part in ("prior", "text_encoder"):
            assert load(folder, part).dtype == torch.float32

    def test_refuses_weights_that_lack_values(self, copied: Path) -> None:
        path = copied / "vqgan" / "diffusion_pytorch_model.safetensors"
        tensors = safetensors.torch.load_file(path)
        name = sorted(tensors)[0]
        del tensors[name]
        safetensors.torch.save_file(tensors, path)
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(WeightsError, match=f"lack 1 values.*{name}"):
            load(copied)

    def test_refuses_weights_of_another_shape(self, copied: Path) -> None:
        path = copied / "vqgan" / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"embed_dim": 32}))
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(WeightsError, match="can't be loaded"):
            load(copied)

    def test_refuses_pickled_weights(self, copied: Path) -> None:
        folder = copied / "vqgan"
        path = folder / "diffusion_pytorch_model.safetensors"
        torch.save(safetensors.torch.load_file(path), folder / f"{path.stem}.bin")
        path.unlink()
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(PickledWeightsError, match="can run any code"):
            load(copied)

    def test_refuses_a_file_that_is_no_safetensors(self, copied: Path) -> None:
        path = copied / "text_encoder" / "model.safetensors"
        path.write_bytes(b"\x00" * 100)
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(
            WeightsError, match=r"text_encoder/model.safetensors can't be loaded"
        ):
            load(copied, "text_encoder")


class TestLoadTokenizer:
    def test_reads_the_limit_of_the_miniature(self) -> None:
        assert load_tokenizer(default_bundle()).model_max_length == 32

    def test_refuses_a_damaged_vocabulary(self, copied: Path) -> None:
        (copied / "tokenizer" / "tokenizer.json").write_text("{}")
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(WeightsError, match="tokenizer can't be loaded"):
            load_tokenizer(Bundle(copied))


class TestLoadScheduler:
    def test_refuses_a_damaged_configuration(self, copied: Path) -> None:
        (copied / "scheduler" / "scheduler_config.json").write_text("{")
        write_manifest(copied, Bundle(copied).described)

        with pytest.raises(WeightsError, match="scheduler can't be loaded"):
            load_scheduler(Bundle(copied))


class TestLoadBundlePreviewer:
    def test_takes_the_bundles_own_or_the_published_map(
        self, tiny_hub_folder: Path
    ) -> None:
        own = load_bundle_previewer(default_bundle(), CPU)
        other = load_bundle_previewer(Bundle(tiny_hub_folder), CPU)

        assert own.block > 1
        assert np.array_equal(other.factors, published_previewer().factors)


class TestLoadModelOfAnyConfiguration:
    """A few hundred damaged configurations: each loads or is refused by name."""

    @pytest.mark.parametrize("part", ["prior", "decoder", "vqgan", "text_encoder"])
    def test_loads_or_says_what_is_wrong(
        self, tiny_hub_folder: Path, tmp_path: Path, part: str
    ) -> None:
        folder = Path(shutil.copytree(tiny_hub_folder, tmp_path / "hub"))
        bundle = Bundle(folder)
        path = bundle.get_part(part) / "config.json"  # type: ignore[arg-type]
        good = json.loads(path.read_text())
        refused = 0

        for seed in range(80):
            rng = random.Random(seed)  # noqa: S311
            path.write_text(json.dumps(damage(good, rng)))
            try:
                load_model(bundle, part, device=CPU, dtype=torch.float32)  # type: ignore[arg-type]
            except WeightsError:
                refused += 1

        assert refused > 20


def damage(config: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Change one value of a configuration, or lose it."""
    changed = dict(config)
    name = rng.choice(sorted(config))
    if rng.random() < 0.1:
        del changed[name]
    else:
        changed[name] = rng.choice(ODD_VALUES)
    return changed
