import pytest
import torch

from brandgen.engine.cascade.efficientnet import Stage, make_features

SMALL = (
    Stage(8, 2, stride=1, growth=1, is_fused=True),
    Stage(12, 2, stride=2, growth=2, is_fused=True),
    Stage(12, 1, stride=2, growth=2, is_fused=True),
    Stage(16, 2, stride=2, growth=2, is_fused=False),
    Stage(16, 1, stride=2, growth=2, is_fused=False),
)


class TestMakeFeatures:
    def test_has_the_parameters_of_torchvision(self) -> None:
        with torch.device("meta"):
            features = make_features()

        # Source: `efficientnet_v2_s().features` of torchvision 0.24.
        assert sum(each.numel() for each in features.parameters()) == 20_177_488
        shapes = {name: tuple(v.shape) for name, v in features.state_dict().items()}
        assert len(shapes) == 780
        assert shapes["0.0.weight"] == (24, 3, 3, 3)
        assert shapes["0.1.num_batches_tracked"] == ()
        assert shapes["1.0.block.0.0.weight"] == (24, 24, 3, 3)
        assert shapes["2.0.block.0.0.weight"] == (96, 24, 3, 3)
        assert shapes["2.0.block.1.0.weight"] == (48, 96, 1, 1)
        assert shapes["4.0.block.1.0.weight"] == (256, 1, 3, 3)
        assert shapes["4.0.block.2.fc1.weight"] == (16, 256, 1, 1)
        assert shapes["4.0.block.2.fc2.bias"] == (256,)
        assert shapes["6.14.block.3.1.running_var"] == (256,)
        assert shapes["7.0.weight"] == (1280, 256, 1, 1)
        assert features[7][1].eps == 1e-3

    @pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 2)])
    def test_gives_a_cell_for_every_32_pixels(self, rows: int, columns: int) -> None:
        features = make_features(4, SMALL, 20).eval()

        found = features(torch.zeros(2, 4, rows * 32, columns * 32))

        assert found.shape == (2, 20, rows, columns)
