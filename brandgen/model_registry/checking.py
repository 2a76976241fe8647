"""Reads every byte of a model's files and says whether they are what they should be."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from brandgen.engine.adapters.facts import find_misfit
from brandgen.engine.adapters.names import read_layers
from brandgen.engine.bundle import Bundle, files_that_count
from brandgen.engine.errors import WeightsError
from brandgen.engine.tensor_header import HeaderError, read_header
from brandgen.model_registry.entries import Entry, Found

CHUNK_BYTES = 2**20

OnProgress = Callable[[int, int, str], None]
"""Called with bytes read, bytes in all, and the file at work; may raise to stop."""


@dataclass(frozen=True)
class Checked:
    """What a check has found."""

    files: Mapping[str, Found]
    problem: str
    """Empty if all is well; else fit to show."""


def find_files(entry: Entry) -> dict[str, Path]:
    """List the files of a model that decide pixels, by their path below its folder.

    Raises:
        WeightsError: it is not here, parts are missing, or it is no model at all.
    """
    if not entry.is_here:
        what = "file" if entry.is_adapter else "folder"
        raise WeightsError(
            f"There is no {what} {entry.folder} on this machine. Fetch the model, or "
            "put its files there."
        )
    if entry.is_adapter:
        return {entry.folder.name: entry.folder}
    return {
        file.relative_to(entry.folder).as_posix(): file
        for path in Bundle(entry.folder).layout.every_part()
        for file in files_that_count(path)
    }


def read_expected(entry: Entry, known: Mapping[str, str]) -> Mapping[str, str]:
    """Return the SHA-256 that each file must have, as far as anybody has said.

    The list of models comes first, then the bundle's own manifest, then what was found
    when it was fetched, added or first checked.
    """
    if entry.sha256:
        return entry.sha256
    if not entry.is_adapter and (entry.folder / "bundle.json").is_file():
        return Bundle(entry.folder).described.files
    return known


def check(
    entry: Entry, *, known: Mapping[str, str], on_progress: OnProgress
) -> Checked:
    """Hash a model's files and compare them with what they should be."""
    try:
        files = find_files(entry)
        expected = read_expected(entry, known)
    except WeightsError as error:
        return Checked({}, str(error))
    # What was fetched with it, but is no part of it: previewers, encoders.
    beside = {name: entry.folder / name for name in expected if name not in files}
    files |= {name: path for name, path in beside.items() if path.is_file()}
    found = _hash_all(files, on_progress)
    problem = (
        _find_problem(entry, found, expected)
        or _find_bad_header(files)
        or _find_misfit(entry)
    )
    return Checked(found, problem)


def _find_problem(
    entry: Entry, found: Mapping[str, Found], expected: Mapping[str, str]
) -> str:
    remedy = "Fetch it again, or add the model anew if that was meant."
    for name, sha256 in expected.items():
        if name not in found:
            return f"{entry.folder} lacks {name}. {remedy}"
        if found[name].sha256 != sha256:
            return (
                f"{name} is damaged or was changed: its SHA-256 is "
                f"{found[name].sha256[:12]}…, not {sha256[:12]}…. {remedy}"
            )
    extra = sorted(found.keys() - expected.keys()) if expected else []
    if weights := [name for name in extra if name.endswith(".safetensors")]:
        return f"{entry.folder} holds {weights[0]}, which nobody recorded. {remedy}"
    return ""


def _find_bad_header(files: Mapping[str, Path]) -> str:
    for name, path in files.items():
        if path.suffix == ".safetensors":
            try:
                read_header(path)
            except HeaderError as error:
                return f"{name} can't be used: {error}."
    return ""


def _find_misfit(entry: Entry) -> str:
    """Say why the model in use can't use an adapter that was made for its family."""
    if not entry.is_adapter:
        return ""
    try:
        bundle = Bundle(Path(settings.ENGINE_BUNDLE))
        layers = read_layers(bundle)
    except WeightsError:  # of that model, and said where it is checked
        return ""
    return find_misfit(entry.folder, layers) if bundle.family == entry.family else ""


def _hash_all(files: Mapping[str, Path], on_progress: OnProgress) -> dict[str, Found]:
    total = sum(path.stat().st_size for path in files.values())
    done, found = 0, {}
    for name, path in files.items():
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                done += len(chunk)
                on_progress(min(done, total), total, f"Checking {name}")
        found[name] = Found(digest.hexdigest(), size)
    return found
