"""Where models are fetched from: a hub over HTTPS, or a folder that mirrors one.

The hub speaks the API of huggingface.co: `/api/models/REPOSITORY/revision/REVISION`
lists files with sizes and hashes, `/REPOSITORY/resolve/COMMIT/PATH` hands them out.
"""

import hashlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

CHUNK_BYTES = 2**20
TIMEOUT_S = 30
LARGEST_LISTING_BYTES = 16 * 2**20


class HubError(Exception):
    """The hub can't be used. The message is fit to show.

    ``is_permanent`` if trying again helps nothing.
    """

    def __init__(self, message: str, *, is_permanent: bool = True) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


@dataclass(frozen=True)
class HubFile:
    """One file of a repository, with what the hub says about its bytes."""

    path: str
    size_bytes: int
    sha256: str = ""
    """Of files in Git LFS: weights, large vocabularies."""
    git_sha1: str = ""
    """Of the others: the SHA-1 of Git's blob, a header and the bytes."""


@dataclass(frozen=True)
class Listing:
    """The files of a repository at one commit."""

    repository: str
    commit: str
    files: tuple[HubFile, ...]


class Hub(Protocol):
    """Lists repositories and hands out their files."""

    def list_files(self, repository: str, revision: str) -> Listing:
        """List the files of a repository at a revision.

        Raises:
            HubError: it does not answer, or there is no such repository or revision.
        """
        ...

    def open(
        self, listing: Listing, file: HubFile, *, start: int
    ) -> tuple[int, Iterator[bytes]]:
        """Return where the bytes really start, ``start`` or 0, and the bytes.

        Raises:
            HubError: it does not answer, or not with this file.
        """
        ...


