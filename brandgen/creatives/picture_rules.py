"""Which pictures an image slot takes: of one collection, where its template says so."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from brandgen.accounts.models import Brand
from brandgen.compositor import Document
from brandgen.compositor.strict import name_nearest
from brandgen.library.models import Asset, AssetQuerySet, Collection

AT_A_TIME = 5000


@dataclass(frozen=True)
class PictureRule:
    """What a picture must be besides approved: in the collection of a key.

    Without a key every picture will do; where the library has no collection of that
    key, none will.
    """

    label: str = ""
    key: str = ""
    collection: Collection | None = None

    @property
    def name(self) -> str:
        """What people call the collection; its key where there is none."""
        return self.collection.name if self.collection else self.key

    @property
    def is_lost(self) -> bool:
        """Whether the library has no such collection."""
        return bool(self.key) and self.collection is None

    def keep(self, assets: AssetQuerySet) -> AssetQuerySet:
        """Keep the pictures that will do."""
        if not self.key:
            return assets
        if self.collection is None:
            return assets.none()
        return assets.filter(collections=self.collection)

    def find_outside(self, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Return the pictures that will not do."""
        outside = set(ids) if self.key else set()
        if self.collection is None:
            return outside
        listed = list(outside)
        for start in range(0, len(listed), AT_A_TIME):
            some = self.collection.items.filter(
                asset__in=listed[start : start + AT_A_TIME]
            )
            outside.difference_update(some.values_list("asset_id", flat=True))
        return outside

    def explain(self, asset: Asset) -> str:
        """Say why a picture will not do, and what will."""
        if self.is_lost:
            return (
                f"{self.label} takes pictures of the collection “{self.key}” only, "
                f"which the library does not have, so “{asset.title}” can't be used. "
                "Make that collection, or publish the template with another one."
            )
        return (
            f"“{asset.title}” is not in the collection “{self.name}”, and "
            f"{self.label} takes pictures of that only. Put it in, or choose another."
        )


ANY = PictureRule()


def find_rules(brand: Brand, document: Document) -> dict[str, PictureRule]:
    """Return the rule of every image slot; asks only where a collection is named."""
    keys = document.collections
    rows = Collection.objects.of_brand(brand).filter(key__in=set(keys.values()))
    found = {row.key: row for row in rows} if keys else {}
    return {
        name: PictureRule(
            label=document.slots[name].label or name,
            key=keys.get(name, ""),
            collection=found.get(keys.get(name, "")),
        )
        for name in document.image_slots
    }


def find_lost(brand: Brand, document: Document) -> dict[str, str]:
    """Say, by slot, which collection the library does not have, and what was meant."""
    rules = find_rules(brand, document).items()
    lost = {name: rule for name, rule in rules if rule.is_lost}
    if not lost:
        return {}
    keys = list(Collection.objects.of_brand(brand).values_list("key", flat=True))
    return {
        name: f"{rule.label} takes pictures of the collection “{rule.key}” only, which "
        f"the library does not have. {name_nearest(rule.key, keys)}"
        for name, rule in lost.items()
    }
