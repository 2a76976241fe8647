"""A finding: one result of an automatic check, fit to show to a person."""

from collections.abc import Mapping
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


LABELS: Mapping[str, str] = {
    "binding": "Data filled in",
    "code": "Code",
    "code-contrast": "Contrast of codes",
    "code-size": "Size of codes",
    "collection": "Collection of pictures",
    "disclaimer": "Disclaimer",
    "drawing": "Can be drawn",
    "empty-value": "Gaps in texts",
    "file": "File can be read",
    "file-size": "File size",
    "flashes": "Flashes",
    "font-fallback": "Letters of other fonts",
    "font-family": "Fonts of the brand",
    "font-setting": "Font features",
    "font-slant": "Italics",
    "font-weight": "Font weights",
    "image-resolution": "Resolution of pictures",
    "ink-coverage": "Ink on the paper",
    "link": "Links",
    "logo-clear-space": "Room around the logo",
    "logo-contrast": "Contrast of the logo",
    "logo-size": "Size of the logo",
    "missing-glyph": "Missing letters",
    "palette": "Palette",
    "placeholder": "Examples replaced",
    "print-color": "Brand colors in print",
    "rating": "Rating",
    "resolution": "Resolution",
    "safe-zone": "Safe zone",
    "sharpness": "Sharpness",
    "stack-fit": "Stack fits",
    "svg-color": "Colors of drawings",
    "table": "Table",
    "table-fit": "Table fits",
    "text-contrast": "Contrast of text",
    "text-fit": "Text fits",
}
"""Every check as people read it."""


def label_of(rule: str) -> str:
    """Return a check's name as people read it, also of one that is no more."""
    return LABELS.get(rule, rule.replace("-", " ").capitalize())
