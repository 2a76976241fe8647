import numpy as np
import pytest
import torch
from PIL import Image

from brandgen.engine.miniature.networks import (
    IMAGE_PX,
    IMAGE_WIDTH,
    Size,
    make_image_encoder,
    make_image_processor,
    make_prior,
)
from brandgen.engine.miniature.stages.image import Eye, Variations, look, roughen
from brandgen.engine.miniature.stages.semantic import to_colors
from brandgen.engine.miniature.training import Draws


def predict(prior: torch.nn.Module, seen: torch.Tensor) -> torch.Tensor:
    draws = torch.Generator().manual_seed(3)
    with torch.no_grad():
        return prior(
            sample=torch.randn(1, 16, 6, 6, generator=draws),
            timestep_ratio=torch.full((1,), 0.5),
            clip_text=torch.randn(1, 8, 128, generator=draws),
            clip_text_pooled=torch.randn(1, 1, 128, generator=draws),
            clip_img=seen,
            return_dict=False,
        )[0]


class TestEye:
    def test_changes_nothing_where_no_picture_is_given(self) -> None:
        prior = make_prior(Size(prior_width=64)).requires_grad_(requires_grad=False)
        torch.nn.init.normal_(prior.clf[1].weight)
        nothing, something = torch.zeros(1, 1, 64), torch.ones(1, 1, 64)
        before = predict(prior, nothing), predict(prior, something)

        Eye(make_image_encoder(), prior).start()

        assert torch.equal(predict(prior, nothing), before[0])
        assert not torch.equal(predict(prior, something), before[1])

    def test_learns_nothing_of_the_prior_but_its_matrix(self) -> None:
        prior = make_prior(Size(prior_width=64)).requires_grad_(requires_grad=False)

        Eye(make_image_encoder(), prior)

        learning = [name for name, p in prior.named_parameters() if p.requires_grad]
        assert learning == ["clip_img_mapper.weight"]


class TestMakeImageProcessor:
    def test_prepares_a_picture_as_training_does(self) -> None:
        rng = np.random.default_rng(4)
        picture = rng.integers(0, 256, (IMAGE_PX, IMAGE_PX, 3), dtype=np.uint8)

        prepared = make_image_processor()(Image.fromarray(picture), return_tensors="pt")

        planes = torch.from_numpy(picture).permute(2, 0, 1)[None]
        assert torch.allclose(prepared.pixel_values, to_colors(planes), atol=1e-5)


class TestLook:
    @pytest.mark.parametrize("count", [1, 2])
    def test_embeds_each_reference_by_itself(self, count: int) -> None:
        encoder = make_image_encoder().eval()
        pictures = torch.randint(0, 255, (3, 2, 3, 96, 96), dtype=torch.uint8)
        captions, embeddings = torch.zeros(3, 4, 40), torch.zeros(3, 16, 6, 6)
        shelf = Variations(captions, pictures, embeddings, 1.0)
        chosen = torch.tensor([2, 0])

        with torch.no_grad():
            seen = look(encoder, shelf, chosen, count, Draws.from_seed(5))

        assert seen.shape == (2, count, IMAGE_WIDTH)
        assert count == 1 or not torch.allclose(seen[:, 0], seen[:, 1], atol=1e-3)


class TestRoughen:
    def test_keeps_the_colors(self) -> None:
        colors = torch.full((2, 3, 96, 96), 0.4)

        for seed in range(6):
            rough = roughen(colors, Draws.from_seed(seed))
            assert rough.shape == colors.shape
            assert rough.mean().item() == pytest.approx(0.4, abs=0.01)
