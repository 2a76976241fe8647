"""Extended pictures, by the picture that each of them shows more of."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from brandgen.engine.extending import Extension
from brandgen.engine.framing import find_fit
from brandgen.generation.inputs import InputsError
from brandgen.generation.models import Decoding, Generation
from brandgen.library.focal import Focal
from brandgen.library.models import Asset

AT_A_TIME = 500


@dataclass(frozen=True)
class Extended:
    """A finished picture that was made by extending another, and how."""

    asset: Asset
    original: Asset
    extension: Extension


def find_extension(generation: Generation) -> Extension | None:
    """Return how a generation extends its picture; None if it does not.

    Sheets that were made before the sides were written down say nothing of them.
    """
    original = generation.source
    if generation.operation != Generation.Operation.OUTPAINT or original is None:
        return None
    try:
        source = generation.read_inputs().source
    except InputsError:
        return None
    if source is None:
        return None
    extension = Extension(
        find_fit(original.width_px, original.height_px),
        left=source.left_px,
        top=source.top_px,
        right=source.right_px,
        bottom=source.bottom_px,
    )
    size = (generation.width_px, generation.height_px)
    return extension if extension.size == size else None


def find_focal(generation: Generation) -> Focal | None:
    """Return the point of an extended picture that a crop must keep; of others None."""
    extension, original = find_extension(generation), generation.source
    if extension is None or original is None:
        return None
    x, y = extension.find_focal(
        (original.focal_x, original.focal_y),
        of=(original.width_px, original.height_px),
    )
    return Focal(x, y, Asset.FocalSource.EXTENDED)


def find_extended(assets: Iterable[Asset]) -> dict[uuid.UUID, list[Extended]]:
    """Return what was made by extending some pictures, by the picture, newest first.

    In whatever state it stands; what was rejected or put away is left out.
    """
    ids = list({asset.id for asset in assets})
    found: dict[uuid.UUID, list[Extended]] = {}
    for start in range(0, len(ids), AT_A_TIME):
        for decoding in _fetch(ids[start : start + AT_A_TIME]):
            generation = decoding.candidate.generation
            extension = find_extension(generation)
            if extension is None or decoding.asset is None or generation.source is None:
                continue
            extended = Extended(decoding.asset, generation.source, extension)
            found.setdefault(generation.source.id, []).append(extended)
    return found


def _fetch(ids: list[uuid.UUID]) -> Iterable[Decoding]:
    out = [Asset.State.REJECTED, Asset.State.ARCHIVED]
    return (
        Decoding.objects.filter(
            candidate__generation__operation=Generation.Operation.OUTPAINT,
            candidate__generation__source__in=ids,
            asset__isnull=False,
        )
        .exclude(asset__state__in=out)
        .select_related("asset", "candidate__generation__source")
        .order_by("-asset__created_at", "-asset_id")
    )
