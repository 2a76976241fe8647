"""Flashes are counted as WCAG says: a change and back, large, and often."""

import numpy as np
import pytest

from brandgen.compositor.flashes import FlashCounter, count_flashes
from brandgen.lib.findings import Verdict


def shade(level: int, share: float = 1.0) -> np.ndarray:
    frame = np.full((64, 64, 4), 120, np.uint8)
    frame[: round(64 * share)] = level
    return frame


def blink(
    times: int, fps: int, *, low: int = 0, high: int = 255, share: float = 1.0
) -> list[np.ndarray]:
    """Give a second in which it gets light and dark again so often."""
    on, off = shade(high, share), shade(low, share)
    frames = [off] * fps
    for number in range(times):
        frames[number * fps // times] = on
    return frames


class TestCountFlashes:
    @pytest.mark.parametrize("times", [0, 1, 3, 5])
    def test_counts_each_change_and_back(self, times: int) -> None:
        frames = [shade(0)] * 5 + blink(times, 25) + [shade(0)] * 30

        assert count_flashes(frames, 25) == times

    def test_passes_over_what_is_small_faint_or_always_bright(self) -> None:
        assert count_flashes(blink(8, 25, share=0.2), 25) == 0
        assert count_flashes(blink(8, 25, low=100, high=120), 25) == 0
        assert count_flashes(blink(8, 25, low=232, high=255), 25) == 0

    def test_counts_no_slow_fade(self) -> None:
        ramp = [shade(level) for level in range(0, 256, 4)]

        assert count_flashes(ramp, 25) == 0

    def test_sees_changes_that_take_several_frames(self) -> None:
        levels = [0, 80, 160, 255, 160, 80] * 5

        assert count_flashes([shade(level) for level in levels], 30) >= 4


class TestJudge:
    @pytest.mark.parametrize(("times", "verdict"), [(3, "pass"), (4, "fail")])
    def test_allows_three_a_second(self, times: int, verdict: str) -> None:
        counter = FlashCounter(25)
        for frame in [shade(0), *blink(times, 25), *[shade(0)] * 25]:
            counter.look(frame)

        assert counter.judge().verdict == Verdict(verdict)
