"""Reads a folder of Stable Cascade weights: what is in it, whose it is, is it whole.

Nothing here imports torch, so that the web process can show names, licenses and limits.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from brandgen.engine.errors import WeightsError
from brandgen.engine.layout import (
    SIZED_PARTS,
    Component,
    Layout,
    Size,
    choose_size,
    find_parts,
)
from brandgen.engine.licenses import read_license
from brandgen.engine.protocol import ModelLicense
from brandgen.engine.vocabulary import Vocabulary, read_vocabulary
from brandgen.engine.weight_files import check_weight_files

MANIFEST_NAME = "bundle.json"
MANIFEST_FORMAT = 1

LONGEST_TEXT = 500
SHA256 = re.compile(r"[0-9a-f]{64}")
PROFILE_LIMITS: dict[str, tuple[tuple[type, ...], float]] = {
    "native_side_px": ((int,), 2**14),
    "prior_steps": ((int,), 1000),
    "decoder_steps": ((int,), 1000),
    "prior_guidance_scale": ((int, float), 100),
    "decoder_guidance_scale": ((int, float), 100),
    "prior_x0_limit": ((int, float, type(None)), 1e6),
    "decoder_x0_limit": ((int, float, type(None)), 1e6),
}
"""The kinds of each number in a profile, and the most that it can be."""

PARTS_OF_TEXT = frozenset({"tokenizer", "scheduler", "feature_extractor"})


@dataclass(frozen=True)
class Profile:
    """The settings a model is made for."""

    native_side_px: int = 1024
    prior_steps: int = 20
    prior_guidance_scale: float = 4.0
    decoder_steps: int = 10
    decoder_guidance_scale: float = 0.0
    prior_x0_limit: float | None = None
    """Clamp of the clean image that a prior step implies; None leaves it alone."""
    decoder_x0_limit: float | None = None


@dataclass(frozen=True)
class Manifest:
    """What a bundle says about itself in `bundle.json`."""

    name: str
    revision: str
    family: str
    license: ModelLicense
    profile: Profile = field(default_factory=Profile)
    files: Mapping[str, str] = field(default_factory=dict)
    """Path inside the bundle to SHA-256 in hex, of every file that decides pixels."""


# Source of steps and guidance: defaults of the pipelines in diffusers 0.42.1.
PUBLISHED = Manifest(
    name="Stable Cascade",
    revision="unpinned",
    family="stable-cascade",
    license=ModelLicense(
        name="Stability AI Non-Commercial Research Community License",
        url="https://huggingface.co/stabilityai/stable-cascade/blob/main/LICENSE",
        is_commercial_use_allowed=False,
    ),
)


class Bundle:
    """One folder of weights, with its manifest."""

    def __init__(
        self,
        folder: Path,
        *,
        prior_size: Size | None = None,
        decoder_size: Size | None = None,
    ) -> None:
        """Read the manifest; no weights are read.

        Either size of the prior works with either of the decoder; None takes the
        largest that is there.

        Raises:
            WeightsError: no such folder, parts are missing or the manifest is no good.
        """
        if not folder.is_dir():
            raise WeightsError(
                f"There is no folder of weights at {folder}. Check the path, or leave "
                "it out to use the miniature that ships with brandgen."
            )
        self.folder = folder
        self.layout = Layout.of(folder)
        wanted = {"prior": prior_size, "decoder": decoder_size}
        self.sizes: dict[Component, Size] = {
            part: choose_size(self.layout, part, wanted[part]) for part in SIZED_PARTS
        }
        self._parts = find_parts(self.layout, self.sizes)
        path = folder / MANIFEST_NAME
        self._has_manifest = path.is_file()
        self._manifest = read_manifest(path) if self._has_manifest else self._published
        self._verified: set[Component] = set()

    @property
    def manifest(self) -> Manifest:
        """What the bundle says about itself.

        Published weights without `bundle.json` are hashed on first use, as far as they
        are used: seconds for each 10 GB. `python -m brandgen.engine manifest` keeps
        the result.
        """
        if not self._manifest.files:
            files = hash_files(self.folder, self._parts.values())
            self._manifest = replace(self._manifest, files=files)
        return self._manifest

    def files_of(self, *parts: Component) -> dict[str, str]:
        """Name the files of some parts, or of all that are used, with their SHA-256."""
        return {
            name: sha256
            for part in parts or self._parts
            if part in self._parts
            for name, sha256 in _under(
                self.manifest.files, self._parts[part].relative_to(self.folder)
            ).items()
        }

    @property
    def described(self) -> Manifest:
        """What the bundle says about itself, as it stands, with nothing hashed."""
        return self._manifest

    @property
    def profile(self) -> Profile:
        """The settings this model is made for."""
        return self._manifest.profile

    @property
    def family(self) -> str:
        """Which models can read each other's image embeddings."""
        return self._manifest.family

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What a small model was taught to draw; None where the bundle sets no limit.

        Raises:
            WeightsError: the file can't be read.
        """
        return read_vocabulary(self.folder)

    @property
    def tokenizer_file(self) -> Path:
        """Where the tokenizer lies, for counting tokens without torch."""
        return self._parts["tokenizer"] / "tokenizer.json"

    def find_part(self, part: Component) -> Path | None:
        """Say where a part lies; None if this bundle has none."""
        return self._parts.get(part)

    def get_part(self, part: Component) -> Path:
        """Say where a whole part lies, after checking its files against the manifest.

        Raises:
            PickledWeightsError: its weights are a pickle.
            WeightsError: the part or one of its files is missing, was changed or
                claims what can't be.
        """
        path = self._parts.get(part)
        if path is None:
            raise WeightsError(f"The weights at {self.folder} have no part {part!r}.")
        if part not in self._verified and self._has_manifest:
            self._verify(path)
        if part not in PARTS_OF_TEXT and part not in self._verified:
            check_weight_files(path)
        self._verified.add(part)
        return path

    @property
    def _published(self) -> Manifest:
        return replace(PUBLISHED, revision=self.layout.revision or PUBLISHED.revision)

    def _verify(self, part: Path) -> None:
        named = _under(self._manifest.files, part.relative_to(self.folder))
        present = {
            path.relative_to(self.folder).as_posix() for path in files_that_count(part)
        }
        if extra := sorted(present - named.keys()):
            raise WeightsError(
                f"The weights at {self.folder} hold {extra[0]}, which {MANIFEST_NAME} "
                "does not name. Remove it or write the manifest anew."
            )
        for name, expected in named.items():
            path = self.folder / name
            if not path.is_file():
                raise WeightsError(
                    f"The weights at {self.folder} lack {name}. Fetch the bundle again."
                )
            if (found := hash_file(path)) != expected:
                raise WeightsError(
                    f"The weights file {path} is damaged or was changed: its SHA-256 "
                    f"is {found[:12]}…, the manifest says {expected[:12]}…. Fetch the "
                    "bundle again."
                )


def read_manifest(path: Path) -> Manifest:
    """Read `bundle.json`.

    Raises:
        WeightsError: it is not JSON, of another format, lacks a value or holds one
            that can't be.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("format") != MANIFEST_FORMAT:
            raise ValueError(f"its format is not {MANIFEST_FORMAT}")
        manifest = Manifest(
            license=read_license(data.pop("license")),
            profile=Profile(**data.pop("profile")),
            **data,
        )
        _check_manifest(manifest)
    except (
        OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError,
    ) as error:  # fmt: skip
        raise WeightsError(
            f"The manifest {path} can't be read: {str(error)[:200]}. Fetch the bundle "
            "again."
        ) from error
    return manifest


