"""Runs networks with LoRA adapters, and leaves them as they were.

For the length of a run the changed weights are replaced by new ones, `weight + scale *
up @ down`, summed in float32 and rounded once. The weights themselves are put aside
and put back, never written to: afterwards the base is the base in every bit, also after
a run that was cancelled, and any layer can be changed, whoever reads its weight. That
is why this is not done by peft's layers, which stand in for the module (a faster
network reads `weight` itself), cost two more products in every pass and leave wrappers
behind; and not by subtracting, which rounds. The price is memory for the
changed weights once more: 2.1 GB for all attention of the prior of 3.6 billion weights
in bfloat16.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from brandgen.engine.adapters.files import LoadedAdapter, Pair, read_adapter
from brandgen.engine.adapters.formats import Network
from brandgen.engine.adapters.names import read_layers
from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.parts import Parts
from brandgen.engine.cascade.text import PromptEmbeddings, PromptTooLongError, read_ids
from brandgen.engine.errors import AdapterError
from brandgen.engine.requests import Adapter, PriorRequest
from brandgen.engine.tensor_file import Floats
from brandgen.engine.tokens import check_prompt

Changes = Mapping[str, Sequence[tuple[float, Pair]]]
"""By layer: each adapter's change and its scale."""


@dataclass(frozen=True, eq=False)
class AdapterStack:
    """The adapters of one run, in order."""

    requested: tuple[Adapter, ...] = ()
    """As asked for, each with the SHA-256 of the file that was read."""
    loaded: tuple[LoadedAdapter, ...] = ()

    @property
    def tokens(self) -> dict[str, Floats]:
        """The words that these adapters teach, with their vectors."""
        return {
            name: each
            for adapter in self.loaded
            for name, each in adapter.tokens.items()
        }

    def changes_of(self, network: Network) -> Changes:
        """Gather what is added to each layer; at a scale of 0 that is nothing."""
        found: dict[str, list[tuple[float, Pair]]] = {}
        for adapter, loaded in zip(self.requested, self.loaded, strict=True):
            if adapter.scale == 0:
                continue
            for layer, pair in loaded.changes[network].items():
                found.setdefault(layer, []).append((adapter.scale * pair.scale, pair))
        return found

    def reads_otherwise(self, prompt: str) -> bool:
        """Say whether the text encoder reads a prompt otherwise with these adapters."""
        return bool(self.changes_of("text_encoder")) or any(
            isinstance(piece, Word) for piece in split_words(prompt, self.tokens)
        )

    def applied(self, network: Network, model: Any) -> AbstractContextManager[None]:
        """Change a network's weights while a block runs."""
        return changed(model, self.changes_of(network))

    def encode(
        self,
        prompt: str,
        parts: Parts,
        *,
        otherwise: Callable[[str], PromptEmbeddings],
    ) -> PromptEmbeddings:
        """Encode a prompt as these adapters teach it, or the usual way.

        Raises:
            InvalidRequestError: the prompt is too long or holds a control word.
        """
        if not self.reads_otherwise(prompt):
            return otherwise(prompt)
        encoder = parts.text_encoder
        with self.applied("text_encoder", encoder):
            return encode_with_words(parts.tokenizer, encoder, prompt, self.tokens)

    def check_encoded_elsewhere(self, prompts: Sequence[str]) -> None:
        """Refuse prompts that were encoded without these adapters, where it matters.

        Raises:
            AdapterError: the text encoder would read one otherwise.
        """
        if any(self.reads_otherwise(prompt) for prompt in prompts):
            raise AdapterError(
                "The prompt was encoded without the adapters, which teach the text "
                "encoder to read it otherwise. Leave the prompt embeddings out."
            )

    def as_used(self, request: PriorRequest) -> PriorRequest:
        """Name the files that were read in a request, by their SHA-256."""
        return replace(request, adapters=self.requested)

    def record(self) -> dict[str, Any]:
        """Write down whose adapters these are, beside the settings that name them."""
        if not self.loaded:
            return {}
        return {
            "adapters": [
                {
                    "name": each.card.name,
                    "license": each.card.license and each.card.license.name,
                    "sha256": each.sha256,
                }
                for each in self.loaded
            ]
        }


