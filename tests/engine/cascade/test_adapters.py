from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from brandgen.engine.adapters.files import AdapterCard, Pair, save_adapter
from brandgen.engine.adapters.names import Layers
from brandgen.engine.cascade.adapters import (
    Word,
    changed,
    encode_with_words,
    split_words,
)
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.text import PromptTooLongError, encode_prompt
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import AdapterError
from brandgen.engine.protocol import Capability, ModelLicense, PriorResult, Step
from brandgen.engine.requests import Adapter, PriorRequest


class StopError(Exception):
    pass


def make_request(*adapters: Adapter, **changes: Any) -> PriorRequest:
    return PriorRequest(
        **{
            "prompt": "teal waves",
            "seed": 7,
            "width_px": 256,
            "height_px": 256,
            "steps": 3,
            "adapters": adapters,
            **changes,
        }
    )


def read_image(result: PriorResult) -> np.ndarray:
    return read_embeddings(result.embeddings, family="stable-cascade-miniature").image


def snapshot(model: torch.nn.Module) -> list[tuple[int, torch.Tensor]]:
    return [(p.data_ptr(), p.detach().clone()) for p in model.parameters()]


def is_as_in(model: torch.nn.Module, before: list[tuple[int, torch.Tensor]]) -> bool:
    return all(
        p.data_ptr() == place and torch.equal(p, value)
        for p, (place, value) in zip(model.parameters(), before, strict=True)
    )


def random_pair(model: Any, layer: str, seed: int) -> Pair:
    rows, columns = model.get_submodule(layer).weight.shape[:2]
    random = np.random.default_rng(seed)
    return Pair(
        random.normal(size=(2, columns)).astype(np.float32),
        random.normal(size=(rows, 2)).astype(np.float32),
    )


class TestChanged:
    LAYER = "up_blocks.0.2.attention.to_k"

    def test_adds_all_changes_and_puts_the_weights_back(
        self, miniature: CascadeEngine
    ) -> None:
        prior = miniature.parts.prior
        weight = prior.get_submodule(self.LAYER).weight
        before = snapshot(prior)
        own = weight.detach().double().numpy().copy()
        one, two = (random_pair(prior, self.LAYER, seed) for seed in (1, 2))

        with changed(prior, {self.LAYER: [(0.5, one), (-2.0, two)]}):
            found = weight.detach().numpy().copy()

        wanted = own + 0.5 * one.up @ one.down - 2 * two.up @ two.down
        assert np.allclose(found, wanted, atol=1e-5)
        assert is_as_in(prior, before)

    def test_changes_a_convolution(self, miniature: CascadeEngine) -> None:
        prior = miniature.parts.prior
        weight = prior.get_submodule("embedding.1").weight
        own, pair = weight.detach().clone(), random_pair(prior, "embedding.1", 1)

        with changed(prior, {"embedding.1": [(1.0, pair)]}):
            difference = (weight - own)[:, :, 0, 0].detach().numpy()

        assert np.allclose(difference, pair.up @ pair.down, atol=1e-5)

    def test_rounds_once_in_half_precision(self, miniature: CascadeEngine) -> None:
        engine = CascadeEngine(dtype="bfloat16")
        prior = engine.parts.prior
        weight = prior.get_submodule(self.LAYER).weight
        pair = random_pair(prior, self.LAYER, 1)
        wanted = weight.float() + torch.tensor(pair.up) @ torch.tensor(pair.down)

        with changed(prior, {self.LAYER: [(1.0, pair)]}):
            assert torch.equal(weight, wanted.to(torch.bfloat16))

    def test_gives_what_peft_gives(self, miniature: CascadeEngine) -> None:
        peft = pytest.importorskip("peft")
        engine = CascadeEngine()
        prior = engine.parts.prior
        config = peft.LoraConfig(
            r=4, lora_alpha=2, target_modules=["to_q", "to_out.0"],
            init_lora_weights=False,
        )  # fmt: skip
        torch.manual_seed(3)
        inputs = {
            "sample": torch.randn(1, 16, 6, 6),
            "timestep_ratio": torch.full((1,), 0.5),
            "clip_text": torch.randn(1, 8, 128),
            "clip_text_pooled": torch.randn(1, 1, 128),
            "clip_img": torch.zeros(1, 1, 64),
            "return_dict": False,
        }
        peft.inject_adapter_in_model(config, prior, "other")
        wanted = prior(**inputs)[0]
        changes = {
            name.removesuffix(".lora_A.other"): [
                (
                    0.5,
                    Pair(
                        module.weight.detach().numpy(),
                        prior.get_submodule(name.replace("lora_A", "lora_B"))
                        .weight.detach()
                        .numpy(),
                    ),
                )
            ]
            for name, module in prior.named_modules()
            if name.endswith(".lora_A.other")
        }

        with changed(miniature.parts.prior, changes), torch.no_grad():
            found = miniature.parts.prior(**inputs)[0]

        assert len(changes) == 8
        assert torch.allclose(found, wanted, atol=1e-4)


