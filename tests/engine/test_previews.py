from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from brandgen.engine.errors import WeightsError
from brandgen.engine.previews import (
    Previewer,
    fit_previewer,
    load_previewer,
    neighborhoods,
    published_previewer,
    save_previewer,
)


class TestDraw:
    def test_draws_the_published_map_around_gray(self) -> None:
        preview = published_previewer().draw(np.zeros((16, 24, 36), np.float32))

        assert preview.shape == (171, 256, 3)
        assert preview.dtype == np.uint8
        assert (preview == 128).all()

    def test_draws_the_factors_of_a_channel(self) -> None:
        embeddings = np.zeros((16, 4, 4), np.float32)
        embeddings[9] = 1  # 0.2412 0.1577 0.0928

        preview = published_previewer().draw(embeddings)

        assert preview[100, 100].tolist() == [189, 168, 151]

    def test_keeps_left_and_right_top_and_bottom(self) -> None:
        factors = np.zeros((16, 4 * 3), np.float32)
        factors[0] = 1
        embeddings = np.zeros((16, 2, 3), np.float32)
        embeddings[0, 0, 2] = 1

        preview = Previewer(factors, np.zeros(12, np.float32)).draw(embeddings)

        assert preview[30, -30].min() > 240
        assert preview[-30].max() == 0
        assert preview[30, 30].max() == 0

    def test_shows_no_seams_on_a_plain_ground(self) -> None:
        factors = np.zeros((16, 16 * 3), np.float32)
        offset = np.full((4, 4, 3), 0.5, np.float32)
        offset[0] += 0.04  # each block starts a little brighter, as fitted ones do

        preview = Previewer(factors, offset.ravel()).draw(
            np.zeros((16, 8, 8), np.float32)
        )

        assert np.ptp(preview[40:-40]) <= 7  # of 10 levels


class TestNeighborhoods:
    def test_gathers_neighbors_and_repeats_the_edge(self) -> None:
        embeddings = np.arange(6, dtype=np.float32).reshape(1, 2, 3)

        found = neighborhoods(embeddings, 3)

        assert found.shape == (6, 9)
        assert found[0].tolist() == [0, 0, 1, 0, 0, 1, 3, 3, 4]
        assert found[4].tolist() == [0, 1, 2, 3, 4, 5, 3, 4, 5]


class TestFitPreviewer:
    def test_finds_the_map_that_drew_the_pictures(self) -> None:
        random = np.random.default_rng(3)
        true = Previewer(
            random.normal(0, 0.02, (144, 12)).astype(np.float32),
            np.full(12, 0.5, np.float32),
        )
        embeddings = random.normal(size=(60, 16, 6, 6)).astype(np.float32)
        colors = [neighborhoods(e, 3) @ true.factors + true.offset for e in embeddings]
        blocks = np.array(colors).reshape(60, 6, 6, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5)
        pictures = (blocks.reshape(60, 12, 12, 3).clip(0, 1) * 255).astype(np.uint8)

        found = fit_previewer(embeddings, pictures, reach=3, block=2)

        assert np.abs(found.factors - true.factors).mean() < 0.003
        assert (found.reach, found.block) == (3, 2)


class TestLoadPreviewer:
    def test_loads_what_was_saved(self, tmp_path: Path) -> None:
        path = tmp_path / "previewer.safetensors"
        save_previewer(published_previewer(), path)

        found = load_previewer(path)

        assert np.allclose(found.factors, published_previewer().factors, atol=1e-3)
        assert (found.reach, found.block) == (1, 1)

    def test_refuses_factors_that_are_no_map(self, tmp_path: Path) -> None:
        path = tmp_path / "previewer.safetensors"
        bad = {"factors": np.zeros((17, 3)), "offset": np.zeros(3)}
        safetensors.numpy.save_file(bad, path)

        with pytest.raises(WeightsError, match="no linear map"):
            load_previewer(path)

    def test_refuses_a_damaged_file(self, tmp_path: Path) -> None:
        path = tmp_path / "previewer.safetensors"
        path.write_bytes(b"nonsense")

        with pytest.raises(WeightsError, match="can't be read"):
            load_previewer(path)
