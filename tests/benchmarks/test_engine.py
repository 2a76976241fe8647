import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.engine import main
from benchmarks.ways import Work
from brandgen.engine.bundle import Profile


@pytest.fixture(scope="module")
def report(tiny_hub_folder: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("builtins.print", lambda text="": lines.append(str(text)))
        main(
            [
                *("--json", "--bundle", str(tiny_hub_folder), "--side", "256"),
                *("--steps", "2,1", "--batches", "1,2", "--repeats", "1"),
                *("--threads", "1"),
            ]
        )
    found: dict[str, Any] = json.loads(lines[-1])
    return found


class TestMain:
    def test_ends_with_one_object(self, report: dict[str, Any]) -> None:
        assert report["device"] == "cpu"
        assert report["ratio_to_stock"] > 0
        assert 0 < report["variation_share"] < 2

    def test_measures_each_lever_at_each_batch(self, report: dict[str, Any]) -> None:
        found = [(row["way"], row["batch"]) for row in report["rows"]]

        ways = ("stock", "not lean", "lean", "lean, text read anew")
        assert found == [(way, batch) for batch in (1, 2) for way in ways]
        assert all(row["image_s"] > row["variation_s"] / 4 for row in report["rows"])

    def test_draws_the_pictures_of_the_stock_pipelines(
        self, report: dict[str, Any]
    ) -> None:
        by_way = {row["way"]: row for row in report["rows"] if row["batch"] == 1}

        assert by_way["not lean"]["difference"] == 0
        assert by_way["lean"]["difference"] <= 2

    def test_knows_the_limit_of_a_variation(self, report: dict[str, Any]) -> None:
        # Two steps of the prior, one of the decoder: other work than at the defaults.
        assert report["prior_share_of_work"] == pytest.approx(0.656, abs=0.001)

    def test_refuses_full_size_without_a_gpu(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit):
            main(["--full-size"])

        assert "needs an NVIDIA GPU" in capsys.readouterr().err


class TestWork:
    def test_leaves_28_percent_at_the_defaults(self) -> None:
        work = Work("", 1024, Profile(prior_steps=20, decoder_steps=10))

        assert work.share_of_prior == pytest.approx(0.718, abs=0.001)
