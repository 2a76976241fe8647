from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch
from torch import nn
from torch.nn.utils import parametrize

from brandgen.engine.adapters.files import LoadedAdapter, Pair, read_adapter
from brandgen.engine.adapters.names import Layers
from brandgen.engine.errors import AdapterError
from brandgen.engine.tensor_file import Floats

RANK = 2


def product(pair: Pair) -> Floats:
    return pair.scale * pair.up @ pair.down


def write(path: Path, tensors: dict[str, Floats], **metadata: str) -> Path:
    safetensors.numpy.save_file(tensors, path, metadata or None)
    return path


def check_equal(found: LoadedAdapter, pairs: dict[str, Pair]) -> None:
    prior = found.changes["prior"]
    assert prior.keys() == pairs.keys()
    for layer, pair in pairs.items():
        assert np.allclose(product(prior[layer]), product(pair), atol=1e-6), layer


class LowRank(nn.Module):
    """A change to a weight that keeps its halves, as a parametrization."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.lora_down = nn.Parameter(torch.randn(RANK, weight.shape[1]))
        self.lora_up = nn.Parameter(torch.randn(weight.shape[0], RANK))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.lora_up @ self.lora_down / RANK


class Original(nn.Module):
    """Attention of the miniature's shape under the names of the official repository."""

    def __init__(self, layers: Layers) -> None:
        super().__init__()
        for side in ("down_blocks", "up_blocks"):
            levels = nn.ModuleList()
            for level in (0, 1):
                width = layers.prior[f"{side}.{level}.2.attention.to_q"][0]
                attention = nn.Module()
                attention.attn = nn.MultiheadAttention(width, 1, bias=True)
                block = nn.Module()
                block.attention = attention
                levels.append(nn.ModuleList([nn.Identity(), nn.Identity(), block]))
            setattr(self, side, levels)

    def adapt(self) -> dict[str, Floats]:
        """Change what the filter ".attn" finds; number the changes as they stand."""
        for name, module in list(self.named_modules()):
            for weight in ("weight", "in_proj_weight"):
                if ".attn" in name and isinstance(
                    getattr(module, weight, None), nn.Parameter
                ):
                    change = LowRank(getattr(module, weight))
                    parametrize.register_parametrization(module, weight, change)
        changes = [each for each in self.modules() if isinstance(each, LowRank)]
        return {
            f"weights.{number}.{half}": getattr(change, half).detach().numpy()
            for number, change in enumerate(changes)
            for half in ("lora_down", "lora_up")
        }


