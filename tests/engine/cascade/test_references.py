import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.references import blend, encode_references, look
from brandgen.engine.cascade.sampling import make_generators
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import UnsupportedError
from brandgen.engine.protocol import Capability
from brandgen.engine.requests import PriorRequest, Reference
from tests.engine.conftest import Tiny

PROMPT = "a teal bottle"


def draw(seed: int, width: int = 300, height: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def make_request(*references: Reference, prompt: str = PROMPT) -> PriorRequest:
    return PriorRequest(prompt, 7, 384, 256, steps=3, references=references)


@pytest.fixture(scope="module")
def with_eye(
    tiny: Tiny, tiny_hub_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> CascadeEngine:
    """An engine on the hub's layout, with an image encoder in the prior's folder."""
    folder = tmp_path_factory.mktemp("eye")
    for name in ("prior", "decoder"):
        shutil.copytree(tiny_hub_folder / name, folder / name)
    tiny.image_encoder.save_pretrained(folder / "prior" / "image_encoder")
    tiny.image_processor.save_pretrained(folder / "prior" / "feature_extractor")
    return CascadeEngine(folder, lean=False)


class TestEncodeReferences:
    @pytest.mark.parametrize("prompt", [PROMPT, ""])
    @pytest.mark.parametrize("count", [1, 3])
    def test_equals_the_stock_pipeline_in_every_bit(
        self, count: int, prompt: str, tiny: Tiny, with_eye: CascadeEngine
    ) -> None:
        pictures = [draw(seed) for seed in range(count)]

        found = with_eye.run_prior(
            make_request(*[Reference(p, 0.7) for p in pictures], prompt=prompt)
        )

        stock = tiny.prior_pipeline(
            image_encoder=tiny.image_encoder, feature_extractor=tiny.image_processor
        )(
            prompt,
            images=[Image.fromarray(picture) for picture in pictures],
            width=384,
            height=256,
            num_inference_steps=3,
            guidance_scale=4.0,
            generator=make_generators([7]),
        ).image_embeddings
        ours = read_embeddings(found.embeddings, family="stable-cascade").image
        assert np.array_equal(ours, stock.numpy())

    def test_leaves_out_what_has_no_weight(self, tiny: Tiny) -> None:
        encoder, processor = tiny.image_encoder, tiny.image_processor
        one, other = Reference(draw(1)), Reference(draw(2), 0.0)

        found = encode_references(encoder, processor, [one, other])

        assert torch.equal(found, look(encoder, processor, one.pixels))

    def test_is_refused_without_an_image_encoder(self, tiny_hub_folder: Path) -> None:
        with pytest.raises(UnsupportedError, match="it has no image encoder"):
            CascadeEngine(tiny_hub_folder).run_prior(make_request(Reference(draw(1))))

    def test_is_a_capability_of_such_a_bundle(self, with_eye: CascadeEngine) -> None:
        assert Capability.REFERENCES in with_eye.capabilities()

    def test_names_its_pictures_and_weights(self, with_eye: CascadeEngine) -> None:
        found = with_eye.run_prior(make_request(Reference(draw(1), 2.0)))

        made = read_embeddings(found.embeddings, family="stable-cascade").made_with
        assert made["settings"]["references"][0]["weight"] == 2.0
        parts = {name.split("/")[1] for name in made["weights_sha256"]}
        assert parts == {"prior", "image_encoder", "feature_extractor"}


class TestBlend:
    SEEN = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])

    def test_leaves_equal_weights_alone(self) -> None:
        assert torch.equal(blend(self.SEEN, [0.3, 0.3]), self.SEEN)

    def test_moves_the_weaker_towards_the_mean_of_all(self) -> None:
        found = blend(self.SEEN, [3.0, 1.0])

        # Shares 1.5 and 0.5; the mean of all is (0.75, 0.25).
        expected = torch.tensor([[[1.0, 0.0], [0.375, 0.625]]])
        assert torch.allclose(found, expected)

    def test_goes_over_to_one_picture_without_a_step(self) -> None:
        found = blend(self.SEEN, [1.0, 1e-6])

        assert torch.allclose(
            found, torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), atol=1e-4
        )
