"""A destination in memory that fails on demand, for tests."""

import hashlib
from collections.abc import Iterable

from brandgen.exports.destinations.protocol import (
    Capabilities,
    ConflictError,
    Delivered,
    DestinationError,
    require_safe_path,
)


class FakeConnector:
    """Keeps files in a dict and raises the given errors first, one a delivery."""

    def __init__(self, errors: Iterable[Exception | None] = ()) -> None:
        self.files: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.errors = list(errors)

    def check(self) -> Capabilities:
        """Raise the next error, or say that all is well."""
        self._fail()
        return {"never_overwrites": True, "reads_back": True}

    def deliver(self, *, path: str, data: bytes, sha256: str, mime: str) -> Delivered:
        """Keep a file under its path.

        Raises:
            ConflictError: other bytes lie there.
            DestinationError: as asked for.
        """
        require_safe_path(path)
        self._fail()
        location = f"memory://{path}"
        if path in self.files:
            if self.files[path] != data:
                raise ConflictError(location)
            return Delivered(location=location, was_there_already=True)
        self.files[path] = data
        self.puts.append(path)
        return Delivered(location=location, etag=hashlib.md5(data).hexdigest())  # noqa: S324

    def read_back(self, path: str) -> str | None:
        """Return the SHA-256 of what lies at a path; None if nothing does."""
        data = self.files.get(path)
        return hashlib.sha256(data).hexdigest() if data is not None else None

    def _fail(self) -> None:
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


def unreachable() -> DestinationError:
    """Return the error of a host that does not answer."""
    return DestinationError("The host did not answer. Check the network.")
