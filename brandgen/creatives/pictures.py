"""Find approved pictures: to choose from, for examples, and as a feed names them."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, cast

from django.db.models import Prefetch, Q
from django.db.models.functions import Lower

from brandgen.accounts.models import Brand
from brandgen.compositor import Document
from brandgen.creatives.picture_rules import ANY, PictureRule, find_rules
from brandgen.library.models import Asset, AssetQuerySet, Collection

AT_A_TIME = 5000
MOST_WORDS = 8
SHA256 = re.compile(r"[0-9a-f]{64}")
ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True)
class Offer:
    """The pictures to choose from in one slot, and the rule that they are kept by."""

    rule: PictureRule
    assets: list[Asset]

    @property
    def by_id(self) -> dict[str, Asset]:
        """The pictures by id, as a browser sends it."""
        return {str(asset.id): asset for asset in self.assets}


def offer_by_slot(
    brand: Brand, document: Document, *, most: int, chosen: Iterable[object] = ()
) -> dict[str, Offer]:
    """Return what each image slot of a document may choose from."""
    rules, ids = find_rules(brand, document), list(chosen)
    offered = {
        rule.key: offer_pictures(brand, most=most, chosen=ids, rule=rule)
        for rule in {rule.key: rule for rule in rules.values()}.values()
    }
    return {slot: Offer(rule, offered[rule.key]) for slot, rule in rules.items()}


def offer_pictures(
    brand: Brand,
    *,
    most: int,
    chosen: Iterable[object] = (),
    rule: PictureRule = ANY,
) -> list[Asset]:
    """Return pictures to choose from: those chosen already by id, then the newest.

    What is no id, or of no approved picture that will do, is passed over.
    """
    ids = {id_ for one in chosen if (id_ := read_id(one))}
    approved = rule.keep(Asset.objects.of_brand(brand).approved())
    newest = _without_creatives(approved).exclude(id__in=ids)
    found = list(approved.filter(id__in=ids))
    return found + list(newest[: max(0, most - len(found))])


def seek_pictures(brand: Brand, text: str, *, most: int) -> list[Asset]:
    """Return the newest approved pictures with all these words in their title."""
    found = _without_creatives(Asset.objects.of_brand(brand).approved())
    for word in text.split()[:MOST_WORDS]:
        found = found.filter(title__icontains=word)
    return list(found[:most])


def list_collections(
    brand: Brand, *, most: int
) -> list[tuple[Collection, list[Asset]]]:
    """Return the brand's collections, each with its newest pictures to choose from."""
    newest = _without_creatives(Asset.objects.approved())[:most]
    rows = Collection.objects.of_brand(brand).prefetch_related(
        Prefetch("assets", newest, to_attr="offered")
    )
    return [(row, cast("Any", row).offered) for row in rows]


def _without_creatives(assets: AssetQuerySet) -> AssetQuerySet:
    return assets.exclude(kind=Asset.Kind.CREATIVE)


def example_images(brand: Brand, document: Document) -> dict[str, Asset]:
    """Return the newest approved picture that each slot takes."""
    offers = offer_by_slot(brand, document, most=1)
    return {slot: offer.assets[0] for slot, offer in offers.items() if offer.assets}


class PictureError(Exception):
    """No picture, or more than one, is meant by a cell. Fit to show."""


def find_pictures(
    brand: Brand, values: Iterable[str], rule: PictureRule = ANY
) -> Mapping[str, Asset | PictureError]:
    """Return the approved picture that each value names, or why there is none.

    A value is an id, a SHA-256, a title, or a file name with a title before its ending.
    Of several that are called so, the one that the rule keeps is meant.
    """
    wanted = {value: _names(value) for value in values}
    names = list({name for some in wanted.values() for name in some})
    found: dict[str, dict[uuid.UUID, Asset]] = {}
    for start in range(0, len(names), AT_A_TIME):
        for asset in _fetch(brand, names[start : start + AT_A_TIME]):
            for key in (str(asset.id), asset.sha256, asset.title.lower()):
                found.setdefault(key, {})[asset.id] = asset
    outside = rule.find_outside({id_ for some in found.values() for id_ in some})
    return {
        value: _choose(value, some, found, rule, outside)
        for value, some in wanted.items()
    }


def _names(value: str) -> list[str]:
    """Return what a value may stand for, the likeliest first."""
    text = value.strip()
    path = PurePath(text.replace("\\", "/"))
    if path.suffix.lower() in ENDINGS:
        return [text, path.name, path.stem]
    return [text]


def _fetch(brand: Brand, names: list[str]) -> Iterable[Asset]:
    lower = [name.lower() for name in names]
    hashes = [name for name in lower if SHA256.fullmatch(name)]
    ids = [id_ for name in lower if (id_ := read_id(name))]
    rows = Asset.objects.of_brand(brand).exclude(kind=Asset.Kind.CREATIVE)
    # SQLite makes only plain letters small, so titles are sought as written too.
    return rows.annotate(low_title=Lower("title")).filter(
        Q(id__in=ids)
        | Q(sha256__in=hashes)
        | Q(low_title__in=lower)
        | Q(title__in=names)
    )


def read_id(text: object) -> uuid.UUID | None:
    """Return the id that a text is; None if it is none."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def _choose(
    value: str,
    names: list[str],
    found: Mapping[str, Mapping[uuid.UUID, Asset]],
    rule: PictureRule,
    outside: set[uuid.UUID],
) -> Asset | PictureError:
    for name in names:
        known = list(found.get(name.lower(), {}).values())
        approved = [asset for asset in known if asset.state == Asset.State.APPROVED]
        fit = [asset for asset in approved if asset.id not in outside]
        if len(fit) == 1:
            return fit[0]
        if fit:
            return PictureError(
                f"{len(fit)} approved pictures are called “{value[:60]}”. Write "
                "the id of the one that is meant."
            )
        if approved:
            return PictureError(rule.explain(approved[0]))
        if known:
            state = known[0].get_state_display().lower()
            return PictureError(
                f"“{known[0].title}” is {state}. Creatives take approved pictures "
                "only: send it to review or name another."
            )
    return PictureError(
        f"No approved picture is called “{value[:60]}”. Upload it and have it "
        "approved, or name another."
    )
