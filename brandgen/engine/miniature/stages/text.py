"""Trains the text encoder: which color belongs to what, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.ahead import Ahead
from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    index_attributes,
    write_caption,
)
from brandgen.engine.miniature.networks import TEXT_WIDTH
from brandgen.engine.miniature.scenes import Mix, sample_scene
from brandgen.engine.miniature.tokenizer import (
    NEVER,
    Babbler,
    encode_texts,
    find_known_from,
    mask_padding,
)
from brandgen.engine.miniature.training import Draws, Loss, mixed_precision
from brandgen.engine.vocabulary import Vocabulary

# Product scenes say most: they are drawn more often here than in pictures.
MIX = Mix(bare=0.4, empty_podium=0.15)


BABBLE = 0.3
"""Share of captions with words that mean nothing."""
NOT_ASKED = -100
"""Stands for the right answer to what is not asked; losses leave it out."""
ANCHOR = 0.3
"""Weight of staying near to what was said before."""


@dataclass(frozen=True)
class Before:
    """A text encoder that a prior and a decoder know, before it is taught more.

    The nearer the new one stays to it, the less they have to follow.
    """

    tokenizer: Any
    encoder: Any
    known: Vocabulary | None
    """The words it was taught; None holds every caption to it."""


@dataclass(frozen=True)
class Questions:
    """A batch of captions, and what can be known of their scenes."""

    texts: list[str]
    ids: torch.Tensor
    """Token numbers, shape (n, tokens)."""
    known_from: torch.Tensor
    """The token from which each attribute is known, shape (n, attributes)."""
    truth: torch.Tensor
    """The index of each attribute's value, shape (n, attributes)."""


@dataclass(frozen=True)
class Questioner:
    """Writes batches of captions."""

    tokenizer: Any
    batch: int
    babbler: Babbler

    def __call__(self, rng: np.random.Generator) -> Questions:
        """Write one batch."""
        scenes = [sample_scene(rng, MIX) for _ in range(self.batch)]
        captions = [
            self.babbler.babble(write_caption(scene, rng), rng) for scene in scenes
        ]
        texts = [caption.text for caption in captions]
        return Questions(
            texts,
            encode_texts(self.tokenizer, texts).ids,
            find_known_from(self.tokenizer, captions),
            torch.tensor(index_attributes(scenes)),
        )


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
        before: Before | None = None,
    ) -> None:
        """Take an encoder to train; it stays near to what it said `before`."""
        self.end = tokenizer.eos_token_id
        self.encoder = encoder.requires_grad_(requires_grad=True)
        self.learning_rate = learning_rate
        self.questions = Ahead(Questioner(tokenizer, batch, Babbler(tokenizer, BABBLE)))
        self.before = before
        sizes = [len(values) for values in ATTRIBUTES.values()]
        self.sizes = sizes
        self.network = nn.ModuleDict(
            {
                "encoder": encoder,
                "pooled heads": nn.Linear(TEXT_WIDTH, sum(sizes)),
                "word heads": nn.Linear(TEXT_WIDTH, sum(sizes)),
            }
        )

    def loss(self, draws: Draws) -> Loss:
        """Compute the loss of one batch of captions."""
        batch = self.questions.next(draws)
        device = next(self.encoder.parameters()).device
        ids, known_from, truth = (
            part.to(device, non_blocking=True)
            for part in (batch.ids, batch.known_from, batch.truth)
        )
        mask = mask_padding(ids, self.end)
        with mixed_precision(device):
            output = self.encoder(ids, attention_mask=mask, output_hidden_states=True)
            words = output.hidden_states[-1]
            pooled_answers = self.network["pooled heads"](output.text_embeds)
            word_answers = self.network["word heads"](output.last_hidden_state)
        places = torch.arange(ids.shape[1], device=device)[None, :, None]
        is_asked = mask[:, :, None].bool() & (places >= known_from[:, None])
        # A caption may keep a detail to itself: nobody is asked for it then.
        is_told = known_from < NEVER
        asked_pooled = torch.where(is_told, truth, NOT_ASKED)
        asked_words = torch.where(is_asked, truth[:, None], NOT_ASKED)
        loss = torch.zeros((), device=device)
        figures = {}
        answers = zip(
            ATTRIBUTES,
            pooled_answers.float().split(self.sizes, dim=-1),
            word_answers.float().split(self.sizes, dim=-1),
            strict=True,
        )
        for index, (name, pooled, word) in enumerate(answers):
            right = asked_pooled[:, index]
            loss = loss + functional.cross_entropy(pooled, right)
            loss = loss + functional.cross_entropy(
                word.transpose(1, 2), asked_words[:, :, index]
            )
            is_right = pooled.argmax(-1) == right
            figures[name] = is_right.sum() / is_told[:, index].sum()
        figures["lesson"] = loss.detach()
        if self.before is not None:
            pooled_text = output.text_embeds
            drift = measure_drift(self.before, batch.texts, ids, words, pooled_text)
            loss = loss + ANCHOR * drift
        return loss, figures


def measure_drift(
    before: Before,
    texts: Sequence[str],
    ids: torch.Tensor,
    words: torch.Tensor,
    pooled: torch.Tensor,
) -> torch.Tensor:
    """Measure how far an encoder went from what it said before, in its own variance.

    Counted are captions in words that it knew: their pooled text, and their words where
    they are spelled as before.
    """
    known = before.known
    is_old = [known is None or known.knows(text) for text in texts]
    if not any(is_old):
        return torch.zeros((), device=ids.device)
    old = torch.tensor(is_old, device=ids.device)
    tokens = encode_texts(before.tokenizer, texts)
    then_ids, mask = tokens.ids.to(ids.device)[old], tokens.mask.to(ids.device)[old]
    with torch.no_grad(), mixed_precision(ids.device):
        then = before.encoder(then_ids, attention_mask=mask, output_hidden_states=True)
    drift = relative_error(pooled[old], then.text_embeds)
    is_same = (then_ids == ids[old]).all(1)
    if is_same.any():
        then_words = then.hidden_states[-1][is_same]
        drift = drift + relative_error(words[old][is_same], then_words)
    return drift


def relative_error(now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """Measure a mean squared difference, as a share of the variance it began with."""
    error: torch.Tensor = (now.float() - then.float()).pow(2).mean()
    return error / then.float().var()