class TestRunPrior:
    def test_leaves_the_base_in_every_bit(
        self, miniature: CascadeEngine, own_file: Path
    ) -> None:
        before = snapshot(miniature.parts.prior)
        plain = miniature.run_prior(make_request())

        adapted = miniature.run_prior(make_request(Adapter(own_file)))

        assert np.abs(read_image(adapted) - read_image(plain)).max() > 0.1
        assert is_as_in(miniature.parts.prior, before)
        assert miniature.run_prior(make_request()).embeddings == plain.embeddings

    def test_leaves_it_also_when_the_run_is_stopped(
        self, miniature: CascadeEngine, own_file: Path
    ) -> None:
        before = snapshot(miniature.parts.prior)

        def stop(step: Step) -> None:
            raise StopError

        with pytest.raises(StopError):
            miniature.run_prior(make_request(Adapter(own_file)), on_step=stop)

        assert is_as_in(miniature.parts.prior, before)

    def test_gives_the_same_bytes_again(
        self, miniature: CascadeEngine, own_file: Path
    ) -> None:
        request = make_request(Adapter(own_file, 0.7))

        first = miniature.run_prior(request)
        miniature.run_prior(make_request(Adapter(own_file, -1.0)))

        assert miniature.run_prior(request).embeddings == first.embeddings
        assert CascadeEngine().run_prior(request).embeddings == first.embeddings

    def test_scales_and_stacks(
        self,
        miniature: CascadeEngine,
        own_file: Path,
        second_file: Path,
    ) -> None:
        plain, half, whole, twice_half, none = (
            read_image(miniature.run_prior(make_request(*adapters)))
            for adapters in (
                (),
                (Adapter(own_file, 0.5),),
                (Adapter(own_file),),
                (Adapter(own_file, 0.5), Adapter(second_file, 0.5)),
                (Adapter(own_file, 0.0),),
            )
        )

        assert np.array_equal(none, plain)
        assert np.abs(half - plain).mean() < np.abs(whole - plain).mean()
        assert np.abs(twice_half - whole).max() < 1e-3

    def test_records_the_file_that_was_read(
        self, miniature: CascadeEngine, tmp_path: Path, pairs: dict[str, Pair]
    ) -> None:
        path = tmp_path / "look.safetensors"
        license_ = ModelLicense("CC-BY-4.0", "https://example.com", True)
        card = AdapterCard("Look", license=license_)
        sha256 = save_adapter(path, card, {"prior": pairs})

        result = miniature.run_prior(make_request(Adapter(path, 0.5)))

        made_with = read_embeddings(
            result.embeddings, family="stable-cascade-miniature"
        ).made_with
        assert made_with["settings"]["adapters"] == [
            {"file": "look.safetensors", "scale": 0.5, "sha256": sha256}
        ]
        assert made_with["adapters"] == [
            {"name": "Look", "license": "CC-BY-4.0", "sha256": sha256}
        ]

    def test_runs_on_weights_that_only_visit(self, own_file: Path) -> None:
        """One stage at a time and offload bring the prior in again for each run."""
        request = make_request(Adapter(own_file))
        wanted = CascadeEngine().run_prior(request)

        for memory in ("one-stage", "cpu-offload"):
            engine = CascadeEngine(memory=memory)  # type: ignore[arg-type]
            for _ in range(2):
                assert engine.run_prior(request).embeddings == wanted.embeddings
            plain = engine.run_prior(make_request())
            assert np.abs(read_image(plain) - read_image(wanted)).max() > 0.1

    def test_refuses_two_adapters_that_teach_one_word(
        self, miniature: CascadeEngine, taught_file: Path
    ) -> None:
        with pytest.raises(AdapterError, match=r"teach the word \[northwind\]"):
            miniature.run_prior(
                make_request(Adapter(taught_file), Adapter(taught_file))
            )

    def test_is_named_among_the_capabilities(self, miniature: CascadeEngine) -> None:
        assert Capability.ADAPTERS in miniature.capabilities()


