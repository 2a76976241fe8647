import time

import numpy as np
import pytest

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.fake import EngineDiedError, FakeEngine, find_colors
from brandgen.engine.protocol import Step
from brandgen.engine.requests import DecoderRequest, PriorRequest


def make_request(prompt: str = "teal to cream", seed: int = 7) -> PriorRequest:
    return PriorRequest(prompt, seed, width_px=384, height_px=256, steps=10)


class TestRunPrior:
    def test_gives_the_same_bytes_for_the_same_request(self) -> None:
        first = FakeEngine().run_prior(make_request())

        again = FakeEngine().run_prior(make_request())

        assert again.embeddings == first.embeddings
        assert np.array_equal(again.preview, first.preview)

    def test_gives_other_bytes_for_another_seed(self) -> None:
        engine = FakeEngine()

        first, other = (
            engine.run_prior(make_request(seed=7)),
            engine.run_prior(make_request(seed=8)),
        )

        assert other.embeddings != first.embeddings

    def test_remembers_the_seeds_it_was_asked_for(self) -> None:
        engine = FakeEngine()

        for seed in (7, 9, 8):
            engine.run_prior(make_request(seed=seed))

        assert engine.seeds_seen == [7, 9, 8]
        assert engine.decoder_seeds_seen == []

    def test_reports_every_step_and_five_previews(self) -> None:
        steps: list[Step] = []

        FakeEngine().run_prior(make_request(), on_step=steps.append)

        assert [(s.stage, s.index, s.of) for s in steps] == [
            ("C", i, 10) for i in range(1, 11)
        ]
        assert sum(bool(step.previews) for step in steps) == 5

    def test_dies_after_as_many_runs_as_told(self) -> None:
        engine = FakeEngine(dies_after=1)
        engine.run_prior(make_request(seed=7))

        with pytest.raises(EngineDiedError, match="after 1 runs"):
            engine.run_prior(make_request(seed=8))

    def test_waits_in_every_step(self) -> None:
        started = time.perf_counter()

        FakeEngine(delay_s=0.01).run_prior(make_request())

        assert time.perf_counter() - started >= 0.1


class TestRunDecoder:
    def test_paints_the_colors_that_the_prompt_names(self) -> None:
        engine = FakeEngine()
        prior = engine.run_prior(make_request("from red to #0000ff"))

        pixels = engine.run_decoder(DecoderRequest(prior.embeddings, seed=1))

        assert pixels.shape == (256, 384, 3)
        assert pixels.dtype == np.uint8
        top, bottom = pixels[:16].mean((0, 1)), pixels[-16:].mean((0, 1))
        assert top[0] > 150
        assert top[2] < 100
        assert bottom[2] > 200
        assert bottom[0] < 60

    def test_changes_the_grain_but_not_the_layout_with_the_seed(self) -> None:
        engine = FakeEngine()
        prior = engine.run_prior(make_request())

        first = engine.run_decoder(DecoderRequest(prior.embeddings, seed=1))
        other = engine.run_decoder(DecoderRequest(prior.embeddings, seed=2))

        assert not np.array_equal(first, other)
        assert np.abs(first.astype(int) - other).mean() < 6

    def test_stops_within_the_step_whose_callback_raises(self) -> None:
        class StopError(Exception):
            pass

        seen: list[int] = []

        def stop_at_3(step: Step) -> None:
            seen.append(step.index)
            if step.index == 3:
                raise StopError

        engine = FakeEngine()
        request = DecoderRequest(engine.run_prior(make_request()).embeddings, seed=1)
        with pytest.raises(StopError):
            engine.run_decoder(request, on_step=stop_at_3)

        assert seen == [1, 2, 3]
        assert engine.run_decoder(request).shape == (256, 384, 3)

    def test_refuses_bytes_that_are_no_embeddings(self) -> None:
        with pytest.raises(InvalidRequestError, match="can't be used"):
            FakeEngine().run_decoder(DecoderRequest(b"nonsense", seed=1))


class TestFindColors:
    def test_finds_words_and_hex_values_in_order(self) -> None:
        assert find_colors("Navy bottle on #FF8000, no red-ish") == [
            (24, 38, 92),
            (255, 128, 0),
            (208, 38, 46),
        ]

    def test_falls_back_to_gray(self) -> None:
        assert find_colors("a bottle") == [(200, 200, 200), (120, 120, 120)]
