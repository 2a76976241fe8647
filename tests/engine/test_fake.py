import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import InvalidRequestError, UnsupportedError, WeightsError
from brandgen.engine.fake import EngineDiedError, FakeEngine
from brandgen.engine.fake_painting import find_colors
from brandgen.engine.protocol import Capability, Step
from brandgen.engine.requests import (
    Adapter,
    DecoderRequest,
    EncodeRequest,
    PaletteColor,
    PaletteGoal,
    PriorRequest,
    Reference,
    Start,
    TextBox,
)
from brandgen.lib.colors import contrast_behind


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


def flat(red: int, green: int, blue: int) -> Any:
    return np.full((256, 384, 3), (red, green, blue), np.uint8)


def draw(request: PriorRequest) -> Any:
    engine = FakeEngine()
    return engine.run_decoder(
        DecoderRequest(engine.run_prior(request).embeddings, seed=1)
    )


class TestWhatGuidesIt:
    def test_draws_the_same_from_prompts_that_were_read_elsewhere(self) -> None:
        read = FakeEngine().encode_prompt("teal to cream")

        elsewhere = replace(make_request("anything"), prompt_embeddings=read)

        assert np.array_equal(draw(elsewhere), draw(make_request()))

    def test_mixes_references_by_weight(self) -> None:
        asked = replace(
            make_request(),
            prompt="",
            references=(Reference(flat(255, 0, 0), 3), Reference(flat(0, 0, 255), 1)),
        )

        red, green, blue = draw(asked).mean((0, 1))

        assert abs(red - 191) < 3
        assert green < 3
        assert abs(blue - 64) < 3

    def test_pulls_colors_to_a_palette(self) -> None:
        goal = PaletteGoal((PaletteColor(255, 0, 0, 1.0),), strength=1.0)

        pixels = draw(replace(make_request(), palette=goal))

        assert np.abs(pixels.mean((0, 1)) - (255, 0, 0)).max() < 5

    def test_calms_the_box_of_a_text(self) -> None:
        box = TextBox(0.5, 0.0, 1.0, 0.5, text_color=(255, 255, 255))

        pixels = draw(replace(make_request("cream to white"), text_boxes=(box,)))

        assert contrast_behind(pixels[:120, 200:], "#ffffff") >= 4.5
        assert contrast_behind(pixels[150:, :150], "#ffffff") < 2

    def test_takes_the_color_of_text_that_asks_less(self) -> None:
        box = TextBox(0.5, 0.0, 1.0, 0.5, other_color=(23, 23, 23))

        pixels = draw(replace(make_request("cream to white"), text_boxes=(box,)))

        assert contrast_behind(pixels[:120, 200:], "#171717") >= 4.5

    def test_keeps_what_lies_outside_a_mask_in_both_stages(self) -> None:
        mask = np.zeros((256, 384), np.uint8)
        mask[:, 192:] = 255
        source = flat(10, 200, 30)
        engine = FakeEngine()
        begun = replace(make_request(), start=Start(source, 1.0, mask))
        prior = engine.run_prior(begun)
        request = DecoderRequest(prior.embeddings, 1, start=Start(source, 1.0, mask))

        pixels = engine.run_decoder(request)

        assert np.array_equal(pixels[:, :192], source[:, :192])
        assert not np.array_equal(pixels[:, 220:], source[:, 220:])

    def test_begins_from_kept_embeddings_by_strength(self) -> None:
        first = FakeEngine().run_prior(make_request("red", seed=1))
        begun = replace(make_request("blue"), start=Start(first.embeddings, 0.25))

        before = read_embeddings(first.embeddings, family="fake").image
        after = read_embeddings(
            FakeEngine().run_prior(begun).embeddings, family="fake"
        ).image

        assert 0 < np.abs(after - before).mean() < 0.5

    def test_tints_by_an_adapter_and_proves_its_file(self, tmp_path: Path) -> None:
        file = tmp_path / "spring.safetensors"
        file.write_bytes(b"lora")

        plain = draw(make_request())
        tinted = draw(replace(make_request(), adapters=(Adapter(file),)))

        assert not np.array_equal(plain, tinted)
        with pytest.raises(WeightsError, match="has the SHA-256"):
            draw(replace(make_request(), adapters=(Adapter(file, sha256="0" * 64),)))

    def test_writes_down_what_it_was_asked(self) -> None:
        goal = PaletteGoal((PaletteColor(255, 0, 0, 1.0),), strength=0.5)
        asked = replace(make_request(), palette=goal)

        result = FakeEngine().run_prior(asked)

        kept = read_embeddings(result.embeddings, family="fake")
        assert kept.made_with["settings"]["palette"]["strength"] == 0.5

    def test_refuses_what_it_was_made_without(self) -> None:
        engine = FakeEngine(capabilities={Capability.START})
        goal = PaletteGoal((PaletteColor(255, 0, 0, 1.0),))

        with pytest.raises(UnsupportedError, match="can't be guided by colors"):
            engine.run_prior(replace(make_request(), palette=goal))
        with pytest.raises(UnsupportedError, match="no semantic encoder"):
            FakeEngine(capabilities=()).encode_image(
                EncodeRequest(flat(1, 2, 3), 256, 256)
            )

    def test_gives_each_of_a_batch_what_it_gives_alone(self) -> None:
        requests = [make_request(seed=7), make_request("red", seed=8)]

        both = FakeEngine().run_prior_batch(requests)

        alone = [FakeEngine().run_prior(request) for request in requests]
        assert [r.embeddings for r in both] == [r.embeddings for r in alone]


class TestEncodeImage:
    def test_keeps_the_colors_of_a_picture_at_any_size(self) -> None:
        engine = FakeEngine()
        kept = engine.encode_image(EncodeRequest(flat(10, 200, 30), 512, 384))

        pixels = engine.run_decoder(DecoderRequest(kept.embeddings, seed=1))

        assert pixels.shape == (384, 512, 3)
        assert np.abs(pixels.mean((0, 1)) - (10, 200, 30)).max() < 3


class TestFindColors:
    def test_finds_words_and_hex_values_in_order(self) -> None:
        assert find_colors("Navy bottle on #FF8000, no red-ish") == [
            (24, 38, 92),
            (255, 128, 0),
            (208, 38, 46),
        ]

    def test_falls_back_to_gray(self) -> None:
        assert find_colors("a bottle") == [(200, 200, 200), (120, 120, 120)]
