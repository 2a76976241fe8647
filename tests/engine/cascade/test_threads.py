import math
from pathlib import Path

import pytest
import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade import threads
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.threads import (
    choose,
    choose_threads,
    find_width,
    make_block,
    measure,
    run,
)
from brandgen.engine.registry import default_bundle

CPU = torch.device("cpu")


class TestChoose:
    @pytest.mark.parametrize(
        ("seconds", "chosen"),
        [
            ({1: 1.0}, 1),
            ({1: 1.0, 2: 0.6}, 2),
            ({1: 1.0, 2: 0.95}, 1),
            ({1: 1.0, 2: 12.0}, 1),
            ({1: 1.0, 2: 0.6, 4: 0.6}, 2),
            ({1: 1.0, 2: 0.6, 4: 0.4}, 4),
        ],
    )
    def test_takes_more_threads_only_where_they_pay(
        self, seconds: dict[int, float], chosen: int
    ) -> None:
        assert choose(seconds) == chosen


class TestMeasure:
    def test_times_each_number_and_leaves_the_threads_as_they_were(self) -> None:
        before = torch.get_num_threads()

        found = measure(((8, 4),), 3)

        assert set(found) == {1, 2}
        assert min(found.values()) > 0
        assert torch.get_num_threads() == before
        assert measure(((8, 4),), 3) is found

    def test_gives_up_what_takes_far_longer(self) -> None:
        found = run([make_block(8, 4)], within_s=0.0)

        assert found == math.inf
        assert choose({1: 1.0, 2: found}) == 1

    def test_has_nothing_to_time_on_one_core(self) -> None:
        assert choose(measure(((8, 4),), 1)) == 1


class TestChooseThreads:
    def test_tries_the_shapes_of_the_model(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []
        monkeypatch.setattr(
            threads,
            "measure",
            lambda shapes, cores: asked.extend(shapes) or {1: 1.0, 2: 0.5},
        )

        chosen = choose_threads(Bundle(default_bundle().folder), CPU)

        assert chosen == 2
        assert asked[0] == (192, 12)
        assert asked[1][1] == 32

    def test_is_one_on_a_gpu(self) -> None:
        bundle = Bundle(default_bundle().folder)

        assert choose_threads(bundle, torch.device("cuda")) == 1

    def test_leaves_a_broken_config_to_whoever_loads_it(self, tmp_path: Path) -> None:
        assert find_width(FolderBundle(tmp_path), "prior") is None  # type: ignore[arg-type]


class FolderBundle:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_part(self, part: str) -> Path:
        return self.folder


class TestCascadeEngine:
    def test_records_the_number_it_chose(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threads, "measure", lambda *_: {1: 1.0, 2: 0.5})

        assert CascadeEngine(threads="auto").identity().threads == 2
