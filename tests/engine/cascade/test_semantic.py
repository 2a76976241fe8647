from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.semantic import (
    PUBLISHED_FILE,
    PublishedSemanticEncoder,
    SemanticEncoder,
    load_published_encoder,
)
from brandgen.engine.cascade.weights import load_bundle_encoder
from brandgen.engine.errors import WeightsError
from brandgen.engine.registry import default_bundle
from tests.engine.cascade.test_efficientnet import SMALL

CPU = torch.device("cpu")


class TestPublishedSemanticEncoder:
    def test_names_its_values_as_the_published_file(self) -> None:
        with torch.device("meta"):
            encoder = PublishedSemanticEncoder()

        names = encoder.state_dict().keys()
        heads = {name.split(".")[0] for name in names}
        assert heads == {"backbone", "mapper"}
        assert "backbone.6.14.block.3.1.running_var" in names
        assert {name for name in names if name.startswith("mapper")} == {
            "mapper.0.weight", "mapper.1.running_mean", "mapper.1.running_var",
            "mapper.1.num_batches_tracked",
        }  # fmt: skip

    def test_reads_colors_as_imagenet_has_them(self) -> None:
        torch.manual_seed(0)
        encoder = PublishedSemanticEncoder(SMALL, 20).eval()
        gray = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)

        found = encoder.embed(gray.expand(1, 3, 64, 96))

        assert found.shape == (1, 16, 2, 3)
        middle = encoder.mapper(encoder.backbone(torch.zeros(1, 3, 64, 96)))
        assert torch.allclose(found, middle, atol=1e-6)


class TestLoadPublishedEncoder:
    def test_loads_a_file_of_the_published_names_and_sizes(
        self, tmp_path: Path
    ) -> None:
        torch.manual_seed(0)
        encoder = PublishedSemanticEncoder().eval()
        path = tmp_path / PUBLISHED_FILE
        save_file(encoder.state_dict(), path)

        loaded = load_published_encoder(path)

        colors = torch.rand(1, 3, 64, 64)
        assert torch.equal(loaded.embed(colors), encoder.embed(colors))
        assert not any(each.requires_grad for each in loaded.parameters())

    def test_refuses_a_file_that_lacks_a_value(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        folder = copy_bundle(tiny_hub_folder, tmp_path)
        state = PublishedSemanticEncoder().state_dict()
        state.pop("mapper.1.running_mean")
        save_file(state, folder / PUBLISHED_FILE)

        with pytest.raises(WeightsError, match=r"effnet_encoder.* can't be loaded"):
            load_bundle_encoder(Bundle(folder), CPU)


class TestLoadBundleEncoder:
    def test_loads_the_miniatures(self) -> None:
        encoder = load_bundle_encoder(default_bundle(), CPU)

        assert isinstance(encoder, SemanticEncoder)
        assert encoder.cell_px == 16

    @pytest.mark.parametrize(
        "name", [PUBLISHED_FILE, "semantic_encoder/" + PUBLISHED_FILE]
    )
    def test_finds_the_published_file(
        self, name: str, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        folder = copy_bundle(tiny_hub_folder, tmp_path)
        (folder / name).parent.mkdir(exist_ok=True)
        save_file(PublishedSemanticEncoder().state_dict(), folder / name)

        encoder = load_bundle_encoder(Bundle(folder), CPU)

        assert isinstance(encoder, PublishedSemanticEncoder)
        assert encoder.cell_px == 32


def copy_bundle(source: Path, target: Path) -> Path:
    """Lay out a flat bundle of links to the parts of a hub folder."""
    for part in ("prior", "text_encoder", "tokenizer", "scheduler"):
        (target / part).symlink_to(source / "prior" / part)
    for part in ("decoder", "vqgan"):
        (target / part).symlink_to(source / "decoder" / part)
    return target
