import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.parts import MemoryModeError, Parts, Visit
from brandgen.engine.errors import WeightsError
from brandgen.engine.memory_modes import MEMORY_MODES, MemoryMode
from brandgen.engine.protocol import Step
from brandgen.engine.registry import default_bundle
from brandgen.engine.requests import DecoderRequest, Pixels, PriorRequest, Start

REQUEST = PriorRequest("navy and teal waves", 5, width_px=256, height_px=256, steps=3)
CPU = torch.device("cpu")


class StopError(Exception):
    pass


def make_parts(memory: MemoryMode, **options: Any) -> Parts:
    return Parts(
        default_bundle(), device=CPU, dtype=torch.float32, memory=memory, **options
    )


def watch(engine: CascadeEngine) -> tuple[list[set[str]], Callable[[Step], None]]:
    """Note which networks are on the device at every step."""
    seen: list[set[str]] = []
    return seen, lambda step: seen.append(engine.parts.on_device)


def draw(engine: CascadeEngine) -> tuple[bytes, Pixels]:
    kept = engine.run_prior(REQUEST).embeddings
    return kept, engine.run_decoder(DecoderRequest(kept, 5, steps=2))


@pytest.fixture(scope="module")
def drawn() -> tuple[bytes, Pixels]:
    return draw(CascadeEngine())


class TestMemoryModes:
    @pytest.mark.parametrize("memory", MEMORY_MODES)
    def test_give_the_same_bytes(
        self, memory: MemoryMode, drawn: tuple[bytes, Pixels]
    ) -> None:
        engine = CascadeEngine(memory=memory)

        for _ in range(2):
            kept, pixels = draw(engine)

            assert kept == drawn[0]
            assert np.array_equal(pixels, drawn[1])

    @pytest.mark.parametrize(
        ("memory", "prior", "decoder"),
        [
            (
                "resident",
                {"text_encoder", "prior"},
                {"text_encoder", "prior", "decoder"},
            ),
            ("one-stage", {"text_encoder", "prior"}, {"decoder"}),
            ("cpu-offload", {"prior"}, {"decoder"}),
        ],
    )
    def test_hold_no_more_than_they_promise(
        self, memory: MemoryMode, prior: set[str], decoder: set[str]
    ) -> None:
        engine = CascadeEngine(memory=memory)
        seen, note = watch(engine)

        kept = engine.run_prior(REQUEST, on_step=note).embeddings
        during_prior = list(seen)
        engine.run_decoder(DecoderRequest(kept, 5, steps=2), on_step=note)

        assert during_prior == [prior] * 3
        assert seen[3:5] == [decoder] * 2

    @pytest.mark.parametrize("memory", MEMORY_MODES)
    def test_go_on_after_a_run_that_was_cancelled(
        self, memory: MemoryMode, drawn: tuple[bytes, Pixels]
    ) -> None:
        engine = CascadeEngine(memory=memory)

        def stop(step: Step) -> None:
            if step.index == 2:
                raise StopError

        with pytest.raises(StopError):
            engine.run_prior(REQUEST, on_step=stop)
        with pytest.raises(StopError):
            engine.run_decoder(DecoderRequest(drawn[0], 5, steps=2), on_step=stop)

        if memory == "cpu-offload":
            assert engine.parts.on_device == set()
        kept, pixels = draw(engine)
        assert kept == drawn[0]
        assert np.array_equal(pixels, drawn[1])

    @pytest.mark.parametrize("memory", ["one-stage", "cpu-offload"])
    def test_compute_where_a_picture_is_encoded_first(
        self, memory: MemoryMode, drawn: tuple[bytes, Pixels]
    ) -> None:
        engine = CascadeEngine(memory=memory)
        start = Start(drawn[1], strength=0.6)
        seen, note = watch(engine)

        kept = engine.run_prior(replace(REQUEST, start=start), on_step=note)
        engine.run_decoder(
            DecoderRequest(kept.embeddings, 5, steps=3, start=start), on_step=note
        )

        if memory == "cpu-offload":  # whatever encoded the picture has gone again
            assert all(held in ({"prior"}, {"decoder"}, set()) for held in seen)
        expected = CascadeEngine().run_prior(replace(REQUEST, start=start))
        assert kept.embeddings == expected.embeddings

    def test_are_named_where_one_is_unknown(self) -> None:
        with pytest.raises(MemoryModeError, match="resident, one-stage, cpu-offload"):
            CascadeEngine(memory="half")  # type: ignore[arg-type]