class TestOfficialRepository:
    def test_finds_each_layer_by_its_number(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        """Held to the modules themselves, in the order in which torch lists them."""
        torch.manual_seed(0)
        original = Original(layers)
        before = {k: v.clone() for k, v in original.state_dict().items()}
        path = write(tmp_path / "official.safetensors", original.adapt())

        found = read_adapter(path, layers)

        assert found.format == "official"
        assert len(found.changes["prior"]) == 16
        for layer, pair in found.changes["prior"].items():
            block, part = layer.split(".attention.")
            attn = original.get_submodule(f"{block}.attention.attn")
            if part == "to_out.0":
                change = (
                    attn.out_proj.weight
                    - before[f"{block}.attention.attn.out_proj.weight"]
                )
            else:
                whole = (
                    attn.in_proj_weight
                    - before[f"{block}.attention.attn.in_proj_weight"]
                )
                change = whole.chunk(3)["qkv".index(part[-1])]
            assert np.allclose(product(pair), change.detach().numpy(), atol=1e-5), layer

    def test_refuses_another_number_of_changes(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        tensors = Original(layers).adapt()
        path = write(
            tmp_path / "x.safetensors",
            {k: v for k, v in tensors.items() if not k.startswith("weights.7.")},
        )

        with pytest.raises(AdapterError, match=r"holds 7 changes; .* takes 8"):
            read_adapter(path, layers)

    def test_asks_for_the_names_of_its_tokens(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        tensors = Original(layers).adapt()
        tensors["embeddings.embeddings"] = np.zeros((1, 128), np.float32)
        tensors["embeddings.indices"] = np.array([686])
        path = write(tmp_path / "x.safetensors", tensors)

        with pytest.raises(AdapterError, match=r"number of words .* is 1, .* --word"):
            read_adapter(path, layers)


class TestOneTrainer:
    def test_reads_its_names_and_alphas(
        self, onetrainer_file: Path, layers: Layers, pairs: dict[str, Pair]
    ) -> None:
        found = read_adapter(onetrainer_file, layers)

        assert found.format == "onetrainer"
        assert found.ranks == [4]
        check_equal(found, pairs)

    def test_reads_other_layers_convolutions_and_the_text_encoder(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        keys = {
            "lora_prior_unet_embedding_1": ((RANK, 16, 1, 1), (192, RANK, 1, 1)),
            "lora_prior_unet_down_blocks_0_1_mapper_sca": ((RANK, 64), (384, RANK)),
            "lora_prior_te_text_model_encoder_layers_0_mlp_fc1": (
                (RANK, 128), (layers.text_encoder[
                    "text_model.encoder.layers.0.mlp.fc1"][0], RANK),
            ),
        }  # fmt: skip
        tensors = {
            f"{key}.lora_{half}.weight": np.ones(shape, np.float16)
            for key, shapes in keys.items()
            for half, shape in zip(("down", "up"), shapes, strict=True)
        }

        found = read_adapter(write(tmp_path / "x.safetensors", tensors), layers)

        assert sorted(found.changes["prior"]) == [
            "down_blocks.0.1.mapper_sca", "embedding.1",
        ]  # fmt: skip
        assert sorted(found.changes["text_encoder"]) == [
            "text_model.encoder.layers.0.mlp.fc1"
        ]
        assert found.changes["prior"]["embedding.1"].down.shape == (RANK, 16)

    def test_reads_words_that_were_bundled(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        vectors = np.ones((2, 128), np.float32)
        path = write(
            tmp_path / "x.safetensors",
            {
                "bundle_emb.<Northwind>.clip_g": vectors,
                "lora_prior_unet_clf_1.lora_down.weight": np.ones((1, 192), "f4"),
                "lora_prior_unet_clf_1.lora_up.weight": np.ones((16, 1), "f4"),
            },
        )

        found = read_adapter(path, layers)

        assert np.array_equal(found.tokens["northwind"], vectors)

    @pytest.mark.parametrize(
        ("key", "reason"),
        [
            ("lora_prior_unet_clf_1.dora_scale", "not DoRA"),
            ("lora_prior_unet_clf_1.hada_w1_a", "LoHa"),
            (
                "lora_prior_unet_middle_block_1.alpha",
                "no place for: 'lora_prior_unet_m",
            ),
            ("bundle_emb.x.clip_g_out", "no place for: 'bundle_emb"),
        ],
    )
    def test_refuses_keys_that_it_cannot_place(
        self, onetrainer_file: Path, layers: Layers, key: str, reason: str
    ) -> None:
        tensors = safetensors.numpy.load_file(onetrainer_file)
        tensors[key] = np.zeros(3, np.float32)
        safetensors.numpy.save_file(tensors, onetrainer_file)

        with pytest.raises(AdapterError, match=reason):
            read_adapter(onetrainer_file, layers)


class TestPeft:
    def test_reads_what_peft_writes(
        self, tmp_path: Path, layers: Layers, pairs: dict[str, Pair]
    ) -> None:
        """Held to peft itself: its own layers, its own state dict, its own product."""
        peft = pytest.importorskip("peft")
        model = nn.ModuleDict({"a": nn.Linear(8, 6), "b": nn.Linear(8, 5)})
        config = peft.LoraConfig(
            r=RANK, lora_alpha=RANK, target_modules=["a", "b"], init_lora_weights=False
        )
        adapted = peft.get_peft_model(model, config)
        state = peft.get_peft_model_state_dict(adapted)
        path = tmp_path / "x.safetensors"
        safetensors.torch.save_file(state, path)
        tiny = Layers("tiny", {"a": (6, 8), "b": (5, 8)})

        found = read_adapter(path, tiny)

        assert found.format == "peft"
        for layer, pair in found.changes["prior"].items():
            wanted = adapted.base_model.model[layer].get_delta_weight("default")
            assert np.allclose(product(pair), wanted.detach().numpy(), atol=1e-6)
        assert sorted(found.changes["prior"]) == ["a", "b"]

    def test_refuses_a_change_that_lacks_a_half(
        self, own_file: Path, layers: Layers
    ) -> None:
        tensors = safetensors.numpy.load_file(own_file)
        key = next(key for key in tensors if key.endswith("lora_B.weight"))
        del tensors[key]
        safetensors.numpy.save_file(tensors, own_file)

        with pytest.raises(AdapterError, match="lacks one half, 'B'"):
            read_adapter(own_file, layers)

    @pytest.mark.parametrize(
        ("down", "up", "reason"),
        [
            ((2, 192), (192, 3), "weight there has the shape"),
            ((2, 191), (192, 2), "weight there has the shape"),
            ((2, 192), (384, 2), "weight there has the shape"),
            ((0, 192), (192, 0), "weight there has the shape"),
            ((2,), (192, 2), "weight there has the shape"),
        ],
    )
    def test_refuses_another_shape(
        self,
        tmp_path: Path,
        layers: Layers,
        down: tuple[int, ...],
        up: tuple[int, ...],
        reason: str,
    ) -> None:
        layer = "up_blocks.0.2.attention.to_q"
        path = write(
            tmp_path / "x.safetensors",
            {
                f"{layer}.lora_A.weight": np.zeros(down, np.float32),
                f"{layer}.lora_B.weight": np.zeros(up, np.float32),
            },
        )

        with pytest.raises(AdapterError, match=reason):
            read_adapter(path, layers)

    def test_refuses_a_layer_that_is_not_there(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        path = write(
            tmp_path / "x.safetensors",
            {
                "down_blocks.9.2.attention.to_q.lora_A.weight": np.zeros((2, 192)),
                "down_blocks.9.2.attention.to_q.lora_B.weight": np.zeros((192, 2)),
            },
        )

        with pytest.raises(AdapterError, match=r"down_blocks\.9.*does not have"):
            read_adapter(path, layers)


class TestRecognize:
    def test_names_what_it_found_and_what_it_knows(
        self, tmp_path: Path, layers: Layers
    ) -> None:
        path = write(tmp_path / "x.safetensors", {"model.diffusion": np.zeros(3)})

        with pytest.raises(AdapterError, match=r"'model\.diffusion'.*OneTrainer"):
            read_adapter(path, layers)
