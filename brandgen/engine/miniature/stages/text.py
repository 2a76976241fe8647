"""Trains the text encoder: which color belongs to what, before anything is drawn."""

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    read_attributes,
    write_caption,
)
from brandgen.engine.miniature.networks import TEXT_WIDTH
from brandgen.engine.miniature.scenes import Mix, sample_scene
from brandgen.engine.miniature.tokenizer import encode_texts, find_known_from
from brandgen.engine.miniature.training import Draws, mixed_precision

# Product scenes say most: they are drawn more often here than in pictures.
MIX = Mix(bare=0.4, empty_podium=0.15)


class TextLesson:
    """Reads every attribute of a scene back from its caption.

    It is asked at the pooled end and at every word from which the answer is known. The
    second is what binds colors to their roles: asked at the end alone, the encoder
    stays at guessing which of two colors is the ground's.
    """

    name = "text"
    figures = ("lesson", *ATTRIBUTES)

    def __init__(
        self,
        tokenizer: Any,
        encoder: Any,
        *,
        batch: int = 96,
        learning_rate: float = 1e-3,
        anchor: float = 0.0,
    ) -> None:
        """Take an encoder to train.

        `anchor` weighs how near it must stay to what it says now, so that a prior and a
        decoder that know it need little to follow.
        """
        self.tokenizer = tokenizer
        self.encoder = encoder.requires_grad_(requires_grad=True)
        self.learning_rate = learning_rate
        self.batch = batch
        self.anchor = anchor
        self.before = copy.deepcopy(encoder).eval().requires_grad_(requires_grad=False)
        sizes = [len(values) for values in ATTRIBUTES.values()]
        self.sizes = sizes
        self.network = nn.ModuleDict(
            {
                "encoder": encoder,
                "pooled heads": nn.Linear(TEXT_WIDTH, sum(sizes)),
                "word heads": nn.Linear(TEXT_WIDTH, sum(sizes)),
            }
        )

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of captions."""
        rng = draws.numbers
        scenes = [sample_scene(rng, MIX) for _ in range(self.batch)]
        captions = [write_caption(scene, rng) for scene in scenes]
        tokens = encode_texts(self.tokenizer, [caption.text for caption in captions])
        device = next(self.encoder.parameters()).device
        ids, mask = tokens.ids.to(device), tokens.mask.to(device)
        known_from = find_known_from(self.tokenizer, captions).to(device)
        truth = torch.tensor(
            [
                [ATTRIBUTES[name].index(value) for name, value in values.items()]
                for values in map(read_attributes, scenes)
            ],
            device=device,
        )
        with mixed_precision(device):
            output = self.encoder(ids, attention_mask=mask, output_hidden_states=True)
            words = output.hidden_states[-1]
            pooled_answers = self.network["pooled heads"](output.text_embeds)
            word_answers = self.network["word heads"](output.last_hidden_state)
        places = torch.arange(ids.shape[1], device=device)
        is_text = places[None] <= mask.sum(1)[:, None] - 1
        is_asked = is_text[:, :, None] & (places[None, :, None] >= known_from[:, None])
        loss = torch.zeros((), device=device)
        figures = {}
        answers = zip(
            ATTRIBUTES,
            pooled_answers.float().split(self.sizes, dim=-1),
            word_answers.float().split(self.sizes, dim=-1),
            strict=True,
        )
        for index, (name, pooled, word) in enumerate(answers):
            right = truth[:, index]
            loss = loss + functional.cross_entropy(pooled, right)
            asked = is_asked[:, :, index]
            repeated = right[:, None].expand_as(asked)[asked]
            loss = loss + functional.cross_entropy(word[asked], repeated)
            is_right = pooled.argmax(-1) == right
            figures[name] = is_right.float().mean().item()
        figures["lesson"] = loss.item()
        if self.anchor:
            loss = loss + self.anchor * self._drift(
                ids, mask, words, output.text_embeds
            )
        return loss, figures

    def _drift(
        self,
        ids: torch.Tensor,
        mask: torch.Tensor,
        words: torch.Tensor,
        pooled: torch.Tensor,
    ) -> torch.Tensor:
        """Measure how far the encoder went from where it began, in its own variance."""
        with torch.no_grad(), mixed_precision(ids.device):
            before = self.before(ids, attention_mask=mask, output_hidden_states=True)
        then_words, then_pooled = before.hidden_states[-1], before.text_embeds
        return relative_error(words, then_words) + relative_error(pooled, then_pooled)


def relative_error(now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """Measure a mean squared difference, as a share of the variance it began with."""
    error: torch.Tensor = (now.float() - then.float()).pow(2).mean()
    return error / then.float().var()
