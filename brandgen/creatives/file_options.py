"""How the files of a batch are written, beyond their type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from brandgen.compositor import Encoding, RenderOptionError

KILOBYTE = 1000


@dataclass(frozen=True)
class FileOptions:
    """How files are written; without a word from anybody, as these defaults say."""

    quality: int = 90
    """1 to 100, of JPEG, WebP, AVIF and the pictures in a PDF."""
    scale: int = 1
    """Pixels of the file for each of the format, along an edge."""
    dpi: int = 0
    """Tag for programs that print; 0 takes the format's."""
    most_kb: int = 0
    """Largest file; quality goes down for it. 0 takes the format's."""
    is_transparent: bool = False
    """Without the ground, in PNG, WebP and AVIF."""
    is_small: bool = False
    """Fewer bytes for more time."""
    has_marks: bool = False
    """Crop marks, of a PDF."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FileOptions":
        """Read what `as_json` wrote."""
        return cls(**data)

    def as_json(self) -> dict[str, Any]:
        """Return as plain data what differs from the defaults."""
        usual = asdict(USUAL)
        return {k: v for k, v in asdict(self).items() if v != usual[k]}

    def encoding(self, file_type: str, *, watermark: str | None = None) -> Encoding:
        """Say to the compositor how a file is written.

        Args:
            file_type: one of `Batch.FileType`.
            watermark: what is written across it, of what is for nobody to publish.

        Raises:
            RenderOptionError: files of this type have no such option.
        """
        kind: Any = file_type
        return Encoding(
            kind,
            quality=self.quality,
            effort="small" if self.is_small else "fast",
            dpi=self.dpi or None,
            transparent=self.is_transparent,
            most_bytes=self.most_kb * KILOBYTE or None,
            marks=self.has_marks,
            watermark=watermark,
        )

    def describe(self) -> str:
        """Return in words what differs from the defaults; empty if nothing does."""
        words = {
            "quality": f"quality {self.quality}",
            "scale": f"{self.scale}x",
            "dpi": f"{self.dpi} dpi",
            "most_kb": f"at most {self.most_kb:,} kB",
            "is_transparent": "transparent ground",
            "is_small": "small files",
            "has_marks": "crop marks",
        }
        return ", ".join(words[name] for name in self.as_json())


USUAL = FileOptions()
LONGEST_VALUE = 10


@dataclass(frozen=True)
class Choice:
    """One option as a page offers it: numbers between two, or yes and no."""

    name: str
    label: str
    help: str
    low: int = 0
    high: int = 0
    value: str = ""
    """As it was sent."""
    error: str = ""

    @property
    def is_number(self) -> bool:
        """Whether a number is asked for."""
        return bool(self.high)


CHOICES = (
    Choice("quality", "Quality", "Of JPEG, WebP, AVIF and a PDF’s pictures.", 1, 100),
    Choice("scale", "Scale", "Times the pixels of the format, along each edge.", 1, 4),
    Choice("dpi", "Density in dpi", "A tag; of a PDF, its size on paper.", 36, 1200),
    Choice("most_kb", "Largest file in kB", "Quality gives way.", 1, 1_000_000),
    Choice("is_transparent", "Transparent ground", "PNG, WebP and AVIF."),
    Choice("is_small", "Smaller files", "Takes longer."),
    Choice("has_marks", "Crop marks", "PDF, outside the bleed."),
)


@dataclass(frozen=True)
class Chosen:
    """Options as they were sent, read for a file type."""

    choices: tuple[Choice, ...]
    options: FileOptions

    @property
    def problems(self) -> list[str]:
        """What is wrong, each with the name of its option."""
        return [f"{one.label}: {one.error}" for one in self.choices if one.error]

    @property
    def is_used(self) -> bool:
        """Whether anything is chosen, rightly or wrongly."""
        return any(one.value for one in self.choices)


def read_raw(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was chosen as it was sent: what is wrong is kept to be shown."""
    names = [choice.name for choice in CHOICES]
    found = {name: str(data.get(name, "")).replace("\0", "").strip() for name in names}
    return {name: text[:LONGEST_VALUE] for name, text in found.items() if text}


def read_options(raw: Mapping[str, str], file_type: str) -> Chosen:
    """Read options of a file type; what is wrong has an error and stays as usual."""
    choices: list[Choice] = []
    good: dict[str, Any] = {}
    for choice in CHOICES:
        text, error = raw.get(choice.name, ""), ""
        if text:
            try:
                value = _read(choice, text)
                FileOptions(**{choice.name: value}).encoding(file_type)
            except (ValueError, RenderOptionError) as problem:
                error = str(problem)
            else:
                good[choice.name] = value
        choices.append(replace(choice, value=text, error=error))
    return Chosen(tuple(choices), FileOptions(**good))


def _read(choice: Choice, text: str) -> Any:
    if not choice.is_number:
        return True
    if not text.isdecimal() or not choice.low <= int(text) <= choice.high:
        raise ValueError(f"Write a number from {choice.low} to {choice.high:,}.")
    return int(text)