class TestLearnedWords:
    def test_are_read_as_their_vectors(self, miniature: CascadeEngine) -> None:
        """A word taught what "teal" is must be read as "teal", in every bit."""
        tokenizer, encoder = miniature.parts.tokenizer, miniature.parts.text_encoder
        ids = tokenizer("teal", add_special_tokens=False).input_ids
        vectors = encoder.get_input_embeddings().weight[ids].detach().numpy()

        with torch.inference_mode():
            found = encode_with_words(
                tokenizer, encoder, "a [northwind] wave, [NORTHWIND]",
                {"northwind": vectors},
            )  # fmt: skip
            wanted = encode_prompt(tokenizer, encoder, "a teal wave, teal")

        assert torch.equal(found.tokens, wanted.tokens)
        assert torch.equal(found.pooled, wanted.pooled)

    def test_change_only_prompts_that_say_them(
        self, miniature: CascadeEngine, taught_file: Path
    ) -> None:
        said, unsaid = "teal waves [northwind]", "teal waves"
        adapter = Adapter(taught_file, 0.0)

        plain_said, plain_unsaid, taught_said, taught_unsaid = (
            read_image(miniature.run_prior(make_request(*each, prompt=prompt)))
            for each in ((), (adapter,))
            for prompt in (said, unsaid)
        )

        assert np.array_equal(taught_unsaid, plain_unsaid)
        assert np.abs(taught_said - plain_said).max() > 1e-3

    def test_leave_no_residue(
        self, miniature: CascadeEngine, taught_file: Path
    ) -> None:
        encoder = miniature.parts.text_encoder
        before, count = snapshot(encoder), len(miniature.parts.tokenizer)
        request = make_request(prompt="teal [northwind]")
        plain = miniature.run_prior(request)

        miniature.run_prior(
            make_request(Adapter(taught_file), prompt="teal [northwind]")
        )

        assert is_as_in(encoder, before)
        assert len(miniature.parts.tokenizer) == count
        assert not encoder.get_input_embeddings()._forward_hooks
        assert miniature.run_prior(request).embeddings == plain.embeddings

    def test_count_towards_the_limit(self, miniature: CascadeEngine) -> None:
        words = {"northwind": np.zeros((16, 128), np.float32)}

        with pytest.raises(PromptTooLongError, match="34 tokens with what"):
            encode_with_words(
                miniature.parts.tokenizer,
                miniature.parts.text_encoder,
                "[northwind][northwind]",
                words,
            )

    def test_refuse_a_prompt_that_was_encoded_without_them(
        self, miniature: CascadeEngine, taught_file: Path
    ) -> None:
        encoded = miniature.encode_prompt("teal [northwind]")
        request = make_request(
            Adapter(taught_file), prompt="teal [northwind]", prompt_embeddings=encoded
        )

        with pytest.raises(AdapterError, match="encoded without the adapters"):
            miniature.run_prior(request)


class TestSplitWords:
    def test_cuts_at_known_words_only(self) -> None:
        found = split_words("a [One] b [two] [other]", {"one": 1, "two": 2})

        assert found == ["a ", "one", " b ", "two", " [other]"]
        assert [isinstance(piece, Word) for piece in found] == [
            False, True, False, True, False,
        ]  # fmt: skip

    def test_takes_brackets_as_text_where_nothing_is_taught(self) -> None:
        assert split_words("a [one]", {}) == ["a [one]"]


@pytest.fixture
def second_file(own_file: Path, tmp_path: Path) -> Path:
    """Give the same change as a second file."""
    path = tmp_path / "copy.safetensors"
    path.write_bytes(own_file.read_bytes())
    return path


@pytest.fixture
def taught_file(tmp_path: Path, layers: Layers) -> Path:
    path = tmp_path / "taught.safetensors"
    word = np.random.default_rng(1).normal(size=(2, 128)).astype(np.float32)
    save_adapter(path, AdapterCard("Taught", layers.family), {}, {"northwind": word})
    return path
