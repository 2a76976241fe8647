from pathlib import Path

import numpy as np
import pytest

from brandgen.engine.canvas import extend, feather
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import InvalidRequestError, UnsupportedError
from brandgen.engine.protocol import PriorResult, Step
from brandgen.engine.requests import (
    DecoderRequest,
    EncodeRequest,
    PriorRequest,
    Start,
)

PROMPT = "navy and orange waves"


class StopError(Exception):
    pass


@pytest.fixture(scope="module")
def kept(miniature: CascadeEngine) -> PriorResult:
    return miniature.run_prior(make_request(seed=7))


@pytest.fixture(scope="module")
def picture(miniature: CascadeEngine, kept: PriorResult) -> np.ndarray:
    return miniature.run_decoder(DecoderRequest(kept.embeddings, 7))


def make_request(**changes: object) -> PriorRequest:
    return PriorRequest(
        **{
            "prompt": PROMPT,
            "seed": 99,
            "width_px": 256,
            "height_px": 256,
            "guidance_scale": 3.0,
            **changes,
        }
    )


def read_image(result: PriorResult) -> np.ndarray:
    return read_embeddings(result.embeddings, family="stable-cascade-miniature").image


def distance(one: PriorResult, other: PriorResult) -> float:
    return float(np.abs(read_image(one) - read_image(other)).mean())


class TestEncodeImage:
    def test_finds_again_what_the_decoder_drew(
        self, miniature: CascadeEngine, kept: PriorResult, picture: np.ndarray
    ) -> None:
        found = miniature.encode_image(EncodeRequest(picture, 256, 256, PROMPT))

        other = miniature.run_prior(make_request(prompt="plain teal background"))
        assert distance(found, kept) < distance(other, kept) / 2
        again = miniature.run_decoder(DecoderRequest(found.embeddings, 7))
        assert np.abs(again.astype(int) - picture).mean() < 12
        assert found.preview.shape == (256, 256, 3)

    def test_says_what_made_the_embeddings(
        self, miniature: CascadeEngine, picture: np.ndarray
    ) -> None:
        found = miniature.encode_image(EncodeRequest(picture, 384, 256))

        made = read_embeddings(found.embeddings, family="stable-cascade-miniature")
        assert made.image.shape == (1, 16, 6, 9)
        assert made.made_with["settings"].keys() == {
            "pixels", "width_px", "height_px",
        }  # fmt: skip
        assert set(made.made_with["weights_sha256"]) == {
            "semantic_encoder/config.json", "semantic_encoder/model.safetensors",
        }  # fmt: skip

    def test_loads_no_prior(self, picture: np.ndarray) -> None:
        engine = CascadeEngine()

        engine.encode_image(EncodeRequest(picture, 256, 256))

        assert engine.parts.loaded == {"semantic_encoder", "text_encoder"}

    def test_is_refused_where_there_is_no_encoder(
        self, tiny_hub_folder: Path, picture: np.ndarray
    ) -> None:
        with pytest.raises(UnsupportedError, match="it has no semantic encoder"):
            CascadeEngine(tiny_hub_folder).encode_image(
                EncodeRequest(picture, 256, 256)
            )