def _check_manifest(manifest: Manifest) -> None:
    """Refuse values of another kind: everything later takes them at their word.

    Raises:
        ValueError: one is none of its kind, or beyond what can be.
    """
    for name in ("name", "revision", "family"):
        text = getattr(manifest, name)
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise ValueError(f"its {name} is no text of at most {LONGEST_TEXT}")
    for name, (kinds, most) in PROFILE_LIMITS.items():
        value = getattr(manifest.profile, name)
        if type(value) not in kinds or (value is not None and not 0 <= value <= most):
            raise ValueError(f"its profile says {str(value)[:40]} for {name!r}")
    if not isinstance(manifest.files, dict) or not manifest.files:
        raise ValueError("it names no files")
    for name, sha256 in manifest.files.items():
        if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
            raise ValueError(f"the SHA-256 of {name[:80]!r} is not 64 digits in hex")


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Hash the files of a bundle and write `bundle.json` beside them."""
    data: dict[str, Any] = asdict(manifest) | {"files": hash_files(folder)}
    text = json.dumps({"format": MANIFEST_FORMAT, **data}, indent=2, ensure_ascii=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")
    return read_manifest(folder / MANIFEST_NAME)


def hash_files(folder: Path, parts: Iterable[Path] | None = None) -> dict[str, str]:
    """Hash every file of a bundle that decides pixels, by its path in the bundle.

    None takes every part that is there, in every size.
    """
    return {
        path.relative_to(folder).as_posix(): hash_file(path)
        for part in (Layout.of(folder).every_part() if parts is None else parts)
        for path in files_that_count(part)
    }


def files_that_count(part: Path) -> list[Path]:
    """List the weights, configurations and vocabularies of a part."""
    if part.is_file():
        return [part]
    suffixes = {".safetensors", ".json", ".txt"}
    return sorted(path for path in part.iterdir() if path.suffix in suffixes)


def _under(files: Mapping[str, str], place: Path) -> dict[str, str]:
    """Take the files at or below a place."""
    inside = place.as_posix()
    return {
        name: sha256
        for name, sha256 in files.items()
        if name == inside or name.startswith(f"{inside}/")
    }


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
