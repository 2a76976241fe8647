"""Counts the tokens of a prompt as the text encoder will, without torch."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from brandgen.engine.errors import InvalidRequestError, WeightsError

CONTROL_WORDS = ("<|startoftext|>", "<|endoftext|>")
CLIP_LIMIT = 77
"""Tokens that CLIP's text encoder reads, with start and end."""
FEWEST = 3
"""A start, an end and one word between them."""


@dataclass(frozen=True)
class TokenCount:
    """How much of a prompt the model reads."""

    count: int
    """Tokens of the whole prompt, with start and end."""
    limit: int
    """Tokens that the model reads at most, with start and end."""
    kept_text: str
    cut_text: str
    """What the model never sees; with `kept_text` in front it is the prompt."""

    @property
    def is_too_long(self) -> bool:
        """Whether the model misses the end of the prompt."""
        return self.count > self.limit


def count_tokens(prompt: str, tokenizer_file: Path) -> TokenCount:
    """Count a prompt's tokens and split it where the model stops reading.

    Raises:
        InvalidRequestError: the prompt holds a control word of the model.
        WeightsError: the tokenizer can't be read.
    """
    check_prompt(prompt)
    tokenizer, limit = _open_tokenizer(tokenizer_file)
    encoding = tokenizer.encode(prompt)
    count = len(encoding.ids)
    if count <= limit:
        return TokenCount(count, limit, prompt, "")
    # The end token takes the last place, so the text stops one place earlier.
    _, end = encoding.offsets[limit - 2]
    return TokenCount(count, limit, prompt[:end], prompt[end:])


def check_prompt(prompt: str) -> None:
    """Refuse a prompt that would steer the text encoder instead of describing.

    Raises:
        InvalidRequestError: it holds a control word, or characters that are no text.
    """
    for word in CONTROL_WORDS:
        if word in prompt.lower():
            raise InvalidRequestError(
                f"The prompt holds {word}, a control word of the model. Remove it."
            )
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequestError(
            f"The prompt holds a broken character at place {error.start + 1}. "
            "Type that part again."
        ) from error


@lru_cache(maxsize=8)
def _open_tokenizer(tokenizer_file: Path) -> tuple[Tokenizer, int]:
    try:
        tokenizer = Tokenizer.from_str(tokenizer_file.read_text(encoding="utf-8"))
        limit = _read_limit(tokenizer_file.parent)
    except Exception as error:  # `tokenizers` raises bare exceptions
        raise WeightsError(
            f"The tokenizer {tokenizer_file} can't be read: {error}. Fetch the bundle "
            "again."
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer, limit


def _read_limit(folder: Path) -> int:
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    # Tokenizers without a limit state 1e30.
    limit = min(config.get("model_max_length", CLIP_LIMIT), 1024)
    encoder = folder.parent / "text_encoder" / "config.json"
    if encoder.is_file():
        positions = json.loads(encoder.read_text(encoding="utf-8")).get(
            "max_position_embeddings", limit
        )
        limit = min(limit, positions)
    if int(limit) < FEWEST:
        raise ValueError(f"it states that the model reads {limit} tokens")
    return int(limit)
