"""Brings a model's files here: verified, and taken up where a transfer broke off."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from brandgen.engine.tensor_header import HeaderError, read_header
from brandgen.model_registry.entries import Entry, Found
from brandgen.model_registry.hub import (
    CHUNK_BYTES,
    Hub,
    HubError,
    HubFile,
    Listing,
    new_git_hash,
)
from brandgen.model_registry.selecting import select_files

MOST_STALLS = 6
"""Broken transfers in a row that brought not one byte; then somebody must look."""
LONGEST_PAUSE_S = 30.0
SPARE_BYTES = 2**30

OnProgress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and what is at work. What it raises ends the
fetch; what has arrived stays, and the next fetch goes on from there."""


class FetchError(Exception):
    """A model can't be fetched. The message is fit to show."""


@dataclass(frozen=True)
class Fetched:
    """What a fetch has brought, all of it verified."""

    files: Mapping[str, Found]
    revisions: Mapping[str, str]


@dataclass(frozen=True)
class _Wanted:
    listing: Listing
    file: HubFile
    name: str
    """Its path below the model's folder."""
    sha256: str = ""
    """What the installation's own list says that it must be."""


@dataclass
class _Progress:
    total: int
    tell: OnProgress
    done: int = 0
    what: str = ""

    def add(self, count: int) -> None:
        self.done += count
        self.tell(max(0, min(self.done, self.total)), self.total, self.what)


@dataclass
class _Bytes:
    """The hashes of a file, as its bytes come in."""

    size_bytes: int
    count: int = 0
    sha256: Any = None
    git_sha1: Any = None

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.count, self.sha256 = 0, hashlib.sha256()
        self.git_sha1 = new_git_hash(self.size_bytes)

    def add(self, chunk: bytes) -> None:
        self.count += len(chunk)
        self.sha256.update(chunk)
        self.git_sha1.update(chunk)


def plan_size(entry: Entry, hub: Hub) -> int:
    """Ask the hub how many bytes a model has; nothing is downloaded.

    Raises:
        FetchError: the entry names no source.
        HubError: the hub can't say.
    """
    return sum(wanted.file.size_bytes for wanted in _plan(entry, hub)[0])


