"""Automatic checks: a picture in, findings out; plain functions without state."""

from brandgen.checks.palette import check_palette, palette_distance, share_distance
from brandgen.checks.picture import (
    box_contrast,
    check_contrast,
    check_resolution,
    check_sharpness,
    sharpness,
)
from brandgen.lib.findings import Finding, Verdict

__all__ = [
    "Finding",
    "Verdict",
    "box_contrast",
    "check_contrast",
    "check_palette",
    "check_resolution",
    "check_sharpness",
    "palette_distance",
    "share_distance",
    "sharpness",
]
