from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from brandgen.engine.color_map import (
    ColorMap,
    find_color_map,
    fit_color_map,
    from_previewer,
    load_color_map,
    save_color_map,
    share_explained,
)
from brandgen.engine.errors import WeightsError
from brandgen.engine.previews import Previewer, published_previewer, save_previewer
from brandgen.engine.registry import default_bundle


def make_cells(count: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make embeddings whose colors are spread over channels that also hold noise."""
    random = np.random.default_rng(3)
    colors = random.random((count, 6, 6, 3)).astype(np.float32)
    ways = random.normal(size=(3, 16)).astype(np.float32)
    noise = random.normal(0, 0.05, (count, 6, 6, 16))
    cells = (colors - 0.5) @ ways + noise
    return cells.transpose(0, 3, 1, 2).astype(np.float32), colors, ways


class TestFitColorMap:
    def test_reads_the_colors_of_cells(self) -> None:
        embeddings, colors, _ = make_cells()

        found = fit_color_map(embeddings, colors)

        assert share_explained(found, embeddings, colors) > 0.99

    def test_moves_cells_the_way_in_which_they_differ(self) -> None:
        embeddings, colors, ways = make_cells()

        found = fit_color_map(embeddings, colors)

        assert np.abs(found.moves - ways).max() < 0.05
        assert found.moves @ found.factors == pytest.approx(np.eye(3), abs=1e-4)


class TestFromPreviewer:
    def test_takes_the_mean_of_a_block_on_an_even_field(self) -> None:
        random = np.random.default_rng(5)
        previewer = Previewer(
            random.normal(0, 0.02, (144, 12)).astype(np.float32),
            np.full(12, 0.5, np.float32),
        )
        cell = random.normal(size=16).astype(np.float32)

        found = from_previewer(previewer)

        around = np.repeat(cell, 9) @ previewer.factors + previewer.offset
        expected = around.reshape(4, 3).mean(0)
        assert cell @ found.factors + found.offset == pytest.approx(expected, abs=1e-5)

    def test_finds_moves_that_bring_a_wanted_change(self) -> None:
        found = from_previewer(published_previewer())

        assert found.moves @ found.factors == pytest.approx(np.eye(3), abs=1e-5)
        assert found.channels == 16


class TestFindColorMap:
    def test_loads_the_fitted_map_of_the_miniature(self) -> None:
        found = find_color_map(default_bundle())

        assert found.moves @ found.factors == pytest.approx(np.eye(3), abs=1e-3)
        plain = from_previewer(published_previewer())
        assert not np.allclose(found.factors, plain.factors, atol=0.05)

    def test_makes_one_of_the_previewer_where_none_is_fitted(
        self, tmp_path: Path
    ) -> None:
        class Unfitted:
            def find_part(self, part: str) -> Path | None:
                return tmp_path

            get_part = find_part

        save_previewer(published_previewer(), tmp_path / "previewer.safetensors")

        found = find_color_map(Unfitted())

        expected = from_previewer(published_previewer())
        assert np.allclose(found.factors, expected.factors, atol=1e-3)


class TestLoadColorMap:
    def test_loads_what_was_saved(self, tmp_path: Path) -> None:
        embeddings, colors, _ = make_cells()
        kept = fit_color_map(embeddings, colors)

        save_color_map(kept, tmp_path / "x.safetensors")

        found = load_color_map(tmp_path / "x.safetensors")
        assert isinstance(found, ColorMap)
        assert np.array_equal(found.moves, kept.moves)
        assert np.array_equal(found.factors, kept.factors)

    def test_refuses_shapes_that_do_not_fit(self, tmp_path: Path) -> None:
        path = tmp_path / "x.safetensors"
        bad = {
            "factors": np.zeros((16, 3), np.float32),
            "offset": np.zeros(3, np.float32),
            "moves": np.zeros((3, 15), np.float32),
        }
        safetensors.numpy.save_file(bad, path)

        with pytest.raises(WeightsError, match="don't fit"):
            load_color_map(path)

    def test_refuses_a_damaged_file(self, tmp_path: Path) -> None:
        path = tmp_path / "x.safetensors"
        path.write_bytes(b"nonsense")

        with pytest.raises(WeightsError, match="can't be read"):
            load_color_map(path)
