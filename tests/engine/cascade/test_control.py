import shutil
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableCascadeUNet
from PIL import Image
from safetensors.torch import load_file, save_file

from brandgen.engine.__main__ import main
from brandgen.engine.bundle import Bundle
from brandgen.engine.capabilities import find_capabilities
from brandgen.engine.cascade.control import (
    added_by_hooks,
    load_control,
    make_control,
)
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.hints import blank_out, draw_edges
from brandgen.engine.embeddings import ImageEmbeddings, read_embeddings
from brandgen.engine.errors import InvalidRequestError, UnsupportedError, WeightsError
from brandgen.engine.protocol import Capability
from brandgen.engine.registry import default_bundle
from brandgen.engine.requests import CONTROL_KINDS, Control, ControlKind, PriorRequest
from tests.engine.conftest import IMAGE_WIDTH, TEXT_WIDTH
from tests.engine.controlnets import PRIOR_WIDTH, list_shapes, write_control

FILES: dict[ControlKind, str] = {
    "canny": "canny.safetensors",
    "inpaint": "inpainting.safetensors",
    "super_resolution": "super_resolution.safetensors",
}
PICTURE = np.full((256, 384, 3), 20, np.uint8)
PICTURE[64:192, 96:288] = (230, 180, 40)
PROMPT = ("--prompt", "teal waves")
MASK = np.zeros((256, 384), np.uint8)
MASK[:, 200:] = 255


@pytest.fixture(scope="module")
def folder(tiny_hub_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose prior has the blocks of the published one, in a tiny width."""
    folder = tmp_path_factory.mktemp("controlled")
    for part in ("text_encoder", "tokenizer", "scheduler"):
        (folder / part).symlink_to(tiny_hub_folder / "prior" / part)
    for part in ("decoder", "vqgan"):
        (folder / part).symlink_to(tiny_hub_folder / "decoder" / part)
    encoder = default_bundle().get_part("semantic_encoder")
    (folder / "semantic_encoder").symlink_to(encoder)
    torch.manual_seed(0)
    StableCascadeUNet(
        in_channels=16,
        out_channels=16,
        conditioning_dim=32,
        block_out_channels=(PRIOR_WIDTH, PRIOR_WIDTH),
        num_attention_heads=(2, 2),
        down_num_layers_per_block=(8, 24),
        up_num_layers_per_block=(24, 8),
        block_types_per_layer=(("SDCascadeResBlock", "SDCascadeTimestepBlock"),) * 2,
        clip_image_in_channels=IMAGE_WIDTH,
        clip_text_in_channels=TEXT_WIDTH,
        clip_text_pooled_in_channels=TEXT_WIDTH,
        switch_level=(False,),
    ).save_pretrained(folder / "prior")
    for kind, name in FILES.items():
        write_control(folder / "controlnet" / name, kind)
    return folder


@pytest.fixture(scope="module")
def engines(folder: Path) -> dict[str, CascadeEngine]:
    return {name: CascadeEngine(folder, lean=name == "lean") for name in WAYS}


@pytest.fixture(scope="module")
def idle(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with ControlNets that add zeros."""
    other = tmp_path_factory.mktemp("idle")
    for each in folder.iterdir():
        if each.name != "controlnet":
            (other / each.name).symlink_to(each)
    for kind, name in FILES.items():
        write_control(other / "controlnet" / name, kind, is_zero=True)
    return other


WAYS = ("lean", "stock")


def make_control_of(kind: ControlKind, scale: float = 1.0) -> Control:
    return Control(kind, PICTURE, MASK if kind == "inpaint" else None, scale)


def run(engine: CascadeEngine, control: Control | None) -> ImageEmbeddings:
    request = PriorRequest("teal waves", 7, 384, 256, steps=2, control=control)
    result = engine.run_prior(request)
    return read_embeddings(result.embeddings, family=engine.bundle.family)


class TestMakeControl:
    @pytest.mark.parametrize("kind", CONTROL_KINDS)
    def test_names_its_values_as_the_published_files(self, kind: ControlKind) -> None:
        shapes = list_shapes(
            kind,
            widths=(24, 48, 64, 128, 160, 256),
            features=1280,
            near=(16384, 1024),
            width=2048,
        )

        with torch.device("meta"):
            network = make_control(Path("x"), kind, shapes)

        found = {k: tuple(v.shape) for k, v in network.state_dict().items()}
        assert found == shapes
        assert len(found) == {"super_resolution": 86}.get(kind, 796)
        assert found["projections.7.2.weight"] == (2048, 1280, 1, 1)
        if kind == "super_resolution":
            assert found["backbone.10.blocks.5.weight"] == (1024, 1024, 3, 3)
        else:
            assert found["backbone.0.0.weight"] == (
                24, {"canny": 1, "inpaint": 4}[kind], 3, 3,
            )  # fmt: skip


class TestLoadControl:
    @pytest.mark.parametrize("kind", CONTROL_KINDS)
    def test_gives_eight_places_a_map_of_the_cells(
        self, kind: ControlKind, tmp_path: Path
    ) -> None:
        network = load_control(write_control(tmp_path / "x.safetensors", kind), kind)
        channels, cell = {"canny": (1, 32), "inpaint": (4, 32)}.get(kind, (16, 1))

        added = network.find(torch.zeros(1, channels, 6 * cell, 9 * cell), 0.5)

        assert tuple(added) == (0, 4, 8, 12, 51, 55, 59, 63)
        assert {each.shape for each in added.values()} == {(1, PRIOR_WIDTH, 6, 9)}

    @pytest.mark.parametrize(("kind", "found"), list(permutations(CONTROL_KINDS, 2)))
    def test_refuses_the_file_of_another_kind(
        self, kind: ControlKind, found: ControlKind, tmp_path: Path
    ) -> None:
        path = write_control(tmp_path / "x.safetensors", found)

        with pytest.raises(WeightsError, match=f"is that for '{found}', not that for"):
            load_control(path, kind)

    def test_refuses_what_is_no_control(self, tmp_path: Path) -> None:
        path = tmp_path / "x.safetensors"
        save_file({"backbone.weight": torch.zeros(1)}, path)

        with pytest.raises(WeightsError, match=r"x.safetensors is no ControlNet"):
            load_control(path, "canny")

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("backbone.4.3.block.2.fc1.bias", "drop"),
            ("backbone.5.0.block.3.0.weight", "drop"),
            ("projections.3.2.weight", "widen"),
            ("projections.7.0.weight", "drop"),
            ("extra.weight", "add"),
        ],
    )
    def test_names_the_value_that_does_not_fit(
        self, name: str, change: str, tmp_path: Path
    ) -> None:
        path = write_control(tmp_path / "x.safetensors", "canny")
        state = load_file(path)
        if change == "drop":
            del state[name]
        else:
            state[name] = torch.zeros(5, 5, 1, 1)
        save_file(state, path)

        with pytest.raises(WeightsError, match=name.replace(".", "[.]")):
            load_control(path, "canny")

    def test_refuses_another_number_of_places(self, tmp_path: Path) -> None:
        path = write_control(tmp_path / "x.safetensors", "canny")
        state = load_file(path)
        state = {k: v for k, v in state.items() if not k.startswith("projections.7")}
        save_file(state, path)

        with pytest.raises(WeightsError, match="adds to 7 blocks"):
            load_control(path, "canny")


