"""Finds the parts of Stable Cascade in a folder, whichever way they were laid out.

Three ways are read: ours, flat; the two pipeline folders of the hub, side by side,
named as they are there or as its cache names them; and the single files of the original
repository (`stage_c_bf16.safetensors`) for parts that have no folder. What else lies
there is left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from brandgen.engine.errors import WeightsError
from brandgen.engine.requests import ControlKind

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
    "feature_extractor",
    "control_inpaint",
    "control_canny",
    "control_super_resolution",
]
PARTS: tuple[Component, ...] = (
    "prior", "decoder", "vqgan", "text_encoder", "tokenizer", "scheduler",
    "previewer", "semantic_encoder", "image_encoder", "feature_extractor",
    "control_inpaint", "control_canny", "control_super_resolution",
)  # fmt: skip
OPTIONAL_PARTS = frozenset(PARTS[6:])

Size = Literal["large", "lite"]
SIZES: tuple[Size, ...] = ("large", "lite")
SIZED_PARTS: tuple[Component, ...] = ("prior", "decoder")
"""Parts that are published large and lite, each of which reads the other's work."""

# Names of a pipeline's folder: ours, the hub's repository, the hub's cache.
PRIOR_FOLDERS = (
    "prior", "stable-cascade-prior", "models--stabilityai--stable-cascade-prior",
)  # fmt: skip
DECODER_FOLDERS = (
    "decoder", "stable-cascade", "models--stabilityai--stable-cascade",
)  # fmt: skip
PARTS_OF_DECODER = frozenset({"decoder", "vqgan"})

CONTROL_PARTS: Mapping[ControlKind, Component] = {
    "inpaint": "control_inpaint",
    "canny": "control_canny",
    "super_resolution": "control_super_resolution",
}

# Files of the original repository, by part and size; the smaller of two is first.
SINGLE_FILES: Mapping[tuple[Component, Size], tuple[str, ...]] = {
    ("prior", "large"): ("stage_c_bf16.safetensors", "stage_c.safetensors"),
    ("prior", "lite"): ("stage_c_lite_bf16.safetensors", "stage_c_lite.safetensors"),
    ("decoder", "large"): ("stage_b_bf16.safetensors", "stage_b.safetensors"),
    ("decoder", "lite"): ("stage_b_lite_bf16.safetensors", "stage_b_lite.safetensors"),
    ("vqgan", "large"): ("stage_a.safetensors",),
    ("previewer", "large"): ("previewer.safetensors",),
    ("semantic_encoder", "large"): ("effnet_encoder.safetensors",),
    ("control_inpaint", "large"): (
        "controlnet/inpainting.safetensors",
        "controlnet/inpaint.safetensors",
    ),
    ("control_canny", "large"): ("controlnet/canny.safetensors",),
    ("control_super_resolution", "large"): ("controlnet/super_resolution.safetensors",),
}


@dataclass(frozen=True)
class Layout:
    """Where the parts of a bundle lie."""

    folder: Path
    prior_root: Path
    decoder_root: Path

    @classmethod
    def of(cls, folder: Path) -> "Layout":
        """Find the roots of both pipelines.

        Raises:
            WeightsError: a cache holds several snapshots and names none.
        """
        return cls(
            folder,
            find_pipeline(folder, PRIOR_FOLDERS),
            find_pipeline(folder, DECODER_FOLDERS),
        )

    def find(self, part: Component, size: Size = "large") -> Path | None:
        """Say where a part lies: its folder, or its single file; None if nowhere."""
        name = f"{part}_lite" if size == "lite" else part
        roots = [self.decoder_root]
        if part not in PARTS_OF_DECODER:
            roots.insert(0, self.prior_root)
        for root in roots:
            if (root / name).is_dir():
                return root / name
        for root in dict.fromkeys((self.folder, self.prior_root, self.decoder_root)):
            for file in SINGLE_FILES.get((part, size), ()):
                if (root / file).is_file():
                    return root / file
        return None

    def sizes(self, part: Component) -> tuple[Size, ...]:
        """Name the sizes of a part that are there, large first."""
        return tuple(size for size in SIZES if self.find(part, size) is not None)

    def every_part(self) -> Iterator[Path]:
        """Go through every part that is there, in every size."""
        for part in PARTS:
            for size in SIZES if part in SIZED_PARTS else SIZES[:1]:
                if (found := self.find(part, size)) is not None:
                    yield found

    @property
    def revision(self) -> str | None:
        """Which snapshots of the hub these are; None if it is no cache of the hub."""
        roots = [
            root.name[:12]
            for root in (self.prior_root, self.decoder_root)
            if root.parent.name == "snapshots"
        ]
        return " and ".join(dict.fromkeys(roots)) or None


