"""Looks at a folder of weights, or a file of an adapter, and says what it is."""

from dataclasses import dataclass, field
from pathlib import Path

from brandgen.engine.adapters.facts import read_facts
from brandgen.engine.adapters.formats import FORMAT_WORDS
from brandgen.engine.bundle import Bundle
from brandgen.engine.errors import EngineError, WeightsError
from brandgen.engine.protocol import ModelLicense
from brandgen.model_registry.catalog import read_catalogs
from brandgen.model_registry.entries import Kind, License
from brandgen.model_registry.registry import find_license
from brandgen.model_registry.selecting import PICKLES


class NotRecognizedError(Exception):
    """It is nothing that an engine here reads. The message is fit to show."""


@dataclass(frozen=True)
class Recognized:
    """What lies at a path."""

    kind: Kind
    path: Path
    name: str
    family: str
    license: License | None
    """As its manifest says, or as published; None where nothing says it."""
    parts: dict[str, str] = field(default_factory=dict)
    """Part to where it lies, below the folder."""
    facts: dict[str, str] = field(default_factory=dict)
    """What an adapter is, for people."""
    learned_tokens: tuple[str, ...] = ()
    """Of an adapter: the words that it teaches, in square brackets."""


def recognize(path: Path) -> Recognized:
    """Say what lies at a path; no weights are read.

    Two layouts of a model are read, our own and the official hub's two repositories
    side by side, and single safetensors files as adapters.

    Raises:
        NotRecognizedError: none of them, or a part is missing.
    """
    path = path.expanduser().resolve()
    if path.is_file():
        return _recognize_adapter(path)
    if not path.is_dir():
        raise NotRecognizedError(f"There is nothing at {path}. Check the path.")
    try:
        bundle = Bundle(path)
    except WeightsError as error:
        raise NotRecognizedError(str(error)) from error
    _refuse_pickles(path)
    manifest = bundle.described
    return Recognized(
        kind=Kind.MODEL,
        path=path,
        name=manifest.name,
        family=manifest.family,
        license=_read_license(manifest.license),
        parts=_parts(bundle),
    )


def _read_license(stated: ModelLicense | None) -> License | None:
    if stated is None or not stated.name:
        return None
    known = find_license(stated.name, read_catalogs())
    allowed = stated.is_commercial_use_allowed
    if known is not None and known.is_commercial_use_allowed == allowed:
        return known
    return License(
        name=stated.name,
        url=stated.url,
        purpose="any purpose" if allowed else "other than commercial purposes",
        is_commercial_use_allowed=allowed,
        are_derivatives_allowed=known.are_derivatives_allowed if known else False,
    )


def _parts(bundle: Bundle) -> dict[str, str]:
    """Name every part that is there, in each size, with the place where it lies."""
    places = [
        path.relative_to(bundle.folder).as_posix()
        for path in bundle.layout.every_part()
    ]
    return {Path(place).stem: place for place in places}


def _recognize_adapter(path: Path) -> Recognized:
    try:
        facts = read_facts(path)
    except EngineError as error:
        raise NotRecognizedError(
            f"{error} Name a folder of weights, or the safetensors file of an adapter."
        ) from error
    return Recognized(
        kind=Kind.ADAPTER,
        path=path,
        name=facts.card.name,
        family=facts.card.family,
        license=_read_license(facts.card.license),
        facts={
            "format": FORMAT_WORDS[facts.format],
            "rank": ", ".join(map(str, facts.ranks)),
            "layers": str(facts.layers),
        },
        learned_tokens=tuple(f"[{word}]" for word in facts.words),
    )


def _refuse_pickles(folder: Path) -> None:
    for pattern in ("*", "*/*", "*/*/*"):
        for path in folder.glob(pattern):
            if path.suffix in PICKLES and not _has_twin(path):
                raise NotRecognizedError(
                    f"{path} is a pickle, which can run any code when it is read, and "
                    "has no safetensors file beside it. Only safetensors are read."
                )


def _has_twin(pickle: Path) -> bool:
    """Whether safetensors lie beside a pickle, so that nothing ever reads it."""
    return any(pickle.parent.glob("*.safetensors"))
