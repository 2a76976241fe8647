"""Counts a prompt's tokens as the installed model will, without loading the model."""

from functools import cache
from pathlib import Path

from django.conf import settings

from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import WeightsError
from brandgen.engine.tokens import TokenCount, count_tokens


def count_prompt_tokens(prompt: str) -> TokenCount | None:
    """Count a prompt's tokens; None where the engine brings no tokenizer.

    Raises:
        InvalidRequestError: the prompt holds a control word of the model.
    """
    tokenizer_file = _find_tokenizer(Path(settings.ENGINE_BUNDLE))
    return count_tokens(prompt, tokenizer_file) if tokenizer_file else None


@cache
def _find_tokenizer(folder: Path) -> Path | None:
    try:
        tokenizer_file = Bundle(folder).tokenizer_file
    except WeightsError:
        return None
    return tokenizer_file if tokenizer_file.is_file() else None
