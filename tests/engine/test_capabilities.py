import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from brandgen.engine.bundle import Bundle
from brandgen.engine.capabilities import ALWAYS, check_can, find_capabilities
from brandgen.engine.errors import UnsupportedError
from brandgen.engine.protocol import Capability
from brandgen.engine.registry import default_bundle


@pytest.fixture
def bundle_dir(tmp_path: Path) -> Path:
    """A folder with the names of a bundle's parts, and nothing in them."""
    for part in ("prior", "decoder", "vqgan", "text_encoder", "tokenizer", "scheduler"):
        (tmp_path / part).mkdir()
    return tmp_path


class TestFindCapabilities:
    def test_finds_none_where_only_the_stages_are(self, bundle_dir: Path) -> None:
        assert find_capabilities(Bundle(bundle_dir)) == ALWAYS

    def test_finds_those_of_the_miniature(self) -> None:
        assert Capability.START in find_capabilities(default_bundle())

    @pytest.mark.parametrize(
        ("name", "capability"),
        [
            ("semantic_encoder/config.json", Capability.START),
            ("effnet_encoder.safetensors", Capability.START),
            ("image_encoder/config.json", Capability.REFERENCES),
            ("controlnet/inpainting.safetensors", Capability.CONTROL_INPAINT),
            ("controlnet/inpaint.safetensors", Capability.CONTROL_INPAINT),
            ("controlnet/canny.safetensors", Capability.CONTROL_CANNY),
        ],
    )
    def test_names_what_a_file_makes_possible(
        self, name: str, capability: Capability, bundle_dir: Path
    ) -> None:
        put(bundle_dir / name)

        assert find_capabilities(Bundle(bundle_dir)) == {*ALWAYS, capability}

    def test_needs_an_encoder_to_enlarge_under_control(self, bundle_dir: Path) -> None:
        put(bundle_dir / "controlnet" / "super_resolution.safetensors")
        alone = find_capabilities(Bundle(bundle_dir))
        put(bundle_dir / "effnet_encoder.safetensors")

        both = find_capabilities(Bundle(bundle_dir))

        assert alone == ALWAYS
        assert both == {
            *ALWAYS,
            Capability.START,
            Capability.CONTROL_SUPER_RESOLUTION,
        }

    def test_looks_into_the_folders_of_the_hub(
        self, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        for name in ("prior", "decoder"):
            shutil.copytree(tiny_hub_folder / name, tmp_path / name)
        put(tmp_path / "decoder" / "controlnet" / "canny.safetensors")
        put(tmp_path / "decoder" / "effnet_encoder.safetensors")

        found = find_capabilities(Bundle(tmp_path))

        assert found == {*ALWAYS, Capability.START, Capability.CONTROL_CANNY}

    def test_imports_no_torch(self) -> None:
        code = (
            "import sys; from brandgen.engine.capabilities import find_capabilities\n"
            "from brandgen.engine.registry import default_bundle\n"
            "find_capabilities(default_bundle()); sys.exit('torch' in sys.modules)"
        )
        root = Path(__file__).parents[2]

        done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False)

        assert done.returncode == 0


class TestCheckCan:
    def test_says_what_is_missing(self) -> None:
        with pytest.raises(UnsupportedError, match="Mini can't begin from a picture"):
            check_can(Capability.START, frozenset(), "Mini")


def put(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
