"""The words that a small model was trained on, as its bundle states them.

Nothing here imports torch: forms and pages offer these words and no others.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from brandgen.engine.errors import WeightsError

FILE_NAME = "vocabulary.json"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What can be asked for, and the words to ask in."""

    colors: Mapping[str, str]
    """Name to sRGB in hex, "#0088aa"."""
    roles: tuple[str, ...]
    """What a color of the backdrop can be of: ground, pattern, accent."""
    backdrops: tuple[str, ...]
    products: tuple[str, ...]
    podiums: tuple[str, ...]
    sizes: tuple[str, ...]
    sides: tuple[str, ...]
    """Where a subject stands."""
    moods: tuple[str, ...]
    rooms: tuple[str, ...]
    """Sides that a backdrop can leave empty."""
    words: frozenset[str]
    """Every other word of its captions."""

    @cached_property
    def rgb(self) -> dict[str, tuple[int, int, int]]:
        """Its colors as red, green and blue from 0 to 255."""
        return {name: _read_hex(text) for name, text in self.colors.items()}

    def knows(self, text: str) -> bool:
        """Whether every word of a text is one that the model was trained on."""
        words = text.lower().replace(",", " ").split()
        return all(word in self._every_word for word in words)

    @cached_property
    def _every_word(self) -> frozenset[str]:
        return self.words | self.colors.keys()


def read_vocabulary(bundle: Path) -> Vocabulary | None:
    """Read what a bundle says it knows; None if it says nothing.

    Raises:
        WeightsError: the file can't be read.
    """
    path = bundle / FILE_NAME
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        values: dict[str, Any] = {
            f.name: tuple(data[f.name]) for f in fields(Vocabulary)
        }
        values["colors"] = dict(data["colors"])
        values["words"] = frozenset(data["words"])
        read = Vocabulary(**values)
        _ = read.rgb
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(
            f"The vocabulary {path} can't be read: {error!r}. Fetch the bundle again."
        ) from error
    return read


def find_vocabulary(bundle: Path) -> Vocabulary | None:
    """Find what a bundle knows, for a page; None if nothing can be read of it."""
    try:
        return read_vocabulary(bundle)
    except WeightsError:
        return None


def write_vocabulary(bundle: Path, vocabulary: Vocabulary) -> None:
    """Write down what a bundle knows."""
    data = asdict(vocabulary) | {"words": sorted(vocabulary.words)}
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    (bundle / FILE_NAME).write_text(text, encoding="utf-8")


def _read_hex(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue
