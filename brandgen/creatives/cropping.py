"""The focal point that somebody gives a picture for some creatives only."""

import math
from collections.abc import Mapping
from typing import Any

from django import forms

from brandgen.library.models import Asset

AXES = (("x", "From the left"), ("y", "From the top"))


def crop_names(field: str) -> list[str]:
    """Return the fields of a focal point by that of its picture: ``i-hero.x``."""
    return [f"{field}.{axis}" for axis, _ in AXES]


def crop_fields(field: str) -> dict[str, forms.Field]:
    """Return the fields of a focal point, in percent; empty for the picture's own."""
    return {
        f"{field}.{axis}": forms.FloatField(
            label=f"{label}, %",
            required=False,
            min_value=0,
            max_value=100,
            step_size=0.1,
            error_messages={
                "invalid": "A number from 0 to 100 is needed, or nothing.",
                "min_value": "A number from 0 to 100 is needed, or nothing.",
                "max_value": "A number from 0 to 100 is needed, or nothing.",
            },
        )
        for axis, label in AXES
    }


def crop(asset: Asset, data: Any, field: str) -> Asset:
    """Return a picture with the focal point that a form or a query gives it there.

    Where that says one axis, the picture's own stands for the other.
    """
    x, y = (_read(data.get(name)) for name in crop_names(field))
    if x is None and y is None:
        return asset
    own_x, own_y = asset.focal_x, asset.focal_y
    return asset.focused((own_x if x is None else x, own_y if y is None else y))


def crop_query(asset: Asset, field: str) -> Mapping[str, str]:
    """Return what `crop` reads, where the picture has a focal point for this use."""
    if asset.crop is None:
        return {}
    shares = zip(crop_names(field), asset.crop, strict=True)
    return {name: f"{share * 100:g}" for name, share in shares}


def _read(value: object) -> float | None:
    """Read percent as a share; what is no number from 0 to 100 is nothing."""
    try:
        share = float(str(value)) / 100
    except ValueError:
        return None
    return round(share, 4) if math.isfinite(share) and 0 <= share <= 1 else None
