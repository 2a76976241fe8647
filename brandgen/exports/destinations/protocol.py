"""What every kind of destination can do, and how it says that it can't."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

Capabilities = dict[str, bool | str]
NAME = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,118}"
PATH = re.compile(rf"{NAME}(/{NAME}){{0,5}}")


class DestinationError(Exception):
    """A destination could not be used. The message is fit to show, without secrets.

    ``permanent`` means that trying again can't help until somebody changes something.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class ConflictError(DestinationError):
    """Other bytes lie where a file is to go; they are left as they are."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Another file lies at {path} already. It was left as it is: move it away "
            "or export to another folder.",
            permanent=True,
        )


@dataclass(frozen=True)
class Delivered:
    """Where a file lies now, and whether it lay there before."""

    location: str
    etag: str = ""
    was_there_already: bool = False


@dataclass(frozen=True)
class ConfigField:
    """One thing to know about a destination: a field of its form."""

    name: str
    label: str
    help_text: str = ""
    type: Literal["text", "url", "choice", "long"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    is_required: bool = True
    is_secret: bool = False
    pattern: str = ""
    max_length: int = 200


class Connector(Protocol):
    """Delivers files to one destination; a file delivered twice lies there once."""

    def check(self) -> Capabilities:
        """Write, read and remove a few bytes; say what the other side can do.

        Raises:
            DestinationError: it can't be used now.
        """
        ...

    def deliver(self, *, path: str, data: bytes, sha256: str, mime: str) -> Delivered:
        """Put a file at a path below the root, whole or not at all; never overwrite.

        Raises:
            ConflictError: other bytes lie there.
            DestinationError: refused, full, or no answer.
        """
        ...

    def read_back(self, path: str) -> str | None:
        """Return the SHA-256 of what lies at a path; None if nothing does.

        Raises:
            DestinationError: refused, or no answer.
        """
        ...


def require_safe_path(path: str) -> None:
    """Refuse a path that is more than a few plain names below the root.

    Raises:
        DestinationError: dots that climb, a leading slash, other letters, or too long.
    """
    if not PATH.fullmatch(path):
        raise DestinationError(
            f"{path[:80]!r} can't be a path at a destination.", permanent=True
        )