class TestHints:
    def test_draw_edges_where_they_are(self) -> None:
        edges = draw_edges(PICTURE, 6, 9)

        assert edges.shape == (1, 1, 192, 288)
        assert edges.max() > 0.5
        assert not edges[..., 80:110, 120:170].any()

    def test_blank_out_what_is_made_anew(self) -> None:
        hint = blank_out(PICTURE, MASK, 6, 9)

        assert hint.shape == (1, 4, 192, 288)
        assert hint[0, :, 96, 250].tolist() == [1, 1, 1, 1]
        assert hint[0, :, 5, 5].tolist() == pytest.approx([20 / 255] * 3 + [0])


class TestAddedByHooks:
    def test_adds_before_the_blocks_in_the_order_in_which_they_run(
        self, engines: dict[str, CascadeEngine]
    ) -> None:
        prior = engines["stock"].parts.prior
        added = {0: torch.ones(1), 8: torch.ones(1), 63: torch.ones(1)}
        blocks = (
            prior.down_blocks[0][0], prior.down_blocks[1][0], prior.up_blocks[1][14],
        )  # fmt: skip

        with added_by_hooks(prior, added):
            during = [len(block._forward_pre_hooks) for block in blocks]

        assert during == [1, 1, 1]
        assert not any(each._forward_pre_hooks for each in prior.modules())


