"""What a content-addressed store can do."""

import re
from typing import BinaryIO, Protocol

SHA256 = re.compile(r"[0-9a-f]{64}")


class StorageError(Exception):
    """The store can't be used; nothing half-written stays. Fit to show."""


class MissingBlobError(StorageError):
    """The store has no file of that hash."""


class BlobStore(Protocol):
    """Keeps bytes under their SHA-256. The same bytes put twice are kept once."""

    def keep(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256 in hex; never overwrite.

        Raises:
            StorageError: no room, no rights, no answer.
        """
        ...

    def read(self, sha256: str) -> bytes:
        """Return the bytes, proven to match their name.

        Raises:
            MissingBlobError: no such file.
            StorageError: damaged, or no answer.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading as a stream.

        Raises:
            MissingBlobError: no such file.
        """
        ...

    def locate(self, sha256: str) -> str:
        """Return where the file is, or would be: a path, or an ``s3://`` address."""
        ...

    def has(self, sha256: str) -> bool:
        """Say whether the file is there."""
        ...

    def check(self) -> None:
        """Write and read back a few bytes, for health pages.

        Raises:
            StorageError: the store can't be used now.
        """
        ...


def blob_key(sha256: str) -> str:
    """Return the path of a file below the store's root: ``ab/cd/abcd...``.

    Raises:
        StorageError: not a SHA-256 in hex, so nothing that a path may be made of.
    """
    if not SHA256.fullmatch(sha256):
        raise StorageError(f"{sha256[:80]!r} is no SHA-256 in hex.")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
