"""Turns prompts into the numbers that the prior and the decoder read."""

from dataclasses import dataclass
from typing import Any

import torch

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.tokens import check_prompt


class PromptTooLongError(InvalidRequestError):
    """The model would miss the end of the prompt."""


@dataclass(frozen=True)
class PromptEmbeddings:
    """Texts as the networks read them."""

    tokens: torch.Tensor
    """Shape (texts, tokens, width): the last hidden state, before the final norm."""
    pooled: torch.Tensor
    """Shape (texts, 1, width): the projected state at the end token."""

    @classmethod
    def join(cls, texts: "list[PromptEmbeddings]") -> "PromptEmbeddings":
        """Gather the texts of a batch."""
        if len(texts) == 1:
            return texts[0]
        return cls(
            torch.cat([text.tokens for text in texts]),
            torch.cat([text.pooled for text in texts]),
        )


def encode_prompt(tokenizer: Any, text_encoder: Any, prompt: str) -> PromptEmbeddings:
    """Encode a text; what goes past the token limit is left out.

    Raises:
        InvalidRequestError: the text holds a control word of the model.
    """
    check_prompt(prompt)
    inputs = tokenizer(
        prompt,
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    return read_ids(text_encoder, inputs.input_ids, inputs.attention_mask)


def read_ids(
    text_encoder: Any, ids: torch.Tensor, mask: torch.Tensor
) -> PromptEmbeddings:
    """Run the text encoder on token ids, shape (texts, tokens)."""
    output = text_encoder(
        ids.to(text_encoder.device),
        attention_mask=mask.to(text_encoder.device),
        output_hidden_states=True,
    )
    # hidden_states[-1] is the state before final_layer_norm: Stage C was trained on it.
    return PromptEmbeddings(
        tokens=output.hidden_states[-1], pooled=output.text_embeds.unsqueeze(1)
    )
