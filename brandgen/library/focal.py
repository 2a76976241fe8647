"""What a crop of a picture must keep: looked for once, until a person knows better."""

from collections.abc import Iterator
from dataclasses import dataclass

from brandgen.accounts.models import Brand
from brandgen.compositor import ImageSourceError, suggest_focal
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset


@dataclass(frozen=True)
class Focal:
    """A point of a picture, x and y from 0 to 1 from the top left, and whence it is."""

    x: float
    y: float
    source: str = Asset.FocalSource.UNKNOWN


MIDDLE = Focal(0.5, 0.5)

WORDS = {
    Asset.FocalSource.PERSON: "The crop keeps the person.",
    Asset.FocalSource.FACE: "The crop keeps the face.",
    Asset.FocalSource.SALIENCY: "The crop keeps what stands out.",
    Asset.FocalSource.CENTER: "Nothing stands out, so the crop keeps the center.",
    Asset.FocalSource.EXTENDED: "The crop keeps the picture that this one extends.",
    Asset.FocalSource.SET: "The crop keeps the point that a person set.",
}


def suggest(data: bytes) -> Focal:
    """Look for the point of a picture's file; the middle where it can't be read."""
    try:
        found = suggest_focal(data)
    except ImageSourceError:
        return MIDDLE
    return Focal(*found.point, found.source)


def explain(asset: Asset) -> str:
    """Say what a crop of an asset keeps, as far as that is known."""
    return WORDS.get(Asset.FocalSource(asset.focal_source), "")


def suggest_missing(brand: Brand | None = None) -> Iterator[tuple[Asset, bool]]:
    """Look for the points that nobody set, of all brands or of one.

    Each asset that is done is told, and whether it was changed. What a person set, what
    was approved and what is no picture of its own, a creative, stay as they are. It may
    be stopped and run again at any time.

    Raises:
        StorageError: a file can't be read.
    """
    waiting = Asset.objects.filter(
        focal_source=Asset.FocalSource.UNKNOWN,
        focal_x=0.5,
        focal_y=0.5,
        approved_at=None,
        state__in=Asset.EDITABLE,
    ).exclude(kind=Asset.Kind.CREATIVE)
    if brand is not None:
        waiting = waiting.filter(brand=brand)
    for asset in waiting.order_by("id").iterator(chunk_size=200):
        found = suggest(get_store().read(asset.sha256))
        changed = waiting.filter(id=asset.id).update(
            focal_x=found.x, focal_y=found.y, focal_source=found.source
        )
        yield asset, bool(changed)
