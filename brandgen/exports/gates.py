"""May this asset leave for that destination? One place asks, one sentence answers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brandgen.accounts.models import Brand
from brandgen.exports.lineage import Origins, find_origins
from brandgen.exports.models import Destination
from brandgen.library.models import Asset
from brandgen.model_registry.clearance import Clearance
from brandgen.provenance import XmpError, read_xmp


@dataclass(frozen=True)
class Hold:
    """Why an asset stays here, and who can clear it."""

    reason: str
    remedy: str = ""
    """What to do, where the reason does not say it already."""

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}".strip()


def find_hold(
    asset: Asset, destination: Destination, *, on: date | None = None
) -> Hold | None:
    """Return why an asset may not go to a destination; None if it may."""
    return find_holds([asset], destination, on=on).get(asset.id)


def find_holds(
    assets: Collection[Asset], destination: Destination, *, on: date | None = None
) -> dict[UUID, Hold]:
    """Return which assets may not go to a destination and why, by id.

    Args:
        assets: all of the destination's brand.
        destination: where they would go.
        on: the day on which commercial licenses must be valid; today if None.
    """
    if destination.is_production:
        return find_public_holds(
            assets, brand=destination.brand, place=destination.name, on=on
        )
    return _find_holds(assets, {})


def find_public_holds(
    assets: Collection[Asset], *, brand: Brand, place: str, on: date | None = None
) -> dict[UUID, Hold]:
    """Return which assets the public may not see and why, by id.

    Args:
        assets: all of the brand.
        brand: whose commercial licenses count.
        place: where the public would see them, as people call it.
        on: the day on which commercial licenses must be valid; today if None.
    """
    return _find_holds(assets, _find_license_holds(assets, brand, place, on=on))


def _find_holds(
    assets: Collection[Asset], licenses: dict[UUID, Hold]
) -> dict[UUID, Hold]:
    holds = {}
    for asset in assets:
        hold = (
            _find_state_hold(asset)
            or licenses.get(asset.id)
            or _find_origin_hold(asset)
        )
        if hold is not None:
            holds[asset.id] = hold
    return holds


def _find_state_hold(asset: Asset) -> Hold | None:
    if asset.state == Asset.State.APPROVED:
        return None
    return Hold(
        f"It is {asset.get_state_display().lower()}; only approved pictures leave.",
        f"A reviewer of {asset.brand.name} can approve it.",
    )


def _find_origin_hold(asset: Asset) -> Hold | None:
    if asset.digital_source_type:
        return None
    return Hold(
        "It does not say how it was made: its DigitalSourceType is missing.",
        f"A marketer of {asset.brand.name} can upload or render it again and say so.",
    )


def _find_license_holds(
    assets: Collection[Asset], brand: Brand, place: str, *, on: date | None
) -> dict[UUID, Hold]:
    """Judge what the public will see by everything that it was made from."""
    if not assets:
        return {}
    origins = find_origins(assets)
    clearance = Clearance(brand, on=on)
    found = {
        asset.id: _find_license_hold(asset, origins, clearance, place)
        for asset in assets
    }
    return {asset_id: hold for asset_id, hold in found.items() if hold is not None}


def _find_license_hold(
    asset: Asset, origins: Origins, clearance: Clearance, place: str
) -> Hold | None:
    line = list(origins.walk(asset.id))
    made_by = [
        identity for one in line for identity in origins.identities.get(one.id, [])
    ]
    if barred := clearance.find_barred(made_by):
        return Hold(clearance.explain(barred))
    for one in line:
        if not one.is_commercial_use_allowed and not _is_explained(one, origins):
            whose = "Its" if one == asset else f"It holds “{one.title}”, whose"
            license_name = one.license_name or "not recorded"
            return Hold(
                f"{whose} license ({license_name}) does not allow "
                f"commercial use, and {place} is public.",
                "Choose a destination that is not public, or another picture.",
            )
    return None


def _is_explained(asset: Asset, origins: Origins) -> bool:
    """Whether an asset's license is that of the weights or pictures that made it."""
    return bool(origins.identities.get(asset.id) or origins.parents.get(asset.id))


def find_mark_hold(data: bytes, asset: Asset) -> Hold | None:
    """Return why a file's own marking keeps it here; None if it is as recorded."""
    remedy = f"A marketer of {asset.brand.name} can upload or render it again."
    try:
        said = read_xmp(data)
    except XmpError as error:
        return Hold(f"Its metadata can't be read: {error}", remedy)
    mark = said.source_type if said else ""
    if not mark:
        return Hold(
            "The file does not say how it was made: it has no DigitalSourceType.",
            remedy,
        )
    if mark != asset.digital_source_type:
        return Hold(
            f"The file says {mark}, the library says {asset.digital_source_type}.",
            remedy,
        )
    return None
