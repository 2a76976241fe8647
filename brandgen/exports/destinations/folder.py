"""A folder on this machine's disk, or on what is mounted there."""

import errno
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from brandgen.exports.destinations.protocol import (
    Capabilities,
    ConfigField,
    ConflictError,
    Delivered,
    DestinationError,
    require_safe_path,
)

FIELDS = (
    ConfigField(
        name="folder",
        label="Folder",
        help_text="Below the brand's export folder. Small letters, digits, hyphens.",
        default="out",
        pattern=r"[a-z0-9][a-z0-9-]{0,39}",
        max_length=40,
    ),
)
NEEDS_A_PERSON = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EOPNOTSUPP,
}


class FolderConnector:
    """Delivers into a folder: complete files only, under their final names."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def check(self) -> Capabilities:
        """Write, link and remove a few bytes.

        Raises:
            DestinationError: the folder can't be used now.
        """
        path = f"check-{secrets.token_hex(8)}"
        self.deliver(path=path, data=b"brandgen", sha256="", mime="text/plain")
        try:
            (self.root / path).unlink()
        except OSError as error:
            raise _explain(error, self.root) from error
        return {"never_overwrites": True, "reads_back": True}

    def deliver(self, *, path: str, data: bytes, sha256: str, mime: str) -> Delivered:
        """Put a file at a path below the root, whole or not at all; never overwrite.

        It is written under a name of its own and gets its final one by link(), which
        refuses an existing name: nobody ever sees half a file.

        Raises:
            ConflictError: other bytes lie there.
            DestinationError: full, or not allowed.
        """
        target = self._locate(path)
        draft = target.with_name(f".part-{secrets.token_hex(12)}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._require_inside(target)
            if target.exists():
                return self._recognize(target, path, data)
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            target.hardlink_to(draft)
            _flush_folder(target.parent)
        except FileExistsError:
            return self._recognize(target, path, data)
        except OSError as error:
            raise _explain(error, target.parent) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return Delivered(location=str(target))

    def read_back(self, path: str) -> str | None:
        """Return the SHA-256 of what lies at a path; None if nothing does.

        Raises:
            DestinationError: it can't be read.
        """
        target = self._locate(path)
        self._require_inside(target)
        try:
            with target.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _explain(error, target) from error

    def _locate(self, path: str) -> Path:
        require_safe_path(path)
        return self.root / path

    def _require_inside(self, target: Path) -> None:
        """Refuse a path that a symbolic link leads out of the root."""
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise DestinationError(
                f"{target} leads out of {self.root}. Remove the symbolic link.",
                permanent=True,
            )

    def _recognize(self, target: Path, path: str, data: bytes) -> Delivered:
        if self.read_back(path) != hashlib.sha256(data).hexdigest():
            raise ConflictError(str(target))
        return Delivered(location=str(target), was_there_already=True)


def _explain(error: OSError, where: Path) -> DestinationError:
    advice = {
        errno.ENOSPC: "Free some space; the export goes on by itself.",
        errno.EFBIG: "Free some space; the export goes on by itself.",
        errno.EDQUOT: "Free some space; the export goes on by itself.",
        errno.EACCES: "Give brandgen the right to write there.",
        errno.EPERM: "Give brandgen the right to write and link there.",
        errno.EOPNOTSUPP: "This file system has no hard links. Choose another.",
    }.get(error.errno or 0, "Mend it; the export can be tried again.")
    return DestinationError(
        f"{where} can't be used: {error.strerror}. {advice}",
        permanent=error.errno in NEEDS_A_PERSON,
    )


def _flush_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
