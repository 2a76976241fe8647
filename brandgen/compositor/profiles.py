"""Find the ICC profile of a print: ours, and those of a folder, by name."""

import functools
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ImageCms

from brandgen.compositor.strict import name_nearest

OWN = Path(__file__).parent / "icc"
GENERIC = "ISOcoated_v2_300_bas"
"""Sheet-fed offset on coated paper: the one that comes along."""
MOST_BYTES = 16 * 1024 * 1024
_SUFFIXES = (".icc", ".icm")
_OUTPUT = "prtr"

# Names of characterization data in the ICC's registry, by what profiles of them say.
_CONDITIONS = (
    ("iso coated v2", "FOGRA39"),
    ("coated fogra39", "FOGRA39"),
    ("pso coated v3", "FOGRA51"),
    ("pso uncoated v3", "FOGRA52"),
    ("u.s. web coated (swop) v2", "CGATS TR 001"),
    ("swop2006_coated3", "CGATS TR 003"),
    ("gracol2006_coated1", "CGATS TR 006"),
)


class ProfileError(ValueError):
    """A print's profile is missing or can't be used. The message is fit to show."""


@dataclass(frozen=True)
class Profile:
    """A CMYK output profile: its name here, its file, and what it says it is for."""

    name: str
    label: str
    data: bytes = field(repr=False)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def condition(self) -> str:
        """What the ICC's registry calls the print; "Custom" where that is not known."""
        said = self.label.lower()
        for words, name in _CONDITIONS:
            if words in said:
                return name
        match = re.search(r"fogra ?(\d\d)", said)
        return f"FOGRA{match[1]}" if match else "Custom"


def profile_labels(folder: Path | None = None) -> list[tuple[str, str | None]]:
    """Give the names there are with what each says it is for; None if it is unfit."""
    files = dict(_files(OWN)) | (dict(_files(folder)) if folder else {})
    return [(name, _label_of(name, path)) for name, path in files.items()]


def _label_of(name: str, path: Path) -> str | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return _read_label(name, path, facts.st_mtime_ns, facts.st_size)


@functools.lru_cache(maxsize=256)
def _read_label(name: str, path: Path, changed_at: int, size: int) -> str | None:
    """Read a label once for each state of a file: forms ask for all of them."""
    try:
        return load_profile(name, path.parent).label
    except ProfileError:
        return None


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """Load a profile by the name of its file, without the ending.

    One of the folder goes before one of ours that has the same name.

    Raises:
        ProfileError: there is none of this name, or it is not one of a CMYK print.
    """
    files = dict(_files(OWN)) | (dict(_files(folder)) if folder else {})
    if name not in files:
        raise ProfileError(
            f"There is no color profile {name[:80]!r}. Put its file, such as "
            f"PSOcoated_v3.icc, into the folder of profiles (ICC_DIR). "
            f"{name_nearest(name, files)}"
        )
    path = files[name]
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ProfileError(
                f"{path.name} has {size:,} bytes; a profile has at most "
                f"{MOST_BYTES:,}. Choose another."
            )
        data = path.read_bytes()
    except OSError as error:
        raise ProfileError(
            f"The color profile {path.name} can't be read: {error.strerror}. "
            "See that the web process and the workers may read it."
        ) from error
    return _read(name, path.name, data)


def _files(folder: Path) -> dict[str, Path]:
    return dict(_find(folder))


def _find(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        found = sorted(folder.iterdir())
    except OSError:  # It was there at the start, and is away now.
        return
    for path in found:
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            yield path.stem, path


@functools.lru_cache(maxsize=8)
def _read(name: str, file: str, data: bytes) -> Profile:
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
    except OSError as error:
        raise ProfileError(
            f"{file} is not an ICC profile, or is broken. Fetch it again."
        ) from error
    space = found.xcolor_space.strip()
    if space != "CMYK" or found.device_class != _OUTPUT:
        raise ProfileError(
            f"{file} is a profile for {space}, of the kind {found.device_class!r}, not "
            f"for a print in CMYK. Use an output profile, such as {GENERIC}."
        )
    if not found.is_intent_supported(
        ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Direction.OUTPUT
    ):
        raise ProfileError(
            f"{file} has no table from colors to inks. Use an output profile, such as "
            f"{GENERIC}."
        )
    return Profile(name, (found.profile_description or name).strip(), data)
