"""What the registry says about one model, wherever it was written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from brandgen.engine.vocabulary import Vocabulary, find_vocabulary


class Kind(StrEnum):
    """What kind of weights these are."""

    MODEL = "model"
    ADAPTER = "adapter"


class Origin(StrEnum):
    """Who wrote an entry down."""

    SHIPPED = "shipped"
    FILE = "file"
    ADDED = "added"


@dataclass(frozen=True)
class License:
    """What a model's weights, and what is made with them, may be used for."""

    name: str
    url: str
    purpose: str
    """In a sentence: "licensed for ..."; "non-commercial research", for instance."""
    is_commercial_use_allowed: bool
    are_derivatives_allowed: bool

    @property
    def allowed_uses(self) -> str:
        """Say what is allowed, and what is not."""
        if self.is_commercial_use_allowed and self.are_derivatives_allowed:
            return "Commercial use and derived weights allowed"
        if self.is_commercial_use_allowed:
            return "Commercial use allowed, no derived weights"
        if self.are_derivatives_allowed:
            return "No commercial use; derived weights allowed"
        return "No commercial use, no derived weights"


@dataclass(frozen=True)
class Found:
    """One file as it lies here."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Source:
    """A repository on a hub, and what is taken from it."""

    repository: str
    revision: str = "main"
    folder: str = ""
    """Where its files go, below the model's own folder."""
    parts: tuple[str, ...] = ()
    """Folders of the repository; of weights in several variants one is taken."""
    files: tuple[str, ...] = ()
    """Single files beside them, where they are there."""
    variant: str = ""
    """Preferred where it is there: "bf16" takes `weights.bf16.safetensors`."""


@dataclass(frozen=True)
class Entry:
    """One model of the registry."""

    key: str
    name: str
    kind: Kind
    family: str
    folder: Path
    """Where its files lie, or will; of an adapter the file itself."""
    license: License
    origin: Origin
    sources: tuple[Source, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Path below the folder to the SHA-256 that the file must have, where known."""
    expected_size_bytes: int = 0
    """What a fetch brings, about; 0 where nobody said."""
    is_demonstration: bool = False
    learned_tokens: tuple[str, ...] = ()
    about: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def is_adapter(self) -> bool:
        """Whether it works only on top of a model of its family."""
        return self.kind == Kind.ADAPTER

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What it was taught to draw; None sets no limit, or can't be read."""
        return find_vocabulary(self.folder)

    @property
    def is_here(self) -> bool:
        """Whether its folder or file is on this machine; its content is not judged."""
        return self.folder.is_file() if self.is_adapter else self.folder.is_dir()
