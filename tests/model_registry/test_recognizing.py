from pathlib import Path

import pytest

from brandgen.engine.registry import default_bundle
from brandgen.model_registry.entries import Kind
from brandgen.model_registry.recognizing import NotRecognizedError, recognize
from tests.model_registry.weights import (
    NON_COMMERCIAL,
    write_adapter,
    write_hub_repositories,
    write_json,
    write_own_adapter,
    write_weights,
)


class TestRecognize:
    def test_knows_a_bundle_of_our_own_by_its_manifest(self) -> None:
        found = recognize(default_bundle().folder)

        assert found.kind == Kind.MODEL
        assert found.name == "Stable Cascade miniature"
        assert found.license is not None
        assert found.license.is_commercial_use_allowed
        assert found.parts["prior"] == "prior"

    def test_knows_the_official_repositories_side_by_side(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)

        found = recognize(tmp_path / "stabilityai")

        assert found.family == "stable-cascade"
        assert found.license == NON_COMMERCIAL
        assert found.parts["prior"] == "stable-cascade-prior/prior"
        assert found.parts["decoder"] == "stable-cascade/decoder"
        assert found.parts["prior_lite"] == "stable-cascade-prior/prior_lite"
        assert found.parts["vqgan"] == "stable-cascade/vqgan"

    def test_knows_the_file_of_an_adapter(self, tmp_path: Path) -> None:
        write_adapter(tmp_path / "glass.safetensors")

        found = recognize(tmp_path / "glass.safetensors")

        assert (found.kind, found.name) == (Kind.ADAPTER, "glass")
        assert found.license is None
        assert found.facts == {"format": "peft", "rank": "2", "layers": "1"}

    def test_believes_what_an_adapter_says_about_itself(self, tmp_path: Path) -> None:
        write_own_adapter(tmp_path / "a.safetensors")

        found = recognize(tmp_path / "a.safetensors")

        assert (found.name, found.family) == ("Glass", "stable-cascade-miniature")
        assert found.license is not None
        assert found.license.is_commercial_use_allowed
        assert found.learned_tokens == ("[glass]",)

    def test_refuses_weights_that_are_no_adapter(self, tmp_path: Path) -> None:
        write_weights(tmp_path / "a.safetensors")

        with pytest.raises(NotRecognizedError, match="is no adapter that is known"):
            recognize(tmp_path / "a.safetensors")

    def test_refuses_weights_that_are_pickles_only(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)
        prior = tmp_path / "stabilityai" / "stable-cascade-prior" / "prior"
        for path in prior.glob("*.safetensors"):
            path.unlink()

        with pytest.raises(NotRecognizedError, match="is a pickle"):
            recognize(tmp_path / "stabilityai")

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("nowhere", "There is nothing at"),
            ("empty", "is missing"),
            ("a.ckpt", "is a pickle"),
            ("notes.md", "can't be used: it is 2 bytes"),
        ],
    )
    def test_says_what_it_is_not(self, tmp_path: Path, name: str, said: str) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "a.ckpt").write_bytes(b"\x80\x04")
        write_json(tmp_path / "notes.md")

        with pytest.raises(NotRecognizedError, match=said):
            recognize(tmp_path / name)
