"""Which files of a repository are taken: only those that an engine reads."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from brandgen.model_registry.catalog import SAFE_PATH
from brandgen.model_registry.entries import Source
from brandgen.model_registry.hub import HubError, HubFile, Listing

SAFE_SUFFIXES = frozenset({".safetensors", ".json", ".txt", ".model"})
PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
WEIGHTS = re.compile(
    r"(?P<stem>[\w-]+?)(\.(?P<variant>[a-z][a-z0-9]+))?(-\d{5}-of-\d{5})?"
    r"\.safetensors(\.index(\.(?P<index_variant>[a-z][a-z0-9]+))?\.json)?\Z"
)


def select_files(source: Source, listing: Listing) -> list[HubFile]:
    """Choose the files of a source: each part's in one variant, and single files.

    Raises:
        HubError: a part is missing, holds pickles only, or a name is not safe.
    """
    by_part: dict[str, list[HubFile]] = {part: [] for part in source.parts}
    chosen = []
    for file in listing.files:
        path = PurePosixPath(file.path)
        if file.path in source.files:
            chosen.append(file)
        elif str(path.parent) in by_part:
            by_part[str(path.parent)].append(file)
    for part, files in by_part.items():
        chosen += _select_part(part, files, source, listing.repository)
    for file in chosen:
        if not SAFE_PATH.match(file.path):
            raise HubError(f"{listing.repository} names a file {file.path[:100]!r}.")
    return chosen


def _select_part(
    part: str, files: list[HubFile], source: Source, repository: str
) -> Iterator[HubFile]:
    safe = [file for file in files if PurePosixPath(file.path).suffix in SAFE_SUFFIXES]
    if not safe:
        pickles = [f for f in files if PurePosixPath(f.path).suffix in PICKLES]
        if pickles:
            raise HubError(
                f"{repository} has {pickles[0].path} as a pickle only, which can run "
                "any code when it is read. Only safetensors are fetched."
            )
        raise HubError(
            f"{repository} has no {part}. Check the repository, the revision and the "
            "model's parts."
        )
    variants = {_variant(file) for file in safe if _is_weights(file)}
    wanted = source.variant if source.variant in variants else ""
    for file in safe:
        if not _is_weights(file) or _variant(file) == wanted:
            yield file


def _is_weights(file: HubFile) -> bool:
    return ".safetensors" in PurePosixPath(file.path).name


def _variant(file: HubFile) -> str:
    found = WEIGHTS.match(PurePosixPath(file.path).name)
    if found is None:
        return ""
    return found["variant"] or found["index_variant"] or ""
