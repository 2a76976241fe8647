import csv
from pathlib import Path

import pytest
import torch
from torch import nn

from brandgen.engine.miniature.training import (
    CheckpointError,
    Draws,
    Loss,
    Run,
    TrainingError,
    schedule,
    train,
)


class LineLesson:
    """Learns a line through noise; can be killed at a step."""

    name = "line"
    learning_rate = 0.05
    figures = ("error",)

    def __init__(self, dies_at: int | None = None, factor: float = 1.0) -> None:
        torch.manual_seed(0)
        self.network: nn.Module = nn.Linear(3, 1)
        self.dies_at = dies_at
        self.factor = factor
        self.steps = 0

    def loss(self, draws: Draws) -> Loss:
        if self.steps == self.dies_at:
            raise KeyboardInterrupt
        self.steps += 1
        x = draws.normal(16, 3)
        y = x.sum(1, keepdim=True) + float(draws.numbers.normal()) * 0.01
        loss = (self.network(x) - y).pow(2).mean() * self.factor
        return loss, {"error": loss.detach()}


def weights_of(lesson: LineLesson) -> list[torch.Tensor]:
    return [value.clone() for value in lesson.network.state_dict().values()]


class TestTrain:
    def test_learns(self, tmp_path: Path) -> None:
        lesson = LineLesson()

        train(lesson, Run(tmp_path, minutes=10, steps=400))

        weight, bias = weights_of(lesson)
        assert weight[0].tolist() == pytest.approx([1, 1, 1], abs=0.05)
        assert bias.item() == pytest.approx(0, abs=0.05)

    def test_goes_on_after_a_kill_as_if_nothing_had_happened(
        self, tmp_path: Path
    ) -> None:
        whole = LineLesson()
        train(whole, Run(tmp_path / "whole", minutes=10, steps=60))
        killed = LineLesson(dies_at=25)
        run = Run(tmp_path / "killed", minutes=10, steps=60, checkpoint_every_s=0)
        with pytest.raises(KeyboardInterrupt):
            train(killed, run)
        again = LineLesson()

        train(again, Run(run.folder, minutes=10, steps=60, is_resumed=True))

        assert again.steps == 35
        for one, two in zip(weights_of(whole), weights_of(again), strict=True):
            assert torch.equal(one, two)

    def test_writes_a_learning_curve(self, tmp_path: Path) -> None:
        train(LineLesson(), Run(tmp_path, minutes=10, steps=40))

        with (tmp_path / "line.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["step"]) for row in rows] == [20, 40]
        assert float(rows[1]["error"]) < float(rows[0]["error"])

    def test_stops_when_its_time_is_up(self, tmp_path: Path) -> None:
        lesson = LineLesson()

        train(lesson, Run(tmp_path, minutes=0.2 / 60))

        assert lesson.steps > 0

    def test_refuses_a_checkpoint_of_other_networks(self, tmp_path: Path) -> None:
        train(LineLesson(), Run(tmp_path, minutes=10, steps=2))
        other = LineLesson()
        other.network = nn.Linear(4, 1)

        with pytest.raises(CheckpointError, match="Remove it, or train into another"):
            train(other, Run(tmp_path, minutes=10, steps=4, is_resumed=True))

    def test_refuses_a_damaged_checkpoint(self, tmp_path: Path) -> None:
        (tmp_path / "line.checkpoint.pt").write_bytes(b"PK no more")

        with pytest.raises(CheckpointError, match="can't be taken up"):
            train(LineLesson(), Run(tmp_path, minutes=10, steps=4, is_resumed=True))

    def test_stops_when_the_loss_is_no_number(self, tmp_path: Path) -> None:
        with pytest.raises(TrainingError, match="at step 0"):
            train(LineLesson(factor=float("nan")), Run(tmp_path, minutes=1, steps=4))


class TestSchedule:
    def test_warms_up_and_falls(self) -> None:
        assert schedule(0, 0) < schedule(0, 25) < schedule(0, 100)
        assert schedule(0.2, 100) > schedule(0.8, 100) > 0


class TestDraws:
    def test_gives_each_part_of_the_range_its_ratio(self) -> None:
        ratios = Draws.from_seed(1).ratios(8).sort().values

        assert ((ratios * 8).long() == torch.arange(8)).all()
