"""Extended pictures in the place of those that a format cuts."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    ImageSource,
    ImageSourceError,
    ModificationError,
    UnknownFormatError,
    lay_out_creative,
)
from brandgen.compositor.display import DrawImage, Layout, Rect
from brandgen.creatives.picture_rules import ANY, find_rules
from brandgen.creatives.rendering import example_texts, fill_texts
from brandgen.creatives.showing import MORE, Place, View, measure
from brandgen.creatives.style import style_of
from brandgen.engine.extending import Part
from brandgen.generation.extensions import Extended, find_extended
from brandgen.library.models import Asset

CANT_LAY_OUT = (
    BrandStyleError,
    ImageSourceError,
    ModificationError,
    UnknownFormatError,
)
Places = Mapping[str, list[Place]]


def view_of(asset: Asset) -> View:
    """Return a picture as formats see it."""
    return View(asset.width_px, asset.height_px, (asset.focal_x, asset.focal_y))


def view_of_extended(one: Extended) -> View:
    """Return an extended picture, of which what was there before counts."""
    original = one.original
    return View(
        one.asset.width_px,
        one.asset.height_px,
        (one.asset.focal_x, one.asset.focal_y),
        part=one.extension.kept,
        share=one.extension.kept_share(of=(original.width_px, original.height_px)),
    )


def find_places(
    document: Document, kit: BrandKit, format_name: str, locale: str = ""
) -> Places:
    """Return the boxes of each image slot in one format, filled with its examples.

    With the examples, so that one answer stands for all rows of a batch. It is empty
    where the format can't be laid out: whoever renders it says why.

    Raises:
        StorageError: a file of the kit can't be read.
    """
    try:
        layout = lay_out_creative(
            document,
            format=format_name,
            modifications=fill_texts(document, example_texts(document)),
            images={
                name: ImageSource(b"")
                for name in (*document.image_slots, *document.fixed_images)
            },
            brand=style_of(kit),
            locale=locale,
        )
    except CANT_LAY_OUT:
        return {}
    places: dict[str, list[Place]] = {}
    for item in layout.items:
        if isinstance(item, DrawImage) and item.image in document.image_slots:
            seen = _find_seen(item.rect, layout)
            place = Place(
                item.rect.width,
                item.rect.height,
                item.fit,
                item.focal,
                seen,
                item.align,
            )
            places.setdefault(item.image, []).append(place)
    return places


def _find_seen(rect: Rect, page: Layout) -> Part:
    """Return the part of a box that lies on the page, as shares of it."""

    def inside(start: float, long: float, end: float) -> tuple[float, float]:
        first = min(max(0.0, -start / long), 1.0)
        return first, max(first, min(1.0, (end - start) / long))

    left, right = inside(rect.x, rect.width, page.width_px)
    top, bottom = inside(rect.y, rect.height, page.height_px)
    return left, top, right, bottom


@dataclass(frozen=True)
class Swap:
    """An extended picture that shows more of another in one format, and how much."""

    asset: Asset
    share: float
    without: float


@dataclass
class Extender:
    """Finds the approved extensions that show more of a template's pictures."""

    document: Document
    kit: BrandKit
    assets: Iterable[Asset]
    _places: dict[tuple[str, str], Places] = field(default_factory=dict)
    _swaps: dict[tuple[uuid.UUID, str, str, str], Swap | None] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        """Ask once for the extensions of all pictures."""
        self.found = find_extended(self.assets)
        self.rules = find_rules(self.kit.brand, self.document) if self.found else {}

    def find_swaps(
        self, images: Mapping[str, Asset], format_name: str, locale: str = ""
    ) -> dict[str, Swap]:
        """Return, by slot, the extension that shows more of its picture in a format.

        Of several the one that shows the most, and then the newest. What nobody
        approved and what the slot's collection does not hold is passed over.

        Raises:
            StorageError: a file of the kit can't be read.
        """
        swaps = {
            slot: self._find_swap(slot, asset, format_name, locale)
            for slot, asset in images.items()
            if asset.id in self.found
        }
        return {slot: swap for slot, swap in swaps.items() if swap is not None}

    def places_in(self, format_name: str, locale: str = "") -> Places:
        """Return the boxes of each image slot in one format; laid out once."""
        key = (format_name, locale)
        if key not in self._places:
            self._places[key] = find_places(
                self.document, self.kit, format_name, locale
            )
        return self._places[key]

    def _find_swap(
        self, slot: str, asset: Asset, format_name: str, locale: str
    ) -> Swap | None:
        key = (asset.id, slot, format_name, locale)
        if key not in self._swaps:
            places = self.places_in(format_name, locale).get(slot, [])
            self._swaps[key] = self._choose(slot, asset, places)
        return self._swaps[key]

    def _choose(self, slot: str, asset: Asset, places: list[Place]) -> Swap | None:
        without = measure(view_of(asset), places)
        approved = [
            one
            for one in self.found[asset.id]
            if one.asset.state == Asset.State.APPROVED
        ]
        rule = self.rules.get(slot, ANY)
        outside = rule.find_outside(one.asset.id for one in approved)
        shares = [
            (round(measure(view_of_extended(one), places), 3), one.asset)
            for one in approved
            if one.asset.id not in outside
        ]
        share, best = max(shares, key=lambda each: each[0], default=(0.0, asset))
        return Swap(best, share, without) if share >= without + MORE else None


def extend(
    document: Document,
    kit: BrandKit,
    images: Mapping[str, Asset],
    format_name: str,
    locale: str = "",
) -> dict[str, Asset]:
    """Return the pictures of one format, extended where that shows more of them.

    Raises:
        StorageError: a file of the kit can't be read.
    """
    extender = Extender(document, kit, images.values())
    return swapped(images, extender.find_swaps(images, format_name, locale))


def swapped(images: Mapping[str, Asset], swaps: Mapping[str, Swap]) -> dict[str, Asset]:
    """Return pictures with extensions in the place of those that have one."""
    return {
        slot: swaps[slot].asset if slot in swaps else asset
        for slot, asset in images.items()
    }
