"""Send approved assets out, and keep the list of where they may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.exports import naming, runner
from brandgen.exports.destinations import KINDS, config_fields
from brandgen.exports.destinations.protocol import Connector, DestinationError
from brandgen.exports.gates import Hold, find_holds
from brandgen.exports.models import Destination, Export, ExportItem, Receipt
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue
from brandgen.lib.secrets_box import reseal, seal, unseal
from brandgen.library.models import Asset

MOST_FILES = 1000


class ExportError(Exception):
    """An export can't be made as asked. The message is fit to show."""


class DestinationInUseError(Exception):
    """A destination with exports can't be deleted: they are its history."""


@dataclass(frozen=True)
class PlannedFile:
    """What will happen to one asset."""

    asset: Asset
    path: str
    content_key: str
    hold: Hold | None
    was_delivered_already: bool


@dataclass(frozen=True)
class Plan:
    """What an export would do, told before anything is done."""

    destination: Destination
    folder: str
    files: list[PlannedFile]

    @property
    def leaving(self) -> list[PlannedFile]:
        """What will be delivered."""
        return [file for file in self.files if file.hold is None]

    @property
    def held(self) -> list[PlannedFile]:
        """What stays, each with its reason."""
        return [file for file in self.files if file.hold is not None]

    @property
    def size_bytes(self) -> int:
        """How much is sent; what lies there already is not."""
        return sum(
            file.asset.size_bytes
            for file in self.leaving
            if not file.was_delivered_already
        )


def plan_export(
    *, assets: Sequence[Asset], destination: Destination, folder: str = ""
) -> Plan:
    """Say what an export would do: which files, where to, what is held back and why."""
    unique = list({asset.id: asset for asset in assets}.values())
    name = naming.folder_slug(folder)
    paths = {asset.id: naming.file_path(asset, folder=name) for asset in unique}
    keys = {
        asset.id: naming.content_key(asset, path=paths[asset.id]) for asset in unique
    }
    known = set(
        Receipt.objects.filter(
            destination=destination, content_key__in=keys.values()
        ).values_list("content_key", flat=True)
    )
    holds = find_holds(unique, destination)
    files = [
        PlannedFile(
            asset=asset,
            path=paths[asset.id],
            content_key=keys[asset.id],
            hold=holds.get(asset.id),
            was_delivered_already=keys[asset.id] in known,
        )
        for asset in unique
    ]
    return Plan(destination=destination, folder=name, files=files)


@transaction.atomic
def request_export(
    *,
    assets: Sequence[Asset],
    destination: Destination,
    by: User,
    at: datetime,
    folder: str = "",
) -> Export:
    """Record an export and queue it; what may not leave is recorded with the reason.

    Raises:
        PermissionDenied: the person may not export in this brand.
        ExportError: nothing chosen, too much, another brand's, or a destination that
            is switched off.
    """
    brand = destination.brand
    require(by, Action.EXPORT, brand)
    if not assets:
        raise ExportError("Nothing was chosen. Choose at least one picture.")
    if len(assets) > MOST_FILES:
        raise ExportError(
            f"{len(assets):,} pictures were chosen; an export takes {MOST_FILES:,}. "
            "Export them in parts."
        )
    if any(asset.brand_id != brand.id for asset in assets):
        raise ExportError(f"Some of the pictures do not belong to {brand.name}.")
    if not destination.is_enabled:
        raise ExportError(
            f"{destination.name} is switched off. Switch it on or choose another."
        )
    plan = plan_export(assets=assets, destination=destination, folder=folder)
    export = Export.objects.create(
        brand=brand,
        destination=destination,
        folder=plan.folder,
        requested_by=by,
        requested_at=at,
    )
    ExportItem.objects.bulk_create(_item(export, file) for file in plan.files)
    record(
        by,
        "export.requested",
        export,
        at=at,
        data={"files": len(plan.leaving), "held_back": len(plan.held)},
    )
    if plan.leaving:
        _enqueue(export, by=by, at=at)
    return export


@transaction.atomic
def retry_export(*, export: Export, by: User, at: datetime) -> bool:
    """Queue again what was not delivered; False if there is nothing to do."""
    require(by, Action.EXPORT, export.brand)
    if export.completed_at:
        return False
    failed = export.items.failed().update(
        state=ExportItem.State.WAITING, error="", remedy=""
    )
    is_open = failed or export.items.waiting().exists() or export.items.delivered()
    if not is_open:
        return False
    Export.objects.filter(id=export.id).update(tries=0)
    record(by, "export.retried", export, at=at, data={"failed": failed})
    _enqueue(export, by=by, at=at)
    return True


@transaction.atomic
def finish_without_failed(*, export: Export, by: User, at: datetime) -> bool:
    """Give up what the destination refuses and close the rest; False if too late."""
    require(by, Action.EXPORT, export.brand)
    if export.completed_at:
        return False
    left = 0
    for item in export.items.failed():
        item.end(
            ExportItem.State.HELD,
            error=f"Left out after it failed: {item.error}"[:500],
            remedy="Export it again when the destination is mended.",
        )
        left += 1
    if not left:
        return False
    record(by, "export.files_left_out", export, at=at, data={"files": left})
    if export.items.delivered().exists() or export.items.waiting().exists():
        _enqueue(export, by=by, at=at)
    return True


