"""What the automatic checks say about a picture before people look at it."""

import io
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL import Image

from brandgen.checks.palette import check_palette
from brandgen.checks.picture import check_resolution, check_sharpness
from brandgen.lib import images
from brandgen.lib.findings import Finding, Verdict
from brandgen.lib.storage import StorageError, get_store
from brandgen.library.models import Asset

# The square format of most feeds; a picture for print or a billboard needs more.
FORMAT_PX = 1080
# Colors don't need every pixel: this many a side give the same distance to 0.1.
COLOR_SIDE_PX = 256


def check_asset(asset: Asset) -> list[dict[str, Any]]:
    """Check a picture; a creative brings what its renderer found, but for colors."""
    creative = asset.creatives.first()
    found = list(creative.findings) if creative is not None else []
    try:
        data = get_store().read(asset.sha256)
        if creative is None:
            checked = _check_picture(asset, data)
        else:
            small = images.shrink(data, longest_px=COLOR_SIDE_PX)
            checked = _check_colors(asset, _open(small.data))
    except (StorageError, OSError) as error:
        checked = [_unreadable(error)]
    return found + [asdict(finding) for finding in checked]


def _open(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        return image.convert("RGB")


def _check_picture(asset: Asset, data: bytes) -> list[Finding]:
    picture = _open(data)
    return [
        *_check_colors(asset, picture),
        check_sharpness(np.asarray(picture)),
        check_resolution(
            asset.width_px,
            asset.height_px,
            for_width_px=FORMAT_PX,
            for_height_px=FORMAT_PX,
        ),
    ]


def _check_colors(asset: Asset, picture: Image.Image) -> list[Finding]:
    palette = list(asset.brand_kit.colors.values_list("hex", flat=True))
    if not palette:
        return []
    small = picture.copy()
    small.thumbnail((COLOR_SIDE_PX, COLOR_SIDE_PX))
    return [check_palette(np.asarray(small), palette)]


def _unreadable(error: Exception) -> Finding:
    return Finding("file", "unreadable", "readable", Verdict.FAIL, str(error))