class TestRunPrior:
    @pytest.mark.parametrize("kind", CONTROL_KINDS)
    @pytest.mark.parametrize("way", WAYS)
    def test_changes_nothing_with_zeros_and_much_without(
        self,
        kind: ControlKind,
        way: str,
        idle: Path,
        engines: dict[str, CascadeEngine],
    ) -> None:
        before = run(engines[way], None).image

        zeros = run(CascadeEngine(idle, lean=way == "lean"), make_control_of(kind))
        followed = run(engines[way], make_control_of(kind))
        unscaled = run(engines[way], make_control_of(kind, 0.0))

        assert zeros.image.tobytes() == before.tobytes()
        assert unscaled.image.tobytes() == before.tobytes()
        assert np.abs(followed.image - before).mean() > 0.01
        assert run(engines[way], None).image.tobytes() == before.tobytes()

    @pytest.mark.parametrize("kind", CONTROL_KINDS)
    def test_is_lean_as_it_is_stock(
        self, kind: ControlKind, engines: dict[str, CascadeEngine]
    ) -> None:
        lean, stock = (run(engines[way], make_control_of(kind)).image for way in WAYS)

        assert np.abs(lean - stock).max() < 1e-3 * np.abs(stock).max()

    @pytest.mark.parametrize("way", WAYS)
    def test_follows_in_bfloat16_and_in_a_batch(self, way: str, folder: Path) -> None:
        engine = CascadeEngine(folder, dtype="bfloat16", lean=way == "lean")
        control = make_control_of("canny")
        asked = PriorRequest("teal waves", 7, 384, 256, steps=2, control=control)

        results = engine.run_prior_batch([asked, asked.with_seed(8)])

        images = [
            read_embeddings(each.embeddings, family=engine.bundle.family).image
            for each in results
        ]
        assert np.isfinite(images).all()
        alone = run(engine, control).image
        assert np.abs(images[0] - alone).max() < 0.1 * np.abs(alone).max()
        assert engine.parts.network("control_canny").width == PRIOR_WIDTH
        assert engine.parts.dtype_of("control_canny") == torch.float32

    def test_records_the_files_that_it_used(
        self, engines: dict[str, CascadeEngine]
    ) -> None:
        made = run(engines["lean"], make_control_of("super_resolution")).made_with

        assert made["settings"]["control"]["kind"] == "super_resolution"
        assert {
            "controlnet/super_resolution.safetensors",
            "semantic_encoder/model.safetensors",
        } < made["weights_sha256"].keys()

    def test_refuses_a_prior_of_other_blocks(
        self, folder: Path, tiny_hub_folder: Path, tmp_path: Path
    ) -> None:
        for each in folder.iterdir():
            if each.name != "prior":
                (tmp_path / each.name).symlink_to(each)
        shutil.copytree(tiny_hub_folder / "prior" / "prior", tmp_path / "prior")

        with pytest.raises(WeightsError, match="this one has 4 and is 64 wide"):
            run(CascadeEngine(tmp_path), make_control_of("canny"))

    def test_needs_no_prompt(self) -> None:
        asked = {"prompt": "", "seed": 7, "width_px": 384, "height_px": 256}

        assert PriorRequest(**asked, control=make_control_of("canny")).control
        with pytest.raises(InvalidRequestError, match="prompt is empty"):
            PriorRequest(**asked)

    def test_says_that_a_model_has_none(self, miniature: CascadeEngine) -> None:
        with pytest.raises(UnsupportedError, match="no such ControlNet for this prior"):
            run(miniature, make_control_of("canny"))


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "options", "kind"),
        [
            (
                "generate",
                ["--control", "canny:{picture}:0.5", "--prompt", "x"],
                "canny",
            ),
            (
                "generate",
                ["--control", "inpaint:{picture}", "--mask", "{mask}", *PROMPT],
                "inpaint",
            ),
            ("inpaint", ["--picture", "{picture}", "--mask", "{mask}"], "inpaint"),
            ("outpaint", ["--picture", "{picture}", "--left", "128"], "inpaint"),
            (
                "inpaint",
                ["--picture", "{picture}", "--mask", "{mask}", "--control-scale", "0"],
                None,
            ),
        ],
    )
    def test_follow_a_picture_where_the_model_can(
        self,
        command: str,
        options: list[str],
        kind: str | None,
        folder: Path,
        tmp_path: Path,
    ) -> None:
        made = draw(folder, tmp_path, command, *options, "--steps", "2").made_with

        assert made["settings"].get("control", {}).get("kind") == kind

    def test_enlarge_a_picture_by_the_prior(self, folder: Path, tmp_path: Path) -> None:
        asked = ("upscale", "--picture", "{picture}", "--decoder-steps", "1")

        controlled = draw_pixels(folder, tmp_path, *asked)
        plain = draw_pixels(folder, tmp_path, *asked, "--control-scale", "0")

        assert controlled.shape == plain.shape == (512, 768, 3)
        assert not np.array_equal(controlled, plain)


def draw(folder: Path, tmp_path: Path, command: str, *options: str) -> ImageEmbeddings:
    """Run a command on the tiny model; return the image embeddings that it kept."""
    kept = tmp_path / "kept.safetensors"
    few = ("--seed", "3", "--decoder-steps", "1", "--embeddings-out", str(kept))
    draw_pixels(folder, tmp_path, command, *options, *few)
    return read_embeddings(kept.read_bytes(), family="stable-cascade")


def draw_pixels(
    folder: Path, tmp_path: Path, command: str, *options: str
) -> np.ndarray:
    out = tmp_path / "out.png"
    names = {"picture": tmp_path / "picture.png", "mask": tmp_path / "mask.png"}
    Image.fromarray(PICTURE).save(names["picture"])
    Image.fromarray(MASK).save(names["mask"])
    named = [each.format(**names) for each in options]
    assert main([command, "--bundle", str(folder), *named, "--out", str(out)]) == 0
    return np.asarray(Image.open(out))


class TestCapabilities:
    def test_names_each_that_is_there(self, folder: Path) -> None:
        assert {Capability(f"control_{kind}") for kind in CONTROL_KINDS} < set(
            find_capabilities(Bundle(folder))
        )

    def test_leaves_them_out_for_the_lite_prior(
        self, folder: Path, tmp_path: Path
    ) -> None:
        for each in folder.iterdir():
            (tmp_path / each.name).symlink_to(each)
        (tmp_path / "prior_lite").symlink_to(folder / "prior")

        found = find_capabilities(Bundle(tmp_path, prior_size="lite"))

        assert not {each for each in found if each.startswith("control")}
