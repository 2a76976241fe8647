"""Pictures without their background: looked at first, then kept as assets."""

import io
from collections.abc import Sequence
from datetime import datetime

import cv2
import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from PIL import Image

from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.compositor.cutouts import cut_out
from brandgen.compositor.marks import Mark
from brandgen.jobs import services as jobs
from brandgen.lib.storage import get_store
from brandgen.library.cutting import RUN_CUTOUT
from brandgen.library.models import Asset, Cutout

PREVIEW_PX = 720
"""The longest side of a preview."""


class CutoutRefusedError(Exception):
    """No background can be removed from this asset. The message is fit to show."""


def require_cuttable(asset: Asset) -> None:
    """Say whether a background can be removed.

    Raises:
        CutoutRefusedError: it is not approved, or no picture of its own.
    """
    if asset.kind == Asset.Kind.CREATIVE:
        raise CutoutRefusedError(
            f"“{asset.title}” is a creative. Remove the background of the picture "
            "that it was made with."
        )
    if not asset.is_approved:
        state = asset.get_state_display().lower()
        raise CutoutRefusedError(
            f"“{asset.title}” is {state}. Backgrounds are removed from approved "
            "pictures: have it approved first."
        )


def preview_cutout(*, asset: Asset, marks: Sequence[Mark]) -> bytes:
    """Return a small WebP of a picture without its background; nothing is kept.

    Raises:
        CutOutError: nothing stands out, or everything is removed.
        CutoutRefusedError: it is not approved, or no picture of its own.
        StorageError: its file can't be read.
    """
    require_cuttable(asset)
    pixels = read_rgba(asset)
    factor = min(1.0, PREVIEW_PX / max(pixels.shape[:2]))
    size = (
        max(1, round(pixels.shape[1] * factor)),
        max(1, round(pixels.shape[0] * factor)),
    )
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    file = io.BytesIO()
    Image.fromarray(cut_out(small, marks).pixels).save(
        file, "WEBP", quality=84, method=2
    )
    return file.getvalue()


@transaction.atomic
def request_cutout(
    *, asset: Asset, marks: Sequence[Mark], requested_by: User, at: datetime
) -> Cutout:
    """Queue a picture without its background; asked for again it is the same one.

    Raises:
        CutoutRefusedError: it is not approved, or no picture of its own.
        TooManyJobsError: the brand's queue is full; nothing was recorded.
    """
    require_cuttable(asset)
    data = [mark.as_json() for mark in marks]
    # A row's lock: two tabs that send the same make one.
    Asset.objects.select_for_update().get(id=asset.id)
    known = Cutout.objects.filter(source=asset, marks=data).first()
    cutout = known or Cutout.objects.create(
        source=asset, marks=data, requested_by=requested_by, requested_at=at
    )
    if cutout.asset_id is None:
        jobs.enqueue(
            queue="render",
            work=RUN_CUTOUT,
            subject_id=cutout.id,
            title=f"Without background: {asset.title}",
            brand=asset.brand,
            requested_by=requested_by,
            at=at,
        )
    if known is None:
        record(requested_by, "asset.cutout_requested", asset, at=at)
    return cutout


def read_rgba(asset: Asset) -> NDArray[np.uint8]:
    """Read a picture of the library as RGBA pixels `(height, width, 4)`.

    Raises:
        StorageError: its file is missing or damaged.
    """
    with Image.open(io.BytesIO(get_store().read(asset.sha256))) as image:
        return np.asarray(image.convert("RGBA"))
