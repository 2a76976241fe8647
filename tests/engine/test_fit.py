import json
import subprocess
import sys
from pathlib import Path

import pytest

from brandgen.engine.__main__ import main
from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.fit import FitCheck
from brandgen.engine.memory_modes import MEMORY_MODES
from brandgen.engine.needs import Model, Picture, Plan
from brandgen.engine.registry import default_bundle
from tests.engine.full_size import write_full_size

ROOT = Path(__file__).parents[2]
GB = 10**9
SQUARE = Picture(1024, 1024)


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_full_size(tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def full(full_folder: Path) -> Model:
    return Model.read(Bundle(full_folder))


def check(model: Model, free_gb: float, **changes: object) -> FitCheck:
    return FitCheck(
        **{
            "model": model,
            "plan": Plan(),
            "picture": SQUARE,
            "free_bytes": int(free_gb * GB),
            "device": "cuda:0",
            **changes,
        }
    )


class TestNeed:
    def test_counts_the_weights_of_the_published_model(self, full: Model) -> None:
        need = full.need(Plan(), SQUARE)

        # 3.5891 + 1.5629 + 0.6947 + 0.0184 + 0.3040 billion weights, two bytes each.
        assert sum(need.weights.values()) == pytest.approx(12.34 * GB, rel=0.005)
        assert need.weights["prior"] == pytest.approx(7.178 * GB, rel=0.001)
        assert need.weights["decoder"] == pytest.approx(3.126 * GB, rel=0.001)

    @pytest.mark.parametrize(
        ("memory", "expected_gb"),
        [("resident", 13.4), ("one-stage", 9.3), ("cpu-offload", 7.3)],
    )
    def test_adds_what_is_on_the_device_together(
        self, full: Model, memory: str, expected_gb: float
    ) -> None:
        need = full.need(Plan(memory=memory), SQUARE)  # type: ignore[arg-type]

        assert need.device_bytes == pytest.approx(expected_gb * GB, rel=0.02)
        assert (need.host_bytes > 0) == (memory == "cpu-offload")

    def test_takes_lite_stages_in_every_combination(self, full: Model) -> None:
        plans = list(full.plans(dtype="bfloat16", decoder_dtype="bfloat16"))

        assert len(plans) == 12
        needs = {
            (plan.prior_size, plan.decoder_size): full.need(plan, SQUARE).device_bytes
            for plan in plans
            if plan.memory == "resident"
        }
        assert sorted(needs, key=needs.__getitem__) == [
            ("lite", "lite"), ("lite", "large"), ("large", "lite"), ("large", "large"),
        ]  # fmt: skip

    def test_counts_each_stage_in_its_precision(self, full: Model) -> None:
        half = full.need(Plan(), SQUARE).weights
        mixed = full.need(Plan(dtype="float32"), SQUARE).weights

        assert mixed["prior"] == pytest.approx(2 * half["prior"], rel=1e-6)
        assert mixed["decoder"] == half["decoder"]

    def test_grows_with_pictures_but_decodes_stage_a_one_by_one(
        self, full: Model
    ) -> None:
        one = full.need(Plan(), SQUARE).activations
        four = full.need(Plan(), Picture(1024, 1024, batch=4)).activations

        assert four["prior"] == pytest.approx(4 * one["prior"], rel=1e-6)
        assert four["vqgan"] == one["vqgan"]

    def test_counts_a_worker_that_only_decodes(self, full: Model) -> None:
        need = full.need(Plan(), SQUARE, parts=("decoder", "vqgan"))

        assert need.device_bytes == pytest.approx(4.3 * GB, rel=0.02)

    def test_counts_both_copies_on_a_cpu(self, full: Model) -> None:
        plan = Plan(memory="cpu-offload")

        need = full.need(plan, SQUARE, is_cpu=True)

        assert need.device_bytes > full.need(Plan(), SQUARE).device_bytes
        assert need.host_bytes == 0


class TestFitCheck:
    def test_says_what_is_needed_free_and_fitting(self, full: Model) -> None:
        with pytest.raises(DeviceMemoryError) as caught:
            check(full, 8.0).check()

        assert str(caught.value) == (
            "Stable Cascade needs 13.4 GB for 1024 x 1024 px; cuda:0 has 8.0 GB free. "
            "This would fit: memory mode cpu-offload (7.3 GB), or the lite prior and "
            "decoder (6.6 GB)."
        )

    @pytest.mark.parametrize("free_gb", [1, 2, 3, 4, 6, 8, 10, 12, 13])
    def test_advises_only_what_fits(self, full: Model, free_gb: float) -> None:
        short = check(full, free_gb)

        for words, need in short._changes():
            assert need.fits(int(free_gb * GB)), words
        assert short.advise()

    def test_joins_changes_where_one_is_too_few(self, full: Model) -> None:
        assert check(full, 2.5).advise() == (
            "This would fit: the lite prior and decoder in bfloat16, memory mode "
            "cpu-offload (2.1 GB)."
        )

    def test_says_so_when_nothing_fits(self, full: Model) -> None:
        assert check(full, 1.0).advise() == (
            "No way to run it fits: the least is the lite prior and decoder in "
            "bfloat16, memory mode cpu-offload with 2.1 GB. Free some memory, or use "
            "another device or a smaller model."
        )

    def test_advises_smaller_pictures_and_batches(self) -> None:
        model = Model.read(default_bundle())
        plan = Plan(dtype="float32", decoder_dtype="float32")
        picture = Picture(512, 512, batch=4)
        need = model.need(plan, picture, is_cpu=True).device_bytes

        short = check(
            model, 0, plan=plan, picture=picture, device="cpu", free_bytes=need - 1
        )

        assert "bfloat16" in short.advise()
        assert "384 x 384 px" in short.advise()

    def test_lets_through_what_fits(self, full: Model) -> None:
        check(full, 16.0).check()


class TestCommand:
    def test_prints_every_way_to_run_it(
        self, full_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        options = ["--bundle", str(full_folder), "--device", "cuda", "--free", "8"]

        assert main(["fit", *options]) == 0

        said = capsys.readouterr().out
        assert "Stable Cascade: 1024 x 1024 px, 1 at a time, prior in bfloat16" in said
        assert "large  large    resident       12.3 GB  13.4 GB  no" in said
        assert "lite   lite     one-stage       5.5 GB   4.1 GB  yes" in said
        assert len([line for line in said.splitlines() if line[-3:] == "yes"]) == 7
        assert "cuda has 8.0 GB free. This would fit: memory mode" in said

    def test_prints_json_for_scripts(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["fit", "--width", "1024", "--batch", "4", "--json"]) == 0

        report = json.loads(capsys.readouterr().out)
        assert report["free_bytes"] > 0
        assert [way["memory"] for way in report["ways"]] == list(MEMORY_MODES)
        assert all(way["fits"] for way in report["ways"])

    def test_imports_no_torch(self) -> None:
        code = (
            "import sys; from brandgen.engine.__main__ import main; main(['fit']);"
            "assert not {'torch', 'diffusers', 'django'} & sys.modules.keys()"
        )

        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

    def test_refuses_sizes_that_no_model_draws(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["fit", "--width", "500"]) == 2
        assert "The width is 500 px" in capsys.readouterr().err
