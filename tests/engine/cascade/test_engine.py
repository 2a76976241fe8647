import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from brandgen.engine.cascade.engine import (
    CascadeEngine,
    DeviceError,
    DeviceMemoryError,
    Dtype,
    PrecisionError,
)
from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.protocol import (
    DecoderRequest,
    InvalidRequestError,
    PriorRequest,
    PriorResult,
    Step,
)

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden" / "teal_bottle_7.png"
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
        assert loaded_parts(engine) == set()


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
        previews = [step.preview for step in steps if step.preview is not None]
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

        assert loaded_parts(engine) == {"_prior", "_text_encoder", "_tokenizer"}

    def test_refuses_float16(self) -> None:
        engine = CascadeEngine(dtype="float16")

        with pytest.raises(PrecisionError, match="bfloat16"):
            engine.run_prior(make_request())

        assert loaded_parts(engine) == set()

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
        engine._prior.clf[1].bias.data.fill_(float("inf"))

        with pytest.raises(PrecisionError, match="overflowed in float32"):
            engine.run_prior(make_request(steps=2))


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

    def test_says_so_when_memory_is_short(self, kept: PriorResult) -> None:
        def exhaust(step: Step) -> None:
            torch.empty(2**50, dtype=torch.uint8)

        with pytest.raises(DeviceMemoryError, match="cpu has not enough memory"):
            CascadeEngine().run_decoder(
                DecoderRequest(kept.embeddings, 1), on_step=exhaust
            )

    def test_loads_neither_prior_nor_text_encoder(self, kept: PriorResult) -> None:
        engine = CascadeEngine()

        engine.run_decoder(DecoderRequest(kept.embeddings, 1, steps=1))

        assert loaded_parts(engine) == {"_decoder", "_vqgan"}

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

    def test_draws_the_golden_picture(
        self, miniature: CascadeEngine, kept: PriorResult
    ) -> None:
        """Hold the shipped weights to a kept picture.

        After new weights look at the picture, then write it anew: `python -m
        brandgen.engine generate --prompt "$PROMPT" --seed 7 --out $GOLDEN`.
        """
        golden = np.asarray(Image.open(GOLDEN)).astype(int)

        pixels = miniature.run_decoder(DecoderRequest(kept.embeddings, 7))

        # Other processors round otherwise, by far less; other weights draw otherwise.
        assert np.abs(pixels - golden).mean() < 2


class TestFindDevice:
    @pytest.mark.parametrize("name", ["tpu", "mps", "cuda:99", ""])
    def test_refuses_a_device_that_is_not_there(self, name: str) -> None:
        with pytest.raises(DeviceError, match="Use"):
            CascadeEngine(device=name)

    def test_refuses_an_unknown_precision(self) -> None:
        with pytest.raises(PrecisionError, match="float32, bfloat16, float16"):
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


def loaded_parts(engine: CascadeEngine) -> set[str]:
    parts = {"_prior", "_decoder", "_vqgan", "_text_encoder", "_tokenizer"}
    return parts & vars(engine).keys()
