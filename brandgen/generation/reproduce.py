"""Makes an image again from what its rows say, and compares the bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brandgen.engine.protocol import Engine
from brandgen.generation.engines import get_engine
from brandgen.generation.files import finish_image
from brandgen.generation.making import make_candidates, make_pixels
from brandgen.generation.models import Decoding
from brandgen.generation.runner import as_json

UNTOLD = {"prior_size": "large", "decoder_size": "large", "networks": "stock"}
"""What older records of a model leave out, because it could be nothing else."""


class UnknownImageError(Exception):
    """No generation made an image of that hash. The message is fit to show."""


@dataclass(frozen=True)
class Reproduction:
    """What came out when an image was made again."""

    decoding: Decoding
    sha256: str
    differences: tuple[str, ...]
    """What is not the same as then, from the model to the file; none is a proof."""

    @property
    def is_same(self) -> bool:
        """Whether every byte is the same."""
        asset = self.decoding.asset
        return asset is not None and asset.sha256 == self.sha256


def find_decoding(sha256: str) -> Decoding:
    """Return the decoding that made an image.

    Raises:
        UnknownImageError: none did.
    """
    decoding = (
        Decoding.objects.filter(asset__sha256=sha256)
        .select_related("asset", "candidate__generation__source")
        .first()
    )
    if decoding is None:
        raise UnknownImageError(
            f"No generation made an image with the SHA-256 {sha256[:80]!r}. Uploaded "
            "and composed images can't be made again this way."
        )
    return decoding


def open_recorded(record: Mapping[str, Any] | None) -> Engine:
    """Open the engine with the threads of a record: they decide an image's last bits.

    Raises:
        EngineError: it can't be opened.
    """
    return get_engine(threads=(record or {}).get("threads", 1))


def reproduce(
    decoding: Decoding, *, engine: Engine, decoder_engine: Engine | None = None
) -> Reproduction:
    """Run the prior and the decoder again and compare each result with what was kept.

    The decoder may have run elsewhere, by an engine of its own.

    Raises:
        EngineError: the engine can't do it now.
    """
    decoder_engine = decoder_engine or engine
    candidate = decoding.candidate
    identity = decoder_engine.identity()
    differences = _compare_identities(
        candidate.model_identity, as_json(engine.identity()), "prior"
    )
    differences += _compare_identities(
        decoding.model_identity or {}, as_json(identity), "decoder"
    )
    # What was drawn beside it may decide its last bits.
    seeds = candidate.model_identity.get("batch_seeds", [candidate.seed])
    results = make_candidates(engine, candidate.generation, seeds)
    prior = results[seeds.index(candidate.seed)]
    if hashlib.sha256(prior.embeddings).hexdigest() != candidate.embeddings_sha256:
        differences.append("The prior made other image embeddings.")
    pixels = make_pixels(decoder_engine, decoding, prior.embeddings)
    data = finish_image(pixels, decoding, identity)
    sha256 = hashlib.sha256(data).hexdigest()
    if decoding.asset is not None and sha256 != decoding.asset.sha256:
        differences.append(
            f"The file is {sha256[:12]}…, not {decoding.asset.sha256[:12]}…."
        )
    return Reproduction(decoding, sha256, tuple(differences))


def _compare_identities(
    then: dict[str, object], now: dict[str, object], stage: str
) -> list[str]:
    """Name the facts about the model that changed, in a sentence each."""
    then = {**UNTOLD, "decoder_dtype": then.get("dtype"), **then}
    return [
        f"The {stage}'s {name.replace('_', ' ')} was {_show(then.get(name))} "
        f"and is {_show(now.get(name))}."
        for name in now
        if name != "license" and then.get(name) != now.get(name)
    ]


def _show(value: object) -> str:
    text = str(value)
    return text if len(text) <= 160 else f"{text[:160]}…"
