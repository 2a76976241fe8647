"""A finding: one result of an automatic check, fit to show to a person."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a finding means for the picture."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One result of a check.

    `rule` is a stable name in kebab-case; `measured` and `allowed` are short texts with
    their units; `place` is a layer's id, or empty for the whole picture.
    """

    rule: str
    measured: str
    allowed: str
    verdict: Verdict
    message: str
    place: str = ""
