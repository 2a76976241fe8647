"""Turns captions into token numbers with the tokenizer that ships with the miniature.

It is never trained again: training the same merges twice gives other token numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import CLIPTokenizer

from brandgen.engine.miniature.captions import Caption

END = "</w>"
"""What the tokenizer writes behind the last piece of a word."""
LONG = 4 + len(END)
"""Pieces of so many letters are whole words more often than ends of one."""


@dataclass(frozen=True)
class Tokens:
    """A batch of captions as the text encoder reads them."""

    ids: torch.Tensor
    """Shape (n, tokens)."""
    mask: torch.Tensor
    """Shape (n, tokens): 1 up to the end token, 0 on the padding."""


def load_tokenizer(folder: Path) -> Any:
    """Load a tokenizer from the folder of a bundle's part."""
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def encode_texts(tokenizer: Any, texts: Sequence[str]) -> Tokens:
    """Encode texts, padded to the model's full length and cut there."""
    encoded = tokenizer(
        list(texts),
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    return Tokens(encoded.input_ids, encoded.attention_mask)


def mask_padding(ids: torch.Tensor, end: int) -> torch.Tensor:
    """Find the padding again: 1 up to the first end token, 0 behind it."""
    is_end = (ids == end).int()
    return (is_end.cumsum(1) - is_end == 0).long()


class Babbler:
    """Puts words between those of captions that mean nothing to a model.

    People write what was never drawn; a model that met only words it knows would take
    the pieces of any other for something.
    """

    def __init__(self, tokenizer: Any, share: float, most: int = 3) -> None:
        """Babble into a share of captions, `most` words at most."""
        pieces = [p for p in tokenizer.get_vocab() if p.removesuffix(END).isalpha()]
        self.known = {p.removesuffix(END) for p in pieces if p.endswith(END)}
        self.inner = sorted(p for p in pieces if not p.endswith(END))
        self.last = sorted(p for p in pieces if p.endswith(END) and len(p) < LONG)
        self.tokenizer = tokenizer
        self.room = tokenizer.model_max_length - 2
        self.share = share
        self.most = most

    def babble(self, caption: Caption, rng: np.random.Generator) -> Caption:
        """Put in some words, or none where the text would be cut for them."""
        if rng.random() >= self.share:
            return caption
        for _ in range(int(rng.integers(1, self.most + 1))):
            at = int(rng.integers(len(caption.text.split()) + 1))
            longer = caption.insert(at, self._make_word(rng))
            words = longer.text.split()
            if sum(count_tokens(self.tokenizer, w) for w in words) > self.room:
                break
            caption = longer
        return caption

    def _make_word(self, rng: np.random.Generator) -> str:
        while True:
            begins = rng.choice(self.inner, int(rng.integers(1, 3)))
            word = "".join(begins) + str(rng.choice(self.last)).removesuffix(END)
            if word not in self.known:
                return word


NEVER = 1_000_000
"""Stands where an attribute's token would: no text is so long."""


def find_known_from(tokenizer: Any, captions: Sequence[Caption]) -> torch.Tensor:
    """Find the token from which each attribute is known, shape (n, attributes).

    What a caption keeps to itself is known from `NEVER`.
    """
    rows = []
    for caption in captions:
        ends = find_word_ends(tokenizer, caption.text)
        known = caption.known_after.values()
        rows.append([NEVER if at is None else ends[at] for at in known])
    return torch.tensor(rows)


@lru_cache(maxsize=4096)
def count_tokens(tokenizer: Any, word: str) -> int:
    """Count the tokens of a word; captions have few words and many of each."""
    return len(tokenizer(word, add_special_tokens=False).input_ids)


def find_word_ends(tokenizer: Any, text: str) -> list[int]:
    """Find where each word's last token stands; entry 0 is the start token.

    A comma counts to its word. The entry for all words is the end token, so that what
    only the whole text settles is asked there.
    """
    ends = [0]
    for word in text.split():
        ends.append(ends[-1] + count_tokens(tokenizer, word))
    ends[-1] += 1
    last = tokenizer.model_max_length - 1
    return [min(end, last) for end in ends]
