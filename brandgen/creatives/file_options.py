"""How the files of a batch are written, beyond their type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings

from brandgen.compositor import Encoding, RenderOptionError
from brandgen.compositor.profiles import (
    Profile,
    ProfileError,
    load_profile,
    profile_labels,
)

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
    profile: str = ""
    """Name of a PDF's color profile; empty for RGB."""
    profile_sha256: str = ""
    """Of the profile's file: what is made later has the same colors."""

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
            ProfileError: the color profile is missing, unfit, or another one by now.
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
            profile=self.find_profile(),
        )

    def find_profile(self) -> Profile | None:
        """Load the color profile; None for RGB.

        Raises:
            ProfileError: it is missing, unfit, or another one by now.
        """
        if not self.profile:
            return None
        profile = load_profile(self.profile, settings.ICC_DIR)
        if self.profile_sha256 not in ("", profile.digest):
            raise ProfileError(
                f"The color profile {profile.name} is another one than when this was "
                "asked for. Ask for it again."
            )
        return profile

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
            "profile": f"CMYK by {self.profile}",
        }
        return ", ".join(words[name] for name in self.as_json() if name in words)


USUAL = FileOptions()
LONGEST_VALUE = 10
LONGEST_NAME = 255
"""As long as the name of a file may be."""


PROFILE = "profile"


@dataclass(frozen=True)
class Choice:
    """One option as a page offers it: numbers between two, names, or yes and no."""

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

    @property
    def offers(self) -> list[tuple[str, str]]:
        """What to choose from, with labels, where it is neither number nor yes."""
        return [("", "RGB"), *list_profiles()] if self.name == PROFILE else []


CHOICES = (
    Choice("quality", "Quality", "Of JPEG, WebP, AVIF and a PDF’s pictures.", 1, 100),
    Choice("scale", "Scale", "Times the pixels of the format, along each edge.", 1, 4),
    Choice("dpi", "Density in dpi", "A tag; of a PDF, its size on paper.", 36, 1200),
    Choice("most_kb", "Largest file in kB", "Quality gives way.", 1, 1_000_000),
    Choice("is_transparent", "Transparent ground", "PNG, WebP and AVIF."),
    Choice("is_small", "Smaller files", "Takes longer."),
    Choice("has_marks", "Crop marks", "PDF, outside the bleed."),
    Choice(PROFILE, "Color", "PDF: ask the printer for the profile of their print."),
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


def list_profiles() -> list[tuple[str, str]]:
    """Return the names of the color profiles there are, with what each is for.

    One that is unfit is offered all the same: who chooses it reads what is wrong.
    """
    choices = []
    for name, label in profile_labels(settings.ICC_DIR):
        words = f"CMYK: {label}, {name}" if label else f"{name} (can’t be used)"
        choices.append((name, words))
    return choices


def read_raw(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was chosen as it was sent: what is wrong is kept to be shown."""
    names = [choice.name for choice in CHOICES]
    found = {name: str(data.get(name, "")).replace("\0", "").strip() for name in names}
    most = dict.fromkeys(names, LONGEST_VALUE) | {PROFILE: LONGEST_NAME}
    return {name: text[: most[name]] for name, text in found.items() if text}


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
    if profile := FileOptions(**good).find_profile():
        good["profile_sha256"] = profile.digest
    return Chosen(tuple(choices), FileOptions(**good))


def _read(choice: Choice, text: str) -> Any:
    if choice.name == PROFILE:
        return text
    if not choice.is_number:
        return True
    if not text.isdecimal() or not choice.low <= int(text) <= choice.high:
        raise ValueError(f"Write a number from {choice.low} to {choice.high:,}.")
    return int(text)
