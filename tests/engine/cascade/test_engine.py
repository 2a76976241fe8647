import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from brandgen.engine.cascade.devices import Dtype
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.text import PromptTooLongError
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import (
    DeviceError,
    InvalidRequestError,
    NonFiniteError,
    PrecisionError,
)
from brandgen.engine.protocol import PriorResult, Step
from brandgen.engine.requests import DecoderRequest, PriorRequest

ROOT = Path(__file__).parents[3]
PROMPT = "a teal bottle on a coral podium, plain cream background, centre"


class StopError(Exception):
    pass


@pytest.fixture(scope="module")
def kept(miniature: CascadeEngine) -> PriorResult:
    return miniature.run_prior(make_request())


def make_request(seed: int = 7, **changes: object) -> PriorRequest:
    return PriorRequest(
        **{
            "prompt": PROMPT,
            "seed": seed,
            "width_px": 256,
            "height_px": 256,
            "guidance_scale": 3.0,
            **changes,
        }
    )


class TestIdentity:
    def test_names_every_file_without_loading_weights(self) -> None:
        engine = CascadeEngine(threads=2)

        identity = engine.identity()

        assert identity.name == "Stable Cascade miniature"
        assert identity.license.is_commercial_use_allowed
        assert (identity.device, identity.dtype, identity.threads) == (
            "cpu", "float32", 2,
        )  # fmt: skip
        assert "decoder/diffusion_pytorch_model.safetensors" in identity.weights_sha256
        assert identity.libraries["torch"] == torch.__version__
        assert engine.parts.loaded == set()


