"""Where an asset comes from and what came of it: a graph small enough to walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from brandgen.lib.storage import get_store
from brandgen.library.models import Asset, AssetParent
from brandgen.provenance.xmp import XmpError, read_xmp

MOST_SHOWN = 12
MOST_PLACED = 50
GENERATIONS_UP = 3


@dataclass(frozen=True)
class Step:
    """Assets that stand side by side in the graph, nearest relatives first."""

    title: str
    links: Sequence[tuple[Asset, str]]


def find_ancestors(asset: Asset) -> list[Step]:
    """Return the steps above an asset, the oldest first; at most three."""
    steps: list[Step] = []
    children, titles = [asset.id], ("Made from", "Which came from", "First of all")
    for title in titles[:GENERATIONS_UP]:
        links = (
            AssetParent.objects.filter(asset__in=children)
            .select_related("parent")
            .order_by("id")[:MOST_SHOWN]
        )
        found = {link.parent_id: (link.parent, link.role) for link in links}
        if not found:
            break
        steps.insert(0, Step(title, list(found.values())))
        children = list(found)
    return steps


def find_children(asset: Asset) -> Step | None:
    """Return what was made from an asset; None if nothing was."""
    links = (
        AssetParent.objects.filter(parent=asset)
        .select_related("asset")
        .order_by("-asset__created_at", "-id")[:MOST_SHOWN]
    )
    found = [(link.asset, link.role) for link in links]
    return Step("What came of it", found) if found else None


def find_placements(asset: Asset) -> list[tuple[str, str, str, datetime]]:
    """Return where an asset was placed: batch, template, slot and when, newest first.

    Chosen by somebody, or in the place of the picture that it extends. The rows belong
    to a later stage of the story; see `find_recipe`.
    """
    kinds = (
        (asset.placements, "row__batch__"),
        (asset.extended_placements.filter(is_used=True), "creative__batch__"),
    )
    found = [
        placed
        for rows, batch in kinds
        for placed in rows.values_list(
            f"{batch}name",
            f"{batch}template_version__template__name",
            "slot",
            f"{batch}requested_at",
        )
        .order_by(f"-{batch}requested_at", f"{batch}id", "slot")
        .distinct()[:MOST_PLACED]
    ]
    return sorted(found, key=lambda placed: placed[-1], reverse=True)[:MOST_PLACED]


def find_recipe(asset: Asset) -> dict[str, Any]:
    """Return how a generated image was made: everything to make it again.

    The rows belong to a later stage of the story; they are read through the relation
    that it has added to the asset.
    """
    decoding = (
        asset.decodings.select_related(
            "candidate__generation__preset_version__preset",
            "candidate__generation__source",
        )
        .order_by("requested_at")
        .first()
    )
    if decoding is None:
        return {}
    candidate = decoding.candidate
    generation = candidate.generation
    return {
        "decoding": decoding,
        "candidate": candidate,
        "generation": generation,
        "model": decoding.model_identity or candidate.model_identity,
    }


def find_document_id(asset: Asset | None) -> str:
    """Return the id that a picture's file gives itself; empty where it has none.

    Raises:
        StorageError: its file is missing or damaged.
    """
    if asset is None:
        return ""
    try:
        found = read_xmp(get_store().read(asset.sha256))
    except XmpError:
        return ""
    return found.document_id if found else ""
