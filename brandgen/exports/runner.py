"""What a worker does with one export."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from brandgen.audit.models import record
from brandgen.exports.destinations.protocol import (
    Connector,
    Delivered,
    DestinationError,
)
from brandgen.exports.gates import Hold, find_hold, find_mark_hold
from brandgen.exports.manifest import HeldRow, ManifestRow, build_manifest
from brandgen.exports.models import Export, ExportItem, Receipt
from brandgen.jobs.lease import JobFailedError, Lease, RetryLaterError
from brandgen.lib.storage import StorageError, get_store

RUN_EXPORT = "brandgen.exports.runner.run_export"
MOST_TRIES = 8
FIRST_PAUSE_S = 5
LONGEST_PAUSE_S = 15 * 60


def run_export(lease: Lease, *, connector: Connector | None = None) -> None:
    """Deliver what an export still has to deliver, then close it with its manifest.

    Safe to run twice and after a kill at any line: each file goes to a place that
    depends on its content alone, is put there only if nothing is, and is read back.

    Raises:
        RetryLaterError: the destination does not answer; try again after a pause.
        JobFailedError: it has not answered for too long, or refuses a file.
    """
    export = Export.objects.select_related("destination__brand", "requested_by").get(
        id=lease.subject_id
    )
    if export.completed_at:
        return
    try:
        connector = connector or export.destination.open()
        _deliver_all(lease, export, connector)
        if export.items.failed().exists():
            raise JobFailedError(
                "Some files were refused. The export's page says which and why."
            )
        if export.items.delivered().exists():
            _close(lease, export, connector)
    except DestinationError as error:
        _pause_or_give_up(lease, export, error)
    with lease.keeping():
        export.destination.keep_health(error="", at=timezone.now())


def _deliver_all(lease: Lease, export: Export, connector: Connector) -> None:
    total = export.items.count()
    items = export.items.waiting().select_related("asset__brand")
    waiting = list(items.order_by("path"))
    for number, item in enumerate(waiting, start=total - len(waiting)):
        lease.report_step(
            stage="deliver",
            step=number,
            steps=total + 1,
            message=f"Delivering {item.asset.title}",
        )
        item.export = export
        try:
            _deliver(lease, item, connector)
        except DestinationError as error:
            if not error.permanent:
                raise
            with lease.keeping():
                item.end(ExportItem.State.FAILED, error=str(error))


def _deliver(lease: Lease, item: ExportItem, connector: Connector) -> None:
    """Deliver one file, or hold it back, and write down which."""
    asset, destination = item.asset, item.export.destination
    hold = find_hold(asset, destination)
    if hold is None:
        try:
            data = get_store().read(asset.sha256)
        except StorageError as error:
            hold = Hold(f"Its file can't be read: {error}", "Ask an admin.")
        else:
            hold = find_mark_hold(data, asset)
    if hold is not None:
        with lease.keeping():
            item.end(ExportItem.State.HELD, error=hold.reason, remedy=hold.remedy)
        return
    delivered = _find_delivered(item, connector) or connector.deliver(
        path=item.path, data=data, sha256=asset.sha256, mime=asset.mime
    )
    read_back = connector.read_back(item.path)
    if read_back != asset.sha256:
        raise DestinationError(
            f"{delivered.location} holds other bytes than were sent "
            f"({read_back or 'nothing'}). Look at the destination, then try again.",
            permanent=True,
        )
    with lease.keeping():
        _keep_receipt(item, delivered, read_back, size_bytes=len(data))


def _find_delivered(item: ExportItem, connector: Connector) -> Delivered | None:
    """Return an earlier delivery of the same content that still lies there whole."""
    earlier = Receipt.objects.filter(
        destination=item.export.destination, content_key=item.content_key
    ).first()
    if earlier is None or connector.read_back(item.path) != item.asset.sha256:
        return None
    return Delivered(
        location=earlier.location, etag=earlier.etag, was_there_already=True
    )


def _keep_receipt(
    item: ExportItem, delivered: Delivered, read_back: str, *, size_bytes: int
) -> None:
    at = timezone.now()
    export = item.export
    Receipt.objects.create(
        item=item,
        destination=export.destination,
        content_key=item.content_key,
        location=delivered.location,
        etag=delivered.etag,
        size_bytes=size_bytes,
        sha256_sent=item.asset.sha256,
        sha256_read_back=read_back,
        was_there_already=delivered.was_there_already,
        delivered_at=at,
    )
    item.end(ExportItem.State.DONE)
    Export.objects.filter(id=export.id).update(tries=0)
    record(
        export.requested_by,
        "asset.exported",
        item.asset,
        at=at,
        data={
            "export": str(export.id),
            "destination": export.destination.name,
            "location": delivered.location,
            "sha256": item.asset.sha256,
        },
    )


def _close(lease: Lease, export: Export, connector: Connector) -> None:
    """Write the manifest, the marker last, and call the export done."""
    items = list(export.items.delivered().select_related("asset__brand_kit", "receipt"))
    held = export.items.filter(state=ExportItem.State.HELD).select_related("asset")
    # The clock is no part of the manifest: written again, it must be the same bytes.
    completed_at = max(item.receipt.delivered_at for item in items)
    files = build_manifest(
        export_id=str(export.id),
        brand=export.brand.name,
        destination=export.destination.name,
        requested_by=str(export.requested_by),
        completed_at=completed_at,
        rows=[_row(item) for item in items],
        held=[HeldRow(str(i.asset_id), i.asset.title, i.error) for i in held],
    )
    written = []
    for file in files:
        lease.renew(stage="close", message=f"Writing {file.name}")
        delivered = connector.deliver(
            path=f"{export.manifest_folder}/{file.name}",
            data=file.data,
            sha256=file.sha256,
            mime=file.mime,
        )
        written.append(
            {
                "name": file.name,
                "location": delivered.location,
                "sha256": file.sha256,
                "size_bytes": len(file.data),
            }
        )
    with lease.keeping():
        export.manifest, export.completed_at = written, completed_at
        export.save(update_fields=["manifest", "completed_at"])
        record(
            export.requested_by,
            "export.completed",
            export,
            at=timezone.now(),
            data={
                "delivered": len(items),
                "held_back": len(held),
                "destination": export.destination.name,
                "sha256sums": written[2]["sha256"],
            },
        )


def _row(item: ExportItem) -> ManifestRow:
    asset, receipt = item.asset, item.receipt
    return ManifestRow(
        filename=item.path.rpartition("/")[2],
        path=item.path,
        sha256=receipt.sha256_sent,
        size_bytes=receipt.size_bytes,
        mime=asset.mime,
        width_px=asset.width_px,
        height_px=asset.height_px,
        title=asset.title,
        alt_text=asset.alt_text,
        kind=asset.kind,
        digital_source_type=asset.digital_source_type,
        license=asset.license_name,
        is_commercial_use_allowed=asset.is_commercial_use_allowed,
        approved_at=asset.approved_at.isoformat() if asset.approved_at else "",
        brand_kit=f"v{asset.brand_kit.version}",
        asset_id=str(asset.id),
        location=receipt.location,
        was_there_already=receipt.was_there_already,
    )


def _pause_or_give_up(lease: Lease, export: Export, error: DestinationError) -> None:
    """Let the job rest and come back, longer each time; give up after a while.

    Raises:
        RetryLaterError: worth another try.
        JobFailedError: not worth it; what was not delivered is marked failed.
    """
    at = timezone.now()
    with lease.keeping():
        Export.objects.filter(id=export.id).update(tries=F("tries") + 1)
        export.refresh_from_db(fields=["tries"])
        export.destination.keep_health(error=str(error), at=at)
        is_over = error.permanent or export.tries >= MOST_TRIES
        for item in export.items.waiting():
            state = ExportItem.State.FAILED if is_over else ExportItem.State.WAITING
            item.end(state, error=str(error))
    if is_over:
        raise JobFailedError(str(error)) from error
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3 ** (export.tries - 1))
    raise RetryLaterError(str(error), not_before=at + timedelta(seconds=pause_s))
