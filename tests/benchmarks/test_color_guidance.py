import json

import numpy as np
import pytest

from benchmarks.color_guidance import lies_on_subject, main, sliced_distance
from benchmarks.color_trials import (
    WAYS,
    choose_names,
    choose_trials,
    know_words,
    make_trial,
)
from brandgen.checks import share_distance
from brandgen.engine.registry import default_bundle
from brandgen.engine.tokens import count_tokens

PALETTE = [("#000000", 0.5), ("#ffffff", 0.5)]


class TestMain:
    def test_measures_two_trials(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["--count", "2", "--side", "256", "--json"])

        report = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert report["count"] == 2
        assert report["distance"]["palette"] < report["distance"]["free"]
        assert report["boxes_percent"]["4.5"]["box 4.5"] >= 50
        assert report["seconds"].keys() == set(WAYS)
        assert report["adherence_percent"]["chance"]["asked"] > 0
        assert report["outside_change"]["box 4.5"]["mean"] > 0


class TestMakeTrial:
    def test_chooses_the_same_at_every_run(self) -> None:
        one, again = make_trial(5, 1.0), make_trial(5, 1.0)

        assert one.palette == again.palette
        assert one.box == again.box
        prompts = [t.request("names, palette", 512).prompt for t in (one, again)]
        assert prompts[0] == prompts[1]

    def test_words_both_prompts_alike(self) -> None:
        trial = make_trial(2, 1.0)

        own, named = (trial.request(way, 512).prompt for way in ("free", "names"))

        apart = [a == b for a, b in zip(own.split(), named.split(), strict=True)]
        assert own != named
        assert any(apart)


class TestChooseTrials:
    def test_asks_in_words_that_the_miniature_reads_to_their_end(self) -> None:
        tokenizer = default_bundle().tokenizer_file

        trials = choose_trials(40, 1.0)

        assert len(trials) == 40
        for trial in trials:
            for scene in (trial.scene, trial.named):
                assert know_words().knows(trial.ask(scene).text)
                assert not count_tokens(trial.ask(scene).text, tokenizer).is_too_long


class TestChooseNames:
    def test_uses_no_name_twice(self) -> None:
        names = choose_names(np.array([[208, 38, 46], [208, 38, 46], [28, 28, 32]]))

        assert names[0] == "red"
        assert names[1] != "red"
        assert names[2] == "black"


class TestSlicedDistance:
    def test_is_0_for_the_palette_itself(self) -> None:
        pixels = np.zeros((48, 48, 3), np.uint8)
        pixels[24:] = 255

        assert sliced_distance(pixels, PALETTE) == pytest.approx(0, abs=0.01)

    def test_is_below_the_whole_distance(self) -> None:
        pixels = np.full((48, 48, 3), 128, np.uint8)

        sliced = sliced_distance(pixels, PALETTE)

        assert 0 < sliced < share_distance(pixels, PALETTE)


class TestLiesOnSubject:
    def test_tells_boxes_on_a_product_from_others(self) -> None:
        trials = [make_trial(index, 1.0) for index in range(24)]

        found = {lies_on_subject(trial) for trial in trials if trial.scene.product}
        bare = {lies_on_subject(t) for t in trials if not t.scene.product}

        assert found == {True, False}
        assert False in bare
