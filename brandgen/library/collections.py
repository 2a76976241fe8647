"""Keep collections: name them, put pictures in, take them out, delete them."""

import itertools
import re
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.library.models import Asset, Collection, CollectionItem

LONGEST_KEY = 34
"""Leaves room for a number."""
MOST_NAMED = 5
"""Templates that an error names."""


class CollectionError(Exception):
    """A collection can't be called or filled so. The message is fit to show."""


class CollectionInUseError(CollectionError):
    """Templates or public forms take its pictures: let them take others first."""


def create_collection(*, brand: Brand, name: str, by: User, at: datetime) -> Collection:
    """Make an empty collection.

    Raises:
        PermissionDenied: the person may not change this brand's collections.
        CollectionError: there is no name, or it is taken.
    """
    require(by, Action.COLLECT, brand)
    row = Collection(brand=brand, name=_clean(name), created_by=by, created_at=at)
    with transaction.atomic():
        # Whoever names another at the same time waits here for the key.
        Brand.objects.select_for_update().get(id=brand.id)
        row.key = _find_free_key(row)
        _save(row)
        record(by, "collection.created", row, at=at)
    return row


def rename_collection(
    *, collection: Collection, name: str, by: User, at: datetime
) -> None:
    """Give a collection another name; its key stays, so templates still find it.

    Raises:
        PermissionDenied: the person may not change this brand's collections.
        CollectionError: there is no name, or it is taken.
    """
    require(by, Action.COLLECT, collection.brand)
    before, collection.name = collection.name, _clean(name)
    if collection.name == before:
        return
    with transaction.atomic():
        _save(collection)
        record(by, "collection.renamed", collection, at=at, data={"before": before})


@transaction.atomic
def delete_collection(*, collection: Collection, by: User, at: datetime) -> None:
    """Delete a collection; its pictures stay in the library.

    Raises:
        PermissionDenied: the person may not change this brand's collections.
        CollectionInUseError: a template in use takes pictures of it only, or a public
            form offers them.
    """
    require(by, Action.COLLECT, collection.brand)
    # Whoever publishes a template with it at the same time waits here, or is first.
    if not Collection.objects.select_for_update().filter(id=collection.id).exists():
        return
    if users := collection.find_templates():
        raise CollectionInUseError(
            f"Templates in use take pictures of “{collection}” only: "
            f"{_list([name for _, name in users])}. Publish versions of them that take "
            "others, then delete it."
        )
    if forms := collection.find_forms(at):
        raise CollectionInUseError(
            f"Public forms offer pictures of “{collection}”: {_list(forms)}. Revoke "
            "them, then delete it."
        )
    count = collection.items.count()
    record(by, "collection.deleted", collection, at=at, data={"assets": count})
    collection.delete()


def _list(names: Sequence[str]) -> str:
    others = ["and others"] if len(names) > MOST_NAMED else []
    return ", ".join([*names[:MOST_NAMED], *others])


@transaction.atomic
def add_to_collection(
    *, collection: Collection, assets: Sequence[Asset], by: User, at: datetime
) -> int:
    """Put pictures into a collection; return how many were not in it before.

    Raises:
        PermissionDenied: the person may not change this brand's collections.
        CollectionError: a picture is of another brand.
    """
    require(by, Action.COLLECT, collection.brand)
    for asset in assets:
        if asset.brand_id != collection.brand_id:
            raise CollectionError(
                f"“{asset.title}” does not belong to {collection.brand.name}."
            )
    # Whoever adds the same pictures at the same time waits here, and adds none.
    Collection.objects.select_for_update().get(id=collection.id)
    known = set(collection.items.values_list("asset_id", flat=True))
    new = [asset for asset in assets if asset.id not in known]
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, asset=asset, added_by=by, added_at=at)
        for asset in new
    )
    for asset in new:
        data = {"collection": str(collection.id), "name": collection.name}
        record(by, "asset.collected", asset, at=at, data=data)
    return len(new)


@transaction.atomic
def remove_from_collection(
    *, collection: Collection, assets: Sequence[Asset], by: User, at: datetime
) -> int:
    """Take pictures out of a collection; return how many were in it.

    Raises:
        PermissionDenied: the person may not change this brand's collections.
    """
    require(by, Action.COLLECT, collection.brand)
    removed = 0
    for asset in assets:
        count, _ = collection.items.filter(asset=asset).delete()
        if count:
            removed += 1
            data = {"collection": str(collection.id), "name": collection.name}
            record(by, "asset.taken_out", asset, at=at, data=data)
    return removed


def _clean(name: str) -> str:
    cleaned = " ".join(name.split())[:80]
    if not cleaned:
        raise CollectionError("The collection has no name. Give it one.")
    if "\0" in cleaned:
        raise CollectionError("The name has a character that is none. Type it again.")
    return cleaned


def _find_free_key(row: Collection) -> str:
    """Return a key made of the name that no collection of the brand has."""
    base = re.sub(r"^[^a-z]+", "", slugify(row.name))[:LONGEST_KEY].strip("-_")
    base = base or "collection"
    taken = set(Collection.objects.of_brand(row.brand).values_list("key", flat=True))
    keys = itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2)))
    return next(key for key in keys if key not in taken)


def _save(row: Collection) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CollectionError(
            f"{row.brand.name} has a collection called {row.name} already. Choose "
            "another name."
        ) from error
