"""The commands that begin from pictures, run on the miniature at its smallest."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from brandgen.engine.__main__ import main
from brandgen.engine.commands.pictures import read_reference
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.requests import Pixels

FEW_STEPS = ("--steps", "2", "--decoder-steps", "2")
SIDE_PX = 256


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture, its image embeddings, and masks."""
    folder = tmp_path_factory.mktemp("pictures")
    made = [
        *("generate", "--prompt", "plain teal background", "--seed", "7"),
        *("--width", f"{SIDE_PX}", "--height", f"{SIDE_PX}", *FEW_STEPS),
        *("--embeddings-out", f"{folder / 'a.safetensors'}"),
        *("--out", f"{folder / 'a.png'}"),
    ]
    assert main(made) == 0
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    mask[64:192, 64:192] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    Image.fromarray(mask[:128]).save(folder / "small.png")
    Image.fromarray(mask * 0).save(folder / "black.png")
    return folder


def run(folder: Path, command: str, *options: str) -> int:
    """Run a command; what is named like a file lies in the folder."""

    def place(option: str) -> str:
        kind, colon, name = option.rpartition(":")
        is_file = name.endswith((".png", ".safetensors"))
        return f"{kind}{colon}{folder / name}" if is_file else option

    return main([command, *map(place, options)])


def read(path: Path) -> Pixels:
    return np.asarray(Image.open(path).convert("RGB"))


class TestReadReference:
    def test_takes_a_weight_behind_the_last_colon(self, folder: Path) -> None:
        assert read_reference(f"{folder / 'a.png'}:2").weight == 2
        assert read_reference(str(folder / "a.png")).weight == 1

    def test_takes_a_colon_in_a_name(self, folder: Path) -> None:
        (folder / "c:d.png").write_bytes((folder / "a.png").read_bytes())

        assert read_reference(str(folder / "c:d.png")).weight == 1


