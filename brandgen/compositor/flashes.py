"""Count flashes in a video, as WCAG 2.2 does in 2.3.1: no more than three a second."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from brandgen.compositor.pictures import Pixels
from brandgen.lib.colors import luminance
from brandgen.lib.findings import Finding, Verdict

MOST_A_SECOND = 3
# WCAG 2.2, general flash: a change of relative luminance of a tenth of the most there
# is, to or from a picture darker than 0.8, and back; on a quarter of what is looked at.
_CHANGE = 0.1
_DARK = 0.8
_SHARE = 0.25
_CELLS = 32


class FlashCounter:
    """Looks at frames as they pass, each as a grid of cells."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._last: Pixels | None = None
        self._grid: NDArray[np.float64] = np.zeros((0, 0))
        # Where each cell turned last, and which way it goes: 1 up, -1 down.
        self._turn: NDArray[np.float64] | None = None
        self._way = np.zeros((_CELLS, _CELLS), np.int8)
        self._changes: list[float] = []

    def look(self, frame: Pixels) -> None:
        """Take one more frame into account; an array that came before costs nothing."""
        if frame is not self._last:
            self._last = frame
            small = cv2.resize(
                frame[..., :3], (_CELLS, _CELLS), interpolation=cv2.INTER_AREA
            )
            self._grid = luminance(small)
        if self._turn is None:
            self._turn = self._grid.copy()
            self._changes.append(0.0)
            return
        change = self._grid - self._turn
        is_dark = np.minimum(self._grid, self._turn) < _DARK
        is_large = (np.abs(change) >= _CHANGE) & is_dark
        way = np.sign(change).astype(np.int8)
        is_turned = is_large & (way != self._way)
        goes_on = (way == self._way) & (change != 0)
        # Along the way the place of the turn goes with it, so that the way back counts
        # from the highest, or the lowest, that was reached.
        self._turn = np.where(is_turned | goes_on, self._grid, self._turn)
        self._way = np.where(is_turned, way, self._way).astype(np.int8)
        self._changes.append(float(is_turned.mean()))

    @property
    def most_in_a_second(self) -> int:
        """The most flashes, each a change and back, in any second."""
        turns = np.array([share >= _SHARE for share in self._changes], int)
        if not turns.any():
            return 0
        sums = np.convolve(turns, np.ones(self._fps, int))
        return int(sums.max()) // 2

    def judge(self) -> Finding:
        """Judge what was seen."""
        most = self.most_in_a_second
        is_much = most > MOST_A_SECOND
        return Finding(
            rule="flashes",
            measured=f"{most} in a second",
            allowed=f"{MOST_A_SECOND} in a second",
            verdict=Verdict.FAIL if is_much else Verdict.PASS,
            message="It flashes, which can cause seizures. Let changes of light take "
            "longer, or cover less."
            if is_much
            else "It does not flash.",
            place="",
        )


def count_flashes(frames: Iterable[Pixels], fps: int) -> int:
    """Count the most flashes in any second of these frames."""
    counter = FlashCounter(fps)
    for frame in frames:
        counter.look(frame)
    return counter.most_in_a_second
