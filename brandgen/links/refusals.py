"""Why somebody outside gets no picture: one error for each thing that they can do."""

from collections.abc import Sequence
from typing import ClassVar

from brandgen.lib.finding_rules import label_of
from brandgen.lib.findings import Finding

PHRASE = "pass_phrase"
"""A code of forms alone: no signed address answers with it."""
LONGEST_IN_S = 90
"""Longer waits are told in minutes."""


class RefusedError(Exception):
    """Somebody outside gets no picture. The message is fit to show to anybody.

    ``code`` is for programs, ``slot`` names what was wrong in the query, where anything
    was.
    """

    status: ClassVar[int]

    def __init__(
        self, message: str, *, code: str, slot: str = "", retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.slot = slot
        self.retry_after_s = retry_after_s


class WrongSignatureError(RefusedError):
    """The address is none, or the signature is not that of its key: sign it again."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "The signature is missing or wrong, or the address was changed after it "
            "was signed.",
            code="wrong_signature",
        )


class EndedError(RefusedError):
    """The address has ended, or a picture in it was withdrawn: ask for another."""

    status = 410


class PhraseNeededError(RefusedError):
    """The form asks for its pass phrase first: tell it."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Reload the page and tell the pass phrase again.", code=PHRASE)


class TooManyVisitsError(RefusedError):
    """The visitor has asked too often: wait."""

    status = 429

    def __init__(
        self, *, retry_after_s: int, what: str = "Too much was asked from here."
    ) -> None:
        left = f"{retry_after_s} s"
        if retry_after_s > LONGEST_IN_S:
            left = f"{-(-retry_after_s // 60)} minutes"
        super().__init__(
            f"{what} Try again in {left}.",
            code="too_many_visits",
            retry_after_s=retry_after_s,
        )


class UnfitError(RefusedError):
    """The values do not fit the template: change them."""

    status = 422


class FailedCheckError(UnfitError):
    """Checks forbid the picture: change what they found."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(
            f"The picture fails a check ({label_of(first.rule)}): {first.message}",
            code="failed_check",
            slot=first.place,
        )
        self.findings = findings


class BusyError(RefusedError):
    """The server can't draw it now: try again."""

    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message, code="busy", retry_after_s=5)
