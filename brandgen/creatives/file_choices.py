"""Options of files as a page offers them, and as a browser sent them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from brandgen.compositor import RenderOptionError
from brandgen.compositor.formats import Format
from brandgen.compositor.profiles import profile_labels
from brandgen.creatives.file_options import KILOBYTE, FileOptions

LONGEST_VALUE = 10
LONGEST_BLEED = 24
LONGEST_NAME = 255
"""As long as the name of a file may be."""


BLEED, PROFILE = "bleed", "profile"
TOLD_CAPS = 3
PDF_ONLY = ("pdf",)
STILLS = ("jpeg", "png", "webp", "avif", "pdf")


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
        kinds=("jpeg", "webp", "avif", "pdf", "mp4"),
    ),
    Choice("scale", "Scale", "Times the pixels of the format, along each edge.", 1, 4),
    Choice(
        "dpi",
        "Density in dpi",
        "A tag; of a PDF, its size on paper.",
        36,
        1200,
        kinds=STILLS,
    ),
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
        kinds=("jpeg", "png", "webp", "avif", "mp4"),
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