class TestRunPrior:
    def test_gives_the_same_bytes_again(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        again = CascadeEngine().run_prior(make_request())

        assert again.embeddings == kept.embeddings
        assert np.array_equal(again.preview, kept.preview)
        assert miniature.run_prior(make_request(8)).embeddings != kept.embeddings

    def test_keeps_what_the_decoder_needs(self, kept: PriorResult) -> None:
        found = read_embeddings(kept.embeddings, family="stable-cascade-miniature")

        assert found.image.shape == (1, 16, 6, 6)
        assert (found.width_px, found.height_px) == (256, 256)
        assert found.model.startswith("Stable Cascade miniature")
        assert found.made_with["settings"] == {
            "seed": 7, "width_px": 256, "height_px": 256, "guidance_scale": 3.0,
        }  # fmt: skip
        assert len(found.made_with["prompt_embeddings_sha256"]) == 64
        assert any("prior/" in name for name in found.made_with["weights_sha256"])

    def test_draws_a_preview_that_resembles_the_picture(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        picture = miniature.run_decoder(DecoderRequest(kept.embeddings, 7))

        def mean_colors(pixels: np.ndarray) -> np.ndarray:
            return pixels.reshape(4, 64, 4, 64, 3).mean((1, 3))

        difference = mean_colors(kept.preview) - mean_colors(picture)
        assert kept.preview.shape == (256, 256, 3)
        assert np.abs(difference).mean() < 20

    def test_reports_every_step_with_five_previews(
        self, miniature: CascadeEngine
    ) -> None:
        steps: list[Step] = []

        miniature.run_prior(make_request(width_px=384, steps=12), on_step=steps.append)

        assert [step.index for step in steps] == list(range(1, 13))
        assert {(step.stage, step.of) for step in steps} == {("C", 12)}
        previews = [step.previews[0] for step in steps if step.previews]
        assert len(previews) == 6
        assert {preview.shape for preview in previews} == {(171, 256, 3)}

    def test_stops_within_the_step_whose_callback_raises(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        seen: list[int] = []

        def stop_at_3(step: Step) -> None:
            seen.append(step.index)
            if step.index == 3:
                raise StopError

        with pytest.raises(StopError):
            miniature.run_prior(make_request(), on_step=stop_at_3)

        assert seen == [1, 2, 3]
        assert miniature.run_prior(make_request()).embeddings == kept.embeddings

    def test_loads_no_decoder(self) -> None:
        engine = CascadeEngine()

        engine.run_prior(make_request(steps=1))

        assert engine.parts.loaded == {"prior", "text_encoder"}

    def test_refuses_float16(self) -> None:
        engine = CascadeEngine(dtype="float16")

        with pytest.raises(PrecisionError, match="bfloat16"):
            engine.run_prior(make_request())

        assert engine.parts.loaded == set()

    def test_runs_in_bfloat16(self, kept: PriorResult) -> None:
        engine = CascadeEngine(dtype="bfloat16")

        found = engine.run_prior(make_request())

        difference = found.preview.astype(int) - kept.preview
        assert 0 < np.abs(difference).mean() < 30

    @pytest.mark.parametrize("side", [0, 128, 255, 576, 2176])
    def test_refuses_sides_that_it_cannot_draw(self, side: int) -> None:
        with pytest.raises(InvalidRequestError, match="multiple of 128 px"):
            make_request(height_px=side)

    def test_refuses_control_words(self, miniature: CascadeEngine) -> None:
        with pytest.raises(InvalidRequestError, match="control word"):
            miniature.run_prior(make_request(prompt="a <|endoftext|>"))

    def test_says_so_when_values_overflow(self, miniature: CascadeEngine) -> None:
        engine = CascadeEngine()
        engine.parts.prior.clf[1].bias.data.fill_(float("inf"))

        with pytest.raises(NonFiniteError, match=r"\(Stage C\) .* in float32"):
            engine.run_prior(make_request(steps=2))


class TestEncodePrompt:
    def test_lets_a_prior_run_without_text_encoder(self, kept: PriorResult) -> None:
        encoded = CascadeEngine().encode_prompt(PROMPT)
        elsewhere = CascadeEngine()

        found = elsewhere.run_prior(make_request(prompt_embeddings=encoded))

        assert found.embeddings == kept.embeddings
        assert elsewhere.parts.loaded == {"prior"}

    def test_refuses_bytes_that_are_no_prompts(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        with pytest.raises(InvalidRequestError, match="prompt embeddings can't be"):
            miniature.run_prior(make_request(prompt_embeddings=kept.embeddings))

    def test_refuses_prompts_whose_end_is_missed(
        self, miniature: CascadeEngine
    ) -> None:
        with pytest.raises(PromptTooLongError, match="has 36 tokens"):
            miniature.encode_prompt("teal " * 34)


class TestRunPriorBatch:
    def test_gives_each_image_as_alone(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        steps: list[Step] = []

        batch = miniature.run_prior_batch(
            [make_request(), make_request(8, prompt="navy waves")],
            on_step=steps.append,
        )

        # On a CPU in every bit: each image is computed by itself.
        assert np.array_equal(read_image(batch[0]), read_image(kept))
        assert {len(step.previews) for step in steps} == {0, 2}
        alone = miniature.run_prior(make_request(8, prompt="navy waves"))
        assert np.array_equal(read_image(batch[1]), read_image(alone))

    def test_refuses_pictures_of_two_sizes(self, miniature: CascadeEngine) -> None:
        with pytest.raises(InvalidRequestError, match="differ in width px"):
            miniature.run_prior_batch([make_request(), make_request(width_px=384)])


class TestRunDecoderBatch:
    def test_gives_each_picture_as_alone(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        requests = [DecoderRequest(kept.embeddings, seed, steps=4) for seed in (7, 8)]

        batch = miniature.run_decoder_batch(requests)

        for request, picture in zip(requests, batch, strict=True):
            assert np.array_equal(picture, miniature.run_decoder(request))

    def test_refuses_pictures_of_two_sizes(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        wide = miniature.run_prior(make_request(width_px=384, steps=1))

        with pytest.raises(InvalidRequestError, match="of 2 sizes: 256 x 256, 384"):
            miniature.run_decoder_batch(
                [DecoderRequest(kept.embeddings, 1), DecoderRequest(wide.embeddings, 1)]
            )


class TestRunDecoder:
    @pytest.mark.parametrize(("width_px", "height_px"), [(256, 384), (640, 256)])
    def test_gives_exactly_the_size_asked_for(
        self, miniature: CascadeEngine, width_px: int, height_px: int
    ) -> None:
        prior = miniature.run_prior(
            make_request(width_px=width_px, height_px=height_px, steps=1)
        )

        pixels = miniature.run_decoder(DecoderRequest(prior.embeddings, 1, steps=1))

        assert pixels.shape == (height_px, width_px, 3)
        assert pixels.dtype == np.uint8

    def test_gives_the_same_pixels_in_another_process(
        self, miniature: CascadeEngine, kept: PriorResult, tmp_path: Path
    ) -> None:
        here = miniature.run_decoder(DecoderRequest(kept.embeddings, 3))
        file, out = tmp_path / "kept.safetensors", tmp_path / "y.png"
        file.write_bytes(kept.embeddings)

        options = ["--seed", "3", "--embeddings", str(file), "--out", str(out)]
        subprocess.run(
            [sys.executable, "-m", "brandgen.engine", "decode", *options],
            cwd=ROOT,
            check=True,
        )

        assert np.array_equal(np.asarray(Image.open(out)), here)

    def test_changes_details_but_not_the_layout_with_the_seed(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        first, second = (
            miniature.run_decoder(DecoderRequest(kept.embeddings, seed)).astype(int)
            for seed in (7, 8)
        )
        other = miniature.run_prior(make_request(11, prompt="navy and orange waves"))
        foreign = miniature.run_decoder(DecoderRequest(other.embeddings, 7))

        assert 0 < np.abs(first - second).mean() < np.abs(first - foreign).mean() / 2

    @pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
    def test_runs_in_half_precision(
        self, miniature: CascadeEngine, kept: PriorResult, dtype: Dtype
    ) -> None:
        request = DecoderRequest(kept.embeddings, 7)

        found = CascadeEngine(dtype=dtype).run_decoder(request).astype(int)

        assert 0 < np.abs(found - miniature.run_decoder(request)).mean() < 4

    def test_loads_neither_prior_nor_text_encoder(self, kept: PriorResult) -> None:
        engine = CascadeEngine()

        engine.run_decoder(DecoderRequest(kept.embeddings, 1, steps=1))

        assert engine.parts.loaded == {"decoder", "vqgan"}

    def test_stops_within_the_step_whose_callback_raises(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        before = miniature.run_decoder(DecoderRequest(kept.embeddings, 7))
        seen: list[tuple[str, int]] = []

        def stop_at_2(step: Step) -> None:
            seen.append((step.stage, step.index))
            if step.index == 2:
                raise StopError

        with pytest.raises(StopError):
            miniature.run_decoder(DecoderRequest(kept.embeddings, 7), on_step=stop_at_2)

        assert seen == [("B", 1), ("B", 2)]
        again = miniature.run_decoder(DecoderRequest(kept.embeddings, 7))
        assert np.array_equal(again, before)

    def test_refuses_embeddings_of_another_decoder(self, tiny_hub_folder: Path) -> None:
        engine = CascadeEngine(tiny_hub_folder)
        other = engine.run_prior(make_request(steps=1))
        data = other.embeddings.replace(b'\\"stable-cascade\\"', b'\\"x\\"')

        with pytest.raises(InvalidRequestError, match="'stable-cascade'"):
            CascadeEngine().run_decoder(DecoderRequest(other.embeddings, 1))
        with pytest.raises(InvalidRequestError, match="can't be used"):
            CascadeEngine().run_decoder(DecoderRequest(data, 1))


class TestFindDevice:
    @pytest.mark.parametrize("name", ["tpu", "mps", "cuda:99", ""])
    def test_refuses_a_device_that_is_not_there(self, name: str) -> None:
        with pytest.raises(DeviceError, match="Use"):
            CascadeEngine(device=name)

    def test_refuses_an_unknown_precision(self) -> None:
        with pytest.raises(PrecisionError, match="auto, float32, bfloat16, float16"):
            CascadeEngine(dtype="int8")  # type: ignore[arg-type]


@pytest.mark.gpu
class TestOnGpu:
    def test_draws_the_same_picture_as_the_cpu(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        engine = CascadeEngine(device="cuda")

        prior = engine.run_prior(make_request())
        pixels = engine.run_decoder(DecoderRequest(prior.embeddings, 7))

        reference = miniature.run_decoder(DecoderRequest(kept.embeddings, 7))
        assert np.abs(pixels.astype(int) - reference).mean() < 2


def read_image(result: PriorResult) -> np.ndarray:
    return read_embeddings(result.embeddings, family="stable-cascade-miniature").image


class TestNoNumbers:
    """A picture of no numbers is black, and looks like one that was meant."""

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    @pytest.mark.parametrize(
        ("part", "layer", "stage"),
        [("decoder", "clf.1", "Stage B"), ("vqgan", "up_blocks.0.0", "Stage A")],
    )
    def test_never_become_a_picture(
        self, kept: PriorResult, part: str, layer: str, stage: str, value: float
    ) -> None:
        engine = CascadeEngine()
        getattr(engine.parts, part).get_submodule(layer).bias.data.fill_(value)

        with pytest.raises(NonFiniteError, match=f"{stage}.*Try another seed"):
            engine.run_decoder(DecoderRequest(kept.embeddings, 7, steps=1))

    def test_never_become_image_embeddings(self) -> None:
        engine = CascadeEngine()
        engine.parts.prior.clf[1].bias.data.fill_(float("nan"))

        with pytest.raises(NonFiniteError, match=r"Stage C.*Try another seed"):
            engine.run_prior(make_request(steps=1))

    def test_leave_the_engine_usable(self, kept: PriorResult) -> None:
        engine = CascadeEngine()
        bias = engine.parts.prior.clf[1].bias
        own = bias.data.clone()
        bias.data[0] = float("nan")
        with pytest.raises(NonFiniteError):
            engine.run_prior(make_request())

        bias.data.copy_(own)

        assert engine.run_prior(make_request()).embeddings == kept.embeddings
