import math

import numpy as np
import pytest

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.fidelity import find_psnr, measure

GRAY = np.full((16, 16, 3), 128, np.uint8)


class TestMeasure:
    def test_finds_nothing_where_nothing_differs(self) -> None:
        fidelity = measure(GRAY, GRAY)

        assert (fidelity.mean, fidelity.worst, fidelity.noticeable_percent) == (0, 0, 0)
        assert fidelity.psnr_db == math.inf
        assert "nobody will see" in fidelity.verdict

    def test_says_how_much_and_where(self) -> None:
        after = GRAY.copy()
        after[:8] = 255

        fidelity = measure(GRAY, after)

        assert fidelity.noticeable_percent == 50
        assert fidelity.differences[0, 0] > 20 > fidelity.differences[15, 15] == 0
        assert "visibly" in fidelity.verdict

    def test_refuses_pictures_of_two_sizes(self) -> None:
        with pytest.raises(InvalidRequestError, match="16 x 16 and 16 x 8 px"):
            measure(GRAY, GRAY[:8])


class TestFindPsnr:
    def test_is_ten_bels_of_the_mean_square(self) -> None:
        assert find_psnr(GRAY, GRAY + 1) == pytest.approx(20 * math.log10(255))