class TestBeginPrior:
    @pytest.mark.parametrize("is_kept", [True, False])
    def test_changes_more_the_stronger_it_is(
        self,
        is_kept: bool,
        miniature: CascadeEngine,
        kept: PriorResult,
        picture: np.ndarray,
    ) -> None:
        source = kept.embeddings if is_kept else picture
        base = (
            kept
            if is_kept
            else miniature.encode_image(EncodeRequest(picture, 256, 256, PROMPT))
        )

        none, some, all_ = (
            miniature.run_prior(make_request(start=Start(source, strength)))
            for strength in (0.0, 0.4, 1.0)
        )

        assert distance(none, base) < 0.05
        assert distance(none, base) < distance(some, base) < distance(all_, base)

    def test_holds_the_cells_outside_the_mask(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        mask = np.zeros((256, 256), np.uint8)
        mask[:, 128:] = 255

        found = miniature.run_prior(
            make_request(
                prompt="plain teal background",
                start=Start(kept.embeddings, 1.0, mask),
            )
        )

        before, after = read_image(kept), read_image(found)
        assert np.array_equal(before[..., :3], after[..., :3])
        assert np.abs(before[..., 3:] - after[..., 3:]).mean() > 0.3

    def test_gives_the_same_bytes_again_and_names_the_picture(
        self, miniature: CascadeEngine, picture: np.ndarray
    ) -> None:
        request = make_request(start=Start(picture, 0.5), steps=6)

        found = miniature.run_prior(request)

        assert CascadeEngine().run_prior(request).embeddings == found.embeddings
        made = read_embeddings(found.embeddings, family="stable-cascade-miniature")
        assert len(made.made_with["settings"]["start"]["source"]) == 64
        assert "semantic_encoder/model.safetensors" in made.made_with["weights_sha256"]

    def test_stops_within_the_step_whose_callback_raises(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        seen: list[int] = []

        def stop_at_2(step: Step) -> None:
            seen.append(step.index)
            if step.index == 2:
                raise StopError

        with pytest.raises(StopError):
            miniature.run_prior(
                make_request(start=Start(kept.embeddings, 0.5)), on_step=stop_at_2
            )

        assert seen == [1, 2]

    def test_refuses_embeddings_of_another_size(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        with pytest.raises(InvalidRequestError, match="are of 256 x 256 px; the pict"):
            miniature.run_prior(
                make_request(width_px=384, start=Start(kept.embeddings))
            )

    def test_refuses_bytes_that_are_no_embeddings(
        self, miniature: CascadeEngine
    ) -> None:
        with pytest.raises(InvalidRequestError, match="image embeddings can't be"):
            miniature.run_prior(make_request(start=Start(b"x" * 99)))

    def test_refuses_embeddings_of_other_channels(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        engine = CascadeEngine()
        engine.parts.prior.register_to_config(in_channels=12)

        with pytest.raises(InvalidRequestError, match="have 16 channels"):
            engine.run_prior(make_request(start=Start(kept.embeddings)))


class TestBeginDecoder:
    def test_keeps_every_pixel_outside_the_mask(
        self, miniature: CascadeEngine, kept: PriorResult, picture: np.ndarray
    ) -> None:
        mask = np.zeros((256, 256), np.uint8)
        mask[60:180, 90:200] = 255
        mask = feather(mask, 12)
        other = miniature.run_prior(make_request(prompt="plain teal background"))

        found = miniature.run_decoder(
            DecoderRequest(other.embeddings, 3, start=Start(picture, 1.0, mask))
        )

        assert np.array_equal(found[mask == 0], picture[mask == 0])
        difference = np.abs(found.astype(int) - picture)[mask == 255]
        assert difference.mean() > 30

    def test_keeps_the_picture_the_weaker_it_is(
        self, miniature: CascadeEngine, picture: np.ndarray
    ) -> None:
        other = miniature.run_prior(make_request(prompt="plain teal background"))

        near, far = (
            miniature.run_decoder(
                DecoderRequest(other.embeddings, 3, start=Start(picture, strength))
            ).astype(int)
            for strength in (0.2, 1.0)
        )

        assert np.abs(near - picture).mean() < np.abs(far - picture).mean() / 3

    def test_draws_what_an_extended_canvas_lacks(
        self, miniature: CascadeEngine, picture: np.ndarray
    ) -> None:
        canvas = extend(picture, right_px=128)
        start = Start(canvas.pixels, 1.0, canvas.mask)

        prior = miniature.run_prior(make_request(width_px=384, start=start))
        found = miniature.run_decoder(DecoderRequest(prior.embeddings, 3, start=start))

        assert found.shape == (256, 384, 3)
        kept_px = canvas.mask == 0
        assert np.array_equal(found[kept_px], canvas.pixels[kept_px])
        # The waves go on: no column differs from the next by more than the picture's.
        jumps = np.abs(np.diff(found.astype(int), axis=1)).mean((0, 2))
        assert jumps[230:300].max() < 2 * jumps[:220].max()

    def test_refuses_a_picture_of_another_size(
        self, miniature: CascadeEngine, kept: PriorResult, picture: np.ndarray
    ) -> None:
        with pytest.raises(InvalidRequestError, match="to start from is 128 x 256 px"):
            miniature.run_decoder(
                DecoderRequest(kept.embeddings, 3, start=Start(picture[:, :128]))
            )