def open_hub(url: str, *, token: str = "") -> Hub:
    """Return the hub at an address; a path or a file:// address is a folder.

    Raises:
        HubError: another kind of address.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return HttpHub(url.rstrip("/"), token=token)
    if parts.scheme in {"", "file"}:
        return FolderHub(Path(urllib.parse.unquote(parts.path)))
    raise HubError(
        f"The hub {url[:100]!r} is no address. Write https://HOST, or the path of a "
        "folder."
    )


class HttpHub:
    """A hub over HTTP; files go on where a broken transfer stopped."""

    def __init__(self, base_url: str, *, token: str = "") -> None:
        self.base_url = base_url
        self._token = token
        self._opener = urllib.request.build_opener(_SafeRedirects)

    def list_files(self, repository: str, revision: str) -> Listing:
        """Ask the API, which says the commit, the sizes and the hashes."""
        path = f"api/models/{repository}/revision/{urllib.parse.quote(revision, '')}"
        with self._get(f"{path}?blobs=true", what=repository) as answer:
            data = _read(answer, LARGEST_LISTING_BYTES, repository)
        try:
            listing = json.loads(data)
            return Listing(
                repository=repository,
                commit=str(listing["sha"]),
                files=tuple(_hub_file(row) for row in listing["siblings"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HubError(
                f"{self.base_url} answers about {repository}, but not as a hub does: "
                f"{error}. Correct MODELS_HUB_URL."
            ) from error

    def open(
        self, listing: Listing, file: HubFile, *, start: int
    ) -> tuple[int, Iterator[bytes]]:
        """Ask for the rest of a file; a hub that knows no ranges sends all of it."""
        path = (
            f"{listing.repository}/resolve/{urllib.parse.quote(listing.commit, '')}/"
            f"{urllib.parse.quote(file.path)}"
        )
        headers = {"Range": f"bytes={start}-"} if start else {}
        answer = self._get(path, what=file.path, headers=headers)
        begins = _range_start(answer.headers.get("Content-Range", ""))
        is_rest = answer.status == 206 and begins == start
        return (start if is_rest else 0), _chunks(answer, file.path)

    def _get(
        self, path: str, *, what: str, headers: dict[str, str] | None = None
    ) -> Any:
        request = urllib.request.Request(  # noqa: S310 - http and https alone
            f"{self.base_url}/{path}",
            headers={"User-Agent": "brandgen", "Accept-Encoding": "identity"}
            | (headers or {}),
        )
        if self._token:
            # "Unredirected": the store that the hub sends us on to never sees it.
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            return self._opener.open(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            with error:
                raise self._explain(error.code, what) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise HubError(
                f"{self.base_url} does not answer: {reason}. Check the network and "
                "MODELS_HUB_URL.",
                is_permanent=False,
            ) from error

    def _explain(self, status: int, what: str) -> HubError:
        if status in {401, 403}:
            return HubError(
                f"{self.base_url} does not hand out {what} ({status}). Accept its "
                "license there, and set MODELS_HUB_TOKEN to a token that may read it."
            )
        if status in {404, 410}:
            return HubError(
                f"{self.base_url} has no {what} at this revision ({status}). Check the "
                "repository and the revision."
            )
        is_permanent = status < 500 and status not in {408, 425, 429}
        return HubError(
            f"{self.base_url} answers {status} for {what}.", is_permanent=is_permanent
        )


class FolderHub:
    """A folder that holds repositories: OWNER/NAME below it, or NAME alone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list_files(self, repository: str, revision: str) -> Listing:
        """List what lies in the repository's folder; there is no other revision."""
        folder = self._folder(repository)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = tuple(
            HubFile(path.relative_to(folder).as_posix(), path.stat().st_size)
            for path in paths
        )
        return Listing(repository=repository, commit="", files=files)

    def open(
        self, listing: Listing, file: HubFile, *, start: int
    ) -> tuple[int, Iterator[bytes]]:
        """Read the rest of a file."""
        path = self._folder(listing.repository) / file.path
        try:
            source = path.open("rb")
        except OSError as error:
            raise HubError(f"{path} can't be read: {error.strerror}.") from error
        source.seek(start)
        return start, _chunks(source, file.path)

    def _folder(self, repository: str) -> Path:
        for name in (repository, repository.rpartition("/")[2]):
            if (self.root / name).is_dir():
                return self.root / name
        raise HubError(
            f"The folder {self.root} has no {repository}. Put the repository's files "
            f"in {self.root / repository}."
        )


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a hub to its store, but never from https to anything less."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str,
        headers: Any, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        """Refuse to leave https, or to open anything that is no web address."""
        asked = urllib.parse.urlsplit(req.full_url).scheme
        to = urllib.parse.urlsplit(newurl).scheme
        if to not in {"http", "https"} or (asked == "https" and to != "https"):
            raise HubError(
                f"The hub sends us on to {newurl[:100]!r}, which is not safe."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _hub_file(row: dict[str, Any]) -> HubFile:
    lfs = row.get("lfs") or {}
    sha256 = str(lfs.get("sha256") or lfs.get("oid") or "").removeprefix("sha256:")
    return HubFile(
        path=str(row["rfilename"]),
        size_bytes=int(lfs.get("size") or row.get("size") or 0),
        sha256=sha256,
        git_sha1="" if sha256 else str(row.get("blobId") or ""),
    )


def _range_start(text: str) -> int:
    """Read where a Content-Range begins: "bytes 5-9/10"; -1 for anything else."""
    unit, _, numbers = text.partition(" ")
    start = numbers.partition("-")[0]
    return int(start) if unit == "bytes" and start.isdecimal() else -1


def _read(answer: Any, most_bytes: int, what: str) -> bytes:
    try:
        data: bytes = answer.read(most_bytes + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _broken_off(what, error) from error
    if len(data) > most_bytes:
        raise HubError(f"The list of files of {what} is over {most_bytes} bytes.")
    return data


def _chunks(source: IO[bytes], what: str) -> Iterator[bytes]:
    with source:
        while True:
            try:
                chunk = source.read(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise _broken_off(what, error) from error
            if not chunk:
                return
            yield chunk


def _broken_off(what: str, error: Exception) -> HubError:
    return HubError(
        f"The transfer of {what} broke off: {type(error).__name__}.", is_permanent=False
    )


def new_git_hash(size_bytes: int) -> Any:
    """Start the hash that Git names a file of this size by."""
    # It names a file; nothing is protected by it alone, and it is what the hub has.
    return hashlib.sha1(f"blob {size_bytes}\0".encode(), usedforsecurity=False)
