"""What prompts are to one model: read once, taken up from elsewhere, written."""

from functools import lru_cache

from brandgen.engine.cascade.adapters import AdapterStack
from brandgen.engine.cascade.devices import as_floats, to_device
from brandgen.engine.cascade.parts import Parts
from brandgen.engine.cascade.text import (
    PromptEmbeddings,
    PromptTooLongError,
    encode_prompt,
)
from brandgen.engine.embeddings import EncodedPrompts, read_prompts, write_prompts
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import PriorRequest
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tokens import count_tokens

KEPT = 8
"""Prompts that are not read again."""


class Prompts:
    """Reads prompts by a model's text encoder, the last few only once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.read = lru_cache(maxsize=KEPT)(self._read)

    def _read(self, prompt: str) -> PromptEmbeddings:
        """Encode a prompt.

        Raises:
            PromptTooLongError: the model would miss its end.
            InvalidRequestError: it holds a control word.
        """
        tokens = count_tokens(prompt, self._parts.bundle.tokenizer_file)
        if tokens.is_too_long:
            raise PromptTooLongError(
                f"The prompt has {tokens.count} tokens and the model reads "
                f"{tokens.limit}: it would miss the end of the prompt, "
                f"{tokens.cut_text.strip()[:80]!r}. Shorten it."
            )
        return encode_prompt(self._parts.tokenizer, self._parts.text_encoder, prompt)

    def of(
        self, request: PriorRequest, adapters: AdapterStack
    ) -> tuple[PromptEmbeddings, PromptEmbeddings]:
        """Take up a request's encoded prompts, or encode them.

        Raises:
            InvalidRequestError: they were encoded for another prior.
        """
        prompts = (request.prompt, request.negative_prompt)
        if request.prompt_embeddings is None:
            one, other = (
                adapters.encode(prompt, self._parts, otherwise=self.read)
                for prompt in prompts
            )
            return one, other
        adapters.check_encoded_elsewhere(prompts)
        family = self._parts.bundle.family
        kept = read_prompts(request.prompt_embeddings, family=family)
        config = self._parts.prior.config
        expected = (config.clip_text_in_channels, config.clip_text_pooled_in_channels)
        if (found := (kept.tokens.shape[2], kept.pooled.shape[2])) != expected:
            raise InvalidRequestError(
                f"The prompt embeddings are {found[0]} and {found[1]} wide; this prior "
                f"reads {expected[0]} and {expected[1]}. Encode the prompt again."
            )
        return (
            self._take_up(kept.tokens, kept.pooled),
            self._take_up(kept.negative_tokens, kept.negative_pooled),
        )

    def _take_up(self, tokens: Floats, pooled: Floats) -> PromptEmbeddings:
        device, dtype = self._parts.device, self._parts.dtype
        return PromptEmbeddings(
            to_device(tokens, device, dtype), to_device(pooled, device, dtype)
        )

    def write(
        self, prompt: PromptEmbeddings, negative_prompt: PromptEmbeddings
    ) -> bytes:
        """Put both prompts into a safetensors file."""
        return write_prompts(
            EncodedPrompts(
                tokens=as_floats(prompt.tokens),
                pooled=as_floats(prompt.pooled),
                negative_tokens=as_floats(negative_prompt.tokens),
                negative_pooled=as_floats(negative_prompt.pooled),
                family=self._parts.bundle.family,
            )
        )
