"""What the formats of a template cut off its pictures, and what helps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from brandgen.creatives.content import label_of
from brandgen.creatives.extending import Extender, Swap, view_of, view_of_extended
from brandgen.creatives.models import Creative
from brandgen.creatives.showing import MORE, Place, find_reach, is_cut, measure
from brandgen.engine.extending import Extension
from brandgen.library.models import Asset

ON_ITS_WAY = (
    Asset.State.DRAFT,
    Asset.State.IN_REVIEW,
    Asset.State.CHANGES_REQUESTED,
)


@dataclass(frozen=True)
class Cut:
    """A picture of which a format shows too little, or an extension in its place.

    `swap` is an approved extension that shows more, `is_used` says that it is drawn;
    `waiting` is a better one that nobody approved yet. Where too little is shown still,
    `reach` says how the picture must grow; it is None where the model draws no picture
    that large. `problem` says why the slot does not take an extension that is approved.
    """

    slot: str
    label: str
    asset: Asset
    share: float
    places: Sequence[Place] = ()
    swap: Swap | None = None
    is_used: bool = False
    waiting: Asset | None = None
    reach: Extension | None = None
    problem: str = ""

    @property
    def shown(self) -> str:
        """How much of the picture the format shows, as people write it."""
        return write_share(self.share)

    @property
    def shown_extended(self) -> str:
        """How much of it the extension shows."""
        return write_share(self.swap.share) if self.swap else ""

    @property
    def is_open(self) -> bool:
        """Whether nothing helps enough yet."""
        is_helped = self.swap is not None and not is_cut(self.swap.share)
        return not (is_helped or self.waiting or self.problem)


@dataclass(frozen=True)
class SharedReach:
    """One extension of a picture that serves several formats."""

    label: str
    asset: Asset
    formats: tuple[str, ...]
    reach: Extension


def write_share(share: float) -> str:
    """Write a share of a picture: 42 %, never more of it than there is."""
    return "all" if share >= 0.995 else f"{max(1, int(share * 100))} %"


def find_cuts(
    extender: Extender,
    images: Mapping[str, Asset],
    format_name: str,
    locale: str = "",
    *,
    uses_extensions: bool,
) -> list[Cut]:
    """List the pictures that a format cuts too much, and those that it need not.

    Raises:
        StorageError: a file of the kit can't be read.
    """
    places = extender.places_in(format_name, locale)
    swaps = extender.find_swaps(images, format_name, locale)
    found = []
    for slot, asset in images.items():
        if not places.get(slot):
            continue
        cut = _judge(extender, slot, asset, places[slot], swaps.get(slot))
        is_used = uses_extensions and cut.swap is not None
        if is_used or is_cut(cut.share):
            found.append(replace(cut, is_used=is_used))
    return found


def _judge(
    extender: Extender,
    slot: str,
    asset: Asset,
    places: Sequence[Place],
    swap: Swap | None,
) -> Cut:
    view = view_of(asset)
    share = measure(view, places)
    cut = Cut(slot, label_of(extender.document, slot), asset, share, places, swap)
    best = swap.share if swap else share
    if not is_cut(best):
        return cut
    better = [
        one.asset
        for one in extender.found.get(asset.id, ())
        if measure(view_of_extended(one), places) >= best + MORE
    ]
    approved = [one for one in better if one.state == Asset.State.APPROVED]
    return replace(
        cut,
        waiting=next((one for one in better if one.state in ON_ITS_WAY), None),
        reach=find_reach(view, [places]),
        problem=extender.rules[slot].explain(approved[0]) if approved else "",
    )


def find_shared(cuts: Mapping[str, Sequence[Cut]]) -> Iterator[SharedReach]:
    """Yield an extension for each picture that several formats cut, by format.

    Of formats that the model can't serve nothing is said; for those that it can, but
    not all with one picture, there is no such extension.
    """
    by_slot: dict[str, list[tuple[str, Cut]]] = {}
    for format_name, some in cuts.items():
        for cut in some:
            if cut.is_open and cut.reach is not None:
                by_slot.setdefault(cut.slot, []).append((format_name, cut))
    for listed in by_slot.values():
        first = listed[0][1]
        reach = find_reach(view_of(first.asset), [cut.places for _, cut in listed])
        if len(listed) > 1 and reach is not None:
            formats = tuple(name for name, _ in listed)
            yield SharedReach(first.label, first.asset, formats, reach)


@dataclass(frozen=True)
class CellPicture:
    """A picture of a cell, the extension drawn in its place, and what is cut.

    `lost` is an extension that was not approved any more once the cell was rendered.
    """

    asset: Asset
    extended: Asset | None = None
    lost: Asset | None = None
    cut: Cut | None = None


def describe_pictures(creative: Creative) -> list[CellPicture]:
    """Say of each picture of a cell how it stands there.

    Raises:
        StorageError: a file of the kit can't be read.
        TemplateDocumentError: this version of brandgen reads the template otherwise.
    """
    batch = creative.batch
    images = {
        one.slot: one.picture for one in creative.row.images.select_related("asset")
    }
    extended = {
        one.slot: one for one in creative.extended_images.select_related("asset")
    }
    extender = Extender(batch.template_version.load(), batch.brand_kit, images.values())
    cuts = find_cuts(
        extender, images, creative.format, creative.locale, uses_extensions=False
    )
    by_slot = {cut.slot: cut for cut in cuts}
    return [
        CellPicture(
            asset,
            extended=one.asset if one and one.is_used else None,
            lost=one.asset if one and not one.is_used else None,
            cut=by_slot.get(slot),
        )
        for slot, asset in images.items()
        for one in [extended.get(slot)]
    ]