class TestOneStage:
    def test_frees_the_memory_of_the_other_stage(self) -> None:
        parts = make_parts("one-stage")
        weights = [
            weakref.ref(tensor)
            for model in (parts.text_encoder, parts.prior)
            for tensor in model.parameters()
        ]

        assert parts.loaded == {"text_encoder", "prior"}
        parts.network("decoder")

        assert parts.loaded == {"decoder"}
        assert {ref() for ref in weights} == {None}


class TestCpuOffload:
    def test_copies_one_network_at_a_time(self) -> None:
        parts = make_parts("cpu-offload")
        prior = parts.prior
        visiting = first_weight(prior)

        parts.network("text_encoder")

        assert parts.loaded == {"prior", "text_encoder"}
        assert parts.on_device == {"text_encoder"}
        assert first_weight(prior) != visiting
        parts.rest()
        assert parts.on_device == set()

    def test_uses_the_weights_in_main_memory_at_rest(self) -> None:
        model = torch.nn.Linear(4, 4)
        home = first_weight(model)

        visit = Visit(model, CPU)
        during = first_weight(model)
        model.register_buffer("added", torch.ones(1))
        visit.end()

        assert during != home
        assert first_weight(model) == home

    def test_leaves_a_network_whole_that_does_not_fit(self) -> None:
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
        homes = [weight.data_ptr() for weight in model.parameters()]

        with pytest.raises(RuntimeError):  # no weight's data can be moved there
            Visit(model, torch.device("meta"))

        assert [weight.data_ptr() for weight in model.parameters()] == homes


class TestNetwork:
    def test_loads_weights_that_outlive_inference(self) -> None:
        parts = make_parts("resident")

        with torch.inference_mode():
            prior = parts.prior

        assert not any(weight.is_inference() for weight in prior.parameters())

    def test_prepares_each_network_once(self) -> None:
        seen: list[str] = []

        def prepare(part: str, model: Any) -> Any:
            seen.append(part)
            return model

        parts = make_parts("resident", prepare=prepare)
        for _ in range(2):
            parts.network("vqgan")

        assert seen == ["vqgan"]

    def test_gives_each_stage_its_precision(self) -> None:
        parts = make_parts("resident", decoder_dtype=torch.float16)

        assert parts.text_encoder.dtype == parts.prior.dtype == torch.float32
        assert parts.decoder.dtype == parts.vqgan.dtype == torch.float16

    def test_can_be_asked_again_after_a_part_was_damaged(self, tmp_path: Path) -> None:
        folder = copy_bundle(tmp_path)
        path = folder / "vqgan" / "config.json"
        whole = path.read_bytes()
        path.write_bytes(b"{}")
        parts = Parts(Bundle(folder), device=CPU, dtype=torch.float32)

        with pytest.raises(WeightsError):
            parts.network("vqgan")
        path.write_bytes(whole)

        assert parts.vqgan.dtype == torch.float32


class TestDecoderDtype:
    def test_is_named_by_the_identity(self) -> None:
        identity = CascadeEngine(decoder_dtype="float16").identity()

        assert (identity.dtype, identity.decoder_dtype) == ("float32", "float16")

    def test_draws_nearly_the_same_picture(self, drawn: tuple[bytes, Pixels]) -> None:
        _, pixels = draw(CascadeEngine(decoder_dtype="bfloat16"))

        difference = np.abs(pixels.astype(int) - drawn[1]).mean()
        assert 0 < difference < 4


@pytest.mark.gpu
class TestOnGpu:
    def test_takes_less_memory_in_each_mode(self, drawn: tuple[bytes, Pixels]) -> None:
        peaks: dict[str, int] = {}
        for memory in MEMORY_MODES:
            engine = CascadeEngine(device="cuda", dtype="float32", memory=memory)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

            _, pixels = draw(engine)

            peaks[memory] = torch.cuda.max_memory_allocated()
            assert np.abs(pixels.astype(int) - drawn[1]).mean() < 2
            engine.parts.drop()
        assert peaks["cpu-offload"] < peaks["one-stage"] < peaks["resident"]


def first_weight(model: torch.nn.Module) -> int:
    return next(model.parameters()).data_ptr()


def copy_bundle(target: Path) -> Path:
    return Path(shutil.copytree(default_bundle().folder, target / "bundle"))
