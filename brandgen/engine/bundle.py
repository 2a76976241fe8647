"""Reads a folder of Stable Cascade weights: what is in it, whose it is, is it whole.

Nothing here imports torch, so that the web process can show names, licenses and limits.
Two layouts are read: ours, flat, and the two pipeline folders as published on the hub.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from brandgen.engine.errors import WeightsError
from brandgen.engine.protocol import ModelLicense
from brandgen.engine.weight_files import check_weight_files

MANIFEST_NAME = "bundle.json"
MANIFEST_FORMAT = 1

Component = Literal[
    "prior",
    "decoder",
    "vqgan",
    "text_encoder",
    "tokenizer",
    "scheduler",
    "previewer",
    "semantic_encoder",
    "image_encoder",
]
PARTS: tuple[Component, ...] = (
    "prior", "decoder", "vqgan", "text_encoder", "tokenizer", "scheduler",
    "previewer", "semantic_encoder", "image_encoder",
)  # fmt: skip
OPTIONAL_PARTS = frozenset({"previewer", "semantic_encoder", "image_encoder"})
PARTS_OF_TEXT = frozenset({"tokenizer", "scheduler"})

# Name of the pipeline folder on disk: ours first, then the hub's repository names.
HUB_PRIOR_FOLDERS = ("prior", "stable-cascade-prior")
HUB_DECODER_FOLDERS = ("decoder", "stable-cascade")
HUB_PARTS_OF_DECODER = frozenset({"decoder", "vqgan"})


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

    def __init__(self, folder: Path) -> None:
        """Read the manifest; no weights are read.

        Raises:
            WeightsError: no such folder, parts are missing or the manifest is no good.
        """
        if not folder.is_dir():
            raise WeightsError(
                f"There is no folder of weights at {folder}. Check the path, or leave "
                "it out to use the miniature that ships with brandgen."
            )
        self.folder = folder
        self._folders = find_part_folders(folder)
        path = folder / MANIFEST_NAME
        self._has_manifest = path.is_file()
        self._manifest = read_manifest(path) if self._has_manifest else PUBLISHED
        self._verified: set[Component] = set()

    @property
    def manifest(self) -> Manifest:
        """What the bundle says about itself.

        Published weights without `bundle.json` are hashed on first use: seconds for
        each 10 GB. `python -m brandgen.engine manifest` keeps the result.
        """
        if not self._manifest.files:
            self._manifest = replace(self._manifest, files=hash_files(self.folder))
        return self._manifest

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
    def tokenizer_file(self) -> Path:
        """Where the tokenizer lies, for counting tokens without torch."""
        return self._folders["tokenizer"] / "tokenizer.json"

    def find_part(self, part: Component) -> Path | None:
        """Say where a part lies; None if this bundle has none."""
        return self._folders.get(part)

    def get_part(self, part: Component) -> Path:
        """Say where a whole part lies, after checking its files against the manifest.

        Raises:
            PickledWeightsError: its weights are a pickle.
            WeightsError: the part or one of its files is missing, was changed or
                claims what can't be.
        """
        folder = self._folders.get(part)
        if folder is None:
            raise WeightsError(f"The weights at {self.folder} have no part {part!r}.")
        if part not in self._verified and self._has_manifest:
            self._verify(folder)
        if part not in PARTS_OF_TEXT and part not in self._verified:
            check_weight_files(folder)
        self._verified.add(part)
        return folder

    def _verify(self, folder: Path) -> None:
        prefix = folder.relative_to(self.folder).as_posix() + "/"
        named = {k: v for k, v in self._manifest.files.items() if k.startswith(prefix)}
        present = {
            path.relative_to(self.folder).as_posix()
            for path in files_that_count(folder)
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


def find_part_folders(folder: Path) -> dict[Component, Path]:
    """Find the folder of each part, in our layout or the hub's.

    Raises:
        WeightsError: a part is missing.
    """
    prior_root = decoder_root = folder
    for name in HUB_PRIOR_FOLDERS:
        if (folder / name / "model_index.json").is_file():
            prior_root = folder / name
    for name in HUB_DECODER_FOLDERS:
        if (folder / name / "model_index.json").is_file():
            decoder_root = folder / name
    found: dict[Component, Path] = {}
    for part in PARTS:
        root = decoder_root if part in HUB_PARTS_OF_DECODER else prior_root
        if (root / part).is_dir():
            found[part] = root / part
        elif part not in OPTIONAL_PARTS:
            raise WeightsError(
                f"The folder {folder} is no bundle of Stable Cascade weights: "
                f"{(root / part).relative_to(folder)} is missing."
            )
    return found


def read_manifest(path: Path) -> Manifest:
    """Read `bundle.json`.

    Raises:
        WeightsError: it is not JSON, of another format, or lacks a value.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("format") != MANIFEST_FORMAT:
            raise ValueError(f"its format is not {MANIFEST_FORMAT}")
        manifest = Manifest(
            license=ModelLicense(**data.pop("license")),
            profile=Profile(**data.pop("profile")),
            **data,
        )
        if not manifest.files:
            raise ValueError("it names no files")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(
            f"The manifest {path} can't be read: {error}. Fetch the bundle again."
        ) from error
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Hash the files of a bundle and write `bundle.json` beside them."""
    data: dict[str, Any] = asdict(manifest) | {"files": hash_files(folder)}
    text = json.dumps({"format": MANIFEST_FORMAT, **data}, indent=2, ensure_ascii=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")
    return read_manifest(folder / MANIFEST_NAME)


def hash_files(folder: Path) -> dict[str, str]:
    """Hash every file of a bundle that decides pixels, by its path in the bundle."""
    return {
        path.relative_to(folder).as_posix(): hash_file(path)
        for part in find_part_folders(folder).values()
        for path in files_that_count(part)
    }


def files_that_count(folder: Path) -> list[Path]:
    """List the weights, configurations and vocabularies in the folder of a part."""
    suffixes = {".safetensors", ".json", ".txt"}
    return sorted(path for path in folder.iterdir() if path.suffix in suffixes)


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