class TestGenerate:
    def test_begins_from_a_picture_at_its_size(self, folder: Path) -> None:
        asked = ("--prompt", "amber", "--seed", "3", *FEW_STEPS, "--out", "s.png")

        assert run(folder, "generate", *asked, "--start", "a.png") == 0

        assert read(folder / "s.png").shape == (SIDE_PX, SIDE_PX, 3)

    def test_keeps_every_byte_outside_a_mask(self, folder: Path) -> None:
        asked = ("--prompt", "amber", "--seed", "3", *FEW_STEPS, "--out", "k.png")

        code = run(folder, "generate", *asked, "--start", "a.png", "--mask", "mask.png")

        assert code == 0
        check_only_inside_changed(folder, read(folder / "k.png"))

    def test_borrows_the_look_of_references(self, folder: Path) -> None:
        asked = ("--prompt", "amber", "--seed", "3", *FEW_STEPS)
        looks = (
            "--reference",
            str(folder / "a.png"),
            "--reference",
            f"{folder / 'a.png'}:0.5",
        )

        assert run(folder, "generate", *asked, *looks, "--out", "like.png") == 0
        assert (folder / "like.png").is_file()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--mask", "mask.png"], "--mask needs a picture to begin from"),
            (["--strength", "0"], "--strength needs a picture to begin from"),
            (["--start", "gone.png"], "No such file"),
            (["--start", "a.png", "--mask", "small.png"], "is 256 x 128 px and"),
            (["--start", "a.png", "--mask", "black.png"], "black everywhere"),
            (["--start", "a.safetensors", "--mask", "mask.png"], "image embeddings"),
            (["--start", "a.png", "--strength", "2"], "The strength is 2"),
            (["--start", "a.safetensors", "--width", "512"], "are of 256 x 256 px"),
            (["--control", "pose:a.png"], "Write a kind (inpaint, canny, super_"),
            (["--control", "canny"], "The control 'canny' can't be read"),
            (["--control", "canny:gone.png"], "No such file"),
            (["--control", "inpaint:a.png"], "Inpainting needs a mask"),
            (["--control", "canny:a.png"], "no such ControlNet"),
            (["--control", "canny:a.png", "--mask", "mask.png"], "Name it with"),
            (["--reference", "gone.png"], "No such file"),
        ],
    )
    def test_says_what_is_wrong_with_a_picture(
        self,
        options: list[str],
        said: str,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        asked = ("--prompt", "amber", "--seed", "3", "--out", "wrong.png")

        code = run(folder, "generate", *asked, *options)

        assert code == 2
        assert said in capsys.readouterr().err
        assert not (folder / "wrong.png").exists()


class TestPrior:
    def test_keeps_image_embeddings_and_a_preview(self, folder: Path) -> None:
        asked = ("--prompt", "amber", "--seed", "3", "--steps", "2")
        kept = ("--embeddings-out", "p.safetensors", "--preview", "p.png")

        assert run(folder, "prior", *asked, "--start", "a.safetensors", *kept) == 0

        data = (folder / "p.safetensors").read_bytes()
        embeddings = read_embeddings(data, family="stable-cascade-miniature")
        assert (embeddings.width_px, embeddings.height_px) == (SIDE_PX, SIDE_PX)
        assert read(folder / "p.png").size


class TestVary:
    def test_keeps_less_the_stronger_it_is(self, folder: Path) -> None:
        for how in ("subtle", "strong"):
            asked = ("--picture", "a.safetensors", "--how", how, "--seed", "3")
            code = run(folder, "vary", *asked, "--steps", "6", "--out", f"{how}.png")
            assert code == 0

        before = read(folder / "a.png").astype(int)
        subtle, strong = (
            np.abs(read(folder / f"{how}.png") - before).mean()
            for how in ("subtle", "strong")
        )
        assert 0 < subtle < strong


class TestInpaint:
    def test_changes_nothing_outside_the_mask(self, folder: Path) -> None:
        asked = ("--picture", "a.png", "--mask", "mask.png", "--prompt", "amber cup")

        code = run(
            folder, "inpaint", *asked, "--seed", "3", *FEW_STEPS, "--out", "i.png"
        )

        assert code == 0
        check_only_inside_changed(folder, read(folder / "i.png"))


class TestOutpaint:
    def test_adds_on_a_side_and_keeps_the_picture(self, folder: Path) -> None:
        asked = ("--picture", "a.png", "--left", "128", "--seed", "3")

        assert run(folder, "outpaint", *asked, *FEW_STEPS, "--out", "o.png") == 0

        wide = read(folder / "o.png")
        assert wide.shape == (SIDE_PX, SIDE_PX + 128, 3)
        assert np.array_equal(wide[:, 128:], read(folder / "a.png"))

    @pytest.mark.parametrize(
        ("sides", "said"),
        [([], "Nothing is added"), (["--top", "100"], "multiple of 128")],
    )
    def test_refuses_what_the_model_does_not_draw(
        self,
        sides: list[str],
        said: str,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        asked = ("--picture", "a.png", "--seed", "3", "--out", "wrong.png")

        assert run(folder, "outpaint", *asked, *sides) == 2
        assert said in capsys.readouterr().err


class TestUpscale:
    def test_makes_a_picture_larger(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("--picture", "a.png", "--factor", "1.5", "--decoder-steps", "2")

        assert run(folder, "upscale", *asked, "--out", "u.png") == 0

        assert read(folder / "u.png").shape == (384, 384, 3)
        assert "384 x 384 px" in capsys.readouterr().out

    def test_refuses_a_factor_that_no_model_draws(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("--picture", "a.png", "--factor", "3", "--out", "wrong.png")

        assert run(folder, "upscale", *asked) == 2
        assert "Use 1.5 or 2" in capsys.readouterr().err


class TestReconstruct:
    def test_prints_figures_and_draws_a_map(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("--picture", "a.png", "--decoder-steps", "4", "--json")

        code = run(folder, "reconstruct", *asked, "--out", "r.png", "--map", "m.png")

        figures = json.loads(capsys.readouterr().out)
        assert code == 0
        assert 10 < figures["psnr_db"] < 60
        assert 0 < figures["mean_distance"] <= figures["distance_99_percent"]
        assert read(folder / "m.png").shape == read(folder / "r.png").shape


def check_only_inside_changed(folder: Path, after: Pixels) -> None:
    before = read(folder / "a.png")
    kept = np.asarray(Image.open(folder / "mask.png")) == 0
    assert np.array_equal(before[kept], after[kept])
    assert not np.array_equal(before[~kept], after[~kept])
