"""How the files of a batch are written, beyond their type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings

from brandgen.compositor import Document, Encoding, RenderOptionError
from brandgen.compositor.encode import parse_bleed
from brandgen.compositor.formats import Format
from brandgen.compositor.profiles import (
    Profile,
    ProfileError,
    load_profile,
    profile_labels,
)
from brandgen.compositor.render import check_scale
from brandgen.compositor.sides import Sides

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
    bleed: str = ""
    """Of a PDF, in mm: "3", or "3 3 5 3" from the top clockwise. "" is the format's."""
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
            bleed_mm=self.bleed_mm,
            marks=self.has_marks,
            watermark=watermark,
            profile=self.find_profile(),
        )

    @property
    def bleed_mm(self) -> Sides | None:
        """The bleed of a PDF; None for its format's.

        Raises:
            RenderOptionError: it is none.
        """
        return parse_bleed(self.bleed) if self.bleed else None

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

    def check(self, file_type: str, shapes: Iterable[Format]) -> None:
        """Refuse what files of a type, in these formats, can't be written with.

        Raises:
            RenderOptionError: names the option, as the compositor does.
        """
        encoding = self.encoding(file_type)
        for shape in shapes:
            check_scale(shape, encoding, self.scale)

    def describe(self) -> str:
        """Return in words what differs from the defaults; empty if nothing does."""
        words = {
            "quality": f"quality {self.quality}",
            "scale": f"{self.scale}x",
            "dpi": f"{self.dpi} dpi",
            "most_kb": f"at most {self.most_kb:,} kB",
            "is_transparent": "transparent ground",
            "is_small": "small files",
            "bleed": f"{self.bleed} mm bleed",
            "has_marks": "crop marks",
            "profile": f"CMYK by {self.profile}",
        }
        return ", ".join(words[name] for name in self.as_json() if name in words)


USUAL = FileOptions()
LONGEST_VALUE = 10
LONGEST_BLEED = 24
LONGEST_NAME = 255
"""As long as the name of a file may be."""


BLEED, PROFILE = "bleed", "profile"
TOLD_CAPS = 3
PDF_ONLY = ("pdf",)


@dataclass(frozen=True)
class Choice:
    """One option as a page offers it: a number, names, a text, or yes and no.

    `kinds` are the file types that it is for; none stands for all of them.
    """

    name: str
    label: str
    help: str
    low: int = 0
    high: int = 0
    is_text: bool = False
    kinds: tuple[str, ...] = ()
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
    Choice(
        "quality",
        "Quality",
        "90 if empty. Of a PDF that of its pictures.",
        1,
        100,
        kinds=("jpeg", "webp", "avif", "pdf"),
    ),
    Choice("scale", "Scale", "Times the pixels of the format, along each edge.", 1, 4),
    Choice("dpi", "Density in dpi", "A tag; of a PDF, its size on paper.", 36, 1200),
    Choice("most_kb", "Largest file in kB", "Quality gives way.", 1, 1_000_000),
    Choice(
        "is_transparent",
        "Transparent ground",
        "Where no layer covers it.",
        kinds=("png", "webp", "avif"),
    ),
    Choice(
        "is_small",
        "Smaller files",
        "The same picture. Takes longer.",
        kinds=("jpeg", "png", "webp", "avif"),
    ),
    Choice(
        BLEED,
        "Bleed in mm",
        "The format’s if empty. 3, or 3 3 5 3 from the top clockwise.",
        is_text=True,
        kinds=PDF_ONLY,
    ),
    Choice("has_marks", "Crop marks", "Outside the bleed.", kinds=PDF_ONLY),
    Choice(
        PROFILE,
        "Color",
        "Ask the printer for the profile of their print.",
        kinds=PDF_ONLY,
    ),
)


@dataclass(frozen=True)
class Chosen:
    """Options as they were sent, read for a file type."""

    choices: tuple[Choice, ...]
    options: FileOptions
    caps: str = ""
    """Formats whose channel takes no larger files, in words."""

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
    most = dict.fromkeys(names, LONGEST_VALUE)
    most |= {PROFILE: LONGEST_NAME, BLEED: LONGEST_BLEED}
    return {name: text[: most[name]] for name, text in found.items() if text}


def read_options(
    raw: Mapping[str, str], file_type: str, shapes: Iterable[Format] = ()
) -> Chosen:
    """Read options of a file type; what is wrong has an error and stays as usual.

    `shapes` are the formats in which such files are made.
    """
    shapes = list(shapes)
    choices: list[Choice] = []
    good: dict[str, Any] = {}
    for choice in CHOICES:
        text, error = raw.get(choice.name, ""), ""
        if text:
            try:
                value = _read(choice, text)
                FileOptions(**{choice.name: value}).check(file_type, shapes)
            except (ValueError, RenderOptionError) as problem:
                error = str(problem)
            else:
                good[choice.name] = value
        choices.append(replace(choice, value=text, error=error))
    if profile := FileOptions(**good).find_profile():
        good["profile_sha256"] = profile.digest
    return Chosen(tuple(choices), FileOptions(**good), _tell_caps(shapes))


def _tell_caps(shapes: Iterable[Format]) -> str:
    caps = [
        f"{shape.label} {shape.max_bytes // KILOBYTE:,} kB"
        for shape in shapes
        if shape.max_bytes
    ]
    more = f" and {len(caps) - TOLD_CAPS} more" if len(caps) > TOLD_CAPS else ""
    return ", ".join(caps[:TOLD_CAPS]) + more


def _read(choice: Choice, text: str) -> Any:
    if choice.name in {BLEED, PROFILE}:
        return text
    if not choice.is_number:
        return True
    if not text.isdecimal() or not choice.low <= int(text) <= choice.high:
        raise ValueError(f"Write a number from {choice.low} to {choice.high:,}.")
    return int(text)


FIELDS = {
    "kind": "file_type",
    "transparent": "is_transparent",
    "effort": "is_small",
    "most_bytes": "most_kb",
    "bleed_mm": "bleed",
    "marks": "has_marks",
}


def field_of(option: str) -> str:
    """Return the field of what the compositor calls an option."""
    return FIELDS.get(option, option)


def default_file_type(document: Document) -> str:
    """Return what files are written as first: PDF where all formats are for paper."""
    shapes = document.formats.values()
    return "pdf" if shapes and all(shape.dpi for shape in shapes) else "jpeg"


def list_file_types(
    document: Document, choices: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the file types to choose from, that which suits the formats first."""
    first = default_file_type(document)
    return sorted(choices, key=lambda choice: choice[0] != first)
