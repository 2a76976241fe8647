"""Trains the text encoder: which color belongs to what, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from brandgen.engine.miniature.captions import (
    ATTRIBUTES,
    index_attributes,
    write_caption,
)
from brandgen.engine.miniature.networks import TEXT_WIDTH
from brandgen.engine.miniature.scenes import Mix, sample_scene
from brandgen.engine.miniature.tokenizer import (
    NEVER,
    encode_texts,
    find_known_from,
)
from brandgen.engine.miniature.training import Draws, mixed_precision
from brandgen.engine.vocabulary import Vocabulary

# Product scenes say most: they are drawn more often here than in pictures.
MIX = Mix(bare=0.4, empty_podium=0.15)


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
        self.tokenizer = tokenizer
        self.encoder = encoder.requires_grad_(requires_grad=True)
        self.learning_rate = learning_rate
        self.batch = batch
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

    def loss(self, draws: Draws) -> tuple[torch.Tensor, dict[str, float]]:
        """Compute the loss of one batch of captions."""
        rng = draws.numbers
        scenes = [sample_scene(rng, MIX) for _ in range(self.batch)]
        captions = [write_caption(scene, rng) for scene in scenes]
        tokens = encode_texts(self.tokenizer, [caption.text for caption in captions])
        device = next(self.encoder.parameters()).device
        ids, mask = tokens.ids.to(device), tokens.mask.to(device)
        known_from = find_known_from(self.tokenizer, captions).to(device)
        truth = torch.tensor(index_attributes(scenes), device=device)
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
            # A caption may keep a detail to itself: nobody is asked for it then.
            is_told, asked = known_from[:, index] < NEVER, is_asked[:, :, index]
            right = truth[:, index]
            repeated = right[:, None].expand_as(asked)[asked]
            loss = loss + functional.cross_entropy(pooled[is_told], right[is_told])
            loss = loss + functional.cross_entropy(word[asked], repeated)
            is_right = pooled[is_told].argmax(-1) == right[is_told]
            figures[name] = is_right.float().mean().item()
        figures["lesson"] = loss.item()
        if self.before is not None:
            texts = [caption.text for caption in captions]
            drift = measure_drift(self.before, texts, ids, words, output.text_embeds)
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