def export_held_again(*, export: Export, by: User, at: datetime) -> Export:
    """Make a new export of what was held back, as things stand now.

    Raises:
        ExportError: nothing was held back, or all of it still is.
    """
    held = Asset.objects.filter(
        export_items__export=export, export_items__state=ExportItem.State.HELD
    ).select_related("brand")
    plan = plan_export(
        assets=list(held), destination=export.destination, folder=export.folder
    )
    if not plan.leaving:
        reason = plan.held[0].hold.reason if plan.held and plan.held[0].hold else ""
        raise ExportError(f"Nothing can leave yet. {reason}".strip())
    return request_export(
        assets=[file.asset for file in plan.leaving],
        destination=export.destination,
        folder=export.folder,
        by=by,
        at=at,
    )


def find_job(export: Export) -> Job | None:
    """Return the newest job of an export."""
    return (
        Job.objects.filter(work=runner.RUN_EXPORT, subject_id=str(export.id))
        .order_by("-id")
        .first()
    )


@transaction.atomic
def save_destination(
    *,
    brand: Brand,
    kind: str,
    name: str,
    values: Mapping[str, str],
    by: User,
    at: datetime,
    is_production: bool = False,
    destination: Destination | None = None,
) -> Destination:
    """Add or change a destination. A secret left empty stays what it was.

    Raises:
        PermissionDenied: the person may not change this brand's destinations.
        DestinationError: no such kind.
        SecretsError: the kept secrets can't be opened and were not entered again.
    """
    require(by, Action.MANAGE_DESTINATIONS, brand)
    fields = config_fields(kind)
    config = {f.name: values.get(f.name, f.default) for f in fields if not f.is_secret}
    entered = {
        f.name: values[f.name] for f in fields if f.is_secret and values.get(f.name)
    }
    needed = {f.name for f in fields if f.is_secret}
    row = destination or Destination(brand=brand)
    kept = unseal(row.encrypted_secrets) if needed - set(entered) else {}
    row.kind, row.name, row.is_production = kind, name, is_production
    row.config = config
    row.encrypted_secrets = seal(kept | entered)
    row.checked_at, row.check_error, row.capabilities = None, "", {}
    row.save()
    verb = "changed" if destination else "added"
    record(by, f"destination.{verb}", row, at=at, data=_public(row))
    return row


def check_destination(
    *,
    destination: Destination,
    by: User,
    at: datetime,
    connector: Connector | None = None,
) -> bool:
    """Try a destination and write down how it went; True if well.

    Raises:
        PermissionDenied: the person may not change this brand's destinations.
    """
    require(by, Action.MANAGE_DESTINATIONS, destination.brand)
    try:
        capabilities = (connector or destination.open()).check()
    except DestinationError as error:
        destination.keep_health(error=str(error), at=at, capabilities={})
        return False
    destination.keep_health(error="", at=at, capabilities=capabilities)
    return True


@transaction.atomic
def set_destination_enabled(
    *, destination: Destination, is_enabled: bool, by: User, at: datetime
) -> None:
    """Switch a destination on or off; running exports end as they would."""
    require(by, Action.MANAGE_DESTINATIONS, destination.brand)
    destination.is_enabled = is_enabled
    destination.save(update_fields=["is_enabled"])
    verb = "switched_on" if is_enabled else "switched_off"
    record(by, f"destination.{verb}", destination, at=at)


@transaction.atomic
def delete_destination(*, destination: Destination, by: User, at: datetime) -> None:
    """Delete a destination that nothing was ever sent to.

    Raises:
        DestinationInUseError: it has exports, which are its history.
    """
    require(by, Action.MANAGE_DESTINATIONS, destination.brand)
    count = destination.exports.count()
    if count:
        raise DestinationInUseError(
            f"{destination.name} has {count:,} exports with their receipts, so it "
            "can't be deleted. Switch it off instead."
        )
    record(by, "destination.deleted", destination, at=at, data=_public(destination))
    destination.delete()


@transaction.atomic
def reseal_destinations() -> int:
    """Encrypt all stored secrets under the first key; return how many there are.

    Raises:
        SecretsError: none of the keys opens one of them; nothing was changed.
    """
    rows = Destination.objects.exclude(encrypted_secrets="").select_for_update()
    for row in rows:
        row.encrypted_secrets = reseal(row.encrypted_secrets)
        row.save(update_fields=["encrypted_secrets"])
    return len(rows)


def _item(export: Export, file: PlannedFile) -> ExportItem:
    hold = file.hold
    return ExportItem(
        export=export,
        asset=file.asset,
        path=file.path,
        content_key=file.content_key,
        state=ExportItem.State.HELD if hold else ExportItem.State.WAITING,
        error=hold.reason if hold else "",
        remedy=hold.remedy if hold else "",
    )


def _enqueue(export: Export, *, by: User, at: datetime) -> Job:
    count = export.items.waiting().count()
    return enqueue(
        queue="export",
        work=runner.RUN_EXPORT,
        subject_id=export.id,
        title=f"Export {count} to {export.destination.name}",
        brand=export.brand,
        requested_by=by,
        at=at,
    )


def _public(destination: Destination) -> dict[str, Any]:
    """Return what the audit trail may hold of a destination: no secrets."""
    kind = KINDS[destination.kind].label if destination.kind in KINDS else ""
    return {"kind": kind, "place": destination.place, "config": destination.config}
