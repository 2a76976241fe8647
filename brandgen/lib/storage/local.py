"""A store in a folder: the default, and a good one up to one machine's disk."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from brandgen.lib.storage.protocol import MissingBlobError, StorageError, blob_key


class LocalStore:
    """Keeps files under ``root/ab/cd/<sha256>``, read-only, complete or absent."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def keep(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256 in hex; never overwrite.

        The bytes reach the disk under a name of their own and get their final name by
        link(), which refuses an existing one: of two writers exactly one wins, and a
        process killed at any line leaves no half file under a final name.

        Raises:
            StorageError: no room or no rights.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.root / blob_key(sha256)
        if path.exists():
            return sha256
        draft = self.root / "tmp" / secrets.token_hex(16)
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o444)
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            _flush_folder(path.parent)
        except OSError as error:
            raise StorageError(
                f"The file could not be kept: {error.strerror}. "
                f"{len(data):,} bytes were to go to {self.root}. Free some space or "
                "mend the folder's rights, then try again; nothing else was changed."
            ) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes, proven to match their name.

        Raises:
            MissingBlobError: no such file.
            StorageError: the disk has changed it.
        """
        with self.open(sha256) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StorageError(
                f"The file {sha256} is damaged. Restore it from a backup."
            )
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading as a stream.

        Raises:
            MissingBlobError: no such file.
        """
        try:
            return (self.root / blob_key(sha256)).open("rb")
        except FileNotFoundError:
            raise MissingBlobError(f"There is no file {sha256} in storage.") from None

    def locate(self, sha256: str) -> str:
        """Return the file's path."""
        return str(self.root / blob_key(sha256))

    def has(self, sha256: str) -> bool:
        """Say whether the file is there."""
        return (self.root / blob_key(sha256)).exists()

    def check(self) -> None:
        """Write and read back a few bytes.

        Raises:
            StorageError: the folder can't be used now.
        """
        probe = self.root / "tmp" / f"check-{secrets.token_hex(8)}"
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"brandgen")
            probe.unlink()
        except OSError as error:
            raise StorageError(f"{self.root}: {error.strerror}.") from error


def _flush_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