def load_stack(adapters: Sequence[Adapter], bundle: Bundle) -> AdapterStack:
    """Read the adapters of a request, held to a bundle's shapes.

    Raises:
        PickledWeightsError: a file is a pickle.
        AdapterError: a file can't be used with this model, or two teach one word.
    """
    if not adapters:
        return AdapterStack()
    layers = read_layers(bundle)
    loaded = tuple(
        read_adapter(adapter.file, layers, sha256=adapter.sha256)
        for adapter in adapters
    )
    taught: dict[str, str] = {}
    for adapter in loaded:
        for word in adapter.tokens:
            if word in taught:
                raise AdapterError(
                    f"Two adapters teach the word [{word}]: {taught[word]!r} and "
                    f"{adapter.card.name!r}. Use one of them."
                )
            taught[word] = adapter.card.name
    verified = tuple(
        replace(adapter, sha256=each.sha256)
        for adapter, each in zip(adapters, loaded, strict=True)
    )
    return AdapterStack(verified, loaded)


@contextmanager
def changed(model: Any, changes: Changes) -> Iterator[None]:
    """Add to a network's weights while the block runs, then put its own back."""
    own: list[tuple[Any, torch.Tensor]] = []
    try:
        # What is put in place must outlive the run's inference mode.
        with torch.inference_mode(mode=False), torch.no_grad():
            for layer, scaled in changes.items():
                weight = model.get_submodule(layer).weight
                own.append((weight, weight.data))
                weight.data = _add(weight.data, scaled)
        yield
    finally:
        for weight, data in own:
            weight.data = data


def _add(weight: torch.Tensor, scaled: Sequence[tuple[float, Pair]]) -> torch.Tensor:
    total = weight.to(torch.float32, copy=True)
    flat = total.view(total.shape[0], -1)
    for scale, pair in scaled:
        # torch.tensor copies: what was read from a file may lie anywhere.
        down = torch.tensor(pair.down, device=weight.device)
        up = torch.tensor(pair.up, device=weight.device)
        flat.addmm_(up, down, alpha=scale)
    return total.to(weight.dtype)


# ── learned words ──


class Word(str):
    """A learned word, as it stands between brackets."""


def split_words(prompt: str, words: Mapping[str, object]) -> list[str]:
    """Cut a prompt at the learned words in it; each of them becomes a `Word`."""
    if not words:
        return [prompt]
    names = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pieces = re.split(rf"\[({names})\]", prompt, flags=re.IGNORECASE)
    return [
        Word(piece.lower()) if index % 2 else piece
        for index, piece in enumerate(pieces)
    ]


def encode_with_words(
    tokenizer: Any, text_encoder: Any, prompt: str, words: Mapping[str, Floats]
) -> PromptEmbeddings:
    """Encode a prompt in which `[word]` stands for the vectors that a word was taught.

    The vectors take the place of the embeddings of a stand-in token, in this call only:
    neither the vocabulary nor the table is changed.

    Raises:
        InvalidRequestError: the text holds a control word of the model.
        PromptTooLongError: it has more tokens than the model reads.
    """
    check_prompt(prompt)
    ids = [tokenizer.bos_token_id]
    places: dict[int, Floats] = {}
    for piece in split_words(prompt, words):
        if isinstance(piece, Word):
            for vector in words[piece]:
                places[len(ids)] = vector
                ids.append(tokenizer.bos_token_id)  # any but the end token
        else:
            ids += tokenizer(piece, add_special_tokens=False).input_ids
    ids.append(tokenizer.eos_token_id)
    limit = tokenizer.model_max_length
    if len(ids) > limit:
        raise PromptTooLongError(
            f"The prompt has {len(ids)} tokens with what the adapters teach and the "
            f"model reads {limit}: it would miss the end. Shorten it."
        )
    padding = [tokenizer.pad_token_id] * (limit - len(ids))
    mask = [1] * len(ids) + [0] * len(padding)

    def put_in_place(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        output = output.clone()
        for place, vector in places.items():
            output[:, place] = torch.tensor(vector).to(output)
        return output

    hook = text_encoder.get_input_embeddings().register_forward_hook(put_in_place)
    try:
        return read_ids(
            text_encoder, torch.tensor([ids + padding]), torch.tensor([mask])
        )
    finally:
        hook.remove()
