import pytest
import torch
from diffusers import DDPMWuerstchenScheduler

from brandgen.engine.miniature.parts import load_network
from brandgen.engine.miniature.stages.noise import (
    QUARTER_NAMES,
    Speaker,
    add_noise,
    diffusion_loss,
    draw_drifting_noise,
    weigh,
)
from brandgen.engine.miniature.tokenizer import encode_texts, load_tokenizer
from brandgen.engine.miniature.training import Draws
from brandgen.engine.registry import default_bundle


class TestDrawDriftingNoise:
    def test_is_noise_whose_mean_drifts(self) -> None:
        noise = draw_drifting_noise(Draws.from_seed(1), (32, 4, 64, 64))

        assert noise.std().item() == pytest.approx(1, abs=0.02)
        white = 1 / 64
        assert noise.mean((2, 3)).std().item() > 3 * white


class TestAddNoise:
    def test_follows_the_schedule_that_sampling_uses(self) -> None:
        clean, noise = torch.randn(2, 16, 4, 6, 6)
        ratio = torch.linspace(0, 1, 16)

        noisy = add_noise(clean, noise, ratio)

        right = DDPMWuerstchenScheduler().add_noise(clean, noise, ratio)
        assert torch.allclose(noisy, right, atol=1e-5)


class TestSpeaker:
    def test_says_one_of_the_captions_of_each_picture(self) -> None:
        bundle = default_bundle()
        tokenizer = load_tokenizer(bundle.folder / "tokenizer")
        encoder = load_network(bundle.folder / "text_encoder", "text_encoder")
        speaker = Speaker(tokenizer, encoder, torch.device("cpu"))
        texts = ["teal waves on cream", "plain coral wall", "", "teal waves on cream"]
        captions = encode_texts(tokenizer, texts).ids.unflatten(0, (2, 2))

        said, _ = speaker.say(captions, Draws.from_seed(3), unsaid=0)

        words, _ = speaker.say_texts(texts)
        for picture, choices in zip(said, words.unflatten(0, (2, 2)), strict=True):
            # In bfloat16 the size of a batch shows in the third digit.
            assert any(torch.allclose(picture, c, atol=0.05) for c in choices)

    def test_leaves_a_share_unsaid(self) -> None:
        bundle = default_bundle()
        tokenizer = load_tokenizer(bundle.folder / "tokenizer")
        encoder = load_network(bundle.folder / "text_encoder", "text_encoder")
        speaker = Speaker(tokenizer, encoder, torch.device("cpu"))
        captions = encode_texts(tokenizer, ["teal waves on cream"] * 64).ids[:, None]

        said, _ = speaker.say(captions, Draws.from_seed(3), unsaid=0.5)

        nothing, _ = speaker.say_texts([""])
        unsaid = sum(torch.allclose(words, nothing[0], atol=1e-5) for words in said)
        assert 16 < unsaid < 48


class TestWeigh:
    def test_counts_the_error_of_the_clean_image_where_noise_is_low(self) -> None:
        ratio = torch.tensor([0.2, 0.5])
        kept = add_noise(torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1), ratio)
        kept = kept.flatten() ** 2

        assert weigh(ratio, 0) == pytest.approx((1 - kept) / kept)

    def test_is_held_by_its_floor_where_nothing_is_left_of_the_image(self) -> None:
        assert weigh(torch.tensor([1.0]), 0.05).item() == pytest.approx(20, rel=0.01)


class TestDiffusionLoss:
    def test_is_nothing_where_the_noise_was_found(self) -> None:
        noise = torch.randn(8, 4, 6, 6)

        loss, figures = diffusion_loss(noise, noise, torch.linspace(0.1, 0.9, 8), 0.05)

        assert loss.item() == 0
        assert figures == dict.fromkeys(QUARTER_NAMES, 0)

    def test_counts_errors_more_where_it_is_told_to(self) -> None:
        noise = torch.zeros(2, 4, 2, 2)
        predicted = noise.clone()
        predicted[:, :, 0] = 1
        emphasis = torch.tensor([[3.0, 3.0], [1.0, 1.0]]).expand(2, 1, 2, 2)
        ratio = torch.tensor([0.3, 0.6])

        plain, _ = diffusion_loss(predicted, noise, ratio, 0.05)
        told, _ = diffusion_loss(predicted, noise, ratio, 0.05, emphasis=emphasis)

        assert plain.item() == pytest.approx(0.5)
        assert told.item() == pytest.approx(0.75)
