"""May this asset leave for that destination? One place asks, one sentence answers."""

from dataclasses import dataclass

from brandgen.exports.models import Destination
from brandgen.library.models import Asset
from brandgen.provenance import XmpError, read_xmp


@dataclass(frozen=True)
class Hold:
    """Why an asset stays here, and who can clear it."""

    reason: str
    remedy: str


def find_hold(asset: Asset, destination: Destination) -> Hold | None:
    """Return why an asset may not go to a destination; None if it may."""
    brand = destination.brand.name
    if asset.state != Asset.State.APPROVED:
        return Hold(
            f"It is {asset.get_state_display().lower()}; only approved pictures leave.",
            f"A reviewer of {brand} can approve it.",
        )
    if destination.is_production and not asset.is_commercial_use_allowed:
        license_name = asset.license_name or "not recorded"
        return Hold(
            f"Its license ({license_name}) does not allow commercial use, and "
            f"{destination.name} is public.",
            "An admin can record a commercial license for the model, or choose a "
            "destination that is not public.",
        )
    if not asset.digital_source_type:
        return Hold(
            "It does not say how it was made: its DigitalSourceType is missing.",
            f"A marketer of {brand} can upload or render it again and say so.",
        )
    return None


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
