"""Teaches a tokenizer whole words, and a text encoder the rows for them.

Training a tokenizer anew gives other numbers to the same words, so that no trained text
encoder could be kept. Here every old number stays what it was: new pieces come behind.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModelWithProjection

TOKENIZER_FILE = "tokenizer.json"


def teach_words(folder: Path, words: Iterable[str]) -> list[list[int]]:
    """Make each word one token of the tokenizer in a folder, as far as it is not yet.

    Returns for each new token, in the order of their numbers, the old tokens that
    spelled it before. New merges rank behind all old ones, so that a word that was one
    token is the same token afterwards.
    """
    path = folder / TOKENIZER_FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    vocabulary, merges = data["model"]["vocab"], data["model"]["merges"]
    first = len(vocabulary)
    spelled: dict[str, list[int]] = {}
    for word in sorted(set(words)):
        tokenizer = Tokenizer.from_str(json.dumps(data))
        pieces = tokenizer.encode(word, add_special_tokens=False).tokens
        while len(pieces) > 1:
            left, right, *rest = pieces
            merges.append([left, right])
            joined = left + right
            if joined not in vocabulary:
                vocabulary[joined] = len(vocabulary)
                spelled[joined] = [
                    number
                    for piece in (left, right)
                    for number in spelled.get(piece, [vocabulary[piece]])
                ]
            pieces = [joined, *rest]
    if len(vocabulary) > first:
        text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8")
    return list(spelled.values())


def widen_text_encoder(encoder: Any, spelled: Sequence[Sequence[int]]) -> Any:
    """Add a row for each new token: the mean of the rows that spelled it before."""
    if not spelled:
        return encoder
    config = encoder.config.to_dict()
    config["vocab_size"] += len(spelled)
    wide = CLIPTextModelWithProjection(type(encoder.config)(**config))
    state = encoder.state_dict()
    name = next(name for name in state if name.endswith("token_embedding.weight"))
    rows = [state[name][list(numbers)].mean(0) for numbers in spelled]
    state[name] = torch.cat([state[name], torch.stack(rows)])
    wide.load_state_dict(state)
    moved: nn.Module = wide.to(state[name].dtype)
    return moved.eval().requires_grad_(requires_grad=False)
