import hashlib
import json
import shutil
from pathlib import Path

import pytest

from brandgen.engine.bundle import (
    MANIFEST_NAME,
    Bundle,
    hash_files,
    read_manifest,
    write_manifest,
)
from brandgen.engine.errors import WeightsError
from brandgen.engine.registry import default_bundle


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped weights, to be damaged."""
    return Path(shutil.copytree(default_bundle().folder, tmp_path / "bundle"))


class TestBundle:
    def test_reads_the_miniature(self) -> None:
        bundle = default_bundle()

        assert bundle.family == "stable-cascade-miniature"
        assert bundle.profile.native_side_px == 512
        assert bundle.manifest.license.name == "Apache-2.0"
        assert bundle.tokenizer_file.is_file()

    def test_names_every_file_that_decides_pixels(self) -> None:
        bundle = default_bundle()

        assert hash_files(bundle.folder) == bundle.manifest.files
        weights = {f for f in bundle.manifest.files if f.endswith(".safetensors")}
        assert {name.split("/")[0] for name in weights} >= {
            "prior", "decoder", "vqgan", "text_encoder", "previewer",
        }  # fmt: skip

    def test_states_what_its_model_card_must(self) -> None:
        card = (default_bundle().folder / "MODEL_CARD.md").read_text()

        assert "It is not Stable Cascade." in card
        assert "Apache-2.0" in card

    def test_finds_the_parts_of_published_folders(self, tiny_hub_folder: Path) -> None:
        bundle = Bundle(tiny_hub_folder)

        assert bundle.get_part("prior") == tiny_hub_folder / "prior" / "prior"
        assert bundle.get_part("vqgan") == tiny_hub_folder / "decoder" / "vqgan"
        assert bundle.find_part("previewer") is None
        assert not bundle.manifest.license.is_commercial_use_allowed
        name = "prior/prior/diffusion_pytorch_model.safetensors"
        digest = hashlib.sha256((tiny_hub_folder / name).read_bytes()).hexdigest()
        assert bundle.manifest.files[name] == digest

    def test_finds_folders_named_as_the_repositories(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(tiny_hub_folder / "prior", tmp_path / "stable-cascade-prior")
        shutil.copytree(tiny_hub_folder / "decoder", tmp_path / "stable-cascade")

        part = Bundle(tmp_path).get_part("decoder")

        assert part == tmp_path / "stable-cascade" / "decoder"

    def test_refuses_one_changed_byte(self, copied: Path) -> None:
        path = copied / "vqgan" / "diffusion_pytorch_model.safetensors"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        bundle = Bundle(copied)

        bundle.get_part("prior")
        with pytest.raises(WeightsError, match=r"diffusion_pytorch.* is damaged"):
            bundle.get_part("vqgan")

    def test_refuses_a_missing_file(self, copied: Path) -> None:
        (copied / "prior" / "config.json").unlink()

        with pytest.raises(WeightsError, match=r"lack prior/config\.json"):
            Bundle(copied).get_part("prior")

    def test_refuses_a_file_that_was_added(self, copied: Path) -> None:
        (copied / "prior" / "extra.safetensors").write_bytes(b"x")

        with pytest.raises(
            WeightsError, match=r"extra\.safetensors, which bundle\.json"
        ):
            Bundle(copied).get_part("prior")

    def test_refuses_a_folder_without_a_part(self, copied: Path) -> None:
        shutil.rmtree(copied / "text_encoder")

        with pytest.raises(WeightsError, match="text_encoder is missing"):
            Bundle(copied)

    def test_refuses_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match="There is no folder"):
            Bundle(tmp_path / "none")


class TestReadManifest:
    @pytest.mark.parametrize(
        "change",
        [
            {"format": 2},
            {"files": {}},
            {"unknown": 1},
            {"profile": {"steps": 3}},
            {"license": "Apache-2.0"},
            {"name": ["Miniature"]},
            {"family": "x" * 501},
            {"files": ["prior/config.json"]},
            {"files": {"prior/config.json": "cafe"}},
            {"profile": {"native_side_px": "256"}},
            {"profile": {"prior_steps": True}},
            {"profile": {"prior_guidance_scale": float("nan")}},
        ],
    )
    def test_refuses_what_it_cannot_trust(
        self, copied: Path, change: dict[str, object]
    ) -> None:
        path = copied / MANIFEST_NAME
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

        with pytest.raises(WeightsError, match="can't be read"):
            Bundle(copied)

    @pytest.mark.parametrize("text", ["", "[]", "{", "null", "\x00", "[" * 10**5])
    def test_refuses_what_is_no_manifest(self, tmp_path: Path, text: str) -> None:
        (tmp_path / MANIFEST_NAME).write_text(text)

        with pytest.raises(WeightsError, match="can't be read"):
            read_manifest(tmp_path / MANIFEST_NAME)


class TestWriteManifest:
    def test_pins_published_folders(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        folder = Path(shutil.copytree(tiny_hub_folder, tmp_path / "hub"))

        written = write_manifest(folder, Bundle(folder).described)

        assert Bundle(folder).manifest == written
        changed = folder / "decoder" / "vqgan" / "config.json"
        changed.write_text(changed.read_text() + " ")
        with pytest.raises(WeightsError, match="is damaged"):
            Bundle(folder).get_part("vqgan")
