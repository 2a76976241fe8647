"""How the files of a batch are written, beyond their type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from brandgen.compositor import Document, Encoding
from brandgen.compositor.encode import parse_bleed
from brandgen.compositor.formats import Format
from brandgen.compositor.moving import has_motion, moves_in
from brandgen.compositor.profiles import (
    Profile,
    ProfileError,
    load_profile,
)
from brandgen.compositor.render import check_scale
from brandgen.compositor.sides import Sides
from brandgen.compositor.video import LIBRARY, can_write_videos

KILOBYTE = 1000


@dataclass(frozen=True)
class FileOptions:
    """How files are written; without a word from anybody, as these defaults say."""

    quality: int = 90
    """1 to 100, of JPEG, WebP, AVIF, MP4 and the pictures in a PDF."""
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
    """Return the file types to choose from, that which suits the formats first.

    A video is offered of what moves, where this installation can write one.
    """
    first = default_file_type(document)
    fit = [choice for choice in choices if choice[0] != "mp4" or can_move(document)]
    return sorted(fit, key=lambda choice: choice[0] != first)


def can_move(document: Document) -> bool:
    """Return whether a template can be made a video of, here."""
    return has_motion(document) and can_write_videos()


def explain_no_video(document: Document, formats: Iterable[str]) -> str:
    """Return why no video can be made in these formats; empty where it can."""
    if not can_write_videos():
        return (
            f"Videos need the package {LIBRARY}, which is not installed here. Choose "
            "another file type, or ask an admin for it."
        )
    still = [name for name in formats if not moves_in(document, name)]
    labels = ", ".join(document.formats[name].label or name for name in still)
    if not labels:
        return ""
    return f"Nothing moves in {labels}. Leave it out, or choose another file type."
