import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.previewer import PreviewNetwork
from brandgen.engine.cascade.weights import load_bundle_previewer
from brandgen.engine.color_map import find_color_map
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import PickledWeightsError, WeightsError
from brandgen.engine.previews import FILE_NAME, published_previewer
from brandgen.engine.protocol import Step
from brandgen.engine.requests import Pixels, PriorRequest, TextBox

CPU = torch.device("cpu")
State = dict[str, torch.Tensor]

# Index of each convolution in `blocks`, and its shape in the published file.
PUBLISHED_SHAPES = {
    0: (512, 16, 1, 1), 3: (512, 512, 3, 3), 6: (512, 256, 2, 2), 9: (256, 256, 3, 3),
    12: (256, 128, 2, 2), 15: (128, 128, 3, 3), 18: (128, 128, 2, 2),
    21: (128, 128, 3, 3), 24: (3, 128, 1, 1),
}  # fmt: skip
NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def make_state(width: int = 8) -> State:
    """Make random values under the names of the published file."""
    torch.manual_seed(5)
    network = PreviewNetwork(width)
    for each in network.modules():
        if isinstance(each, torch.nn.BatchNorm2d):
            each.running_mean = torch.randn(each.num_features) * 0.1
            each.running_var = torch.rand(each.num_features) + 0.5
    return network.state_dict()


@pytest.fixture
def folder(tiny_hub_folder: Path, tmp_path: Path) -> Path:
    """Copy weights in the layout of the official repository."""
    return Path(shutil.copytree(tiny_hub_folder, tmp_path / "hub"))


def load(folder: Path, state: State, name: str = FILE_NAME) -> PreviewNetwork:
    (folder / name).parent.mkdir(exist_ok=True)
    save_file(state, folder / name)
    loaded = load_bundle_previewer(Bundle(folder), CPU)
    assert isinstance(loaded, PreviewNetwork)
    return loaded


class TestPreviewNetwork:
    def test_names_its_values_as_the_published_file(self) -> None:
        with torch.device("meta"):
            state = PreviewNetwork().state_dict()

        expected = {
            f"blocks.{index}.{of}" for index in PUBLISHED_SHAPES for of in NORM[:2]
        }
        expected |= {
            f"blocks.{index + 2}.{of}" for index in range(0, 24, 3) for of in NORM
        }
        assert state.keys() == expected
        for index, shape in PUBLISHED_SHAPES.items():
            assert tuple(state[f"blocks.{index}.weight"].shape) == shape

    def test_draws_eight_pixels_for_each_cell(self) -> None:
        network = PreviewNetwork(8).eval()

        with torch.inference_mode():
            colors = network(torch.zeros(2, 16, 24, 18))

        assert colors.shape == (2, 3, 192, 144)

    def test_draws_what_it_sees_as_pixels(self, folder: Path) -> None:
        state = make_state()
        state["blocks.24.weight"] *= 0
        state["blocks.24.bias"] = torch.tensor([0.5, 1.5, -0.5])

        drawn = load(folder, state).draw(np.zeros((16, 24, 18), np.float32))

        assert drawn.shape == (256, 192, 3)
        assert (drawn == [128, 255, 0]).all()


class TestLoadBundlePreviewer:
    @pytest.mark.parametrize(
        "name", [FILE_NAME, f"decoder/{FILE_NAME}", f"decoder/previewer/{FILE_NAME}"]
    )
    def test_finds_the_official_file(self, folder: Path, name: str) -> None:
        state = make_state()
        network = PreviewNetwork(8)
        network.load_state_dict(state)
        embeddings = torch.randn(16, 6, 6)

        loaded = load(folder, state, name)

        with torch.inference_mode():
            expected = network.eval()(embeddings[None])
            assert torch.equal(loaded(embeddings[None]), expected)

    def test_reads_other_precisions_and_files_without_counts(
        self, folder: Path
    ) -> None:
        whole = load(folder, make_state())
        state = {
            name: value.bfloat16()
            for name, value in make_state().items()
            if not name.endswith("num_batches_tracked")
        }

        half = load(folder, state)

        seen = np.random.default_rng(1).normal(size=(16, 6, 6)).astype(np.float32)
        apart = whole.draw(seen).astype(int) - half.draw(seen)
        assert next(half.parameters()).dtype == torch.float32
        assert np.abs(apart).mean() < 2

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda s: s.pop("blocks.9.bias"), "it lacks blocks.9.bias"),
            (
                lambda s: s.update({"blocks.25.bias": torch.zeros(3)}),
                "'blocks.25.bias'",
            ),
            (
                lambda s: s.update({"blocks.24.weight": torch.zeros(4, 2, 1, 1)}),
                r"blocks.24.weight has the shape \(4, 2, 1, 1\), not \(3, 2, 1, 1\)",
            ),
            (
                lambda s: s.update({"blocks.0.weight": torch.zeros(0, 16, 1, 1)}),
                r"blocks.0.weight has the shape \(0, 16",
            ),
            (lambda s: s["blocks.5.running_var"].fill_(float("nan")), "no numbers"),
            (lambda s: s.pop("blocks.0.weight"), r"has the shape \(\)"),
        ],
    )
    def test_refuses_a_file_that_is_no_previewer(
        self, folder: Path, change: Callable[[State], object], message: str
    ) -> None:
        state = make_state()
        change(state)

        with pytest.raises(WeightsError, match=message):
            load(folder, state)

    def test_refuses_a_pickle(self, folder: Path) -> None:
        torch.save(make_state(), folder / FILE_NAME)

        with pytest.raises(PickledWeightsError, match="is a pickle"):
            load_bundle_previewer(Bundle(folder), CPU)

    def test_refuses_a_file_that_was_cut_off(self, folder: Path) -> None:
        load(folder, make_state())
        data = (folder / FILE_NAME).read_bytes()
        (folder / FILE_NAME).write_bytes(data[:-40])

        with pytest.raises(WeightsError, match="the file holds"):
            load_bundle_previewer(Bundle(folder), CPU)


class TestEngine:
    def test_sends_the_networks_previews(self, folder: Path) -> None:
        network = load(folder, make_state())
        seen: list[Pixels] = []

        def on_step(step: Step) -> None:
            seen.extend(step.previews)

        request = PriorRequest("a cup", 3, 256, 384, steps=5)
        engine = CascadeEngine(folder)
        result = engine.run_prior(request, on_step=on_step)

        kept = read_embeddings(result.embeddings, family=engine.bundle.family)
        assert np.array_equal(result.preview, network.draw(kept.image[0]))
        assert np.array_equal(seen[-1], result.preview)
        assert len({each.tobytes() for each in seen}) > 1

    def test_guides_colors_by_the_published_map(self, folder: Path) -> None:
        load(folder, make_state())
        box = TextBox(0.0, 0.0, 0.5, 1.0)

        found = find_color_map(Bundle(folder))
        CascadeEngine(folder).run_prior(
            PriorRequest("a cup", 3, 256, 256, steps=2, text_boxes=(box,))
        )

        assert np.array_equal(found.factors, published_previewer().factors)