def fetch(
    entry: Entry,
    hub: Hub,
    *,
    on_progress: OnProgress,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Bring all files of a model into its folder; what is there whole stays.

    Raises:
        FetchError: no source, no room on the disk, or another fetch is at work.
        HubError: the hub can't be used, or what it sends is not what it said.
    """
    wanted, revisions = _plan(entry, hub)
    try:
        entry.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(
            f"The folder {entry.folder} can't be made: {error.strerror}. Set "
            "MODELS_DIR to a place that can be written."
        ) from error
    with _alone(entry.folder):
        progress = _Progress(sum(one.file.size_bytes for one in wanted), on_progress)
        _require_room(entry.folder, wanted)
        files = {
            one.name: _fetch_file(one, hub, entry.folder, progress, pause)
            for one in wanted
        }
    return Fetched(files, revisions)


def _plan(entry: Entry, hub: Hub) -> tuple[list[_Wanted], dict[str, str]]:
    if not entry.sources:
        raise FetchError(
            f"Nobody has said where {entry.name} is fetched from. Put its files in "
            f"{entry.folder}, or name a source in MODELS_FILE."
        )
    wanted, revisions = [], {}
    for source in entry.sources:
        listing = hub.list_files(source.repository, source.revision)
        revisions[source.repository] = listing.commit
        for file in select_files(source, listing):
            name = f"{source.folder}/{file.path}" if source.folder else file.path
            wanted.append(_Wanted(listing, file, name, entry.sha256.get(name, "")))
    return wanted, revisions


def _require_room(folder: Path, wanted: list[_Wanted]) -> None:
    missing = 0
    for one in wanted:
        target = folder / one.name
        for path in (target, _part(target)):
            if path.is_file():
                missing -= min(path.stat().st_size, one.file.size_bytes)
                break
        missing += one.file.size_bytes
    free = shutil.disk_usage(folder).free
    if missing + SPARE_BYTES > free and missing:
        raise FetchError(
            f"{missing / 1e9:.1f} GB are still to come, and {folder} has "
            f"{free / 1e9:.1f} GB free ({SPARE_BYTES / 1e9:.1f} GB stay spare). Make "
            "room, or set MODELS_DIR to a larger disk."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second fetch out of a folder.

    Raises:
        FetchError: there is one at work.
    """
    with (folder / ".fetch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FetchError(
                f"Another fetch into {folder} is at work. Wait for it, or stop it."
            ) from error
        yield


def _fetch_file(
    wanted: _Wanted,
    hub: Hub,
    folder: Path,
    progress: _Progress,
    pause: Callable[[float], None],
) -> Found:
    target = folder / wanted.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and target.stat().st_size == wanted.file.size_bytes:
        progress.what = f"Checking {wanted.name}"
        seen = _hash_part(target, wanted.file, progress)
        if not _find_damage(wanted, seen):
            return Found(seen.sha256.hexdigest(), seen.count)
        progress.add(-seen.count)
    seen = _download(wanted, hub, _part(target), progress, pause)
    damage = _find_damage(wanted, seen) or _find_bad_header(_part(target), target)
    if damage:
        _part(target).unlink()
        raise HubError(f"{wanted.name} arrived damaged: {damage} Fetch it again.")
    _part(target).replace(target)
    return Found(seen.sha256.hexdigest(), seen.count)


def _download(
    wanted: _Wanted,
    hub: Hub,
    part: Path,
    progress: _Progress,
    pause: Callable[[float], None],
) -> _Bytes:
    """Add to the part that is there until it is whole, through broken transfers."""
    progress.what = f"Fetching {wanted.name}"
    seen = _hash_part(part, wanted.file, progress)
    stalls = 0
    while seen.count < wanted.file.size_bytes or not part.exists():
        before = seen.count
        try:
            _receive(wanted, hub, part, seen, progress)
            problem = HubError(
                f"The transfer of {wanted.name} ended early.", is_permanent=False
            )
        except HubError as error:
            if error.is_permanent:
                raise
            problem = error
        if seen.count >= wanted.file.size_bytes:
            break
        stalls = 0 if seen.count > before else stalls + 1
        if stalls >= MOST_STALLS:
            raise problem
        pause(min(LONGEST_PAUSE_S, 2.0**stalls) if stalls else 0.0)
    return seen


def _receive(
    wanted: _Wanted, hub: Hub, part: Path, seen: _Bytes, progress: _Progress
) -> None:
    """Write what the hub sends, from where it really starts, and hash it on the way."""
    start, chunks = hub.open(wanted.listing, wanted.file, start=seen.count)
    if start != seen.count:
        progress.add(-seen.count)
        seen.restart()
    with _writing(part, "r+b" if start else "wb") as file:
        file.seek(start)
        for chunk in chunks:
            if seen.count + len(chunk) > wanted.file.size_bytes:
                part.unlink()
                raise HubError(
                    f"The hub sends more of {wanted.name} than the "
                    f"{wanted.file.size_bytes} bytes that it said. Fetch it again."
                )
            file.write(chunk)
            seen.add(chunk)
            progress.add(len(chunk))


@contextmanager
def _writing(part: Path, mode: str) -> Iterator[IO[bytes]]:
    """Open a file, and have its bytes on the disk before it is left.

    Raises:
        FetchError: it can't be written.
    """
    try:
        with part.open(mode) as file:
            try:
                yield cast("IO[bytes]", file)
            finally:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise FetchError(
            f"{part} can't be written: {error.strerror}. What has arrived stays; mend "
            "it and fetch again."
        ) from error


def _hash_part(path: Path, file: HubFile, progress: _Progress) -> _Bytes:
    """Hash what is here of a file; what is longer than the file starts anew."""
    seen = _Bytes(file.size_bytes)
    if not path.is_file():
        return seen
    if path.stat().st_size > file.size_bytes:
        path.unlink()
        return seen
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            seen.add(chunk)
            progress.add(len(chunk))
    return seen


def _find_damage(wanted: _Wanted, seen: _Bytes) -> str:
    """Return how bytes differ from what they should be; empty if they do not."""
    file, sha256 = wanted.file, seen.sha256.hexdigest()
    if seen.count != file.size_bytes:
        return f"it has {seen.count} bytes, not {file.size_bytes}."
    for expected, whose in ((file.sha256, "the hub"), (wanted.sha256, "the registry")):
        if expected and sha256 != expected:
            return f"its SHA-256 is {sha256[:12]}…, {whose} says {expected[:12]}…."
    if file.git_sha1 and seen.git_sha1.hexdigest() != file.git_sha1:
        return "its Git hash is another than the hub says."
    return ""


def _find_bad_header(part: Path, target: Path) -> str:
    if target.suffix != ".safetensors":
        return ""
    try:
        read_header(part)
    except HeaderError as error:
        return f"{error}."
    return ""


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")
