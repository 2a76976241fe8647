"""The pictures that a public form offers, as far as the public may see them now."""

import uuid
from collections.abc import Collection, Mapping

from brandgen.compositor import Document
from brandgen.exports.gates import find_public_holds
from brandgen.library.models import Asset, AssetQuerySet
from brandgen.links.models import PublicForm
from brandgen.links.refusals import EndedError

MOST_OFFERED = 60


def offer_pictures(form: PublicForm, document: Document) -> dict[str, list[Asset]]:
    """Return what each open image slot offers: approved, and fit to be public.

    Raises:
        EndedError: nothing is left for a slot that needs a picture.
    """
    slots = [slot for slot in document.image_slots if slot in form.open_slots]
    rows = {slot: list(_choice(form, slot)[:MOST_OFFERED]) for slot in slots}
    held = _find_held(form, [asset for some in rows.values() for asset in some])
    offered = {
        slot: [asset for asset in some if asset.id not in held]
        for slot, some in rows.items()
    }
    for slot, left in offered.items():
        if document.slots[slot].required and not left:
            raise _withdrawn()
    return offered


def find_offered(form: PublicForm, asset_id: uuid.UUID) -> Asset | None:
    """Return a picture that any slot offers; None if none does."""
    for slot in form.open_slots:
        if found := find_chosen(form, {slot: asset_id}).get(slot):
            return found
    return None


def find_chosen(form: PublicForm, wanted: Mapping[str, uuid.UUID]) -> dict[str, Asset]:
    """Return the pictures that somebody chose, as far as the form offers them."""
    found = {}
    for slot, id_ in wanted.items():
        asset = _choice(form, slot).filter(id=id_).first()
        if asset is not None:
            found[slot] = asset
    held = _find_held(form, list(found.values()))
    return {slot: asset for slot, asset in found.items() if asset.id not in held}


def find_fixed(form: PublicForm) -> dict[str, Asset]:
    """Return the pictures that stand in the form for good.

    Raises:
        EndedError: one of them may not be shown any more.
    """
    rows = form.images.select_related("asset__brand")
    fixed = {row.slot: row.asset for row in rows if row.slot not in form.open_slots}
    if _find_held(form, list(fixed.values())):
        raise _withdrawn()
    return fixed


def _choice(form: PublicForm, slot: str) -> AssetQuerySet:
    """Return the approved pictures among which a slot's is chosen."""
    rows = Asset.objects.of_brand(form.brand).approved().select_related("brand")
    if slot not in form.open_slots:
        return rows.none()
    collection = form.collections.filter(slot=slot).first()
    if collection is not None:
        kept = rows.filter(collections=collection.collection_id)
        return kept.exclude(kind=Asset.Kind.CREATIVE)
    chosen = form.images.filter(slot=slot)
    return rows.filter(id__in=chosen.values("asset_id"))


def _find_held(form: PublicForm, assets: Collection[Asset]) -> set[uuid.UUID]:
    return set(find_public_holds(assets, brand=form.brand, place=form.name))


def _withdrawn() -> EndedError:
    return EndedError(
        "A picture of this form may not be shown any more.", code="withdrawn"
    )