def find_parts(
    layout: Layout, sizes: Mapping[Component, Size]
) -> dict[Component, Path]:
    """Find each part in the sizes that were chosen.

    Raises:
        WeightsError: a part is missing.
    """
    found: dict[Component, Path] = {}
    for part in PARTS:
        path = layout.find(part, sizes.get(part, "large"))
        if path is not None:
            found[part] = path
        elif part not in OPTIONAL_PARTS:
            raise WeightsError(describe_missing(layout, part))
    return found


def choose_size(layout: Layout, part: Component, wanted: Size | None) -> Size:
    """Take the size that is wanted, or the largest that is there.

    Raises:
        WeightsError: it is not there.
    """
    there = layout.sizes(part)
    if wanted is not None and wanted not in SIZES:
        raise WeightsError(
            f"The size {wanted!r} of the {part} is unknown. Use {' or '.join(SIZES)}."
        )
    if not there:
        raise WeightsError(describe_missing(layout, part))
    if wanted is None:
        return there[0]
    if wanted not in there:
        raise WeightsError(
            f"The weights at {layout.folder} have no {wanted} {part}, only the "
            f"{there[0]} one. Use that, or fetch the other."
        )
    return wanted


def describe_missing(layout: Layout, part: Component) -> str:
    """Say which part is missing, and what is there."""
    there = [each for each in PARTS if layout.find(each) or layout.find(each, "lite")]
    root = layout.decoder_root if part in PARTS_OF_DECODER else layout.prior_root
    place = (root / part).relative_to(layout.folder)
    if not there:
        held = "None of the parts is there."
    elif part == "prior" and layout.prior_root == layout.folder:
        held = (
            f"It has {', '.join(there)}. Put the hub's two folders "
            "stable-cascade-prior and stable-cascade side by side, and name the "
            "folder that holds both."
        )
    else:
        held = f"It has {', '.join(there)}."
    return (
        f"The folder {layout.folder} is no bundle of Stable Cascade weights: "
        f"{place} is missing. {held}"
    )


def find_pipeline(folder: Path, names: tuple[str, ...]) -> Path:
    """Find the folder of a pipeline by its names; the folder itself if there is none.

    Raises:
        WeightsError: a cache holds several snapshots and names none.
    """
    for name in names:
        root = find_snapshot(folder / name)
        if (root / "model_index.json").is_file():
            return root
    return folder


def find_snapshot(folder: Path) -> Path:
    """Find the files in a folder of the hub's cache; another folder is its own.

    Raises:
        WeightsError: there are several snapshots and no `refs/main` names one.
    """
    snapshots = folder / "snapshots"
    if not snapshots.is_dir():
        return folder
    main = folder / "refs" / "main"
    if main.is_file():
        return snapshots / main.read_text(encoding="utf-8").strip()
    there = sorted(path for path in snapshots.iterdir() if path.is_dir())
    if len(there) != 1:
        raise WeightsError(
            f"The cache {folder} holds {len(there)} snapshots and no refs/main that "
            "names one. Keep one of them."
        )
    return there[0]
