import hashlib

import numpy as np
import pytest

from brandgen.engine.edges import find_edges

NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
BLOCKS = np.repeat(np.repeat(NOISE[::8, ::8], 8, axis=0), 8, axis=1)


class TestFindEdges:
    def test_outlines_what_stands_out(self) -> None:
        picture = np.full((32, 32, 3), 20, np.uint8)
        picture[8:24, 8:24] = 220

        edges = find_edges(picture)

        assert not edges[12:20, 12:20].any()
        assert not edges[:6].any()
        assert (edges[16] > 0).sum() == (edges[:, 16] > 0).sum() == 2

    def test_finds_none_in_a_soft_ground(self) -> None:
        ground = np.tile(np.arange(64, dtype=np.uint8)[:, None, None], (1, 64, 3))

        assert not find_edges(ground).any()

    @pytest.mark.parametrize(
        ("picture", "count", "sha256"),
        [
            (BLOCKS, 586, "d361d4dce23089c162611cb17c54ab491b630425ed9b2a02d9edef6b69"),
            (NOISE, 1152, "da90aa479465ec4150b13f7a65e4d7c84fc63e9835b0a16b8cb1494d1c"),
        ],
    )
    def test_equals_opencv_in_every_pixel(
        self, picture: np.ndarray, count: int, sha256: str
    ) -> None:
        edges = find_edges(picture)

        # Source: cv2.Canny(picture, 100, 200) of OpenCV 4.14.
        assert (edges > 0).sum() == count
        assert hashlib.sha256(edges.tobytes()).hexdigest().startswith(sha256)
